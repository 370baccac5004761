"""Merging: several segments into one, without what is deleted, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayWriter
from search_service.engines.whoosh.store.postings import PostingsWriter
from search_service.engines.whoosh.store.scratch import scratches
from search_service.engines.whoosh.store.segment import TEXTS_SUFFIX, WORDS_SUFFIX, Segment
from search_service.engines.whoosh.writing.columns import Ints, Texts, Written, write_words, written
from search_service.engines.whoosh.writing.joining import join
from search_service.engines.whoosh.writing.merged import Merged, ranges
from search_service.schema import TITLE_FIELD

_CHUNK = 1 << 17
"""Postings and positions that are merged at a time, each about a hundred bytes."""

_ROWS = 1 << 14
"""Rows that are looked at together, in a kilobyte for each block of postings that they begin in."""


@dataclass(frozen=True)
class _Source:
    """One segment to merge, and where its documents, passages and rows go."""

    segment: Segment
    document_map: Ints
    """int32[D]: -1 for one that is deleted, as in `passage_map`."""
    passage_map: Ints
    row_map: Ints
    """int32[R], never falling; a row of which nothing lives on goes where the next one does."""

    def units(self, field: str) -> Ints:
        """The map of the units of a field."""
        return self.document_map if field == TITLE_FIELD else self.passage_map

    def rows(self, low: int, high: int) -> tuple[int, int]:
        """Its rows [first, last) that become the new rows [low, high)."""
        first, last = np.searchsorted(self.row_map, np.array((low, high), np.int32)).tolist()
        return first, last


def merge(segments: Sequence[Segment], folder: Path, name: str) -> Written:
    """Write a segment of the live documents of others, in their order; returns its files.

    Whatever their size, it holds some megabytes, some tens of bytes of each document, and where
    anything is deleted a byte of each passage.
    """
    columns = Merged(segments)
    files = _merge_texts(columns, folder / f"{name}{TEXTS_SUFFIX}")
    target = DurableFile(folder / f"{name}{WORDS_SUFFIX}")
    with ArrayWriter(target, folder) as file:
        with ExitStack() as opened:
            live = _live_rows(segments, folder)
            vocabularies = [segment.vocabulary for segment in segments]
            vocabulary, row_maps = join(vocabularies, live, opened, folder)
            vocabulary.write(file)
            count, languages = vocabulary.rows, vocabulary.languages
            del vocabulary, live
        sources = _sources(segments, row_maps, folder)
        for field in segments[0].fields:
            units = columns.document_count if field == TITLE_FIELD else columns.passage_count
            _merge_field(PostingsWriter(file, field, count, units), field, sources, count)
        meta = write_words(file, columns)
        file.close({**meta, "vocabulary_languages": languages})
    return files | written(target)


def _merge_texts(columns: Merged, path: Path) -> Written:
    """Write the texts and records."""
    texts = Texts(path)
    try:
        for text in columns.texts:
            texts.add(text)
        return texts.close(columns)
    except BaseException:
        texts.discard()
        raise


def _sources(segments: Sequence[Segment], row_maps: Sequence[Ints], folder: Path) -> list[_Source]:
    """Where the documents, passages and rows of each segment go."""
    document_maps = scratches([s.document_count for s in segments], np.int32, folder)
    passage_maps = scratches([s.passage_count for s in segments], np.int32, folder)
    documents = passages = 0
    for segment, document_map, passage_map in zip(
        segments, document_maps, passage_maps, strict=True
    ):
        documents += _number(segment.live_documents, document_map, documents)
        passages += _number(segment.live, passage_map, passages)
    return list(map(_Source, segments, document_maps, passage_maps, row_maps))


def _number(live: NDArray[np.bool_] | None, numbers: Ints, first: int) -> int:
    """Number what lives, from `first` on, and the rest -1; returns how many live."""
    number = first
    for low in range(0, len(numbers), _CHUNK):
        into = numbers[low : low + _CHUNK]
        alive = np.ones(len(into), bool) if live is None else live[low : low + _CHUNK]
        counted = number + np.cumsum(alive)
        into[:] = np.where(alive, counted - 1, -1)
        number = int(counted[-1])
    return number - first


def _live_rows(segments: Sequence[Segment], folder: Path) -> list[NDArray[np.bool_]]:
    """Of each bool[R]: the rows that any live unit has in any field."""
    rows = scratches([len(segment.vocabulary) for segment in segments], bool, folder)
    for segment, found in zip(segments, rows, strict=True):
        _find_live_rows(segment, found)
    return rows


def _find_live_rows(segment: Segment, found: NDArray[np.bool_]) -> None:
    if segment.live is None or segment.live_documents is None:
        found[:] = True
        return
    for name, postings in segment.fields.items():
        live = segment.live_documents if name == TITLE_FIELD else segment.live
        for low in range(0, len(postings), _CHUNK):
            high = min(low + _CHUNK, len(postings))
            places = (low + np.flatnonzero(live[postings.units(low, high)])).astype(np.uint32)
            found[np.searchsorted(postings.starts, places, side="right") - 1] = True


def _merge_field(writer: PostingsWriter, field: str, sources: Sequence[_Source], rows: int) -> None:
    for low, high in _chunks(field, sources, rows):
        pieces = (_pieces(source, field, low, high) for source in sources)
        if high - low == 1:
            # Units of the first segment are before those of the next: the row needs no sorting.
            for piece in chain.from_iterable(pieces):
                writer.add(low, *_interleave([piece], low, high))
        else:
            writer.add(low, *_interleave(list(chain.from_iterable(pieces)), low, high))
    writer.close()


def _chunks(field: str, sources: Sequence[_Source], rows: int) -> Iterator[tuple[int, int]]:
    """Runs of new rows that cost about `_CHUNK`, or are one row."""
    for first in range(0, rows, _ROWS):
        last = min(first + _ROWS, rows)
        sizes = np.zeros(last - first, np.int64)
        for source in sources:
            low, high = source.rows(first, last)
            postings = source.segment.fields[field]
            costs = postings.costs(postings.starts[low : high + 1].astype(np.int64))
            np.add.at(sizes, source.row_map[low:high] - first, np.diff(costs))
        ends = np.cumsum(sizes)
        low = 0
        while low < len(sizes):
            before = int(ends[low - 1]) if low else 0
            high = int(np.searchsorted(ends, before + _CHUNK, side="right"))
            high = max(high, low + 1)
            yield first + low, first + high
            low = high


_Piece = tuple[Ints, Ints, Ints, Ints]
"""(rows from the chunk's first, units, frequencies, positions) of one segment's live postings."""


def _pieces(source: _Source, field: str, low: int, high: int) -> Iterator[_Piece]:
    """The postings of the new rows [low, high); about `_CHUNK` at a time, positions among them."""
    first, last = source.rows(low, high)
    if first == last:
        return
    postings = source.segment.fields[field]
    starts = postings.starts[first : last + 1].astype(np.int64)
    targets = source.row_map[first:last] - low
    end = int(starts[0])
    while end < starts[-1]:
        begin = end
        end = min(postings.reached(begin, _CHUNK), int(starts[-1]))
        rows = np.repeat(targets, np.diff(starts.clip(begin, end)))
        units = source.units(field)[postings.units(begin, end)]
        frequencies, positions = postings.positions(begin, end)
        alive = units >= 0
        if not alive.all():
            positions = positions[np.repeat(alive, frequencies)]
            rows, units, frequencies = rows[alive], units[alive], frequencies[alive]
        yield rows.astype(np.uint16), units, frequencies, positions


def _interleave(pieces: Sequence[_Piece], low: int, high: int) -> _Piece:
    """Pieces with their rows in order: (postings a row, units, frequencies, positions)."""
    if not pieces:
        empty = np.zeros(0, np.int64)
        return np.zeros(high - low, np.int64), empty, empty, empty
    rows, units, frequencies, positions = (
        pieces[0] if len(pieces) == 1 else map(np.concatenate, zip(*pieces, strict=True))
    )
    counts = np.bincount(rows, minlength=high - low)
    if len(pieces) == 1:
        return counts, units, frequencies, positions
    order = np.argsort(rows, kind="stable")
    starts = np.cumsum(frequencies, dtype=np.int64) - frequencies
    taken = frequencies[order]
    return counts, units[order], taken, positions[ranges(starts[order], taken)]
