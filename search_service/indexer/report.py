"""What a run of the indexer tells: for people on a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from search_service.indexer.planning import Plan
from search_service.indexer.register import Register

SHOWN = 10
"""How many lines of each list a terminal gets; JSON has them all."""


@dataclass(frozen=True, slots=True)
class Report:
    """One run: what changed, what the index holds now, and what its owner should look at."""

    generation: str
    """The live one after this run."""
    published: bool
    """Whether this run made it."""
    rebuilt: str = ""
    """Why everything was read anew; empty where it was not."""
    damage: str = ""
    """What was wrong with the index and has been put right; empty where nothing was."""
    seconds: float = 0.0
    new: int = 0
    """Files, as the next six."""
    changed: int = 0
    renamed: int = 0
    gone: int = 0
    corrected: int = 0
    """Files of which `metadata.csv` says something else than before, themselves unchanged."""
    repaired: int = 0
    """Files whose documents were in a damaged part of the index, themselves unchanged."""
    unchanged: int = 0
    documents: int = 0
    """In the index now, as the next five."""
    passages: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    """Language -> passages, the commonest first."""
    characters_read: int = 0
    characters_indexed: int = 0
    """Those in a passage or a heading; what is missing is white space."""
    left_out: tuple[tuple[str, str], ...] = ()
    """(path, why and what to do) of each file that is not in the index as it is now."""
    stale: tuple[str, ...] = ()
    """Of these, the ones whose last good version is still found."""
    untitled: tuple[str, ...] = ()
    """Documents without a title, by path and key."""
    undated: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    """(path, what its owner should know) of files read in this run."""
    errors: tuple[str, ...] = ()
    """What is wrong with the folder as a whole: an id that two documents declare."""

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """All of it in sentences, long lists cut short."""
        yield self._what_changed()
        if self.rebuilt:
            yield f"Everything was read anew: {self.rebuilt}."
        elif self.damage:
            yield (
                f"Damage is repaired, {_count(self.repaired, 'file')} read anew for it: "
                f"{self.damage}."
            )
        yield (
            f"The index has {_count(self.documents, 'document')}, "
            f"{_count(self.passages, 'passage')} "
            f"({', '.join(f'{code} {number:,}' for code, number in self.languages.items())}); "
            f"{self.characters_indexed:,} of {self.characters_read:,} characters are text of "
            "passages and headings, the rest is white space."
        )
        yield from _listed("left out", self.left_out, self.stale)
        yield from _listed("to know", self.warnings)
        for name, paths in (("a title", self.untitled), ("a date", self.undated)):
            if paths:
                yield f"{_count(len(paths), 'document')} without {name}: {_some(paths)}"
        for error in self.errors:
            yield f"Error: {error}"

    def _what_changed(self) -> str:
        parts = [
            f"{getattr(self, name):,} {name}"
            for name in ("new", "changed", "renamed", "gone")
            if getattr(self, name)
        ]
        if self.corrected:
            parts.append(f"{self.corrected:,} corrected by metadata.csv")
        outcome = f"generation {self.generation} is live"
        if not self.published:
            outcome = "nothing changed" if not parts else "nothing that is searched has changed"
            outcome += f", generation {self.generation} stays"
        files = ", ".join([*parts, f"{self.unchanged:,} unchanged"])
        return f"{files} in {self.seconds:.1f} s: {outcome}."


def summarise(
    plan: Plan,
    register: Register,
    *,
    generation: str,
    published: bool,
    seconds: float,
    left_out: Iterable[tuple[str, str]] = (),
    warnings: Iterable[tuple[str, str]] = (),
    errors: Iterable[str] = (),
) -> Report:
    """The report of a run that was to do `plan` and has come to `register`."""
    documents = passages = read = indexed = 0
    languages: dict[str, int] = {}
    untitled, undated = [], []
    # Rows as they are kept: unfolding twenty thousand of them would take a third of a second.
    for path in sorted(register.rows):
        for _, key, cut, length, covered, spoken, title, dated, _ in register.rows[path][5]:
            documents += 1
            passages += cut
            read += length
            indexed += covered
            for code, number in spoken.items():
                languages[code] = languages.get(code, 0) + number
            if not (title and dated):
                name = f"{path}#{key}" if key else path
                if not title:
                    untitled.append(name)
                if not dated:
                    undated.append(name)
    failing = register.failing()
    changes = plan.changes
    return Report(
        generation=generation,
        published=published,
        rebuilt=plan.rebuild,
        damage=plan.damage,
        seconds=seconds,
        new=len(changes.new),
        changed=len(changes.changed),
        renamed=len(changes.renamed),
        gone=len(changes.gone),
        corrected=plan.corrected,
        repaired=plan.repaired,
        unchanged=changes.unchanged - plan.corrected - plan.repaired,
        documents=documents,
        passages=passages,
        languages=dict(sorted(languages.items(), key=lambda each: (-each[1], each[0]))),
        characters_read=read,
        characters_indexed=indexed,
        left_out=tuple(sorted({*left_out, *failing.items()})),
        stale=tuple(path for path in sorted(failing) if register.rows[path][5]),
        untitled=tuple(untitled),
        undated=tuple(undated),
        warnings=tuple(warnings),
        errors=tuple(errors),
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f", and {more:,} more: --json lists all" if more > 0 else "")


def _listed(
    what: str, rows: tuple[tuple[str, str], ...], stale: tuple[str, ...] = ()
) -> Iterator[str]:
    if rows:
        yield f"{_count(len(rows), 'file')} {what}:"
    for path, reason in rows[:SHOWN]:
        kept = " (its last good version is still found)" if path in stale else ""
        yield f"  {path}: {reason}{kept}"
    if len(rows) > SHOWN:
        yield f"  and {len(rows) - SHOWN:,} more: --json lists all"
