"""Fills a new generation: reads what is wanted, keeps what can not be read, says who is who."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Self, cast

from search_service import engines
from search_service.corpus import FileState
from search_service.engines.base import Reader, Writer
from search_service.errors import IndexDamaged, RunRefused
from search_service.generations import Generations
from search_service.indexer import moves, touched
from search_service.indexer.batching import batches
from search_service.indexer.clashes import Clashes
from search_service.indexer.messages import Brief, Outcome, Read, Task, unpack
from search_service.indexer.planning import SUDDEN, Plan, Wanted
from search_service.indexer.publishing import Origin, publish
from search_service.indexer.register import Entry, Register
from search_service.indexer.report import Report, summarise
from search_service.indexer.resume import WORTH, Parts, discard
from search_service.indexer.workers import Early, Failure, Pool, processors
from search_service.ledger import Departed, Known, Ledger
from search_service.metadata import Overrides
from search_service.settings import Settings

Progress = Callable[[int, int], None]
"""Is told how many files are read, of how many."""


class Build:
    """One generation in the making. Use it as a context manager, with the index locked.

    What is left without `publish` leaves no trace. `early` may read what one worker can.
    """

    def __init__(
        self,
        settings: Settings,
        generations: Generations,
        plan: Plan,
        close: Iterable[int],
        early: Early | None = None,
    ) -> None:
        self.settings = settings
        self.generations = generations
        self.plan = plan
        self.warnings: list[tuple[str, str]] = []
        """(path, what its owner should know)"""
        self.errors: list[str] = []
        self.left_out: list[tuple[str, str]] = list(plan.scan.left_out)
        self._close = tuple(close)
        self._early = early
        self._engine = engines.get(settings.engine, memory=settings.index_memory)
        self._ledger = Ledger(settings.corpus, settings.state_folder, whole=False)
        self._old = plan.old
        self.register = Register({}) if plan.rebuild else plan.old
        self._owners = {} if plan.rebuild else plan.old.owners()
        self._lost: set[str] = set()
        self._moves: moves.Moves = {}
        self._moved: frozenset[str] = frozenset()
        self._touched: set[str] = set()
        self._dirty = plan.base is None or bool(plan.rebuild or plan.damage)
        self._clashes = Clashes(self._ledger, self._owners, self.errors)
        self._directory: Path | None = None
        self._writer: Writer | None = None
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def report(self, published: bool, seconds: float) -> Report:
        """What the run did, and what the index holds now."""
        return summarise(
            self.plan,
            self.register,
            generation=self.generations.current().name,
            published=published,
            seconds=seconds,
            left_out=self.left_out,
            warnings=self.warnings,
            errors=self.errors,
        )

    def __exit__(self, *_: object) -> None:
        if "_last_good" in self.__dict__ and self._last_good is not None:
            self._last_good.close()
        if self._writer is not None:
            self._writer.abort()
        if self._directory is not None:
            self.generations.abandon(self._directory)

    def read(self, progress: Progress) -> None:
        """Read all that is wanted into the new generation."""
        self._settle()
        overrides = Overrides.load(self.settings.corpus)
        brief = Brief(
            settings=self.settings,
            overrides=overrides,
            digests=overrides.digests(),
            departed=self._departed(),
            taken=self._ledger.taken(),
            marks=self._ledger.marks,
            withdrawn=self._ledger.withdrawn,
        )
        tasks = [self._task(wanted) for wanted in self.plan.wanted]
        key = repr((self.plan.fingerprint, self.plan.corrections, self.settings.corpus.resolve()))
        with Parts(self.settings, key) as parts:
            if len(tasks) >= WORTH:
                tasks = self._resume(tasks, parts)
                gc.enable()
            total = self._done + len(tasks)
            jobs = list(batches(tasks))
            size = min(self.settings.index_processes or processors(), max(1, len(jobs)))
            early = self._early if len(jobs) == 1 else None
            if early is None and jobs:
                _ = brief.reader  # Made before the workers are forked, and so once for all.
            with Pool(brief, size, self.settings.file_seconds, self._close, early) as pool:
                while jobs:
                    again: list[list[Task]] = []
                    for batch, answer in pool.run(jobs, self._engine.ready):
                        if isinstance(answer, bytes):
                            parts.append(answer)
                        again += self._took(batch, answer)
                        progress(self._done, total)
                    jobs = again or list(self._clashes.resolved())
        for document_id in sorted((self._lost | self._missing()) - self._owners.keys()):
            self._ledger.lose(document_id, _today())
        if self.plan.corrections:
            seen = ((path, held.key) for path, held in self.register.documents())
            self.errors += overrides.unused(seen)

    def publish(self, *, allow_empty: bool) -> bool:
        """Publish the generation; whether there was anything to publish."""
        state_folder = self.settings.state_folder
        if not self._dirty:
            if self._touched and self.plan.base:
                touched.save(self.register, self.plan.base.name, state_folder, self._touched)
            return False
        if self.plan.rebuild and not allow_empty:
            self._refuse_loss()
        warning = self._ledger.save()
        if warning:
            self.errors.append(warning)
        origin = Origin(self._engine.name, self.plan.fingerprint, self.plan.corrections)
        writer, directory = self._write(), self._directory
        keep = self.plan.keep
        trusted = allow_empty or not self.plan.rebuild
        state = publish(
            self.generations,
            cast("Path", directory),
            writer,
            self.register,
            origin,
            keep=keep,
            accept=(lambda: None) if trusted else self._accept,
        )
        self._writer = self._directory = None
        discard(self.settings)
        if state["merge_due"]:
            # Large merges wait until the change is visible; what they replace is the same content.
            live = self.generations.current()
            self._directory = self.generations.begin()
            self._writer = self._engine.writer(self._directory, live.directory)
            publish(
                self.generations,
                self._directory,
                self._writer,
                self.register,
                origin,
                merge_large=True,
                keep=keep,
            )
            self._writer = self._directory = None
        return True

    # Files

    def _settle(self) -> None:
        """Let go of what has moved or is gone, and keep what is out of sight."""
        self._moves = moves.follow(self.plan, self._ledger, self.settings)
        self._moved = frozenset(id_ for keys in self._moves.values() for id_ in keys.values())
        for document_id in sorted(self._moved):
            self._delete(document_id)
        for path in self.plan.removed:
            self._remove(path)
        if self.plan.rebuild or self.plan.lost:
            states = self._old.states()
            for path in self.plan.changes.hidden:
                if self.plan.rebuild or self.plan.has_lost(path):
                    self._keep_last(path, "its folder cannot be listed", states[path])

    def _missing(self) -> set[str]:
        """The documents that were known before the index was emptied, and are not there."""
        if self.plan.base is not None:
            return set()
        rows = self.register.rows
        return {
            document_id
            for document_id, known in self._ledger.known.items()
            if not self.plan.scan.hides(known.path)
            and not (known.path in rows and rows[known.path][3])
        }

    def _departed(self) -> Departed:
        """The documents that a new file may be."""
        if all(wanted.state.path in self._old.rows for wanted in self.plan.wanted):
            return Departed()
        scan, known = self.plan.scan, self._ledger.known
        hidden = (each.path for each in known.values() if scan.hides(each.path))
        return self._ledger.departed({*scan.files, *hidden}, self._moved)

    def _resume(self, tasks: list[Task], parts: Parts) -> list[Task]:
        """Take in what an interrupted run has read already; returns what is left to read."""
        waiting = {task.state.path: task for task in tasks}
        for part in parts.kept():
            for outcome in unpack(part):
                task = waiting.get(outcome.path)
                if task and outcome.settled and outcome.state == task.state:
                    self._take(task, outcome)
                    self._done += 1
                    del waiting[outcome.path]
        return list(waiting.values())

    def _task(self, wanted: Wanted) -> Task:
        path = wanted.state.path
        known = {
            key: document_id
            for key, document_id in self._ledger.ids(path).items()
            if document_id not in self._moved
        }
        known.update(self._moves.get(path, {}))
        return Task(wanted.state, wanted.sha, known)

    def _took(self, batch: Sequence[Task], answer: bytes | Failure) -> Iterator[list[Task]]:
        """Take in what came of a batch; yields what must be read again, by itself."""
        if isinstance(answer, bytes):
            for task, outcome in zip(batch, unpack(answer), strict=True):
                self._take(task, outcome)
            self._done += len(batch)
        elif len(batch) > 1:
            yield from ([task] for task in batch)
        else:
            [task] = batch
            state = task.state
            settled = state.settled(self.plan.moment_ns)
            self._take(task, Outcome(state.path, state, settled, reason=answer.reason))
            self._done += 1

    def _take(self, task: Task, outcome: Outcome) -> None:
        path = outcome.path
        if outcome.state is None:
            self._remove(path)
        elif outcome.same:
            self.register.look(outcome.state, settled=outcome.settled)
            self._touched.add(path)
        elif outcome.reason:
            self._keep_last(path, outcome.reason, outcome.state, settled=outcome.settled)
        elif not self._clashes.put(task, outcome):
            self._put(outcome, outcome.state)

    def _put(self, outcome: Outcome, state: FileState) -> None:
        """A file was read well."""
        path = outcome.path
        before = self._old.get(path)
        old = {held.key: held.id for held in before.documents} if before else {}
        ids = {read.held.id for read in outcome.documents}
        for document_id in set(old.values()) - ids - self._moved:
            self._delete(document_id)
        for read in outcome.documents:
            held = read.held
            self._write().add(read.prepared)
            self._owners[held.id] = path
            former = old.get(held.key, held.id)
            if former != held.id and former not in self._moved:
                self._ledger.rename(former, held.id)
            self._follow_anchors(read)
            known = Known(path, held.key, outcome.sha, " ".join(read.anchors))
            self._ledger.place(held.id, known)
            self.warnings += [(path, warning) for warning in held.warnings]
        for document_id in outcome.withdrawn:
            self._withdrawn(path, document_id)
        documents = tuple(read.held for read in outcome.documents)
        self.register.put(
            Entry(state, outcome.settled, outcome.sha, "", outcome.overrides, documents)
        )
        self._dirty = True

    def _withdrawn(self, path: str, document_id: str) -> None:
        since = self._ledger.gone_since(document_id)
        self.left_out.append((path, f"it was withdrawn on {since}: remove the file"))

    def _keep_last(
        self, path: str, reason: str, state: FileState, *, settled: bool = False
    ) -> None:
        """A file cannot be read: what was read of it last stays, and is marked as stale."""
        before = self._old.get(path)
        rebuilt = bool(self.plan.rebuild)
        kept = []
        for held in before.documents if before else ():
            if before and before.reason and held.id not in self.plan.lost and not rebuilt:
                kept.append(held)  # It is marked already.
            elif document := self._last_good and self._last_good.document(held.id):
                self._write().add(self._engine.prepare(replace(document, stale=True)))
                self._owners[held.id] = path
                kept.append(held)
            else:
                self._owners.pop(held.id, None)  # It was in a file that is damaged.
        overrides = before.overrides if before else ""
        self.register.put(Entry(state, settled, "", reason, overrides, tuple(kept)))
        self._dirty = True

    def _remove(self, path: str) -> None:
        """A file is not there any more."""
        before = self._old.get(path)
        for held in before.documents if before else ():
            if held.id not in self._moved:
                self._delete(held.id)
        self.register.drop(path)
        self._dirty = self._dirty or before is not None

    def _delete(self, document_id: str) -> None:
        self._lost.add(document_id)
        if self._owners.pop(document_id, None) is not None:
            self._write().delete(document_id)

    # Documents

    def _follow_anchors(self, read: Read) -> None:
        """Remember where links lead now whose sentences are not there any more."""
        document_id = read.held.id
        before: tuple[str, ...]
        if (known := self._ledger.find(document_id)) and known.passages:
            before = known.anchors()  # As in the index, and also when that was emptied.
        elif document := self._last_good and self._last_good.document(document_id):
            before = tuple(passage.anchor for passage in document.passages)
        else:
            return
        self._ledger.move_anchors(document_id, before, read.anchors)

    @cached_property
    def _last_good(self) -> Reader | None:
        """What is whole of the generation that is live, to keep documents from."""
        base = self.plan.base
        if base is None:
            return None
        try:
            return self._engine.reader(base.directory, base.quarantined)
        except IndexDamaged:
            return None

    def _write(self) -> Writer:
        """The writer into the new generation, which begins with the first change."""
        if self._writer is None:
            self._directory = self.generations.begin()
            base = None if self.plan.rebuild else self.plan.base
            self._writer = (
                self._engine.writer(self._directory, base.directory, base.quarantined)
                if base
                else self._engine.writer(self._directory, None)
            )
        return self._writer

    def _refuse_loss(self) -> None:
        """Raise `RunRefused` where a rebuild has lost documents that the last one had."""
        now = len(self._owners)
        before = len(self._old.owners())
        files = len(self.plan.scan.files) / max(1, len(self._old.rows))
        if before >= SUDDEN and now < before * min(1.0, files) / 2:
            raise RunRefused(
                f"the new index would have {now:,} documents, the old one has {before:,}, so it "
                "stays: look at what is left out, and if it is right, run index with --allow-empty"
            )

    def _accept(self) -> None:
        """Raise `RunRefused` where documents of a rebuild are not found by their own words."""
        # What reads queries takes long to import: not when a single file has changed.
        from search_service.indexer.sampling import refuse_unfound

        with closing(self._engine.reader(cast("Path", self._directory))) as reader:
            refuse_unfound(reader, self.register)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
