"""Markdown as GitHub writes it, with YAML front matter.

It is made into HTML by cmark, which is linear in time on hostile input and twenty times as fast
as parsers in Python, and read as HTML is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import cmarkgfm
import yaml
from cmarkgfm.cmark import Options

from search_service.formats import markup
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder
from search_service.formats.declared import from_pairs
from search_service.formats.refusals import refuse_empty
from search_service.formats.text import decode
from search_service.model import Extract, Metadata

_FRONT_MATTER = re.compile(
    r"\ufeff?---[ \t]*\r?\n(?P<yaml>.{0,65536}?)^(?:---|\.\.\.)[ \t]*\r?$\n?",
    re.DOTALL | re.MULTILINE,
)
# Explicit ids of headings, `{#why-passages}`, are no words of it.
_HEADING_ID = re.compile(r"^(#{1,6} .*?)[ \t]*\{#[\w.:-]+\}[ \t]*$", re.MULTILINE)


def read(source: Source) -> Iterator[Extract]:
    """Reads one Markdown file."""
    decoded = decode(source)
    text, metadata, warnings = split_front_matter(decoded.text)
    page = markup.parse(
        cmarkgfm.github_flavored_markdown_to_html(
            _HEADING_ID.sub(r"\1", text),
            options=Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES,
        )
    )
    builder = Builder()
    if page is not None:
        markup.add_blocks(builder, page)
    extract = builder.extract(metadata)
    refuse_empty(source.path, extract.text)
    yield replace(extract, warnings=(*decoded.warnings, *warnings))


def split_front_matter(text: str) -> tuple[str, Metadata, tuple[str, ...]]:
    """The text below the front matter, what that declares, and what is wrong with it."""
    match = _FRONT_MATTER.match(text)
    if not match:
        return text, Metadata(), ()
    try:
        # The base loader keeps values as written: dates, numbers and `no` are text, and no object
        # is ever made.
        pairs = yaml.load(match["yaml"], Loader=yaml.CBaseLoader)  # noqa: S506 -- makes no objects
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 2}" if mark else ""
        return text, Metadata(), (f"its front matter is no YAML{line}: it was read as text",)
    if not isinstance(pairs, dict):
        return text, Metadata(), ()
    names = {name: value for name, value in pairs.items() if isinstance(name, str)}
    return text[match.end() :], from_pairs(names, "front matter"), ()


FORMAT = Format(
    name="markdown",
    label="Markdown",
    suffixes=(".md", ".markdown", ".mdx"),
    media_type="text/markdown",
    read=read,
)
