"""Documents that ask for an id which another one has: each is read again with an id of its own.

An id is declared by a file or its owner, or comes of a path; two files may well declare the same
one, and a text may leave the path that its id came of while another one comes to it.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from itertools import chain, count

from search_service.indexer.messages import Outcome, Task
from search_service.ledger import Ledger, derive


@dataclass(slots=True)
class Clashes:
    """The files that wait for this; `owners` has the path of each document taken in so far."""

    ledger: Ledger
    owners: MutableMapping[str, str]
    errors: list[str] = field(default_factory=list)
    """What the owner should mend: two documents that declare one id."""
    _waiting: list[tuple[Task, Outcome]] = field(default_factory=list)

    def put(self, task: Task, outcome: Outcome) -> bool:
        """Whether a document of this file has another's id; then the file waits."""
        clashing = any(
            self.owners.get(read.held.id, outcome.path) != outcome.path
            for read in outcome.documents
        )
        if clashing:
            self._waiting.append((task, outcome))
        return clashing

    def resolved(self) -> Iterator[list[Task]]:
        """The files again, each with ids that nobody has."""
        waiting, self._waiting = self._waiting, []
        given: set[str] = set()
        for task, outcome in waiting:
            path = outcome.path
            known = self.ledger.ids(path)
            forced = dict(task.forced)
            for read in outcome.documents:
                document_id, key = read.held.id, read.held.key
                if self.owners.get(document_id, path) == path:
                    continue
                candidates = (derive(path, key, attempt) for attempt in count())
                free = chain([known.get(key, document_id)], candidates)
                forced[key] = next(each for each in free if self._is_free(each, path, key, given))
                given.add(forced[key])
                if read.declared:
                    self.errors.append(
                        f"{path} has the id {document_id}, which {self.owners[document_id]} has "
                        f"too: it was given {forced[key]}; declare another one"
                    )
            yield [replace(task, forced=forced)]

    def _is_free(self, document_id: str, path: str, key: str, given: set[str]) -> bool:
        known = self.ledger.find(document_id)
        mine = known is None or (known.path, known.key) == (path, key)
        free = self.owners.get(document_id, path) == path
        return mine and free and document_id not in given
