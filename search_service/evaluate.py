"""Judged queries → nDCG@10, MRR@10, recall@100, so that an owner can measure their own archive.

A set is a folder in BEIR's layout: `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl`
(`_id`, `text`) and `qrels.tsv` (query, document, grade; the first line names the columns). Its
documents take the very path that all documents take, and its queries are read as all queries.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from search_service import engines, formats
from search_service.engines.base import Engine, Reader
from search_service.errors import InvalidValue, MissingLibrary
from search_service.formats.base import Source
from search_service.languages.identify import Identifier
from search_service.model import Document
from search_service.passages import cutting
from search_service.query.parsing import MAX_LENGTH
from search_service.searcher.searching import Question, Searcher

try:
    import ir_measures
except ModuleNotFoundError as error:
    raise MissingLibrary("measuring", "evaluate") from error

MEASURES = {
    "ndcg@10": ir_measures.nDCG @ 10,
    "mrr@10": ir_measures.RR @ 10,
    "recall@100": ir_measures.R @ 100,
}
"""Name in a report -> measure."""

DEPTH = 100
"""Documents ranked for each query."""
PERMUTATIONS = 20_000
SECONDS = 60.0
"""Deadline of one query: a measurement is not cut short."""

CORPUS, QUERIES, QRELS = "corpus.jsonl", "queries.jsonl", "qrels.tsv"

Scores = Mapping[str, Mapping[str, float]]
"""Query id -> measure -> value."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A set of judged queries, as its folder has it."""

    folder: Path
    queries: Mapping[str, str]
    """Those that are judged."""
    grades: Mapping[str, Mapping[str, int]]
    """Query id -> document id -> grade."""

    @property
    def name(self) -> str:
        """Its folder's name."""
        return self.folder.name

    @classmethod
    def load(cls, folder: Path) -> JudgedSet:
        """Read a folder but for its corpus. Raises `InvalidValue` where it is not in the layout."""
        for name in (CORPUS, QUERIES, QRELS):
            if not (folder / name).is_file():
                raise InvalidValue(
                    "the folder", str(folder), f"it has no {name}; give folders in BEIR's layout"
                )
        grades: dict[str, dict[str, int]] = {}
        with (folder / QRELS).open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.reader(lines, delimiter="\t"), 1):
                if number == 1 and not row[-1].lstrip("-").isdigit():
                    continue
                try:
                    query, document, grade = row[0], row[-2], int(row[-1])
                except (IndexError, ValueError) as error:
                    raise InvalidValue(
                        f"{folder / QRELS}, line {number}",
                        "\t".join(row),
                        "write query, document and grade with tabs between",
                    ) from error
                grades.setdefault(query, {})[document] = grade
        queries = {
            str(row["_id"]): str(row["text"])
            for row in _rows(folder / QUERIES, ("_id", "text"))
            if str(row["_id"]) in grades
        }
        if not queries:
            raise InvalidValue("the folder", str(folder), "none of its queries is judged")
        return cls(folder, queries, {query: grades[query] for query in queries})

    def documents(self, identifier: Identifier, prefix: str = "") -> Iterator[Document]:
        """Its corpus, each row read, cut and named as a row of an indexed file is."""
        read = formats.get("jsonl").read
        for row in _rows(self.folder / CORPUS, ("_id", "text")):
            title = row.get("title") or ""
            # A row without text is left out of an index; here what is judged must be found.
            told = {"id": prefix + str(row["_id"]), "text": row["text"] or title}
            if not told["text"].strip():
                continue
            if title:
                told["title"] = title
            for extract in read(Source(CORPUS, orjson.dumps(told))):
                cut = cutting.cut(extract, identifier.identify)
                held = dict.fromkeys(passage.language for passage in cut)
                yield Document(
                    id=told["id"],
                    path=CORPUS,
                    key=extract.key,
                    format="jsonl",
                    text=extract.text,
                    metadata=extract.metadata,
                    blocks=extract.blocks,
                    passages=cut,
                    languages=tuple(held),
                )


def _rows(path: Path, needed: Sequence[str]) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = orjson.loads(line)
                missing = [name for name in needed if name not in row]
            except (orjson.JSONDecodeError, TypeError) as error:
                raise InvalidValue(
                    f"{path}, line {number}", line[:40], "each line is one JSON object"
                ) from error
            if missing:
                raise InvalidValue(f"{path}, line {number}", line[:40], f"it lacks {missing[0]}")
            yield row


@dataclass(frozen=True, slots=True)
class SetReport:
    """What was measured on one set."""

    name: str
    queries: Scores
    shortened: int = 0
    """Queries longer than a query may be, of which the beginning was asked."""

    @property
    def means(self) -> dict[str, float]:
        """Measure -> mean over the queries."""
        return {
            name: float(np.mean([scores[name] for scores in self.queries.values()]))
            for name in MEASURES
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """One set against an earlier run, by nDCG@10."""

    name: str
    difference: float
    """Of the means, over the queries that both runs have: positive where this one is better."""
    p: float
    """How often chance alone gives as large a difference, by a paired randomisation test."""
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured."""

    sets: tuple[SetReport, ...]
    together: bool
    against: tuple[Comparison, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The report that `--json` prints and `--against` reads."""
        told: dict[str, Any] = {
            "sets": {report.name: _rounded(report.means) for report in self.sets},
            "mean": _rounded(_means([report.means for report in self.sets])),
            "together": self.together,
            "queries": {
                report.name: {query: _rounded(scores) for query, scores in report.queries.items()}
                for report in self.sets
            },
        }
        if self.against:
            told["against"] = {
                found.name: {
                    "difference": round(found.difference, 5),
                    "p": round(found.p, 5),
                    "better": found.better,
                    "worse": found.worse,
                }
                for found in self.against
            }
        return told

    def as_table(self) -> str:
        """The report for a terminal."""
        width = max(len("mean"), *(len(report.name) for report in self.sets))
        compared = {found.name: found for found in self.against}
        lines = [f"{'set':<{width}}  queries  " + "  ".join(f"{name:>10}" for name in MEASURES)]
        lines[0] += "  against    p" if compared else ""
        for report in self.sets:
            line = f"{report.name:<{width}}  {len(report.queries):>7}  " + _columns(report.means)
            if found := compared.get(report.name):
                line += f"  {found.difference:+.4f}  {found.p:.3f}"
            if report.shortened:
                line += f"  ({report.shortened} queries cut at {MAX_LENGTH} characters)"
            lines.append(line)
        if len(self.sets) > 1:
            means = _means([report.means for report in self.sets])
            total = sum(len(report.queries) for report in self.sets)
            lines.append(f"{'mean':<{width}}  {total:>7}  " + _columns(means))
        return "\n".join(lines)


def _rounded(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in scores.items()}


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows])) for name in MEASURES}


def _columns(means: Mapping[str, float]) -> str:
    return "  ".join(f"{means[name]:>10.4f}" for name in MEASURES)


def evaluate(
    folders: Sequence[Path],
    *,
    together: bool = False,
    against: Path | None = None,
    engine: str = "whoosh",
    identifier: Identifier | None = None,
    progress: Callable[[str], None] | None = None,
) -> Evaluation:
    """Index sets of judged queries and ask their queries.

    Args:
        folders: the sets, in BEIR's layout.
        together: put all of them into one index, where their words meet.
        against: the JSON report of an earlier run to compare with.
        engine: a name of `ENGINES`.
        identifier: names the languages of passages; the default knows all languages.
        progress: is told the name of each set when its turn comes.

    Raises `InvalidValue` where a folder or the report is not in its layout.
    """
    if not folders:
        raise InvalidValue("the folders", "", "give at least one")
    sets = [JudgedSet.load(folder) for folder in folders]
    if len({judged.name for judged in sets}) < len(sets):
        raise InvalidValue("the folders", [str(path) for path in folders], "names must differ")
    tell = progress or (lambda _name: None)
    before = _earlier(against) if against else {}
    chosen = engines.get(engine)
    identifier = identifier or Identifier()
    reports: list[SetReport] = []
    if together:
        with _indexed(chosen, sets, identifier) as reader:
            for judged in sets:
                tell(judged.name)
                reports.append(_measure(judged, reader, f"{judged.name}/"))
    else:
        for judged in sets:
            tell(judged.name)
            with _indexed(chosen, [judged], identifier) as reader:
                reports.append(_measure(judged, reader, f"{judged.name}/"))
    compared = tuple(
        _compare(report, before[report.name]) for report in reports if report.name in before
    )
    return Evaluation(tuple(reports), together, compared)


@contextmanager
def _indexed(engine: Engine, sets: Sequence[JudgedSet], identifier: Identifier) -> Iterator[Reader]:
    """A reader of an index of these sets, in a folder that goes away with it."""
    with tempfile.TemporaryDirectory(prefix="search-service-evaluate-") as folder:
        writer = engine.writer(Path(folder), None)
        for judged in sets:
            for document in judged.documents(identifier, f"{judged.name}/"):
                writer.add(engine.prepare(document))
        writer.commit()
        reader = engine.reader(Path(folder))
        try:
            yield reader
        finally:
            reader.close()


def _measure(judged: JudgedSet, reader: Reader, prefix: str) -> SetReport:
    searcher = Searcher(reader, deadline=SECONDS)
    run = []
    shortened = 0
    for query, text in judged.queries.items():
        shortened += len(text) > MAX_LENGTH
        asked = text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH].rsplit(maxsplit=1)[0]
        found = searcher.rank(Question(asked, limit=DEPTH)).found
        # Scores by rank: the order of the answer is the order that is measured, ties and all.
        run += [
            ir_measures.ScoredDoc(query, entry.document_id.removeprefix(prefix), float(-place))
            for place, entry in enumerate(found)
        ]
    qrels = [
        ir_measures.Qrel(query, document, grade)
        for query, grades in judged.grades.items()
        for document, grade in grades.items()
    ]
    scores: dict[str, dict[str, float]] = {
        query: dict.fromkeys(MEASURES, 0.0) for query in judged.queries
    }
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), qrels, run):
        scores[metric.query_id][names[metric.measure]] = float(metric.value)
    return SetReport(judged.name, scores, shortened)


def _earlier(path: Path) -> dict[str, Scores]:
    """Set -> per-query scores of an earlier report."""
    try:
        told = orjson.loads(path.read_bytes())
        return {name: dict(queries) for name, queries in told["queries"].items()}
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise InvalidValue(
            "--against", str(path), "give a file that `evaluate --json` has written"
        ) from error


def _compare(report: SetReport, before: Scores) -> Comparison:
    """A paired randomisation test: under the null hypothesis each difference's sign is chance.

    Smucker, Allan and Carterette, CIKM 2007. The seed is fixed: the same runs give the same p.
    """
    both = [query for query in report.queries if query in before]
    # The earlier run is rounded as its report is; unrounded, this one would differ from itself.
    differences = np.array(
        [_rounded(report.queries[query])["ndcg@10"] - before[query]["ndcg@10"] for query in both]
    )
    if not len(differences):
        return Comparison(report.name, 0.0, 1.0, 0, 0)
    mean = float(differences.mean())
    random = np.random.default_rng(1)
    extreme = 0
    for _ in range(PERMUTATIONS // 1000):
        signs = random.integers(0, 2, (1000, len(differences)), dtype=np.int8) * 2 - 1
        means = (signs @ differences) / len(differences)
        extreme += int(np.count_nonzero(np.abs(means) >= abs(mean) - 1e-12))
    return Comparison(
        report.name,
        mean,
        (extreme + 1) / (PERMUTATIONS + 1),
        int(np.count_nonzero(differences > 0)),
        int(np.count_nonzero(differences < 0)),
    )
