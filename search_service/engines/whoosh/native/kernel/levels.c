/* How much a plan has at each level, and plans without their lower levels. */

#include "index.h"

static int open_plan(Index *index, PyObject *args, const char *format, Py_buffer *entries, Py_buffer *levels,
                     int *least, Plan *plan) {
    if (!PyArg_ParseTuple(args, format, entries, levels, least)) return 0;
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
        count += unit < index->passages && index->live[unit];
    }
    return count;
}

PyDoc_STRVAR(pairs_doc,
"pairs(plan, levels) -> tuple of eight numbers\n\n"
"For each level, how many pairs of a form and a live passage there are in the text of passages.");

static PyObject *Index_pairs(Index *index, PyObject *args) {
    Py_buffer entries, levels;
    Plan plan;
    Py_ssize_t pairs[LEVELS] = {0};
    if (!open_plan(index, args, "y*y*", &entries, &levels, NULL, &plan)) return NULL;
    int sound = 1;
    for (Py_ssize_t i = 0; i < plan.count && sound; i++) {
        const Entry *e = plan.entries + i;
        const View *view = index->views + e->view;
        for (int64_t row = e->low; row < e->high && sound && e->view % VIEWS_OF_A_SEGMENT == 0; row++) {
            Py_ssize_t low, high;
            if (!(sound = row_of(view, row, &low, &high))) break;
            int level = plan.levels[e->levels + row - e->low] & (LEVELS - 1);
            pairs[level] += count_live(index, view, e->base, low, high);
        }
    }
    PyBuffer_Release(&entries);
    PyBuffer_Release(&levels);
    if (!sound) fail(index, DAMAGED);
    if (!finish(index)) return NULL;
    return Py_BuildValue("(nnnnnnnn)", pairs[0], pairs[1], pairs[2], pairs[3], pairs[4], pairs[5], pairs[6], pairs[7]);
}

PyDoc_STRVAR(from_level_doc,
"from_level(plan, levels, least) -> (plan as bytes, postings, single)\n\n"
"The rows of a plan that are at a level or above; their levels stay where they are.");

static PyObject *Index_from_level(Index *index, PyObject *args) {
    Py_buffer entries, levels;
    Plan plan;
    int least, single = 1;
    if (!open_plan(index, args, "y*y*i", &entries, &levels, &least, &plan)) return NULL;
    Py_ssize_t rows = 0, count = 0, postings = 0;
    int64_t segment = -1, lists = 0;
    for (Py_ssize_t i = 0; i < plan.count; i++) rows += plan.entries[i].high - plan.entries[i].low;
    Entry *kept = take(index, (size_t)rows * sizeof(Entry));
    for (Py_ssize_t i = 0; i < plan.count && kept; i++) {
        const Entry *e = plan.entries + i;
        const uint32_t *starts = index->views[e->view].starts;
        if (e->view / VIEWS_OF_A_SEGMENT != segment) lists = 0;
        segment = e->view / VIEWS_OF_A_SEGMENT;
        for (int64_t row = e->low; row < e->high;) {
            int64_t first = row;
            while (row < e->high && plan.levels[e->levels + row - e->low] >= least) row++;
            if (starts[row] > starts[first]) {
                kept[count++] = (Entry){e->view, first, row, e->base, e->factor, e->levels + first - e->low};
                postings += starts[row] - starts[first];
                lists += row - first;
                single &= lists <= 1;
            }
            if (row < e->high) row++;
        }
    }
    PyObject *bytes = kept ? PyBytes_FromStringAndSize((const char *)kept, count * (Py_ssize_t)sizeof(Entry)) : NULL;
    PyBuffer_Release(&entries);
    PyBuffer_Release(&levels);
    if (!finish(index)) Py_CLEAR(bytes);
    return bytes ? Py_BuildValue("(NnO)", bytes, postings, single ? Py_True : Py_False) : NULL;
}

PyMethodDef level_methods[] = {
    {"pairs", (PyCFunction)Index_pairs, METH_VARARGS, pairs_doc},
    {"from_level", (PyCFunction)Index_from_level, METH_VARARGS, from_level_doc},
    {NULL, NULL, 0, NULL},
};
