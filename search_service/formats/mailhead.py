"""The header of a mail that was saved as bare text: who wrote it, when, about what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr

_NAMES = {
    "from": ("from", "kimdən", "kimden", "gönderen", "от", "от кого", "von", "de"),
    "date": ("date", "sent", "tarix", "göndərilib", "tarih", "gönderildi", "дата", "отправлено"),
    "subject": ("subject", "mövzu", "konu", "тема", "betreff", "objet"),
}
_FIELDS = {name: field for field, names in _NAMES.items() for name in names}
_LINE = re.compile(r"(?P<name>[^\W\d_][\w-]*(?: [\w-]+)?):(?:[ \t]+(?P<value>\S.*))?")
_MOST_LINES = 40


def read(lines: Sequence[str]) -> Mapping[str, tuple[str, int]]:
    """`author`, `date` and `title` of the header that these lines begin with, each with its line.

    Nothing where they begin with none: that has a line for each field and no other, names its
    sender, and has either an address there or both of the others.
    """
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for number, line in enumerate(lines[:_MOST_LINES], 1):
        match = _LINE.fullmatch(line.rstrip())
        if match:
            name = _FIELDS.get(match["name"].casefold(), "other")
            found.setdefault(name, (match["value"] or "", number))
        elif name and line[:1] in {" ", "\t"} and line.strip():
            value, first = found[name]  # a long field goes on in an indented line
            found[name] = (f"{value} {line.strip()}", first)
        elif line.strip():
            return {}
        elif name:
            break
    told = {field for field in _NAMES if found.get(field, ("", 0))[0]}
    if "from" not in told or len(told) < (2 if "@" in found["from"][0] else 3):
        return {}
    sender, at = found["from"]
    read = {"author": (_person(sender), at)}
    for field, name in (("date", "date"), ("subject", "title")):
        if field in told:
            read[name] = found[field]
    return read


def _person(sender: str) -> str:
    """The name, or where there is none the address: of "Ann Lee <ann@example.org>" Ann Lee.

    Outlook writes "Ann Lee [mailto:ann@example.org]", and often the name alone.
    """
    sender = re.sub(r"\s*\[(?:mailto|smtp):[^\]]*\]", "", sender, flags=re.IGNORECASE)
    name, address = parseaddr(sender)
    return name or (address if "@" in address else sender)
