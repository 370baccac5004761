/* Looking words up in the vocabulary, compiled where a compiler was at installation.

   What comes from files is checked against the sizes of the arrays before it is followed. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

static void damaged(void) {
    PyErr_SetString(PyExc_ValueError, "the vocabulary points outside of the index");
}

static int compare(const uint8_t *data, Py_ssize_t low, Py_ssize_t high, const Py_buffer *key) {
    Py_ssize_t length = high - low, common = length < key->len ? length : key->len;
    int order = memcmp(data + low, key->buf, (size_t)common);
    return order ? order : (length > key->len) - (length < key->len);
}

PyDoc_STRVAR(lower_bound_doc,
"lower_bound(starts, data, key) -> int\n\n"
"The first of the sorted strings `data[starts[i]:starts[i + 1]]` that is not less than the key.");

static PyObject *lower_bound(PyObject *Py_UNUSED(module), PyObject *args) {
    Py_buffer starts, data, key;
    if (!PyArg_ParseTuple(args, "y*y*y*", &starts, &data, &key)) return NULL;
    const uint32_t *start = starts.buf;
    Py_ssize_t low = 0, high = starts.len / 4 - 1;
    int sound = 1;
    while (low < high && sound) {
        Py_ssize_t middle = (low + high) / 2, first = start[middle], last = start[middle + 1];
        sound = first <= last && last <= data.len;
        if (sound && compare(data.buf, first, last, &key) < 0) low = middle + 1;
        else high = middle;
    }
    PyBuffer_Release(&starts);
    PyBuffer_Release(&data);
    PyBuffer_Release(&key);
    if (!sound) {
        damaged();
        return NULL;
    }
    return PyLong_FromSsize_t(low);
}

PyDoc_STRVAR(equal_range_doc,
"equal_range(order, exact_starts, exact, folded_starts, folded, group_starts, key) -> (low, high)\n\n"
"The places of `order` whose rows have the key as exact form: `exact[row]`, or where that is empty the\n"
"folded form of the row's group.");

typedef struct {
    const int32_t *order;
    const uint32_t *exact_starts, *folded_starts, *group_starts;
    const uint8_t *exact, *folded;
    Py_ssize_t count, rows, groups, exact_length, folded_length;
} Forms;

/* Compare the exact form of the row at a place with the key; clears `sound` on damage. */
static int compare_form(const Forms *forms, Py_ssize_t place, const Py_buffer *key, int *sound) {
    Py_ssize_t row = forms->order[place];
    if (row < 0 || row >= forms->rows) return *sound = 0;
    Py_ssize_t first = forms->exact_starts[row], last = forms->exact_starts[row + 1];
    if (first < last && last <= forms->exact_length) return compare(forms->exact, first, last, key);
    Py_ssize_t low = 0, high = forms->groups; /* the last group that begins at or before the row */
    while (high - low > 1) {
        Py_ssize_t middle = (low + high) / 2;
        if ((Py_ssize_t)forms->group_starts[middle] <= row) low = middle;
        else high = middle;
    }
    first = forms->folded_starts[low];
    last = forms->folded_starts[low + 1];
    if (first > last || last > forms->folded_length) return *sound = 0;
    return compare(forms->folded, first, last, key);
}

static PyObject *equal_range(PyObject *Py_UNUSED(module), PyObject *args) {
    Py_buffer b[7];
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*y*", b, b + 1, b + 2, b + 3, b + 4, b + 5, b + 6)) return NULL;
    Forms forms = {b[0].buf, b[1].buf, b[3].buf, b[5].buf, b[2].buf, b[4].buf, b[0].len / 4,
                   b[1].len / 4 - 1, b[5].len / 4 - 1, b[2].len, b[4].len};
    int sound = forms.groups <= b[3].len / 4 - 1 && (forms.groups > 0 || !forms.count);
    Py_ssize_t bounds[2], low = 0;
    for (int upper = 0; upper < 2; upper++) {
        Py_ssize_t high = forms.count;
        while (low < high && sound) {
            Py_ssize_t middle = (low + high) / 2;
            if (compare_form(&forms, middle, b + 6, &sound) < upper) low = middle + 1;
            else high = middle;
        }
        bounds[upper] = low;
    }
    for (int i = 0; i < 7; i++) PyBuffer_Release(b + i);
    if (!sound) {
        damaged();
        return NULL;
    }
    return Py_BuildValue("(nn)", bounds[0], bounds[1]);
}

static PyMethodDef planner_methods[] = {
    {"equal_range", (PyCFunction)equal_range, METH_VARARGS, equal_range_doc},
    {"lower_bound", (PyCFunction)lower_bound, METH_VARARGS, lower_bound_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot planner_slots[] = {{0, NULL}};

static struct PyModuleDef planner_module = {
    PyModuleDef_HEAD_INIT, "_planner", "Looking words up in the vocabulary.", 0, planner_methods,
    planner_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__planner(void) { return PyModuleDef_Init(&planner_module); }
