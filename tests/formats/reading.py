"""Reads samples for the tests of formats, and shows what was read as golden files do.

`python -m tests.formats.reading` writes the golden files anew: look at what changed.
"""

from __future__ import annotations

from pathlib import Path

from search_service import formats
from search_service.formats.base import Source
from search_service.model import Extract

SAMPLES = Path(__file__).parent / "samples"


def read(name: str, data: bytes | None = None) -> list[Extract]:
    """All extracts of a sample, or of these bytes under this name."""
    if data is None:
        data = (SAMPLES / name).read_bytes()
    return list(formats.format_of(name).read(Source(name, data)))


def read_one(name: str, data: bytes | None = None) -> Extract:
    """The only extract."""
    (extract,) = read(name, data)
    return extract


def shown(extracts: list[Extract]) -> str:
    """One block a line, with its kind, level, language and page, for people to check."""
    lines: list[str] = []
    for extract in extracts:
        lines.append(f"== {extract.key}".rstrip())
        lines.extend(f"!! {warning}" for warning in extract.warnings)
        for block in extract.blocks:
            page = sum(start <= block.start for start in extract.page_starts)
            marks = f"{block.kind.value} {block.level or ''} {block.language or ''}".split()
            if page:
                marks.append(f"page {page}")
            text = extract.text[block.start : block.end].replace("\n", "⏎")
            lines.append(f"{' '.join(marks)} | {text}")
    return "\n".join(lines) + "\n"


def golden_names() -> list[str]:
    """The samples that can be read: all but the two that are refused."""
    return sorted(path.name for path in SAMPLES.glob("tea.*") if path.suffix != ".expected")


if __name__ == "__main__":
    for sample in golden_names():
        (SAMPLES / f"{sample}.expected").write_text(shown(read(sample)), encoding="utf-8")
