/* Where the forms of a word stand: `unit << 32 | position`. */

#include "index.h"

static int push(Index *index, Places *places, int64_t value) {
    if (places->count == places->room) {
        Py_ssize_t more = places->room ? places->room * 2 : 256;
        int64_t *data = take(index, (size_t)more * 8);
        if (!data) return 0;
        if (places->count) memcpy(data, places->data, (size_t)places->count * 8);
        places->data = data;
        places->room = more;
    }
    places->data[places->count++] = value;
    return 1;
}

/* How many positions some postings have together. */
static Py_ssize_t count_positions(const View *view, Py_ssize_t from, Py_ssize_t to) {
    uint32_t sum = 0, over = 0;
    for (Py_ssize_t p = from; p < to; p++) {
        sum += view->frequency[p];
        over |= view->frequency[p] == OVERFLOW_MARK;
    }
    Py_ssize_t whole = 0;
    for (Py_ssize_t p = from; p < to && over; p++) whole += frequency_at(view, p);
    return over ? whole : (Py_ssize_t)sum;
}

/* Where the positions of a posting begin; -1 when the blocks do not reach so far. */
static Py_ssize_t position_start(const View *view, Py_ssize_t posting) {
    Py_ssize_t block = posting / POSITION_BLOCK;
    if (block >= view->blocks) return -1;
    return view->position_blocks[block] + count_positions(view, block * POSITION_BLOCK, posting);
}

/* The postings of a row being visited, and where the positions of the last one began. */
typedef struct {
    const View *view;
    Py_ssize_t from, start;
} Cursor;

static int positions_of(Index *index, Cursor *cursor, Py_ssize_t posting, int64_t unit, Places *places) {
    const View *view = cursor->view;
    if (cursor->from >= 0 && posting - cursor->from < POSITION_BLOCK)
        cursor->start += count_positions(view, cursor->from, posting);
    else
        cursor->start = position_start(view, posting);
    cursor->from = posting;
    Py_ssize_t end = cursor->start + frequency_at(view, posting);
    if (cursor->start < 0 || end > view->positions) return fail(index, DAMAGED);
    for (Py_ssize_t p = cursor->start; p < end; p++)
        if (!push(index, places, unit << 32 | position_at(view, p))) return 0;
    return 1;
}

static int row_places(Index *index, const View *view, int64_t base, Py_ssize_t low, Py_ssize_t high,
                      const int32_t *units, Py_ssize_t count, Places *places) {
    Cursor cursor = {view, -1, 0};
    if (high - low <= 4 * count) {
        for (Py_ssize_t p = low; p < high; p++) {
            int64_t unit = base + unit_at(view, p);
            if (unit >= index->size || !(index->wanted[unit >> 6] >> (unit & 63) & 1)) continue;
            if (!positions_of(index, &cursor, p, unit, places)) return 0;
        }
        return 1;
    }
    for (Py_ssize_t k = 0; k < count && low < high; k++) {
        if (units[k] < base) continue;
        uint32_t unit = (uint32_t)(units[k] - base);
        low = gallop(view, low, high, unit);
        if (low == high) break;
        if (unit_at(view, low) == unit && !positions_of(index, &cursor, low, units[k], places)) return 0;
    }
    return 1;
}

static int ascending(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* All places of a plan's forms in some units (ascending, inside of the index), ascending, each once.

   `decisive_text` asks for deciding forms in the text of passages alone. */
int places_of(Index *index, const Plan *plan, int decisive_text, const int32_t *units, Py_ssize_t count,
              Places *places) {
    int sound = 1, rows = 0;
    for (Py_ssize_t k = 0; k < count; k++) index->wanted[units[k] >> 6] |= 1ull << (units[k] & 63);
    for (Py_ssize_t i = 0; i < plan->count && sound; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        if (decisive_text && e->view % VIEWS_OF_A_SEGMENT) continue;
        for (int64_t row = e->low; row < e->high && sound; row++) {
            Py_ssize_t low, high;
            if (decisive_text && plan->levels[e->levels + row - e->low] < index->decisive) continue;
            if (!(sound = row_of(view, row, &low, &high))) fail(index, DAMAGED);
            Py_ssize_t before = places->count;
            sound = sound && row_places(index, view, e->base, low, high, units, count, places);
            rows += places->count > before;
        }
    }
    for (Py_ssize_t k = 0; k < count; k++) index->wanted[units[k] >> 6] = 0;
    if (!sound || rows < 2) return sound;
    qsort(places->data, (size_t)places->count, 8, ascending);
    /* A word of unknown language may stand in the vocabulary twice, at the same place. */
    Py_ssize_t kept = 0;
    for (Py_ssize_t i = 0; i < places->count; i++)
        if (!i || places->data[i] != places->data[i - 1]) places->data[kept++] = places->data[i];
    places->count = kept;
    return 1;
}

/* Those places of `following` that have one of `ends` at most `reach` before them; all ascend. */
Py_ssize_t followed(const int64_t *ends, Py_ssize_t count, const int64_t *following, Py_ssize_t length,
                    int64_t reach, int64_t *out) {
    Py_ssize_t before = 0, n = 0;
    for (Py_ssize_t i = 0; i < length; i++) {
        while (before < count && ends[before] < following[i]) before++;
        if (before && following[i] - ends[before - 1] <= reach) out[n++] = following[i];
    }
    return n;
}
