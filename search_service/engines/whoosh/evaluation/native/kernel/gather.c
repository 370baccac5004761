/* From a plan to the units that have a word, and what each has of it. */

#include "index.h"

double idf(double count, double having) { return log(1.0 + (count - having + 0.5) / (having + 0.5)); }

Mixture mixture(const Index *index, double count, double decided, double total, int weak, double factor) {
    double sure = idf(count, decided), every = idf(count, total);
    Mixture mix = {sure * factor, 0.0, weak};
    if (weak) {
        mix.decided = sure * factor * (1.0 - index->similar_share);
        mix.total = every * factor * index->similar_share;
    }
    return mix;
}

/* Check a plan against the views, and count its postings. Returns 0, with an error, on damage. */
int check_plan(Index *index, Plan *plan) {
    int64_t base = -1;
    plan->postings = 0;
    plan->single = 1;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Entry *e = plan->entries + i;
        if (e->view < 0 || e->view >= index->view_count || e->low < 0 || e->high < e->low ||
            e->high >= index->views[e->view].rows || e->base < 0 || e->base > index->size ||
            e->factor < 0 || e->factor > 255 || e->levels < 0 || e->levels > plan->level_count ||
            e->levels + (e->high - e->low) > plan->level_count)
            goto damage;
        const View *view = index->views + e->view;
        Py_ssize_t low = view->starts[e->low], high = view->starts[e->high];
        if (low > high || high > view->postings) goto damage;
        plan->postings += high - low;
        if (low == high) continue;
        if (e->high - e->low > 1 || e->base <= base || plan->levels[e->levels] < index->decisive)
            plan->single = 0;
        base = e->base;
    }
    return 1;
damage:
    return fail(index, DAMAGED);
}

int room(Index *index, Found *found, Py_ssize_t count, int weak) {
    size_t size = (size_t)count;
    found->count = 0;
    found->units = take(index, size * 4);
    found->decided = take(index, size * 4);
    found->total = weak ? take(index, size * 4) : found->decided;
    found->level = take(index, size);
    return found->units && found->decided && found->total && found->level;
}

enum { NEAR_BY = 16 }; /* so many postings are passed sooner than one is looked up */

static void want(Index *index, const int32_t *units, Py_ssize_t count, int on) {
    for (Py_ssize_t i = 0; i < count; i++) {
        uint32_t unit = (uint32_t)units[i];
        if (unit >= (uint32_t)index->size) continue;
        if (on) index->wanted[unit >> 6] |= 1ull << (unit & 63);
        else index->wanted[unit >> 6] = 0;
    }
}

/* Take from a list what is wanted, and put it behind the first `n` of what was found. */
static Py_ssize_t pass_through(const Index *index, const View *view, const Entry *e, uint32_t weight, Py_ssize_t n,
                               Py_ssize_t size, Found *found) {
    const uint64_t *wanted = index->wanted;
    Py_ssize_t high = view->starts[e->high];
    for (Py_ssize_t p = view->starts[e->low]; p < high && n < size; p++) {
        uint32_t unit = (uint32_t)e->base + unit_at(view, p);
        if (unit >= (uint32_t)index->size || !(wanted[unit >> 6] >> (unit & 63) & 1)) continue;
        found->units[n] = (int32_t)unit;
        found->decided[n++] = frequency_at(view, p) * weight;
    }
    return n;
}

/* One list a segment, in ascending order; with `within` only what is asked for. `passes` says that its
   units are marked as wanted. */
static int gather_single(Index *index, const Plan *plan, const int32_t *within, Py_ssize_t wanted,
                         int passes, int live, uint32_t limit, Found *found) {
    Py_ssize_t size = within && wanted < plan->postings ? wanted : plan->postings, asked = 0, n = 0;
    if (!room(index, found, size, 0)) return 0;
    int32_t *units = found->units;
    uint32_t *decided = found->decided;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        uint32_t base = (uint32_t)e->base;
        Py_ssize_t low = view->starts[e->low], high = view->starts[e->high], first = n;
        if (low == high) continue;
        uint8_t level = plan->levels[e->levels] & (LEVELS - 1);
        uint32_t weight = index->whole_weights[level] * (uint32_t)e->factor;
        if (!within) {
            for (Py_ssize_t p = low; p < high; p++, n++) {
                units[n] = (int32_t)(base + unit_at(view, p));
                decided[n] = view->frequency[p] * weight;
                if (view->frequency[p] == OVERFLOW_MARK) decided[n] = frequency_at(view, p) * weight;
            }
        } else if (passes) {
            n = pass_through(index, view, e, weight, n, size, found);
        } else {
            for (Py_ssize_t p = low; asked < wanted && n < size; asked++) {
                if ((uint32_t)within[asked] < base) continue;
                uint32_t unit = (uint32_t)within[asked] - base;
                p = gallop(view, p, high, unit);
                if (p == high) break;
                if (unit_at(view, p) != unit) continue;
                units[n] = within[asked];
                decided[n++] = frequency_at(view, p) * weight;
            }
        }
        Py_ssize_t kept = first;
        for (Py_ssize_t k = first; k < n; k++) {
            if ((uint32_t)units[k] >= limit || (k && units[k] <= units[k - 1]))
                return fail(index, DAMAGED);
            if (!live) continue;
            units[kept] = units[k];
            decided[kept] = decided[k];
            kept += is_live(index, units[k]);
        }
        if (live) n = kept;
        memset(found->level + first, level, (size_t)(n - first));
    }
    found->count = n;
    return 1;
}

/* Where a row is read. */
typedef struct {
    const View *view;
    Py_ssize_t next, end;
    uint32_t unit; /* of the next posting */
    uint32_t base, weight, level;
} Cursor;

static Cursor *open_rows(Index *index, const Plan *plan, Py_ssize_t *count) {
    Py_ssize_t rows = 0, n = 0;
    for (Py_ssize_t i = 0; i < plan->count; i++) rows += plan->entries[i].high - plan->entries[i].low;
    Cursor *cursors = take(index, (size_t)rows * sizeof(Cursor));
    for (Py_ssize_t i = 0; i < plan->count && cursors; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        for (int64_t row = e->low; row < e->high; row++) {
            Py_ssize_t low, high;
            if (!row_of(view, row, &low, &high)) {
                fail(index, DAMAGED);
                return NULL;
            }
            if (low == high) continue;
            uint32_t level = plan->levels[e->levels + row - e->low] & (LEVELS - 1), base = (uint32_t)e->base;
            cursors[n++] = (Cursor){view, low, high, base + unit_at(view, low), base,
                                    index->whole_weights[level] * (uint32_t)e->factor, level};
        }
    }
    *count = n;
    return cursors;
}

/* Add a row's postings in [from, to) to the cells, which are numbered from `from`. The flags are
   constants where this is called, so that each gets a loop of its own. */
static inline __attribute__((always_inline)) int read_row(Index *index, Cursor *cursor, uint32_t from,
                                                          uint32_t to, int within, int live, int wide) {
    const View *view = cursor->view;
    const uint16_t *restrict unit_low = view->unit_low;
    const uint8_t *restrict unit_high = view->unit_high, *restrict frequencies = view->frequency;
    Cell *restrict cells = index->cells;
    uint64_t *restrict bits = index->gathered.bits;
    Py_ssize_t p = cursor->next, end = cursor->end;
    uint32_t unit = cursor->unit, base = cursor->base, weight = cursor->weight;
    uint32_t level = cursor->level << LEVEL_SHIFT;
    uint32_t decides = (int)cursor->level >= index->decisive ? ~0u : 0;
    for (;;) {
        if (unit < from) return fail(index, DAMAGED); /* they do not ascend */
        if ((!within || index->wanted[unit >> 6] >> (unit & 63) & 1) && (!live || is_live(index, unit))) {
            uint32_t frequency = frequencies[p], place = unit - from;
            if (__builtin_expect(frequency == OVERFLOW_MARK, 0)) frequency = frequency_at(view, p);
            uint32_t sum = frequency * weight, total = cells[place].total;
            uint32_t best = total & ~SUM_MASK;
            best = level > best ? level : best;
            cells[place].total = ((total + sum) & SUM_MASK) | best;
            cells[place].decided += sum & decides;
            bits[place >> 6] |= 1ull << (place & 63);
        }
        if (++p == end) break;
        unit = base + (wide ? unit_low[p] | (uint32_t)unit_high[p] << 16 : unit_low[p]);
        if (unit >= to) break;
    }
    cursor->next = p;
    cursor->unit = unit;
    return 1;
}

static int read_any_row(Index *index, Cursor *cursor, uint32_t from, uint32_t to, int within, int live) {
    if (within) return read_row(index, cursor, from, to, 1, live, cursor->view->unit_high != NULL);
    if (live) return read_row(index, cursor, from, to, 0, 1, cursor->view->unit_high != NULL);
    if (cursor->view->unit_high) return read_row(index, cursor, from, to, 0, 0, 1);
    return read_row(index, cursor, from, to, 0, 0, 0);
}

/* Take the cells of a range, numbered from `origin`, to the end of what was found. */
void empty_cells(Index *index, uint32_t origin, uint32_t to, Found *found) {
    Py_ssize_t n = found->count;
    int32_t *restrict units = found->units;
    uint32_t *decided = found->decided, *total = found->total; /* one array where nothing is similar */
    uint8_t *restrict level = found->level;
    Cell *restrict cells = index->cells;
    uint64_t *restrict sets = index->gathered.bits;
    for (uint32_t w = 0; w <= (to - origin) >> 6; w++) {
        uint64_t bits = sets[w];
        sets[w] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t place = (w << 6) + (uint32_t)__builtin_ctzll(bits);
            Cell cell = cells[place];
            cells[place] = (Cell){0, 0};
            units[n] = (int32_t)(origin + place);
            total[n] = cell.total & SUM_MASK;
            decided[n] = cell.decided;
            level[n++] = (uint8_t)(cell.total >> LEVEL_SHIFT);
        }
    }
    found->count = n;
}

/* How many units with similar forms alone or beside others; and how many with deciding ones. */
static void count_units(Found *found, Counts *counts) {
    Py_ssize_t sure = 0;
    int weak = 0;
    for (Py_ssize_t i = 0; i < found->count; i++) {
        sure += found->decided[i] != 0;
        weak |= found->decided[i] != found->total[i];
    }
    *counts = (Counts){(double)sure, (double)found->count, 0, 0, weak};
}

/* Sum the postings of many rows, a range of units at a time: the cells of a range stay in the
   processor's cache, which matters more than the arithmetic. */
static int gather_many(Index *index, const Plan *plan, const int32_t *within, Py_ssize_t wanted, int live,
                       uint32_t limit, const Counts *known, Found *found) {
    Py_ssize_t rows, most = plan->postings < (Py_ssize_t)limit ? plan->postings : (Py_ssize_t)limit;
    Cursor *cursors = open_rows(index, plan, &rows);
    if (!cursors) return 0;
    if (within && wanted < most) most = wanted;
    if (!room(index, found, most, 1)) return 0;
    /* Each range looks at each row that is not at its end. */
    uint64_t length = (uint64_t)limit * 4 * (uint64_t)rows / (uint64_t)(plan->postings + 1);
    if (length < RANGE) length = RANGE;
    int sound = 1;
    if (within) want(index, within, wanted, 1);
    for (uint64_t from = 0; from < limit && rows && sound; from += length) {
        uint32_t to = from + length < limit ? (uint32_t)(from + length) : limit;
        Py_ssize_t kept = 0;
        for (Py_ssize_t r = 0; r < rows; r++) {
            if (sound && cursors[r].unit < to)
                sound = read_any_row(index, cursors + r, (uint32_t)from, to, within != NULL, live);
            if (cursors[r].next < cursors[r].end) cursors[kept++] = cursors[r];
        }
        rows = kept;
        empty_cells(index, (uint32_t)from, to, found);
    }
    if (within) want(index, within, wanted, 0);
    if (!sound || rows) return fail(index, DAMAGED); /* what is left stands outside of the index */
    count_units(found, &found->counts);
    if (!(known ? known->weak : found->counts.weak)) found->total = found->decided;
    return 1;
}

/* The live units of a plan alone, each as if it had the word once. */
int mark(Index *index, const Plan *plan, Found *found) {
    Py_ssize_t count = 0, n = 0;
    int sound = 1;
    for (Py_ssize_t i = 0; i < plan->count && sound; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        Py_ssize_t low = view->starts[e->low], high = view->starts[e->high];
        for (Py_ssize_t p = low; p < high; p++) {
            uint32_t unit = (uint32_t)e->base + unit_at(view, p);
            if (!(sound = unit < (uint32_t)index->passages)) break;
            count += !has(&index->gathered, unit);
            add_to(&index->gathered, unit);
        }
    }
    if (!sound) fail(index, DAMAGED);
    sound = sound && room(index, found, count, 0);
    FOR_EACH_OF(&index->gathered, index->size, unit, {
        if (!sound || (index->live && !is_live(index, unit))) continue;
        found->units[n++] = (int32_t)unit;
    })
    for (Py_ssize_t i = 0; i < n; i++) found->decided[i] = 1;
    if (n) memset(found->level, WHOLE_LEVEL, (size_t)n);
    found->count = n;
    found->counts = (Counts){(double)n, (double)n, 0, 0, 0};
    return sound;
}

/* How many live passages one list a segment has. */
int count_single(Index *index, const Plan *plan, Counts *counts) {
    Py_ssize_t count = index->live ? 0 : plan->postings;
    for (Py_ssize_t i = 0; i < plan->count && index->live; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        Py_ssize_t high = view->starts[e->high];
        for (Py_ssize_t p = view->starts[e->low]; p < high; p++) {
            uint32_t unit = (uint32_t)e->base + unit_at(view, p);
            if (unit >= (uint32_t)index->passages) return fail(index, DAMAGED);
            count += is_live(index, unit);
        }
    }
    *counts = (Counts){(double)count, (double)count, 0, 0, 0};
    return 1;
}

void count_documents_of(const Index *index, Found *found) {
    Py_ssize_t all = 0, sure = 0, count = found->count;
    const int32_t *units = found->units;
    for (Py_ssize_t i = 0; i < count;) { /* a document at a time */
        int32_t end = end_of_document(index, units[i]);
        uint32_t decided = 0;
        for (; i < count && units[i] < end; i++) decided |= found->decided[i];
        all++;
        sure += decided != 0;
    }
    found->counts.all_documents = (double)all;
    found->counts.sure_documents = (double)sure;
}

/* The units of a plan, those among `within` (ascending) where it is given, deleted ones left out.

   `documents` says that the units are documents, deleted ones included. The counts are `known`, or
   those of this call, and then of all the plan only if `within` was not given. */
int gather(Index *index, const Plan *plan, const int32_t *within, Py_ssize_t wanted, int documents,
           int count_documents, const Counts *known, Found *found) {
    int live = index->live && !documents;
    uint32_t limit = (uint32_t)(documents ? index->size : index->passages);
    if (plan->single) {
        int passes = within && plan->postings < NEAR_BY * wanted;
        if (passes) want(index, within, wanted, 1);
        int sound = gather_single(index, plan, within, wanted, passes, live, limit, found);
        if (passes) want(index, within, wanted, 0);
        if (!sound) return 0;
        found->counts = (Counts){(double)found->count, (double)found->count, 0, 0, 0};
    } else if (!gather_many(index, plan, within, wanted, live, limit, known, found)) {
        return 0;
    }
    if (known) found->counts = *known;
    else if (count_documents) count_documents_of(index, found);
    return 1;
}
