"""What a run has to do, decided before anything is read."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import NamedTuple

from search_service import corpus
from search_service.corpus import Changes, FileState, Scan
from search_service.errors import IndexDamaged, IndexUnavailable, RunRefused
from search_service.generations import Generations, Live
from search_service.indexer import touched, versions
from search_service.indexer.register import FILE, Register
from search_service.settings import Settings

SUDDEN = 10
"""So many files are not all removed at once without a word."""


class Wanted(NamedTuple):
    """A file to read."""

    state: FileState
    sha: str = ""
    """Its content as indexed: if it is still that, nothing changes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The work of one run."""

    base: Live | None
    """The generation that is live before it."""
    old: Register
    """What that generation holds."""
    scan: Scan
    changes: Changes
    moment_ns: int
    """When the folder was looked at."""
    fingerprint: str
    corrections: str
    """SHA-256 of the owner's `metadata.csv`."""
    rebuild: str
    """Why everything is read anew; empty where it is not."""
    damage: str
    """What is wrong with the index and is put right by this run; empty where nothing is."""
    lost: frozenset[str]
    """The documents of which something is damaged in the live generation."""
    wanted: tuple[Wanted, ...]
    corrected: int = 0
    """Files that are read only because the owner says something else of them."""
    repaired: int = 0
    """Files that are read only because documents of theirs are lost."""

    @property
    def removed(self) -> tuple[str, ...]:
        """Paths whose documents are not there any more."""
        return (*self.changes.gone, *(old for old, _ in self.changes.renamed))

    @property
    def empty(self) -> bool:
        """Whether the index is what the folder is, and whole."""
        nothing = not (self.rebuild or self.damage or self.wanted or self.removed)
        return bool(self.base) and nothing

    @property
    def keep(self) -> str:
        """The generation to fall back on afterwards: the one before, if that is whole."""
        return self.base.name if self.base and not self.base.quarantined else ""

    def has_lost(self, path: str) -> bool:
        """Whether a document of this file is lost."""
        row = self.old.rows.get(path)
        return row is not None and any(held[0] in self.lost for held in row[5])


def make(
    settings: Settings, generations: Generations, *, full: bool = False, damage: str = ""
) -> Plan:
    """Compare the folder with the live generation. Raises `InvalidValue` where it is none.

    Damage is put right by reading what it took: where the generation before serves, what has
    changed since; where a segment is quarantined, the documents in it. `damage` is what a run could
    not go on with: then everything is read anew.
    """
    base, found = _base(generations)
    lost: frozenset[str] = frozenset()
    moment = time.time_ns()
    scan = corpus.scan(settings.corpus)
    old = Register({})
    if base is not None:
        old = Register.read(base.directory)
        touched.apply(old, base.name, settings.state_folder)
        try:
            lost = _lost(settings, base, old)
        except IndexDamaged as more:
            damage = damage or str(more)
    changes = corpus.compare(old.states(), scan, old.unsettled())
    fingerprint = versions.fingerprint(settings)
    rebuild = damage or ("" if base else found)
    if base is not None and not rebuild:
        if full:
            rebuild = "it was asked for"
        elif (base.manifest.engine, base.manifest.fingerprint) != (settings.engine, fingerprint):
            rebuild = "the schema, the analysers or the formats are others than before"
    corrections = _corrections(settings)
    corrected = _corrected(settings, old, corrections, base)
    altered = {state.path for state in (*changes.new, *changes.changed)}
    altered.update(state.path for _, state in changes.renamed)
    holed: set[str] = set()
    if lost:
        holed = {path for path, row in old.rows.items() if any(held[0] in lost for held in row[5])}
    return Plan(
        base=base,
        old=old,
        scan=scan,
        changes=changes,
        moment_ns=moment,
        fingerprint=fingerprint,
        corrections=corrections,
        rebuild=rebuild,
        damage=found,
        lost=lost,
        wanted=tuple(_wanted(scan, changes, old, corrected | holed, everything=bool(rebuild))),
        corrected=0 if rebuild else len((corrected & scan.files.keys()) - altered),
        repaired=0 if rebuild else len((holed & scan.files.keys()) - altered - corrected),
    )


def refuse_sudden(settings: Settings, plan: Plan) -> None:
    """Raise `RunRefused` where the folder looks as if it was not there: a disk not mounted."""
    before = len(plan.old.rows)
    if before and not plan.scan.files and not plan.scan.unreadable:
        what = "is empty"
    elif before >= SUDDEN and len(plan.changes.gone) == before:
        what = f"has none of the {before:,} files that it had"
    else:
        return
    raise RunRefused(
        f"{settings.corpus} {what}, so the index stays as it is: if the disk is not mounted, mount "
        "it; if the files are really gone, run index with --allow-empty"
    )


def _base(generations: Generations) -> tuple[Live | None, str]:
    try:
        live = generations.current()
    except IndexUnavailable as problem:
        return None, str(problem) if generations.names() else ""
    if FILE in live.quarantined:
        return None, "; ".join(live.degraded)
    return live, "; ".join(live.degraded)


def _lost(settings: Settings, base: Live, old: Register) -> frozenset[str]:
    """The documents that are in damaged files. Raises `IndexDamaged` where nothing is left."""
    if not base.quarantined:
        return frozenset()
    from search_service import engines

    reader = engines.get(settings.engine).reader(base.directory, base.quarantined)
    try:
        return frozenset(old.owners().keys() - {document.id for document in reader.summaries()})
    finally:
        reader.close()


def _corrections(settings: Settings) -> str:
    try:
        data = (settings.corpus / corpus.OVERRIDES_FILE).read_bytes()
    except FileNotFoundError:
        return ""
    return hashlib.sha256(data).hexdigest()


def _corrected(settings: Settings, old: Register, sha: str, base: Live | None) -> set[str]:
    """The files of which the owner says something else than before."""
    if base is None or sha == base.manifest.corrections:
        return set()
    from search_service.metadata import Overrides

    said = Overrides.load(settings.corpus).digests()
    return {path for path, row in old.rows.items() if row[4] != said.get(path, "")}


def _wanted(
    scan: Scan, changes: Changes, old: Register, again: set[str], *, everything: bool
) -> list[Wanted]:
    """In order of path; the files `again` whether or not they have changed."""
    if everything:
        return [Wanted(state) for state in scan.files.values()]
    wanted = [Wanted(state) for state in changes.new]
    wanted += [Wanted(state) for _, state in changes.renamed]
    for state in changes.changed:
        row = old.rows[state.path]
        # What could not be read last time is read in any case: it is marked as stale.
        same = row[2] if not row[3] and state.path not in again else ""
        wanted.append(Wanted(state, same))
    known = {each.state.path for each in wanted}
    wanted += [Wanted(scan.files[p]) for p in again if p in scan.files and p not in known]
    return sorted(wanted, key=lambda each: each.state.path)
