/* Plans without their lower levels, and without what does not tell enough. */

#include "index.h"

static int open_plan(Index *index, PyObject *args, Py_buffer *entries, Py_buffer *levels, Plan *plan) {
    if (!PyArg_ParseTuple(args, "y*y*", entries, levels)) return 0;
    *plan = (Plan){entries->buf, entries->len / (Py_ssize_t)sizeof(Entry), levels->buf, levels->len, 0, 0};
    if (check_plan(index, plan)) return 1;
    PyBuffer_Release(entries);
    PyBuffer_Release(levels);
    return finish(index);
}

static Py_ssize_t count_live(const Index *index, const View *view, int64_t base, Py_ssize_t low, Py_ssize_t high) {
    if (!index->live) return high - low;
    Py_ssize_t count = 0;
    for (Py_ssize_t p = low; p < high; p++) {
        int64_t unit = base + unit_at(view, p);
        count += unit < index->passages && is_live(index, unit);
    }
    return count;
}

/* For each level, how many pairs of a form and a live passage there are in the text of passages. */
static int count_pairs(Index *index, const Plan *plan, Py_ssize_t *pairs) {
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        for (int64_t row = e->low; row < e->high && e->view % VIEWS_OF_A_SEGMENT == 0; row++) {
            Py_ssize_t low, high;
            if (!row_of(view, row, &low, &high)) return fail(index, DAMAGED);
            int level = plan->levels[e->levels + row - e->low] & (LEVELS - 1);
            pairs[level] += count_live(index, view, e->base, low, high);
        }
    }
    return 1;
}

/* The lowest level that still tells something of a word; see `telling.py`. */
static int least_telling(const Index *index, const Py_ssize_t *pairs) {
    double passages = index->live_passages, above = 0;
    int least = index->decisive;
    for (int level = LEVELS - 1; level >= least; level--) above += (double)pairs[level];
    if (above == 0) return 1;
    double needed = index->similar_tells * log(1.0 + passages / above);
    while (least > 1) {
        above += (double)pairs[least - 1];
        if (log(1.0 + passages / above) < needed) break;
        least--;
    }
    return least;
}

/* The rows of a plan that are at a level or above; their levels stay where they are. */
int from_level(Index *index, const Plan *plan, int least, Plan *kept) {
    Py_ssize_t rows = 0;
    for (Py_ssize_t i = 0; i < plan->count; i++) rows += plan->entries[i].high - plan->entries[i].low;
    Entry *entries = take(index, (size_t)rows * sizeof(Entry));
    *kept = (Plan){entries, 0, plan->levels, plan->level_count, 0, 0};
    if (!entries) return 0;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Entry *e = plan->entries + i;
        const uint32_t *starts = index->views[e->view].starts;
        for (int64_t row = e->low; row < e->high;) {
            int64_t first = row;
            while (row < e->high && plan->levels[e->levels + row - e->low] >= least) row++;
            if (starts[row] > starts[first])
                entries[kept->count++] = (Entry){e->view, first, row, e->base, e->factor, e->levels + first - e->low};
            if (row < e->high) row++;
        }
    }
    return check_plan(index, kept);
}

/* Whether each segment gives at most one list, of whatever level. */
static int has_single_lists(const Plan *plan) {
    int64_t segment = -1, lists = 0;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Entry *e = plan->entries + i;
        if (e->view / VIEWS_OF_A_SEGMENT != segment) lists = 0;
        segment = e->view / VIEWS_OF_A_SEGMENT;
        lists += e->high - e->low;
        if (lists > 1) return 0;
    }
    return 1;
}

PyDoc_STRVAR(telling_doc,
"telling(plan, levels) -> (plan as bytes, postings, single), or None\n\n"
"A plan without similar forms that are too common to tell anything; None where all stay.");

static PyObject *Index_telling(Index *index, PyObject *args) {
    Py_buffer entries, levels;
    Plan plan;
    Py_ssize_t pairs[LEVELS] = {0};
    if (!open_plan(index, args, &entries, &levels, &plan)) return NULL;
    Plan kept = {0};
    PyObject *bytes = NULL;
    int single = 1;
    int least = count_pairs(index, &plan, pairs) ? least_telling(index, pairs) : 1;
    if (least > 1 && from_level(index, &plan, least, &kept)) {
        single = has_single_lists(&kept);
        bytes = PyBytes_FromStringAndSize((const char *)kept.entries, kept.count * (Py_ssize_t)sizeof(Entry));
    }
    PyBuffer_Release(&entries);
    PyBuffer_Release(&levels);
    if (!finish(index)) Py_CLEAR(bytes);
    else if (least == 1) return Py_NewRef(Py_None);
    return bytes ? Py_BuildValue("(NnO)", bytes, kept.postings, single ? Py_True : Py_False) : NULL;
}

PyMethodDef level_methods[] = {
    {"telling", (PyCFunction)Index_telling, METH_VARARGS, telling_doc},
    {NULL, NULL, 0, NULL},
};
