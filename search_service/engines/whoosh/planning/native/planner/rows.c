/* The rows of a plan with their forms, for who wants to know what meets a word. */

#include "planner.h"

/* The last group that begins at a row or before it. */
static Py_ssize_t group_of(const Vocabulary *vocabulary, Py_ssize_t row) {
    Py_ssize_t low = 0, high = vocabulary->folded.count;
    while (high - low > 1) {
        Py_ssize_t middle = (low + high) / 2;
        if ((Py_ssize_t)vocabulary->group_starts[middle] <= row) low = middle;
        else high = middle;
    }
    return low;
}

static PyObject *text_of(Text text) { return PyUnicode_DecodeUTF8((const char *)text.bytes, text.length, NULL); }

/* Add (segment, row, level, folded form, exact form) of a row; -1 with an error, or without for damage. */
static int add_row(PyObject *found, const Vocabulary *vocabulary, Py_ssize_t segment, Py_ssize_t row, int level) {
    Text folded, exact;
    Py_ssize_t group = group_of(vocabulary, row);
    if (group >= vocabulary->folded.count || !string_at(&vocabulary->folded, group, &folded) ||
        !string_at(&vocabulary->exact, row, &exact))
        return -1;
    PyObject *form = text_of(folded), *other = form && exact.length ? text_of(exact) : Py_XNewRef(form);
    PyObject *tuple = form && other ? Py_BuildValue("(nniOO)", segment, row, level, form, other) : NULL;
    int result = tuple ? PyList_Append(found, tuple) : -1;
    Py_XDECREF(form);
    Py_XDECREF(other);
    Py_XDECREF(tuple);
    return result;
}

/* What lies behind `rows`: entries as int64[N, ENTRY], and the levels of their rows. */
PyObject *rows_of(const Planner *planner, const Py_buffer *entries, const Py_buffer *levels, int least) {
    const int64_t *entry = entries->buf, *before = NULL;
    const uint8_t *level = levels->buf;
    PyObject *found = PyList_New(0);
    for (Py_ssize_t i = 0; found && i < entries->len / (8 * ENTRY); i++, before = entry, entry += ENTRY) {
        int64_t segment = entry[0] / FIELDS, low = entry[1], high = entry[2], first = entry[5];
        /* A run comes once for each field that has postings of it. */
        if (before && before[0] / FIELDS == segment && before[1] == low) continue;
        int sound = entry[0] >= 0 && segment < planner->segment_count && low >= 0 && low <= high && first >= 0 &&
                    first <= levels->len && high - low <= levels->len - first;
        sound = sound && high <= planner->segments[segment].rows;
        for (int64_t row = low; sound && row < high; row++) {
            int of_row = level[first + row - low];
            if (of_row >= least && add_row(found, planner->segments + segment, segment, row, of_row) < 0) sound = 0;
        }
        if (!sound) Py_CLEAR(found);
    }
    return found;
}
