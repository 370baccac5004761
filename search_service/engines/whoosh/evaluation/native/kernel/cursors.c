/* The postings of a clause, a range of units at a time, and without those that can change nothing.

   Units are numbered from the beginning of the range in the scratch, so that its first few thousand
   elements serve all ranges, and stay in the processor's cache: that matters more than arithmetic.

   Bits are kept of the passages of each clause, which `pruning.c` needs. */

#include "search.h"

#define MOST_ROWS 4096 /* a plan of more rows, which few words have, is gathered whole */

/* Put the units of a row, which ascend from `least`, into a set, and into another one those that have the
   word more than once. */
static int mark_often(Index *index, const Cursor *cursor, uint64_t *restrict bits, uint64_t *restrict many,
                      uint32_t *least) {
    const View *view = cursor->view;
    const uint16_t *restrict low = view->unit_low;
    const uint8_t *restrict high = view->unit_high, *restrict frequencies = view->frequency;
    uint32_t base = cursor->base, limit = (uint32_t)index->passages;
    uint32_t next = *least;
    int often = cursor->weight > index->whole_weights[cursor->level]; /* each counts as several */
    for (Py_ssize_t p = cursor->next; p < cursor->end; p++) {
        uint32_t unit = base + (high ? low[p] | (uint32_t)high[p] << 16 : low[p]);
        if (unit >= limit || unit < next) return fail(index, DAMAGED);
        next = unit + 1;
        uint64_t bit = 1ull << (unit & 63), word = bits[unit >> 6];
        many[unit >> 6] |= often | (frequencies[p] != 1) ? bit : word & bit;
        bits[unit >> 6] = word | bit;
    }
    *least = next;
    return 1;
}

/* Put the units of a row into a set. */
static int mark_row(Index *index, const Cursor *cursor, uint64_t *restrict bits) {
    const View *view = cursor->view;
    const uint16_t *restrict low = view->unit_low;
    const uint8_t *restrict high = view->unit_high;
    uint32_t base = cursor->base, limit = (uint32_t)index->passages;
    for (Py_ssize_t p = cursor->next; p < cursor->end; p++) {
        uint32_t unit = base + (high ? low[p] | (uint32_t)high[p] << 16 : low[p]);
        if (unit >= limit) return fail(index, DAMAGED);
        bits[unit >> 6] |= 1ull << (unit & 63);
    }
    return 1;
}

/* How many documents have any unit of a set. */
static double documents_of_set(const Index *index, const uint64_t *bits) {
    Py_ssize_t passages = 0, documents = 0;
    count_set(index, bits, 0, (index->passages >> 6) + 1, &passages, &documents);
    return (double)documents;
}

/* Count the units of a clause's sets, and leave the deleted out of them. */
WITH_WIDE_VECTORS
static void count_sets(Search *search, Clause *clause, Counts *counts) {
    Index *index = search->index;
    uint64_t *any = clause->any, *sure = clause->sure;
    Py_ssize_t deciding = 0, all = 0, words = (index->passages >> 6) + 1;
    int weak = 0, filtered = is_filtered(search);
    for (Py_ssize_t w = 0; w < words; w++) {
        if (index->live) {
            any[w] &= index->live_passages_set[w];
            sure[w] &= index->live_passages_set[w];
        }
        weak |= any[w] != 0; /* so far those with similar forms */
        if (clause->many) clause->many[w] |= any[w] & sure[w];
        any[w] |= sure[w];
        deciding += __builtin_popcountll(sure[w]);
        all += __builtin_popcountll(any[w]);
    }
    if (clause->is_known) return;
    *counts = (Counts){(double)deciding, (double)all, 0, 0, weak};
    if (search->by_documents || (search->words && !filtered)) counts->sure_documents = documents_of_set(index, sure);
    if (search->by_documents) counts->all_documents = weak ? documents_of_set(index, any) : counts->sure_documents;
}

static int make_sets(Search *search, Clause *clause) {
    clause->any = new_set(search->index);
    clause->sure = new_set(search->index);
    if (!clause->any || !clause->sure) return 0;
    return 1;
}

/* Note which passages a clause has, and count them. */
static int note_units(Search *search, Clause *clause, int counts_many) {
    if (!make_sets(search, clause) || (counts_many && !(clause->many = new_set(search->index)))) return 0;
    uint32_t least = 0;
    for (Py_ssize_t c = 0; c < clause->cursor_count; c++) {
        uint64_t *set = c < clause->deciding ? clause->sure : clause->any;
        if (!clause->plans->single) least = 0; /* else each row is a segment's */
        if (!(clause->many ? mark_often(search->index, clause->cursors + c, set, clause->many, &least)
                           : mark_row(search->index, clause->cursors + c, set)))
            return 0;
    }
    count_sets(search, clause, &clause->known);
    return 1;
}

/* Note the passages of a clause that was gathered whole. */
static int note_whole(Search *search, Clause *clause) {
    const Found *whole = &clause->whole;
    if (!make_sets(search, clause)) return 0;
    for (Py_ssize_t i = 0; i < whole->count; i++) {
        uint64_t bit = 1ull << (whole->units[i] & 63);
        clause->any[whole->units[i] >> 6] |= bit;
        if (whole->decided[i]) clause->sure[whole->units[i] >> 6] |= bit;
    }
    return 1;
}

static Py_ssize_t rows_of(const Plan *plan) {
    Py_ssize_t rows = 0;
    for (Py_ssize_t i = 0; i < plan->count; i++) rows += plan->entries[i].high - plan->entries[i].low;
    return rows;
}

/* Make the rows of a clause ready to be read, those that decide first, and count its units. */
static int open_cursors(Search *search, Clause *clause, int counts_many) {
    Index *index = search->index;
    const Plan *plan = clause->plans;
    Py_ssize_t rows = rows_of(plan), n = 0, last = rows;
    clause->cursors = take(index, (size_t)rows * sizeof(Cursor));
    for (Py_ssize_t i = 0; i < plan->count && clause->cursors; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        for (int64_t row = e->low; row < e->high; row++) {
            Py_ssize_t low, high;
            if (!row_of(view, row, &low, &high)) return fail(index, DAMAGED);
            if (low == high) continue;
            uint32_t level = plan->levels[e->levels + row - e->low] & (LEVELS - 1), base = (uint32_t)e->base;
            Py_ssize_t place = (int)level >= index->decisive ? n++ : --last;
            clause->cursors[place] = (Cursor){view, low, high, base + unit_at(view, low), base,
                                              index->whole_weights[level] * (uint32_t)e->factor, level};
        }
    }
    if (!clause->cursors) return 0;
    memmove(clause->cursors + n, clause->cursors + last, (size_t)(rows - last) * sizeof(Cursor));
    clause->deciding = n;
    clause->cursor_count = n + rows - last;
    if (!note_units(search, clause, counts_many)) return 0;
    clause->found.counts = clause->known;
    return 1;
}

/* Make the postings of a clause ready, and note which passages have it; `counts_many` says whether also
   which have it more than once. What has very many rows, or is no word, is gathered whole. */
int open_clause(Search *search, Clause *clause, int counts_many) {
    if (clause->kind == WORD && rows_of(clause->plans) <= MOST_ROWS) return open_cursors(search, clause, counts_many);
    if (!gather_clause(search, clause, NULL)) return 0;
    clause->whole = clause->found;
    return note_whole(search, clause);
}

/* Make room for what a clause has in a range. */
int room_for_range(Search *search, Clause *clause, Py_ssize_t longest) {
    Py_ssize_t most = longest < clause->plans->postings ? longest : clause->plans->postings;
    return !clause->cursors || room(search->index, &clause->found, most, clause->known.weak);
}

/* Add a row's postings in [from, to) to the cells. The flags are constants where this is called, so
   that each gets a loop of its own. */
static inline __attribute__((always_inline)) int read_row(Index *index, Cursor *cursor, uint32_t from,
                                                          uint32_t to, int decides, int chosen, int live,
                                                          int wide) {
    const uint32_t origin = from & ~63u;
    const View *view = cursor->view;
    const uint16_t *restrict low = view->unit_low;
    const uint8_t *restrict high = view->unit_high, *restrict frequencies = view->frequency;
    const uint64_t *restrict allowed = index->wanted;
    Cell *restrict cells = index->cells;
    uint64_t *restrict bits = index->gathered.bits;
    Py_ssize_t p = cursor->next, end = cursor->end;
    uint32_t unit = cursor->unit, base = cursor->base, weight = cursor->weight;
    uint32_t level = cursor->level << LEVEL_SHIFT;
    for (;;) {
        uint32_t place = unit - origin;
        if (unit < from) return fail(index, DAMAGED); /* they do not ascend */
        if ((!chosen || allowed[place >> 6] >> (place & 63) & 1) && (!live || is_live(index, unit))) {
            uint32_t frequency = frequencies[p];
            if (__builtin_expect(frequency == OVERFLOW_MARK, 0)) frequency = frequency_at(view, p);
            uint32_t sum = frequency * weight, total = cells[place].total;
            uint32_t best = total & ~SUM_MASK;
            best = level > best ? level : best;
            cells[place].total = ((total + sum) & SUM_MASK) | best;
            if (decides) cells[place].decided += sum;
            bits[place >> 6] |= 1ull << (place & 63);
        }
        if (++p == end) break;
        unit = base + (wide ? low[p] | (uint32_t)high[p] << 16 : low[p]);
        if (unit >= to) break;
    }
    cursor->next = p;
    cursor->unit = p < end ? unit : UINT32_MAX;
    return 1;
}

static int read_deciding(Index *index, Cursor *cursor, uint32_t from, uint32_t to) {
    if (index->live) return read_row(index, cursor, from, to, 1, 0, 1, cursor->view->unit_high != NULL);
    if (cursor->view->unit_high) return read_row(index, cursor, from, to, 1, 0, 0, 1);
    return read_row(index, cursor, from, to, 1, 0, 0, 0);
}

/* Of the passages that were allowed alone. */
static int read_allowed(Index *index, Cursor *cursor, uint32_t from, uint32_t to) {
    return read_row(index, cursor, from, to, 1, 1, index->live != NULL, cursor->view->unit_high != NULL);
}

static int read_similar(Index *index, Cursor *cursor, uint32_t from, uint32_t to, int chosen) {
    if (index->live) return read_row(index, cursor, from, to, 0, chosen, 1, cursor->view->unit_high != NULL);
    if (!chosen) return read_row(index, cursor, from, to, 0, 0, 0, cursor->view->unit_high != NULL);
    if (cursor->view->unit_high) return read_row(index, cursor, from, to, 0, 1, 0, 1);
    return read_row(index, cursor, from, to, 0, 1, 0, 0);
}

/* One list a segment: nothing needs to be summed. */
static int read_single(Index *index, Clause *clause, uint32_t from, uint32_t to) {
    Found *found = &clause->found;
    Py_ssize_t n = 0;
    uint32_t least = from; /* segments must not overlap either */
    for (Py_ssize_t c = 0; c < clause->cursor_count; c++) {
        Cursor *cursor = clause->cursors + c;
        const View *view = cursor->view;
        Py_ssize_t p = cursor->next, first = n;
        uint32_t unit = cursor->unit;
        while (p < cursor->end && unit < to) {
            if (unit < least) return fail(index, DAMAGED);
            least = unit + 1;
            if (!index->live || is_live(index, unit)) {
                found->units[n] = (int32_t)unit;
                found->decided[n++] = frequency_at(view, p) * cursor->weight;
            }
            if (++p < cursor->end) unit = cursor->base + unit_at(view, p);
        }
        cursor->next = p;
        cursor->unit = p < cursor->end ? unit : UINT32_MAX;
        memset(found->level + first, (int)cursor->level, (size_t)(n - first));
    }
    found->count = n;
    return 1;
}

/* Set `found` to what a clause has in [from, to), at least in the passages that count; ranges are asked
   for in ascending order. */
int read_range(Search *search, Clause *clause, uint32_t from, uint32_t to, Chosen chosen) {
    Index *index = search->index;
    if (!clause->cursors) {
        const Found *whole = &clause->whole;
        Py_ssize_t first = clause->read, last = first;
        while (last < whole->count && (uint32_t)whole->units[last] < to) last++;
        clause->found = (Found){whole->units + first, whole->decided + first, whole->total + first,
                                whole->level + first, last - first, whole->counts};
        clause->read = last;
        return 1;
    }
    /* A stop word adds score where another clause has found something. */
    int allowed = chosen == ALLOWED || (chosen == ALLOWED_SIMILAR && clause->stop && !search->counts_stops);
    if (clause->plans->single && !allowed) return read_single(index, clause, from, to);
    int sound = 1;
    for (Py_ssize_t c = 0; c < clause->cursor_count && sound; c++) {
        Cursor *cursor = clause->cursors + c;
        if (cursor->unit >= to) continue;
        if (c >= clause->deciding) sound = read_similar(index, cursor, from, to, chosen != ALL);
        else if (allowed) sound = read_allowed(index, cursor, from, to);
        else sound = read_deciding(index, cursor, from, to);
    }
    clause->found.count = 0;
    empty_cells(index, search->origin, to, &clause->found);
    return sound;
}

/* Whether all postings were read; what is left stands outside of the index. */
int is_read(const Search *search) {
    for (Py_ssize_t c = 0; c < search->count; c++)
        for (Py_ssize_t k = 0; k < search->clauses[c].cursor_count; k++)
            if (search->clauses[c].cursors[k].next < search->clauses[c].cursors[k].end)
                return fail(search->index, DAMAGED);
    return 1;
}
