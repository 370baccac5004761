/* The Index type: what it keeps, and the memory of a call. */

#include <time.h>

#include "index.h"

int fail(Index *index, Failure failure) {
    index->failure = failure;
    return 0;
}

PyObject *array_of(Py_ssize_t count, Py_ssize_t item, void **data) {
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, count * item);
    *data = bytes ? PyBytes_AS_STRING(bytes) : NULL;
    return bytes;
}

#define BLOCK_SIZE ((size_t)1 << 20)
#define KEPT ((size_t)64 << 20) /* bytes that stay for the next call: fresh memory costs page faults */

void *take(Index *index, size_t size) {
    size = (size + 63) & ~(size_t)63;
    Block *block = index->blocks;
    if (!block || block->size - block->used < size) {
        size_t wanted = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = PyMem_RawMalloc(sizeof(Block) + 64 + wanted);
        if (!block) {
            fail(index, MEMORY);
            return NULL;
        }
        *block = (Block){index->blocks, wanted, 0};
        index->blocks = block;
    }
    char *start = (char *)(((uintptr_t)(block + 1) + 63) & ~(uintptr_t)63);
    void *taken = start + block->used;
    block->used += size;
    return taken;
}

/* Give back what was taken. One block stays that has room for all of it, unless that is very much. */
static void release(Index *index) {
    size_t total = 0;
    Block *block = index->blocks;
    if (block && !block->next && block->size <= KEPT) {
        block->used = 0;
        return;
    }
    while (block) {
        Block *next = block->next;
        total += block->size;
        PyMem_RawFree(block);
        block = next;
    }
    index->blocks = NULL;
    if (total && total <= KEPT) take(index, total);
    if (index->blocks) index->blocks->used = 0;
}

int finish(Index *index) {
    Failure failure = index->failure;
    release(index);
    index->failure = NOTHING;
    switch (failure) {
        case DAMAGED: PyErr_SetString(PyExc_ValueError, "postings point outside of the index"); break;
        case LATE: PyErr_SetString(PyExc_TimeoutError, "the deadline has passed"); break;
        case MEMORY: PyErr_NoMemory(); break;
        case NOTHING: break;
    }
    return failure == NOTHING;
}

int is_past(Index *index, double deadline) {
    struct timespec now;
    if (deadline <= 0) return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if ((double)now.tv_sec + 1e-9 * (double)now.tv_nsec <= deadline) return 0;
    fail(index, LATE);
    return 1;
}

static const void *view_array(Index *index, PyObject *object, Py_ssize_t item, Py_ssize_t *count) {
    Py_buffer *buffer = index->buffers + index->buffer_count;
    if (PyObject_GetBuffer(object, buffer, PyBUF_SIMPLE) < 0) return NULL;
    index->buffer_count++;
    *count = buffer->len / item;
    static const uint64_t nothing = 0;
    return buffer->buf ? buffer->buf : &nothing;
}

static int read_view(Index *index, PyObject *arrays, View *view) {
    static const Py_ssize_t items[VIEW_ARRAYS] = {4, 2, 1, 1, 4, 4, 1, 4, 4, 4};
    const void *data[VIEW_ARRAYS];
    Py_ssize_t counts[VIEW_ARRAYS];
    if (!PyTuple_Check(arrays) || PyTuple_GET_SIZE(arrays) != VIEW_ARRAYS) {
        PyErr_SetString(PyExc_TypeError, "a view is a tuple of ten arrays");
        return 0;
    }
    for (int i = 0; i < VIEW_ARRAYS; i++)
        if (!(data[i] = view_array(index, PyTuple_GET_ITEM(arrays, i), items[i], counts + i))) return 0;
    *view = (View){data[0], data[1], counts[2] ? data[2] : NULL, data[3], data[4], data[5], data[6],
                   data[7], data[8], data[9], counts[0], counts[1], counts[4], counts[6], counts[7],
                   counts[9]};
    if ((view->unit_high && counts[2] != counts[1]) || counts[3] != counts[1] ||
        counts[4] != counts[5] || counts[7] != counts[8]) {
        fail(index, DAMAGED);
        return finish(index);
    }
    return 1;
}

static int make_scratch(Index *index) {
    index->size = index->passages > index->documents ? index->passages : index->documents;
    size_t size = (size_t)index->size, words = (size >> 6) + 64, summaries = (size >> 12) + 1;
    index->cells = PyMem_Calloc(size + 1, sizeof(Cell));
    index->met = PyMem_Calloc(size + 1, sizeof(Met));
    index->sums = PyMem_Calloc(size + 1, 8);
    index->document_met = PyMem_Calloc((size_t)index->documents + 1, sizeof(Met));
    index->gathered = (Set){PyMem_Calloc(words, 8), PyMem_Calloc(summaries, 8)};
    index->found = (Set){PyMem_Calloc(words, 8), PyMem_Calloc(summaries, 8)};
    index->wanted = PyMem_Calloc(words, 8);
    index->document_starts = PyMem_Calloc((size_t)index->documents + 1, 4);
    if (!index->document_starts) return 0;
    int32_t document = 0;
    for (Py_ssize_t i = 0; i < index->passages; i++)
        while (document < index->passage_document[i]) index->document_starts[++document] = (int32_t)i;
    while (document < index->documents) index->document_starts[++document] = (int32_t)index->passages;
    index->first_passages = PyMem_Calloc(words, 8);
    index->last_passages = PyMem_Calloc(words, 8);
    if (!index->first_passages || !index->last_passages) return 0;
    for (Py_ssize_t i = 0; i <= index->documents; i++) {
        int32_t start = index->document_starts[i], last = start - 1;
        index->first_passages[start >> 6] |= 1ull << (start & 63);
        if (start) index->last_passages[last >> 6] |= 1ull << (last & 63);
    }
    return index->cells && index->met && index->sums && index->document_met && index->gathered.bits &&
           index->gathered.summary && index->found.bits && index->found.summary && index->wanted;
}

/* What is asked of each posting's passage, in little memory, so that it stays in the cache. */
static int make_columns(Index *index) {
    size_t passages = (size_t)index->passages, words = (passages >> 6) + 64;
    index->short_lengths = PyMem_Malloc(passages + 1);
    if (!index->short_lengths) return 0;
    index->shortest = INT32_MAX;
    for (size_t i = 0; i < passages; i++) {
        int32_t length = index->passage_lengths[i];
        index->short_lengths[i] = length < LONG ? (uint8_t)length : LONG;
        if (length < index->shortest) index->shortest = length;
    }
    if (!passages) index->shortest = 0;
    if (!index->live) return 1;
    index->live_passages_set = PyMem_Calloc(words, 8);
    for (size_t i = 0; i < passages && index->live_passages_set; i++)
        if (index->live[i]) index->live_passages_set[i >> 6] |= 1ull << (i & 63);
    return index->live_passages_set != NULL;
}

#define FREQUENCIES 4
#define LENGTHS 4096

static int make_saturations(Index *index, Py_ssize_t lengths) {
    if (lengths > LENGTHS) return 1; /* some passages are very long: the table would not pay */
    index->frequencies = FREQUENCIES;
    index->saturations = PyMem_Calloc((size_t)lengths * FREQUENCIES + 1, 8);
    if (!index->saturations) return 0;
    double best = index->weights[WHOLE_LEVEL];
    for (Py_ssize_t length = 0; length < lengths; length++)
        for (int f = 0; f < FREQUENCIES; f++)
            index->saturations[length * FREQUENCIES + f] =
                saturated(best * (f + 1), best, index->length_norms[length], index->gain);
    return 1;
}

/* [(starts, bytes, signatures)] of each segment; documents and passages are numbered through all. */
static int read_ids(Index *index, PyObject *list) {
    Py_ssize_t first = 0, first_passage = 0;
    index->segment_count = PyList_GET_SIZE(list);
    index->ids = PyMem_Calloc((size_t)index->segment_count + 1, sizeof(Ids));
    if (!index->ids) return PyErr_NoMemory() != NULL;
    for (Py_ssize_t i = 0; i < index->segment_count; i++) {
        PyObject *starts, *bytes, *signatures;
        Ids *ids = index->ids + i;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(list, i), "OOO", &starts, &bytes, &signatures)) return 0;
        ids->starts = view_array(index, starts, 4, &ids->count);
        ids->bytes = view_array(index, bytes, 1, &ids->length);
        if (PyErr_Occurred()) return 0;
        ids->signatures = view_array(index, signatures, 8, &ids->passages);
        if (PyErr_Occurred()) return 0;
        ids->first_passage = first_passage;
        first_passage += ids->passages;
        ids->first = first;
        first += --ids->count;
    }
    return 1;
}

/* The types of what Python gets, and names of attributes. */
static int read_types(Index *index, PyObject *types) {
    PyTypeObject *type[3];
    if (!PyArg_ParseTuple(types, "O!O!O!", &PyType_Type, type, &PyType_Type, type + 1, &PyType_Type, type + 2))
        return 0;
    for (int i = 0; i < 3; i++)
        if (!PyType_IsSubtype(type[i], &PyTuple_Type) || type[i]->tp_basicsize != PyTuple_Type.tp_basicsize) {
            PyErr_SetString(PyExc_TypeError, "what is found is made as named tuples");
            return 0;
        }
    index->found_type = (PyTypeObject *)Py_NewRef((PyObject *)type[0]);
    index->passage_type = (PyTypeObject *)Py_NewRef((PyObject *)type[1]);
    index->counts_type = (PyTypeObject *)Py_NewRef((PyObject *)type[2]);
    index->entries_name = PyUnicode_InternFromString("entries");
    index->levels_name = PyUnicode_InternFromString("levels");
    index->counts_name = PyUnicode_InternFromString("counts");
    index->surface_name = PyUnicode_InternFromString("surface_counts");
    return index->entries_name && index->levels_name && index->counts_name && index->surface_name;
}

static int Index_init(Index *index, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *views, *live, *passage_document, *lengths, *length_norms, *document_norms, *weights, *ids, *types;
    if (index->buffers) {
        PyErr_SetString(PyExc_RuntimeError, "an index is made once");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O!OOOOO(dd)O!(ii)(ddd)(dd)(dnnn)O!O", &PyList_Type, &views, &live, &passage_document,
                          &lengths, &length_norms, &document_norms, &index->live_passages,
                          &index->live_documents, &PyTuple_Type, &weights, &index->decisive,
                          &index->fold,
                          &index->gain, &index->similar_share, &index->similar_tells, &index->coverage,
                          &index->document_share, &index->nearness.weight, &index->nearness.window,
                          &index->nearness.depth, &index->nearness.passages, &PyList_Type, &ids, &types) ||
        !read_types(index, types))
        return -1;
    if (PyTuple_GET_SIZE(weights) != LEVELS) {
        PyErr_SetString(PyExc_ValueError, "there are eight levels");
        return -1;
    }
    for (int i = 0; i < LEVELS; i++) {
        index->weights[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(weights, i));
        index->whole_weights[i] = (uint32_t)index->weights[i];
    }
    if (index->nearness.passages < 0 || index->nearness.passages > 16 || index->nearness.depth < 0) {
        PyErr_SetString(PyExc_ValueError, "nearness is looked for in at most 16 passages of a hit");
        return -1;
    }
    Py_ssize_t count = PyList_GET_SIZE(views), passages = 0, norms = 0;
    index->buffers = PyMem_Calloc((size_t)(count * VIEW_ARRAYS + 3 * PyList_GET_SIZE(ids) + 5), sizeof(Py_buffer));
    index->views = PyMem_Calloc((size_t)count + 1, sizeof(View));
    if (!index->buffers || !index->views) goto memory;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!read_view(index, PyList_GET_ITEM(views, i), index->views + i)) return -1;
        index->view_count++;
    }
    index->passage_document = view_array(index, passage_document, 4, &index->passages);
    index->passage_lengths = view_array(index, lengths, 4, &passages);
    index->length_norms = view_array(index, length_norms, 8, &norms);
    index->document_norms = view_array(index, document_norms, 8, &index->documents);
    if (PyErr_Occurred()) return -1;
    if (!read_ids(index, ids)) return -1;
    Py_ssize_t lives = passages;
    if (live != Py_None && !(index->live = view_array(index, live, 1, &lives))) return -1;
    if (passages != index->passages || lives != passages) {
        fail(index, DAMAGED);
        finish(index);
        return -1;
    }
    for (Py_ssize_t i = 0; i < index->passages; i++)
        if (index->passage_document[i] < 0 || index->passage_document[i] >= index->documents ||
            (i && index->passage_document[i] < index->passage_document[i - 1]) ||
            index->passage_lengths[i] < 0 || index->passage_lengths[i] >= norms) {
            fail(index, DAMAGED);
            finish(index);
            return -1;
        }
    if (make_scratch(index) && make_columns(index) && make_saturations(index, norms)) return 0;
memory:
    PyErr_NoMemory();
    return -1;
}

static void Index_dealloc(Index *index) {
    PyTypeObject *type = Py_TYPE(index);
    for (Py_ssize_t i = 0; i < index->buffer_count; i++) PyBuffer_Release(index->buffers + i);
    release(index);
    PyMem_RawFree(index->blocks);
    Py_XDECREF(index->found_type);
    Py_XDECREF(index->passage_type);
    Py_XDECREF(index->counts_type);
    Py_XDECREF(index->entries_name);
    Py_XDECREF(index->levels_name);
    Py_XDECREF(index->counts_name);
    Py_XDECREF(index->surface_name);
    void *owned[] = {index->ids, index->sums, index->saturations, index->buffers, index->views, index->cells, index->met, index->document_met,
                     index->gathered.bits, index->gathered.summary, index->found.bits,
                     index->found.summary, index->wanted, index->document_starts,
                     index->first_passages, index->last_passages, index->live_passages_set,
                     index->short_lengths, index->by_rank};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) PyMem_Free(owned[i]);
    type->tp_free((PyObject *)index);
    Py_DECREF(type);
}

static int kernel_exec(PyObject *module) {
    /* The methods are of several files: their tables are joined once. */
    static PyMethodDef methods[32];
    const PyMethodDef *tables[] = {primitive_methods, document_methods, level_methods};
    size_t count = 0;
    for (size_t table = 0; table < sizeof tables / sizeof *tables; table++)
        for (size_t i = 0; tables[table][i].ml_name; i++) methods[count++] = tables[table][i];
    methods[count] = (PyMethodDef){"search", (PyCFunction)Index_search, METH_VARARGS, search_doc};
    PyType_Slot slots[] = {
        {Py_tp_doc, "Views of a generation's arrays, with scratch memory for one call at a time."},
        {Py_tp_init, Index_init},
        {Py_tp_new, PyType_GenericNew},
        {Py_tp_dealloc, Index_dealloc},
        {Py_tp_methods, methods},
        {0, NULL},
    };
    PyType_Spec spec = {"search_service.engines.whoosh.evaluation._kernel.Index", sizeof(Index), 0,
                        Py_TPFLAGS_DEFAULT, slots};
    PyObject *type = PyType_FromSpec(&spec);
    if (!type) return -1;
    int result = PyModule_AddObject(module, "Index", type);
    if (result < 0) Py_DECREF(type);
    return result;
}

static PyModuleDef_Slot kernel_slots[] = {{Py_mod_exec, kernel_exec}, {0, NULL}};

static struct PyModuleDef kernel_module = {
    PyModuleDef_HEAD_INIT, "_kernel", "The inner loops of the executor.", 0, NULL,
    kernel_slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&kernel_module); }
