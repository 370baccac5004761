/* A stemmer is made of what `turkic_stems` has spelt out. */

#include "reading.h"

static int read_costs(double *costs, PyObject *given) {
    if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) != KINDS)
        return PyErr_SetString(PyExc_ValueError, "costs are ten numbers"), 0;
    for (int kind = 0; kind < KINDS; kind++) {
        costs[kind] = PyFloat_AsDouble(PyTuple_GET_ITEM(given, kind));
        if (PyErr_Occurred()) return 0;
    }
    return 1;
}

static int read_all_costs(Stemmer *self, PyObject *costs) {
    self->costs = (size_t)PyList_GET_SIZE(costs);
    self->any = PyMem_Calloc(self->costs + 1, sizeof *self->any);
    self->verb = PyMem_Calloc(self->costs + 1, sizeof *self->verb);
    if (!self->any || !self->verb) return PyErr_NoMemory() != NULL;
    for (size_t i = 0; i < self->costs; i++) {
        PyObject *any, *verb;
        PyObject *pair = PyList_GET_ITEM(costs, (Py_ssize_t)i);
        if (!is_tuple(pair) || !PyArg_ParseTuple(pair, "OO", &any, &verb)) return 0;
        if (!read_costs(self->any[i], any) || !read_costs(self->verb[i], verb)) return 0;
    }
    return 1;
}

/* Suffixes with the places of their costs. */
static int read_chains(Stemmer *self, Strings *chains, PyObject *given) {
    PyObject *text, *place;
    for (Py_ssize_t at = 0; PyDict_Next(given, &at, &text, &place);) {
        size_t costs = PyLong_AsSize_t(place);
        if (PyErr_Occurred()) return 0;
        if (costs >= self->costs) return PyErr_SetString(PyExc_ValueError, "costs that are not there"), 0;
        if (!strings_add(chains, text, (int)costs)) return 0;
    }
    return 1;
}

static int read_restored(Stemmer *self, PyObject *given) {
    PyObject *root, *whole;
    int place = 0;
    self->restored_starts = PyMem_Calloc((size_t)PyDict_GET_SIZE(given) + 1, sizeof *self->restored_starts);
    if (!self->restored_starts) return PyErr_NoMemory() != NULL;
    for (Py_ssize_t at = 0; PyDict_Next(given, &at, &root, &whole);) {
        if (!strings_add(&self->restored, root, place) || !text_put(&self->restored_to, whole)) return 0;
        if (PyUnicode_GET_LENGTH(whole) > PyUnicode_GET_LENGTH(root) + 8)
            return PyErr_SetString(PyExc_ValueError, "a root is restored to one of about its length"), 0;
        self->restored_starts[++place] = (uint32_t)self->restored_to.used;
    }
    return 1;
}

static int read_hardened(Stemmer *self, PyObject *given) {
    PyObject *soft, *hard;
    for (Py_ssize_t at = 0; PyDict_Next(given, &at, &soft, &hard);) {
        if (!PyUnicode_Check(soft) || !PyUnicode_Check(hard) || PyUnicode_GET_LENGTH(soft) != 1 ||
            PyUnicode_GET_LENGTH(hard) != 1 || PyUnicode_READ_CHAR(soft, 0) < 'a' || PyUnicode_READ_CHAR(soft, 0) > 'z' ||
            PyUnicode_READ_CHAR(hard, 0) > 127)
            return PyErr_SetString(PyExc_ValueError, "a letter is hardened to a letter"), 0;
        self->hardened[PyUnicode_READ_CHAR(soft, 0) - 'a'] = (uint16_t)PyUnicode_READ_CHAR(hard, 0);
    }
    return 1;
}

static int read_roots(Stemmer *self, PyObject *roots) {
    PyObject *iterator = PyObject_GetIter(roots), *root;
    int sound = iterator != NULL;
    while (sound && (root = PyIter_Next(iterator))) {
        sound = strings_add(&self->short_roots, root, 0);
        Py_DECREF(root);
    }
    Py_XDECREF(iterator);
    return sound && !PyErr_Occurred();
}

static int stemmer_init(Stemmer *self, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    PyObject *costs, *proper, *plain, *restored, *short_roots, *hardened;
    if (!PyArg_ParseTuple(args, "O!O!O!O!OO!", &PyList_Type, &costs, &PyDict_Type, &proper, &PyDict_Type, &plain,
                          &PyDict_Type, &restored, &short_roots, &PyDict_Type, &hardened))
        return -1;
    if (self->any) return PyErr_SetString(PyExc_TypeError, "a stemmer is made once"), -1;
    if (!read_all_costs(self, costs) || !read_chains(self, &self->proper, proper) ||
        !read_chains(self, &self->plain, plain) || !read_restored(self, restored) || !read_roots(self, short_roots) ||
        !read_hardened(self, hardened))
        return -1;
    for (size_t i = 0; i < self->proper.count; i++)
        if (self->proper.known[i].length > self->longest) self->longest = self->proper.known[i].length;
    return 0;
}

static void stemmer_dealloc(Stemmer *self) {
    Strings *strings[] = {&self->proper, &self->plain, &self->restored, &self->short_roots};
    for (int i = 0; i < 4; i++) strings_free(strings[i]);
    PyMem_Free(self->restored_to.text);
    PyMem_Free(self->restored_starts);
    PyMem_Free(self->any);
    PyMem_Free(self->verb);
    Py_TYPE(self)->tp_free(self);
}

PyTypeObject StemmerType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "search_service.languages._reading.Stemmer",
    .tp_doc = PyDoc_STR("Stemmer(costs, proper, plain, restored, short_roots, hardened)\n\n"
                        "What `TurkicStemmer` is made of: costs as pairs of ten numbers, suffixes with the places\n"
                        "of theirs."),
    .tp_basicsize = sizeof(Stemmer),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)stemmer_init,
    .tp_dealloc = (destructor)stemmer_dealloc,
};
