/* Folded forms that are looked for: a word is told apart by the hash of its folded letters. What is
   found is looked at in Python again, so that two words of one hash do no harm. */

#include "marking.h"

static uint64_t spread(uint64_t hash) {
    hash ^= hash >> 29;
    return hash ? hash : 1;
}

static uint64_t packed(const uint16_t *letters) {
    uint64_t value = 0;
    for (int i = 0; i < SIMILAR_LETTERS; i++) value = value << 16 | letters[i];
    return value;
}

int is_wanted(const Wanted *wanted, const Folded *word) {
    if (word->odd || !word->count || !wanted->hashes) return 1; /* Python knows */
    uint64_t hash = spread(word->hash);
    for (size_t at = hash & wanted->mask; wanted->hashes[at]; at = (at + 1) & wanted->mask)
        if (wanted->hashes[at] == hash) return 1;
    if (word->count >= SIMILAR_LETTERS && wanted->beginning_count) {
        uint64_t beginning = packed(word->kept);
        for (Py_ssize_t i = 0; i < wanted->beginning_count; i++)
            if (wanted->beginnings[i] == beginning) return 1;
    }
    Py_ssize_t kept = word->count < KEPT ? word->count : KEPT, first = 0;
    for (Py_ssize_t i = 0; i < wanted->prefix_count; first = wanted->prefix_ends[i++]) {
        Py_ssize_t length = wanted->prefix_ends[i] - first;
        if (length > KEPT) length = KEPT;
        if (length <= kept && !memcmp(word->kept, wanted->prefixes + first, (size_t)length * 2)) return 1;
    }
    return 0;
}

/* The letters of a folded form; 0 for one with a letter that no folded word has two bytes for. */
static int read_form(PyObject *form, Folded *word) {
    Letters letters = letters_of(form);
    begin_word(word);
    for (Py_ssize_t i = 0; i < letters.length; i++) {
        Py_UCS4 code = letter(&letters, i);
        if (!code || code > 0xFFFF) return 0;
        add_letter(word, code);
    }
    return letters.length > 0;
}

static int add_forms(Wanted *wanted, PyObject *forms) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(forms);
    size_t room = 8;
    while (room < (size_t)count * 3) room *= 2;
    wanted->mask = room - 1;
    wanted->hashes = PyMem_Calloc(room, sizeof(uint64_t));
    if (!wanted->hashes) return PyErr_NoMemory() != NULL;
    Folded word;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *form = PySequence_Fast_GET_ITEM(forms, i);
        if (!PyUnicode_Check(form)) return PyErr_Format(PyExc_TypeError, "forms are str") != NULL;
        if (!read_form(form, &word)) continue;
        uint64_t hash = spread(word.hash);
        size_t at = hash & wanted->mask;
        while (wanted->hashes[at] && wanted->hashes[at] != hash) at = (at + 1) & wanted->mask;
        wanted->hashes[at] = hash;
    }
    return 1;
}

static int add_beginnings(Wanted *wanted, PyObject *beginnings) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(beginnings);
    wanted->beginnings = PyMem_Calloc((size_t)count + 1, sizeof(uint64_t));
    if (!wanted->beginnings) return PyErr_NoMemory() != NULL;
    Folded word;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *form = PySequence_Fast_GET_ITEM(beginnings, i);
        if (!PyUnicode_Check(form) || PyUnicode_GET_LENGTH(form) != SIMILAR_LETTERS)
            return PyErr_Format(PyExc_TypeError, "beginnings are str of four letters") != NULL;
        if (read_form(form, &word)) wanted->beginnings[wanted->beginning_count++] = packed(word.kept);
    }
    return 1;
}

static int add_prefixes(Wanted *wanted, PyObject *prefixes) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(prefixes), total = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *prefix = PySequence_Fast_GET_ITEM(prefixes, i);
        if (!PyUnicode_Check(prefix)) return PyErr_Format(PyExc_TypeError, "prefixes are str") != NULL;
        total += PyUnicode_GET_LENGTH(prefix);
    }
    wanted->prefixes = PyMem_Calloc((size_t)total + 1, sizeof(uint16_t));
    wanted->prefix_ends = PyMem_Calloc((size_t)count + 1, sizeof(Py_ssize_t));
    if (!wanted->prefixes || !wanted->prefix_ends) return PyErr_NoMemory() != NULL;
    Py_ssize_t end = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Letters letters = letters_of(PySequence_Fast_GET_ITEM(prefixes, i));
        int known = 1;
        for (Py_ssize_t j = 0; j < letters.length; j++) known &= letter(&letters, j) <= 0xFFFF;
        if (!known) continue; /* only odd words can begin so */
        for (Py_ssize_t j = 0; j < letters.length; j++)
            wanted->prefixes[end++] = (uint16_t)letter(&letters, j);
        wanted->prefix_ends[wanted->prefix_count++] = end;
    }
    return 1;
}

static int Wanted_init(Wanted *wanted, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *given[3], *lists[3] = {NULL};
    if (!PyArg_ParseTuple(args, "OOO", given, given + 1, given + 2)) return -1;
    if (wanted->hashes) {
        PyErr_SetString(PyExc_RuntimeError, "what is wanted is said once");
        return -1;
    }
    int sound = 1;
    for (int i = 0; i < 3 && sound; i++)
        sound = (lists[i] = PySequence_Fast(given[i], "forms, beginnings and prefixes are sequences")) != NULL;
    sound = sound && add_forms(wanted, lists[0]) && add_beginnings(wanted, lists[1]) &&
            add_prefixes(wanted, lists[2]);
    for (int i = 0; i < 3; i++) Py_XDECREF(lists[i]);
    return sound ? 0 : -1;
}

static void Wanted_dealloc(Wanted *wanted) {
    PyMem_Free(wanted->hashes);
    PyMem_Free(wanted->beginnings);
    PyMem_Free(wanted->prefixes);
    PyMem_Free(wanted->prefix_ends);
    Py_TYPE(wanted)->tp_free((PyObject *)wanted);
}

PyTypeObject WantedType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "search_service.highlight._marking.Wanted",
    .tp_basicsize = sizeof(Wanted),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("Wanted(forms, beginnings, prefixes): folded forms, and how others begin."),
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)Wanted_init,
    .tp_dealloc = (destructor)Wanted_dealloc,
};
