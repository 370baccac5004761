/* From words to plans, compiled where a compiler was at installation.

   `python_planner.py` says the same in Python, and the tests hold both to the same plans. A Planner
   keeps the arrays of a generation's vocabularies and scratch memory; a call uses the scratch only
   after all that could run Python, under the interpreter's lock. */

#include "planner.h"

static PyObject *damaged(void) {
    if (!PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "the vocabulary points outside of the index");
    return NULL;
}

static PyObject *refused(const char *message) {
    PyErr_SetString(PyExc_TypeError, message);
    return NULL;
}

PyDoc_STRVAR(word_doc,
"word(readings, rung, similar, synonyms, sources) -> plan\n\n"
"The plan of a word, as `make` makes it of entries (int64[N, 6]) and levels (uint8) as bytes, the number\n"
"of postings, whether each segment gives at most one list, whether units are documents, and the lowest\n"
"level (8 where there is none).");

static PyObject *plan_word(Planner *planner, const Keys *keys, const Sources *sources, int similar) {
    int sound = 1;
    begin(planner);
    for (Py_ssize_t i = 0; sound && i < planner->segment_count; i++)
        sound = add_spans(planner, planner->segments + i, keys) && finish_segment(planner, i, sources);
    return sound ? made_of(planner, sources, similar) : damaged();
}

/* The plan that was made before, or NULL, with an error where there is one. */
static PyObject *known_plan(const Planner *planner, PyObject *key) {
    return key ? Py_XNewRef(PyDict_GetItemWithError(planner->known, key)) : NULL;
}

static PyObject *remembered(Planner *planner, PyObject *key, PyObject *plan) {
    if (plan && !remember(planner, key, plan)) Py_CLEAR(plan);
    return plan;
}

static PyObject *Planner_word(Planner *planner, PyObject *const *args, Py_ssize_t count) {
    Sources sources;
    Keys keys;
    if (count != 5) return refused("a word has readings, rung, similar, synonyms and sources");
    int rung = (int)PyLong_AsLong(args[1]), similar = PyObject_IsTrue(args[2]);
    if (PyErr_Occurred() || !read_sources(planner, args[4], &sources)) return NULL;
    int sound = read_word(planner, &keys, args[0], rung, similar, args[3]);
    PyObject *key = sound ? key_of_word(&keys, &sources) : NULL, *plan = known_plan(planner, key);
    if (!plan && !PyErr_Occurred())
        plan = remembered(planner, key, plan_word(planner, &keys, &sources, similar));
    Py_XDECREF(key);
    free_keys(&keys);
    return plan;
}

PyDoc_STRVAR(form_doc,
"form(form, sources) -> plan\n\n"
"The plan of an exact form.");

static PyObject *plan_form(Planner *planner, Text key, const Sources *sources) {
    Text form;
    begin(planner);
    for (Py_ssize_t i = 0; i < planner->segment_count; i++) {
        const Vocabulary *vocabulary = planner->segments + i;
        Py_ssize_t first = forms_bound(vocabulary, key), last = first;
        if (first < 0) return damaged();
        for (; last < vocabulary->rows; last++) {
            if (!form_of(vocabulary, vocabulary->by_form[last], &form)) return damaged();
            if (!same(form, key)) break;
        }
        if (!add_rows(planner, vocabulary, vocabulary->by_form + first, last - first, planner->exactly) ||
            !finish_segment(planner, i, sources))
            return damaged();
    }
    return made_of(planner, sources, 0);
}

static PyObject *Planner_form(Planner *planner, PyObject *const *args, Py_ssize_t count) {
    Sources sources;
    Py_ssize_t length;
    if (count != 2) return refused("a form and its sources");
    const char *bytes = PyUnicode_AsUTF8AndSize(args[0], &length);
    if (!bytes || !read_sources(planner, args[1], &sources)) return NULL;
    Text form = {(const uint8_t *)bytes, length};
    PyObject *key = key_of_form(form, &sources), *plan = known_plan(planner, key);
    if (!plan && !PyErr_Occurred()) plan = remembered(planner, key, plan_form(planner, form, &sources));
    Py_XDECREF(key);
    return plan;
}

PyDoc_STRVAR(ranges_doc,
"ranges(ranges, sources) -> plan\n\n"
"The plan of ranges of rows, int64[N, 2] for each segment, that all meet a word exactly.");

static PyObject *Planner_ranges(Planner *planner, PyObject *const *args, Py_ssize_t count) {
    Sources sources;
    if (count != 2 || !PyList_Check(args[0]) || PyList_GET_SIZE(args[0]) != planner->segment_count)
        return refused("a list of ranges, one a segment, and sources");
    if (!read_sources(planner, args[1], &sources)) return NULL;
    Py_buffer buffer;
    begin(planner);
    for (Py_ssize_t i = 0; i < planner->segment_count; i++) {
        if (PyObject_GetBuffer(PyList_GET_ITEM(args[0], i), &buffer, PyBUF_SIMPLE) < 0) return NULL;
        const int64_t *range = buffer.buf;
        int sound = 1;
        for (Py_ssize_t j = 0; j < buffer.len / 16 && sound; j++)
            sound = add_span(planner, planner->segments + i, range[2 * j], range[2 * j + 1],
                             planner->exactly);
        PyBuffer_Release(&buffer);
        if (!sound || !finish_segment(planner, i, &sources)) return damaged();
    }
    return made_of(planner, &sources, 0);
}

PyDoc_STRVAR(bound_doc,
"bound(segment, key) -> int\n\n"
"The place of the first folded form that is not less than a key.");

static PyObject *Planner_bound(Planner *planner, PyObject *args) {
    Py_ssize_t number, length;
    const char *key;
    if (!PyArg_ParseTuple(args, "ny#", &number, &key, &length)) return NULL;
    if (number < 0 || number >= planner->segment_count) return refused("there is no such segment");
    Py_ssize_t place = lower_bound(&planner->segments[number].folded, (Text){(const uint8_t *)key, length});
    return place < 0 ? damaged() : PyLong_FromSsize_t(place);
}

PyDoc_STRVAR(rows_doc,
"rows(entries, levels, least) -> list of (segment, row, level, folded form, exact form)\n\n"
"The rows of a plan that have at least a level.");

static PyObject *Planner_rows(Planner *planner, PyObject *args) {
    Py_buffer entries, levels;
    int least;
    if (!PyArg_ParseTuple(args, "y*y*i", &entries, &levels, &least)) return NULL;
    PyObject *found = rows_of(planner, &entries, &levels, least);
    PyBuffer_Release(&entries);
    PyBuffer_Release(&levels);
    return found ? found : damaged();
}

PyDoc_STRVAR(within_edits_doc,
"within_edits(segment, low, high, word, edits) -> int64 as bytes\n\n"
"The places in [low, high) of folded forms at most so many letters added, left out or changed from a\n"
"word.");

static PyObject *Planner_within_edits(Planner *planner, PyObject *args) {
    Py_ssize_t number, low, high;
    PyObject *word, *result = NULL;
    int edits;
    Py_UCS4 letters[MAX_LETTERS];
    if (!PyArg_ParseTuple(args, "nnnUi", &number, &low, &high, &word, &edits)) return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(word);
    if (number < 0 || number >= planner->segment_count || low < 0 ||
        high > planner->segments[number].folded.count || edits < 0 || edits > MAX_EDITS ||
        length > MAX_LETTERS)
        return refused("a place in a segment, a word of at most 63 letters, two edits at most");
    for (Py_ssize_t i = 0; i < length; i++) letters[i] = PyUnicode_READ_CHAR(word, i);
    Numbers places = {0};
    int sound = within_edits(&planner->segments[number].folded, low, high, letters, (int)length,
                             edits, &places);
    if (sound > 0) result = PyBytes_FromStringAndSize((const char *)places.values, places.count * 8);
    PyMem_Free(places.values);
    return sound > 0 ? result : damaged();
}

static int set_levels(Planner *planner, PyObject *levels, PyObject *similar) {
    if (!PyArg_ParseTuple(levels, "iiii", &planner->exactly, &planner->fold, &planner->stem,
                          &planner->transliterated) ||
        !PyArg_ParseTuple(similar, "(ii)(ii)(ii)", planner->similar_levels, planner->similar_letters,
                          planner->similar_levels + 1, planner->similar_letters + 1,
                          planner->similar_levels + 2, planner->similar_letters + 2))
        return 0;
    int sound = 1;
    for (int i = 0; i < SIMILAR; i++)
        sound &= planner->similar_levels[i] > 0 && planner->similar_levels[i] < 8 &&
                 planner->similar_letters[i] > (i ? planner->similar_letters[i - 1] : 0) &&
                 planner->similar_letters[i] <= MOST_SIMILAR;
    const int others[4] = {planner->exactly, planner->fold, planner->stem, planner->transliterated};
    for (int i = 0; i < 4; i++) sound &= others[i] > 0 && others[i] < 8;
    if (!sound) PyErr_SetString(PyExc_ValueError, "levels are 1 to 7, similar words share 1 to 6 letters, more and more");
    return sound;
}

static int read_segment(Planner *planner, PyObject *arrays, PyObject *bases) {
    static const Py_ssize_t items[VOCABULARY_ARRAYS] = {4, 1, 4, 4, 1, 4, 4, 1, 4, 4, 4, 1, 4, 4, 4, 4, 4};
    Vocabulary *vocabulary = planner->segments + planner->segment_count;
    Py_buffer *buffers = planner->buffers + planner->buffer_count;
    if (!PyTuple_Check(arrays) || PyTuple_GET_SIZE(arrays) != VOCABULARY_ARRAYS)
        return refused("a vocabulary is a tuple of seventeen arrays") != NULL;
    for (int i = 0; i < VOCABULARY_ARRAYS; i++) {
        if (PyObject_GetBuffer(PyTuple_GET_ITEM(arrays, i), buffers + i, PyBUF_SIMPLE) < 0) return 0;
        planner->buffer_count++;
        if (buffers[i].len % items[i]) return damaged() != NULL;
    }
    planner->segment_count++;
    long long bases_of[FIELDS];
    if (!PyArg_ParseTuple(bases, "LLL", bases_of, bases_of + 1, bases_of + 2)) return 0;
    for (int i = 0; i < FIELDS; i++) vocabulary->bases[i] = bases_of[i];
    return read_vocabulary(vocabulary, buffers) || damaged();
}

static int Planner_init(Planner *planner, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *segments, *bases, *fields, *levels, *similar, *make, *index;
    if (planner->buffers) {
        PyErr_SetString(PyExc_RuntimeError, "a planner is made once");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O!O!O!O!O!OO", &PyList_Type, &segments, &PyList_Type, &bases,
                          &PyTuple_Type, &fields, &PyTuple_Type, &levels, &PyTuple_Type, &similar, &make,
                          &index) ||
        !set_levels(planner, levels, similar))
        return -1;
    Py_ssize_t count = PyList_GET_SIZE(segments);
    if (PyTuple_GET_SIZE(fields) != FIELDS || PyList_GET_SIZE(bases) != count) {
        refused("there are three fields, and bases for each segment");
        return -1;
    }
    planner->fields = Py_NewRef(fields);
    planner->make = Py_NewRef(make);
    planner->index = Py_NewRef(index);
    planner->known = PyDict_New();
    planner->exact = PyUnicode_InternFromString("exact");
    planner->folded = PyUnicode_InternFromString("folded");
    planner->stems = PyUnicode_InternFromString("stems");
    planner->translit = PyUnicode_InternFromString("translit");
    planner->telling = PyUnicode_InternFromString("telling");
    planner->buffers = PyMem_Calloc((size_t)count * VOCABULARY_ARRAYS + 1, sizeof(Py_buffer));
    planner->segments = PyMem_Calloc((size_t)count + 1, sizeof(Vocabulary));
    if (!planner->buffers || !planner->segments) PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < count && !PyErr_Occurred(); i++)
        if (!read_segment(planner, PyList_GET_ITEM(segments, i), PyList_GET_ITEM(bases, i))) break;
    return PyErr_Occurred() ? -1 : 0;
}

static void Planner_dealloc(Planner *planner) {
    PyTypeObject *type = Py_TYPE(planner);
    for (Py_ssize_t i = 0; i < planner->segment_count; i++) free_vocabulary(planner->segments + i);
    for (Py_ssize_t i = 0; i < planner->buffer_count; i++) PyBuffer_Release(planner->buffers + i);
    PyMem_Free(planner->segments);
    PyMem_Free(planner->buffers);
    PyMem_Free(planner->spans.values);
    PyMem_Free(planner->entries.values);
    PyMem_Free(planner->levels);
    Py_XDECREF(planner->fields);
    Py_XDECREF(planner->make);
    Py_XDECREF(planner->index);
    Py_XDECREF(planner->known);
    Py_XDECREF(planner->exact);
    Py_XDECREF(planner->folded);
    Py_XDECREF(planner->stems);
    Py_XDECREF(planner->translit);
    Py_XDECREF(planner->telling);
    type->tp_free((PyObject *)planner);
    Py_DECREF(type);
}

static PyMethodDef Planner_methods[] = {
    {"word", (PyCFunction)(void (*)(void))Planner_word, METH_FASTCALL, word_doc},
    {"form", (PyCFunction)(void (*)(void))Planner_form, METH_FASTCALL, form_doc},
    {"ranges", (PyCFunction)(void (*)(void))Planner_ranges, METH_FASTCALL, ranges_doc},
    {"bound", (PyCFunction)Planner_bound, METH_VARARGS, bound_doc},
    {"rows", (PyCFunction)Planner_rows, METH_VARARGS, rows_doc},
    {"within_edits", (PyCFunction)Planner_within_edits, METH_VARARGS, within_edits_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot Planner_slots[] = {
    {Py_tp_doc, "The vocabularies of a generation, with scratch memory for one call at a time."},
    {Py_tp_init, Planner_init},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_dealloc, Planner_dealloc},
    {Py_tp_methods, Planner_methods},
    {0, NULL},
};

static PyType_Spec Planner_spec = {"search_service.engines.whoosh.planning._planner.Planner", sizeof(Planner), 0,
                                   Py_TPFLAGS_DEFAULT, Planner_slots};

static int planner_exec(PyObject *module) {
    PyObject *type = PyType_FromSpec(&Planner_spec);
    if (!type) return -1;
    int result = PyModule_AddObject(module, "Planner", type);
    if (result < 0) Py_DECREF(type);
    return result;
}

static PyModuleDef_Slot planner_slots[] = {{Py_mod_exec, planner_exec}, {0, NULL}};

static struct PyModuleDef planner_module = {
    PyModuleDef_HEAD_INIT, "_planner", "From words to plans.", 0, NULL, planner_slots,
    NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__planner(void) { return PyModuleDef_Init(&planner_module); }
