"""What a ledger says of a few documents, without reading what it says of all others.

A run that finds one change among twenty thousand files asks of one path, one content and one id.
To look for their bytes in five megabytes takes two milliseconds each; to check and take in twenty
thousand lines takes a hundred and fifty.

A line speaks of one id. What is known of an id comes of its own lines alone, and who is at a path
of the lines with that path and of all lines of the ids in them: so these lines, in their order, say
of what was sought the same as all lines do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from search_service.ledger.lines import sound
from search_service.ledger.tables import Tables

_FORGOTTEN = b',"forgotten":"'


class Few:
    """Some lines of a ledger. Withdrawn documents are always among them: a run must know them all.

    Args:
        data: the ledger's file, lines as `lines.line` writes them.
    """

    def __init__(self, data: bytes) -> None:
        self.tables = Tables()
        self.lines = data.count(b"\n")
        """How many there are in all."""
        self._data = data
        self._noted: list[Mapping[str, Any]] = []
        self._sought: set[bytes] = set()
        self._found: dict[int, Mapping[str, Any]] = {}
        """Where a line begins -> what it says."""
        self._find([_FORGOTTEN])
        self._take()

    def note(self, record: Mapping[str, Any]) -> None:
        """Take in what is not in the file yet."""
        self._noted.append(record)
        self.tables.apply(record)

    def seek(
        self, *, paths: Iterable[str] = (), hashes: Iterable[str] = (), ids: Iterable[str] = ()
    ) -> None:
        """Have `tables` say all that is known of these, and of the documents that were there."""
        needles = [_needle("path", path) for path in paths]
        needles += [_needle("sha", sha) for sha in hashes]
        needles += [_needle("id", document_id) for document_id in ids]
        told = self._find(needles)
        further = self._find([_needle("id", document_id) for document_id in told])
        if told or further:
            self._take()

    def _find(self, needles: Iterable[bytes]) -> set[str]:
        """Take the lines with these bytes to those that are found; returns the ids of new ones."""
        data = self._data
        lines: dict[int, bytes] = {}
        for needle in needles:
            if needle in self._sought:
                continue
            self._sought.add(needle)
            at = data.find(needle)
            while at >= 0:
                start = data.rfind(b"\n", 0, at) + 1
                end = data.find(b"\n", at)
                end = len(data) if end < 0 else end
                if start not in self._found:
                    lines[start] = data[start:end]
                at = data.find(needle, end)
        found = {start: orjson.loads(line) for start, line in lines.items() if sound([line])}
        self._found.update(found)
        return {record["id"] for record in found.values()}

    def _take(self) -> None:
        """Make the tables anew: lines that were found last may be older than those before."""
        tables = Tables()
        for start in sorted(self._found):
            tables.apply(self._found[start])
        for record in self._noted:
            tables.apply(record)
        self.tables = tables


def _needle(name: str, value: str) -> bytes:
    """A field as it stands in a line."""
    return b'"%s":%s' % (name.encode(), orjson.dumps(value))
