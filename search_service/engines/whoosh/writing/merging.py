"""Merging: several segments into one, without what is deleted, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from search_service.durable import DurableFile
from search_service.engines.whoosh.store.arrays import ArrayFile, ArrayWriter
from search_service.engines.whoosh.store.postings import BLOCK_BITS, POSITION_BLOCK, PostingsWriter
from search_service.engines.whoosh.store.segment import TEXTS_SUFFIX, WORDS_SUFFIX, Segment
from search_service.engines.whoosh.writing.columns import Columns, Texts, Written, written
from search_service.engines.whoosh.writing.joining import join
from search_service.engines.whoosh.writing.prepared import Column
from search_service.schema import TITLE_FIELD

_CHUNK = 1 << 17
"""Postings and positions that are merged at a time, each about a hundred bytes."""

Ints = NDArray[Any]


@dataclass(frozen=True)
class _Source:
    """One segment to merge, and where its documents, passages and rows go; -1 for nowhere."""

    segment: Segment
    document_map: Ints
    passage_map: Ints
    row_map: Ints

    @cached_property
    def rows(self) -> Ints:
        """The rows that live on, ascending."""
        return np.flatnonzero(self.row_map >= 0).astype(np.int32)

    @cached_property
    def targets(self) -> Ints:
        """What they become, ascending too."""
        return self.row_map[self.rows]

    def units(self, field: str) -> Ints:
        """The map of the units of a field."""
        return self.document_map if field == TITLE_FIELD else self.passage_map


def merge(segments: Sequence[Segment], folder: Path, name: str) -> Written:
    """Write a segment of the live documents of others, in their order; returns its files."""
    columns = Columns()
    files = _merge_texts(segments, columns, folder / f"{name}{TEXTS_SUFFIX}")
    target = DurableFile(folder / f"{name}{WORDS_SUFFIX}")
    with ArrayWriter(target, folder) as file:
        with ExitStack() as opened:
            live = [_live_rows(segment) for segment in segments]
            vocabularies = [segment.vocabulary for segment in segments]
            vocabulary, row_maps = join(vocabularies, live, opened, folder)
            vocabulary.write(file)
            count, languages = vocabulary.rows, vocabulary.languages
            del vocabulary, live
        sources = _sources(segments, row_maps)
        for field in segments[0].fields:
            _merge_field(file, field, sources, count, columns)
        meta = columns.write_words(file)
        file.close({**meta, "vocabulary_languages": languages})
    return files | written(target)


def _merge_texts(segments: Sequence[Segment], columns: Columns, path: Path) -> Written:
    """Write the texts and records, and fill the columns."""
    texts = Texts(path)
    try:
        for segment in segments:
            _copy_documents(segment, columns, texts)
        return texts.close(columns)
    except BaseException:
        texts.file.discard()
        raise


def _copy_documents(segment: Segment, columns: Columns, texts: Texts) -> None:
    catalogue = segment.catalogue
    file = catalogue.file
    starts = segment.document_passages.astype(np.int64)
    numbers = live_numbers(segment)
    passages = _ranges(starts[numbers], np.diff(starts)[numbers])
    heading_starts = file.array("heading.starts").astype(np.int64)
    heading_counts = np.diff(heading_starts)[passages]
    headings = _ranges(heading_starts[passages], heading_counts)
    table = np.zeros((len(passages), len(Column)), np.int32)
    table[:, Column.START : Column.LEAD_IN_START] = _matrix(file, "passage.spans", 4)[passages]
    table[:, Column.LEAD_IN_START : Column.PAGE] = _matrix(file, "passage.lead_in", 2)[passages]
    table[:, Column.PAGE] = file.array("passage.page")[passages]
    table[:, Column.HEADINGS] = heading_counts
    table[:, Column.LANGUAGE] = segment.passage_language[passages]
    table[:, Column.WORDS] = segment.passage_length[passages]
    columns.add_passages(
        table,
        segment.languages,
        segment.signature[passages],
        _matrix(file, "heading.spans", 2)[headings].reshape(-1),
    )
    columns.anchors.extend(catalogue.anchors[passage] for passage in passages.tolist())
    columns.passage_counts.extend(np.diff(starts)[numbers].tolist())
    columns.first_days.extend(segment.first_day[numbers].tolist())
    columns.last_days.extend(segment.last_day[numbers].tolist())
    for name, codes in columns.facets.items():
        old, values = segment.facet(name)
        table = np.array([*(columns.facet_values[name][value] for value in values), -1], np.int32)
        codes.extend(table[old[numbers]].tolist())
    for number in numbers.tolist():
        columns.ids.append(segment.document_id(number).encode())
        columns.paths.append(catalogue.path(number))
        texts.add(
            bytes(catalogue.texts[number]),
            bytes(catalogue.summaries[number]),
            bytes(catalogue.structures[number]),
        )


def _matrix(file: ArrayFile, name: str, columns: int) -> Ints:
    return file.array(name).reshape(-1, columns)


def live_numbers(segment: Segment) -> Ints:
    """The numbers of the live documents."""
    if segment.live_documents is None:
        return np.arange(segment.document_count)
    return np.flatnonzero(segment.live_documents)


def _sources(segments: Sequence[Segment], row_maps: Sequence[Ints]) -> list[_Source]:
    """Where the documents, passages and rows of each segment go."""
    sources = []
    documents = passages = 0
    for segment, row_map in zip(segments, row_maps, strict=True):
        numbers = live_numbers(segment)
        document_map = np.full(segment.document_count, -1, np.int32)
        document_map[numbers] = np.arange(len(numbers)) + documents
        alive = np.ones(segment.passage_count, bool) if segment.live is None else segment.live
        passage_map = np.where(alive, np.cumsum(alive) - 1 + passages, -1).astype(np.int32)
        sources.append(_Source(segment, document_map, passage_map, row_map))
        documents += len(numbers)
        passages += int(np.count_nonzero(alive))
    return sources


def _live_rows(segment: Segment) -> NDArray[np.bool_]:
    """bool[R]: the rows that any live unit has in any field."""
    if segment.live is None or segment.live_documents is None:
        return np.ones(len(segment.vocabulary), bool)
    found = np.zeros(len(segment.vocabulary), bool)
    for name, postings in segment.fields.items():
        live = segment.live_documents if name == TITLE_FIELD else segment.live
        starts = postings.starts.astype(np.int64)
        for low in range(0, len(postings), _CHUNK):
            high = min(low + _CHUNK, len(postings))
            places = low + np.flatnonzero(live[postings.units(low, high)])
            found[np.searchsorted(starts, places, side="right") - 1] = True
    return found


def _merge_field(
    file: ArrayWriter,
    field: str,
    sources: Sequence[_Source],
    rows: int,
    columns: Columns,
) -> None:
    units = len(columns.ids) if field == TITLE_FIELD else sum(columns.passage_counts)
    writer = PostingsWriter(file, field, rows, units)
    sizes = np.zeros(rows, np.int64)
    costs = [source.segment.fields[field].costs() for source in sources]
    for source, cost in zip(sources, costs, strict=True):
        starts = source.segment.fields[field].starts
        # To the block: what a row has of its last one is told of the next row.
        before = cost[starts >> BLOCK_BITS] + (starts & (POSITION_BLOCK - 1))
        sizes[source.targets] += np.diff(before)[source.rows]
    for low, high in _chunks(sizes):
        pieces = (
            _pieces(source, field, low, high, cost)
            for source, cost in zip(sources, costs, strict=True)
        )
        if high - low == 1:
            # Units of the first segment are before those of the next: the row needs no sorting.
            for piece in chain.from_iterable(pieces):
                writer.add(low, *_interleave([piece], low, high))
        else:
            writer.add(low, *_interleave(list(chain.from_iterable(pieces)), low, high))
    writer.close()


def _chunks(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Runs of rows that cost about `_CHUNK`, and no more rows than 16 bits count."""
    ends = np.cumsum(sizes)
    low = 0
    while low < len(sizes):
        before = int(ends[low - 1]) if low else 0
        high = int(np.searchsorted(ends, before + _CHUNK, side="right"))
        high = min(max(high, low + 1), low + (1 << 16))
        yield low, high
        low = high


_Piece = tuple[Ints, Ints, Ints, Ints]
"""(rows from the chunk's first, units, frequencies, positions) of one segment's live postings."""


def _pieces(source: _Source, field: str, low: int, high: int, costs: Ints) -> Iterator[_Piece]:
    """The postings of the new rows [low, high), about `_CHUNK` of postings and positions at a time.

    `costs` are those of the field.
    """
    first, last = np.searchsorted(source.targets, (low, high))
    if first == last:
        return
    postings = source.segment.fields[field]
    old_low, old_high = int(source.rows[first]), int(source.rows[last - 1]) + 1
    starts = postings.starts[old_low : old_high + 1].astype(np.int64)
    targets = source.row_map[old_low:old_high] - low
    end = int(starts[0])
    while end < starts[-1]:
        begin, block = end, end >> BLOCK_BITS
        reached = int(np.searchsorted(costs, costs[block] + _CHUNK, side="right")) - 1
        end = min(max(reached, block + 1) << BLOCK_BITS, int(starts[-1]))
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
    return counts, units[order], taken, positions[_ranges(starts[order], taken)]


def _ranges(starts: Ints, counts: Ints) -> Ints:
    """The numbers starts[i], starts[i] + 1 ... counts[i] of them, for each i in turn."""
    before = np.cumsum(counts, dtype=np.int64) - counts
    total = int(counts.sum())
    return np.repeat(starts - before, counts) + np.arange(total, dtype=np.int64)
