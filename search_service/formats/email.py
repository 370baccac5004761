"""E-mail as .eml files: the headers, the words of the message, and of messages forwarded in it."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr
from itertools import groupby

from search_service.dates import parse_date
from search_service.errors import UnreadableFile
from search_service.formats import markup
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder, clean
from search_service.formats.refusals import refuse_binary, refuse_empty
from search_service.formats.structure import structure
from search_service.formats.text import decode
from search_service.model import BlockKind, Extract, Metadata, Sourced

_WHERE = "mail header"
_MOST_PARTS = 1_000


def read(source: Source) -> Iterator[Extract]:
    """Reads one message; its attachments are named and not read."""
    refuse_binary(source.path, source.data[:4096])
    # The older policy leaves headers as they are: the newer one's parser is slow on hostile ones.
    message = email.message_from_bytes(source.data, policy=email.policy.compat32)
    if not any(message.get(name) for name in ("from", "subject", "date", "message-id")):
        raise UnreadableFile(f"{source.path} has no mail headers: save the message as .eml anew")
    builder = Builder()
    _add_message(builder, source.path, message)
    extract = builder.extract(_metadata(source.path, message))
    refuse_empty(source.path, extract.text)
    yield extract


def _add_message(builder: Builder, path: str, message: Message) -> None:
    parts = [message]
    met = 0
    while parts and (met := met + 1) <= _MOST_PARTS:
        part = parts.pop(0)
        payload = part.get_payload()
        if isinstance(payload, list):
            inner = [child for child in payload if isinstance(child, Message)]
            if part.get_content_type() == "multipart/alternative":
                inner = _alternative(inner)
            elif part.get_content_type() == "message/rfc822" and inner:
                builder.add(_header(path, inner[0], "subject"), BlockKind.HEADING, 2)
            parts[:0] = inner
        elif (
            part.get_content_disposition() != "attachment" and part.get_content_maintype() == "text"
        ):
            _add_text(builder, path, part)
        elif name := part.get_filename():
            builder.warnings.append(f"its attachment {name} is not read: save it beside it")


def _alternative(parts: list[Message]) -> list[Message]:
    """The plain form of a message that comes in several, unless it is empty."""
    plain = [part for part in parts if part.get_content_type() == "text/plain"]
    written = [part for part in plain if str(part.get_payload()).strip()]
    return written[:1] or parts[-1:]


def _add_text(builder: Builder, path: str, part: Message) -> None:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return
    decoded = decode(Source(path, data), _charset(part))
    builder.warnings.extend(decoded.warnings)
    if part.get_content_subtype() == "html":
        page = markup.parse(decoded.text)
        if page is not None:
            markup.add_blocks(builder, page)
        return
    text = clean(decoded.text)
    if part.get_param("format") == "flowed":
        # RFC 3676: a space before the line end says that the line goes on.
        text = re.sub(r"(?<!^--)(?<!\n--) \n(?!>)", " ", text)
    _add_plain(builder, text)


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, UnicodeError):
        return None


def _add_plain(builder: Builder, text: str) -> None:
    """Adds the answer and, as quotations, the lines that begin with `>`."""
    for quoted, lines in groupby(text.split("\n"), key=lambda line: line.startswith(">")):
        bare = [re.sub(r"^(?:> ?)+", "", line) if quoted else line for line in lines]
        tidy, blocks = structure("\n".join(bare), titled=True)
        for block in blocks:
            kind = BlockKind.QUOTE if quoted else block.kind
            builder.add(tidy[block.start : block.end], kind, 0 if quoted else block.level)


def _header(path: str, message: Message, name: str) -> str:
    """A header's words, in whichever encoding each part of it is."""
    raw = message.get(name)
    if raw is None:
        return ""
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        return " ".join(clean(str(raw)).split())
    text = "".join(
        part if isinstance(part, str) else decode(Source(path, part), charset).text
        for part, charset in parts
    )
    return " ".join(clean(text).split())


def _metadata(path: str, message: Message) -> Metadata:
    subject = _header(path, message, "subject")
    name, address = parseaddr(_header(path, message, "from"))
    date = parse_date(str(message.get("date", "")))
    recipient = _header(path, message, "to")
    return Metadata(
        title=Sourced(subject, _WHERE) if subject else None,
        author=Sourced(name or address, _WHERE) if name or address else None,
        date=Sourced(date, _WHERE) if date else None,
        extra={"to": Sourced(recipient, _WHERE)} if recipient else {},
    )


FORMAT = Format(
    name="email",
    label="E-mail",
    suffixes=(".eml",),
    media_type="message/rfc822",
    read=read,
)
