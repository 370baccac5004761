"""reStructuredText, parsed by docutils, which is kept from including files and raw HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.parsers.rst.languages import en

from search_service.errors import UnreadableFile
from search_service.formats.base import Format, Source
from search_service.formats.builder import Builder
from search_service.formats.declared import from_pairs
from search_service.formats.refusals import refuse_empty
from search_service.formats.restructured import parse
from search_service.formats.text import decode
from search_service.model import BlockKind, Extract, Metadata

_SETTINGS = {
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "report_level": 5,
    "halt_level": 5,
    "warning_stream": "",
    "syntax_highlight": "none",
    "smart_quotes": False,
    "doctitle_xform": True,
    "docinfo_xform": False,
    "_disable_config": True,
    "line_length_limit": 10_000_000,
}
# Roles that Sphinx or a project adds: :func:`open` and :ref:`the chapter <chapter>` are words.
_ROLE = re.compile(
    r":(?!pep:|rfc:|math:|code:|sub:|sup:)[\w:+.-]{1,40}:`~?!?([^`<]+?)(?:\s*<[^`>]*>)?`"
)
_DIRECTIVE = re.compile(r"^[ \t]*\.\. ([\w:+.-]{1,60})::", re.MULTILINE)
_SKIPPED = (
    nodes.comment, nodes.system_message, nodes.substitution_definition, nodes.target, nodes.raw,
    nodes.pending, nodes.image, nodes.decoration, nodes.meta,
)  # fmt: skip


class _AnyOption(dict[str, Any]):
    """Lets a directive have any option."""

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, name: str) -> Any:
        return directives.unchanged


class _Unknown(Directive):
    """A directive that docutils does not know: what it holds is read, its options are not."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec = _AnyOption()

    def run(self) -> list[nodes.Node]:
        """Its argument and its content, as if they stood there by themselves."""
        box = nodes.container()
        if self.arguments and self.name != "toctree":
            box += nodes.paragraph("", " ".join(self.arguments))
        if self.name != "toctree":
            self.state.nested_parse(self.content, self.content_offset, box)
        return [box]


def read(source: Source) -> Iterator[Extract]:
    """Reads one file."""
    decoded = decode(source)
    text = _ROLE.sub(r"\1", decoded.text)
    for name in {name.lower() for name in _DIRECTIVE.findall(text)} - en.directives.keys():
        directives.register_directive(name, _Unknown)
    try:
        tree = parse(text, _SETTINGS)
    except MemoryError:
        raise  # the limit of the process, which its owner may raise
    # docutils is made for its author's own files: hostile ones fail in ways that it does not name.
    except (Exception, SystemExit) as error:  # noqa: BLE001 -- so may directives
        kind = type(error).__name__
        raise UnreadableFile(
            f"{source.path} is no reStructuredText that can be parsed ({kind}): rename it to .txt"
        ) from None
    builder = Builder()
    builder.warnings.extend(decoded.warnings)
    _add(builder, tree)
    extract = builder.extract(_metadata(tree))
    refuse_empty(source.path, extract.text)
    yield extract


def _add(builder: Builder, tree: nodes.document) -> None:
    """Adds the blocks of a tree; the nodes still to be read are on a stack, with their place."""
    stack: list[tuple[nodes.Node, _Place]] = [(tree, _Place())]
    while stack:
        node, place = stack.pop()
        if isinstance(node, _SKIPPED):
            continue
        if (block := _block(node, place)) is not None:
            builder.add(*block)
            continue
        inner = place.below(node)
        stack.extend((child, inner) for child in reversed(node.children))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a tree a node is: under how many sections and lists, and in a quotation or not."""

    sections: int = 0
    lists: int = 0
    quoted: bool = False

    def below(self, node: nodes.Node) -> _Place:
        """The place of a node's children."""
        if isinstance(node, nodes.section):
            return replace(self, sections=self.sections + 1)
        if isinstance(node, nodes.bullet_list | nodes.enumerated_list):
            return replace(self, lists=self.lists + 1)
        if isinstance(node, nodes.block_quote):
            return replace(self, quoted=True)
        return self


_Read = tuple[str, BlockKind, int]


def _block(node: nodes.Node, place: _Place) -> _Read | None:
    """Text, kind and level of a node that is a block; None where its children are to be read."""
    if isinstance(node, nodes.literal_block | nodes.doctest_block | nodes.math_block):
        return node.astext(), BlockKind.CODE, 0
    if isinstance(node, nodes.line_block):
        lines = (line.astext() for line in node.findall(nodes.line))
        return "\n".join(lines), BlockKind.VERSE, 0
    if isinstance(node, nodes.title | nodes.subtitle | nodes.rubric):
        return _line(node), BlockKind.HEADING, _level(node, place)
    if isinstance(node, nodes.field_list | nodes.option_list | nodes.table):
        rows = node.findall(nodes.row) if isinstance(node, nodes.table) else node.children
        return "\n".join(_row(row) for row in rows), BlockKind.TABLE, 0
    if isinstance(node, nodes.TextElement):
        return _paragraph(node, place)
    return None


def _paragraph(node: nodes.TextElement, place: _Place) -> _Read:
    if place.lists:
        return _line(node), BlockKind.ITEM, place.lists
    return _line(node), BlockKind.QUOTE if place.quoted else BlockKind.PARAGRAPH, 0


def _line(node: nodes.Element) -> str:
    """A paragraph's words without the line ends of the source."""
    return " ".join(node.astext().split())


def _level(node: nodes.Node, place: _Place) -> int:
    """The document's own title is the first level; where it has none, its sections' titles are."""
    document = node.document
    titled = document is not None and bool(document.get("title"))
    if node.parent is document:
        return 1 if isinstance(node, nodes.title) else 2
    return min(6, max(1, place.sections + titled))


def _row(node: nodes.Node) -> str:
    """A field as `Author: Name`, a row of a table as cells with bars between."""
    parts = [" ".join(child.astext().split()) for child in node.children]
    return (": " if isinstance(node, nodes.field) else " | ").join(parts)


def _metadata(tree: nodes.document) -> Metadata:
    """What the field list at the top says, as PEPs and Nikola's posts have it."""
    fields: dict[str, object] = {}
    for child in tree.children[:5]:
        if isinstance(child, nodes.field_list):
            for field in child.children[:50]:
                name, body = (part.astext() for part in field.children[:2])
                fields.setdefault(_FIELD_NAMES.get(name.lower(), name), " ".join(body.split()))
            break
    return from_pairs(fields, "field list")


# A PEP's Created is the day it was made public.
_FIELD_NAMES = {"created": "date"}

FORMAT = Format(
    name="rst",
    label="reStructuredText",
    suffixes=(".rst", ".rest"),
    media_type="text/x-rst",
    read=read,
)
