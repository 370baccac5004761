"""What the lines of a ledger say, taken together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from search_service.ledger.known import Known


def placed(document_id: str, known: Known) -> dict[str, Any]:
    """The line that says where a document is."""
    where = {"id": document_id, "path": known.path, "key": known.key, "sha": known.sha}
    return where | {"passages": known.passages}


@dataclass
class Tables:
    """What the lines say, taken together."""

    known: dict[str, Known] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    """Path -> key -> id."""
    gone: dict[str, str] = field(default_factory=dict)
    forgotten: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    anchors: dict[str, dict[str, str]] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)
    lines: int = 0
    damaged: int = 0

    def apply_all(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Take in lines. Nearly all of them place a document that was nowhere before."""
        known, ids, gone, now, apply = self.known, self.ids, self.gone, self.now, self.apply
        placed = 0
        for record in records:
            document_id = record["id"]
            path = record.get("path")
            if path is None or document_id in known or gone or now:
                apply(record)
                continue
            placed += 1
            key = record["key"]
            known[document_id] = Known(path, key, record["sha"], record.get("passages", ""))
            if path in ids:
                ids[path][key] = document_id
            else:
                ids[path] = {key: document_id}
        self.lines += placed

    def apply(self, record: Mapping[str, Any]) -> None:
        """Take in a line; a later one overrules an earlier one."""
        document_id = record["id"]
        self.lines += 1
        if "path" in record:
            self._unplace(document_id)
            passages = record.get("passages", "")
            known = Known(record["path"], record["key"], record["sha"], passages)
            self.known[document_id] = known
            self.ids.setdefault(known.path, {})[known.key] = document_id
            self.gone.pop(document_id, None)
            self.now.pop(document_id, None)
        elif "gone" in record:
            self.gone[document_id] = record["gone"]
        elif "anchors" in record:
            moves = self.anchors.setdefault(document_id, {})
            moves.update(record["anchors"])
            for anchor in [anchor for anchor, nearest in moves.items() if not nearest]:
                del moves[anchor]  # It is there again.
        elif "now" in record:
            self.now[document_id] = record["now"]
        elif "shed" in record:
            self._unplace(document_id)
            self.anchors.pop(document_id, None)
        elif "forgotten" in record:
            self._unplace(document_id)
            self.gone.pop(document_id, None)
            self.anchors.pop(document_id, None)
            self.forgotten[document_id] = (record["forgotten"], tuple(record["marks"]))
            self.marks.update(dict.fromkeys(record["marks"], document_id))

    def _unplace(self, document_id: str) -> None:
        known = self.known.pop(document_id, None)
        if known and self.ids.get(known.path, {}).get(known.key) == document_id:
            del self.ids[known.path][known.key]

    def records(self) -> Iterator[dict[str, Any]]:
        """As few lines as say the same."""
        for document_id, known in self.known.items():
            yield placed(document_id, known)
        for document_id, since in self.gone.items():
            yield {"id": document_id, "gone": since}
        for document_id, moves in self.anchors.items():
            yield {"id": document_id, "anchors": moves}
        for document_id, new_id in self.now.items():
            yield {"id": document_id, "now": new_id}
        for document_id, (since, marks) in self.forgotten.items():
            yield {"id": document_id, "forgotten": since, "marks": list(marks)}
