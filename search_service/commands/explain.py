"""`search-service explain`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import click
import orjson

from search_service.commands.options import as_json, plain, print_json, settings_options
from search_service.settings import Settings


@click.command(name="explain")
@click.argument("query")
@settings_options("corpus", "index", "languages", "query_seconds")
@click.option("--file", "is_file", is_flag=True, help="QUERY is the path of a file to explain.")
@click.option("-n", "--limit", default=5, show_default=True, help="How many hits are explained.")
@as_json
def command(settings: Settings, query: str, is_file: bool, limit: int, as_json: bool) -> None:
    """Explain how a query or a file is read.

    For a query: how each language reads each word, and what each word gives to the score of each
    hit. For the path of a file among the documents, or any file with --file: how it is read, cut
    and named.
    """
    if not is_file:
        is_file = _in_corpus(settings, query)
        if not is_file and _is_path(query):
            hint = f"There is no file {query} in {settings.corpus}: explained as a query."
            click.echo(plain(hint), err=True)
    told = _file(settings, query) if is_file else _query(settings, query, limit)
    if as_json:
        print_json(told)
    else:
        for line in _lines(told):
            click.echo(plain(line))


def _is_path(query: str) -> bool:
    """Whether a query looks like a file's path: it ends as the files do that are read."""
    from search_service.formats import FORMATS

    suffixes = tuple(suffix for known in FORMATS.values() for suffix in known)
    return query.lower().endswith(suffixes)


def _in_corpus(settings: Settings, name: str) -> bool:
    try:
        file = (settings.corpus / name).resolve()
        return file.is_file() and file.is_relative_to(settings.corpus.resolve())
    except (OSError, ValueError):  # too long, or with characters that no path has
        return False


def _query(settings: Settings, query: str, limit: int) -> dict[str, Any]:
    from search_service.commands.opened import searcher
    from search_service.engines.base import Request
    from search_service.nodes import Word, Words
    from search_service.searcher.searching import Question

    with searcher(settings) as (live, searching):
        question = Question(q=query, limit=limit)
        parsed = searching.parse(question)
        words = [node for node in _nodes(parsed.tree) if isinstance(node, Word)]
        top = next((node for node in _nodes(parsed.tree) if isinstance(node, Words)), None)
        parts = top.parts if top else tuple(words)
        results = searching.search(question)
        hits = []
        for hit in results.hits:
            gives = {}
            for part in parts:
                alone = searching.reader.search(
                    Request(query=part, document=hit.document.id, limit=1)
                )
                gives[str(part)] = round(alone.found[0].score, 3) if alone.found else 0.0
            hits.append(
                {
                    "document": hit.document.id,
                    "path": hit.document.path,
                    "title": hit.document.title,
                    "score": round(hit.score, 3),
                    "each word alone": gives,
                    "missing": list(hit.missing),
                    "passages": [
                        {
                            "anchor": found.passage.anchor,
                            "score": round(found.score, 3),
                            "met": [
                                f"{match.form} ({match.rung.name.lower()}, for {match.word})"
                                for match in found.snippet.matches
                            ],
                        }
                        for found in hit.passages
                    ],
                }
            )
        return {
            "query": query,
            "tree": str(parsed.tree),
            "notes": list(results.notes),
            "generation": live.name,
            "words": [
                {
                    "word": word.text,
                    "field": word.fieldname,
                    "down to": word.rung.name.lower(),
                    "read as": {
                        language: {
                            "exact": form.exact,
                            "folded": form.folded,
                            "stems": list(form.stems),
                            "translit": list(form.translit),
                            "stop word": form.stop,
                        }
                        for language, form in word.readings
                    },
                }
                for word in words
            ],
            "hits": hits,
        }


def _nodes(node: Any) -> Iterator[Any]:
    """A tree's nodes, our own and Whoosh's."""
    yield node
    for name in ("parts", "words"):
        for child in getattr(node, name, ()):
            yield from _nodes(child)
    if hasattr(node, "children"):
        for child in node.children():
            yield from _nodes(child)


def _file(settings: Settings, name: str) -> dict[str, Any]:
    """What reading a file gives, within the limits that a run gives it, in a process of its own."""
    from search_service.errors import SearchServiceError, UnreadableFile
    from search_service.indexer.workers import Failure, Pool, limit_memory

    def read(name: str) -> bytes:
        limit_memory(settings.file_memory)
        try:
            return orjson.dumps({"told": _read(settings, name)})
        except SearchServiceError as problem:
            return orjson.dumps({"problem": str(problem)})

    with Pool(read, 1, settings.file_seconds) as pool:
        ((_, outcome),) = pool.run([name])
    if isinstance(outcome, Failure):
        raise UnreadableFile(f"{name}: {outcome.reason}")
    answer: dict[str, Any] = orjson.loads(outcome)
    if "problem" in answer:
        raise UnreadableFile(answer["problem"])
    return cast("dict[str, Any]", answer["told"])


def _read(settings: Settings, name: str) -> dict[str, Any]:
    from search_service import formats, metadata
    from search_service.errors import UnreadableFile
    from search_service.formats.base import Source
    from search_service.indexer.reading import identifier
    from search_service.ledger import Ledger, derive
    from search_service.passages import cutting

    corpus = settings.corpus.resolve()
    file = (corpus / name) if (corpus / name).exists() else Path(name).resolve()
    path = os.path.relpath(file, corpus) if file.is_relative_to(corpus) else file.name
    try:
        data = file.read_bytes()
    except OSError as problem:
        raise UnreadableFile(
            f"{name} cannot be read ({problem.strerror}): give a path, as in {settings.corpus}"
        ) from None
    form = formats.format_of(path)
    overrides = metadata.Overrides.load(settings.corpus)
    known = Ledger(settings.corpus, settings.state_folder).ids(path)
    documents = []
    for extract in form.read(Source(path, data)):
        complete = overrides.apply(metadata.complete(extract, path), path, extract.key)
        cut = cutting.cut(extract, identifier(settings.languages).identify)
        declared = complete.identifier.value if complete.identifier else None
        found = {
            each: f"{getattr(value.value, 'text', value.value)} ({value.where})"
            for each in ("title", "author", "date", "source", "section", "url", "language")
            if (value := getattr(complete, each))
        }
        found |= {each: f"{value.value} ({value.where})" for each, value in complete.extra.items()}
        documents.append(
            {
                "id": declared or known.get(extract.key) or derive(path, extract.key),
                "key": extract.key,
                "characters": len(extract.text),
                "pages": len(extract.page_starts),
                "metadata": found,
                "warnings": [*extract.warnings, *metadata.doubts(complete)],
                "blocks": [
                    f"{block.kind.value}{block.level or ''} {block.start}-{block.end}"
                    for block in extract.blocks
                ],
                "passages": [
                    {
                        "anchor": passage.anchor,
                        "language": passage.language,
                        "page": passage.page,
                        "start": passage.start,
                        "end": passage.end,
                        "headings": [extract.text[a:b] for a, b in passage.headings],
                        "text": extract.text[passage.start : passage.end],
                    }
                    for passage in cut
                ],
            }
        )
    return {"path": path, "format": form.name, "bytes": len(data), "documents": documents}


def _lines(value: Any, depth: int = 0) -> Iterator[str]:
    """Nested tables and lists, indented."""
    indent = "  " * depth
    if isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, dict | list) and inner:
                yield f"{indent}{name}:"
                yield from _lines(inner, depth + 1)
            elif inner not in (None, "", [], {}):
                yield f"{indent}{name}: {inner}"
    else:
        for number, inner in enumerate(value, 1):
            if isinstance(inner, dict):
                yield f"{indent}{number}."
                yield from _lines(inner, depth + 1)
            else:
                yield f"{indent}{inner}"
