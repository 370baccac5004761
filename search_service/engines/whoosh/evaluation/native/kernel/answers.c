/* What Python gets of a search, made when the scratch is done with. */

#include "search.h"

static PyObject *named(PyTypeObject *type, Py_ssize_t count) { return type->tp_alloc(type, count); }

/* Fill a place of a tuple; 0 where there is nothing to fill it with. */
static int set(PyObject *tuple, Py_ssize_t place, PyObject *value) {
    PyTuple_SET_ITEM(tuple, place, value);
    return value != NULL;
}

PyObject *counts_object(const Index *index, const Counts *counts) {
    PyObject *tuple = named(index->counts_type, 5);
    if (tuple && set(tuple, 0, PyFloat_FromDouble(counts->sure)) &&
        set(tuple, 1, PyFloat_FromDouble(counts->all)) &&
        set(tuple, 2, PyFloat_FromDouble(counts->sure_documents)) &&
        set(tuple, 3, PyFloat_FromDouble(counts->all_documents)) && set(tuple, 4, PyBool_FromLong(counts->weak)))
        return tuple;
    Py_XDECREF(tuple);
    return NULL;
}

static PyObject *id_of(const Index *index, Py_ssize_t document) {
    Py_ssize_t s = index->segment_count - 1;
    while (s > 0 && index->ids[s].first > document) s--;
    if (s < 0 || document - index->ids[s].first >= index->ids[s].count) goto damage;
    const Ids *ids = index->ids + s;
    Py_ssize_t low = ids->starts[document - ids->first], high = ids->starts[document - ids->first + 1];
    if (low <= high && high <= ids->length) return PyUnicode_DecodeUTF8(ids->bytes + low, high - low, NULL);
damage:
    PyErr_SetString(PyExc_ValueError, "documents have no ids");
    return NULL;
}

/* The parts of the query that a hit has nowhere. */
static PyObject *missing_of(const Search *search, uint32_t had) {
    uint32_t missing = search->words ? search->asked & ~had : 0;
    PyObject *tuple = PyTuple_New(__builtin_popcount(missing));
    for (Py_ssize_t place = 0; tuple && missing; missing &= missing - 1)
        if (!set(tuple, place++, PyLong_FromLong(__builtin_ctz(missing)))) Py_CLEAR(tuple);
    return tuple;
}

/* The signature of a passage; 0, which is like no other, where the index has none. */
static PyObject *signature_of(const Index *index, int64_t passage) {
    Py_ssize_t s = index->segment_count - 1;
    while (s > 0 && index->ids[s].first_passage > passage) s--;
    const Ids *ids = index->ids + s;
    int known = s >= 0 && passage >= 0 && passage - ids->first_passage < ids->passages;
    return PyLong_FromUnsignedLongLong(known ? ids->signatures[passage - ids->first_passage] : 0);
}

static PyObject *passages_of(const Index *index, Py_ssize_t document, const Shown *shown, Py_ssize_t count) {
    int64_t first = index->document_starts[document];
    PyObject *passages = PyTuple_New(count);
    for (Py_ssize_t i = 0; passages && i < count; i++) {
        PyObject *passage = named(index->passage_type, 4);
        if (!set(passages, i, passage) || !set(passage, 0, PyLong_FromLong(shown[i].ordinal)) ||
            !set(passage, 1, PyFloat_FromDouble(shown[i].score)) ||
            !set(passage, 2, PyBool_FromLong(shown[i].similar)) ||
            !set(passage, 3, signature_of(index, first + shown[i].ordinal)))
            Py_CLEAR(passages);
    }
    return passages;
}

/* The hits of a page from its rows. */
PyObject *found_of(const Search *search, PyObject *rows, PyObject *passages) {
    const Index *index = search->index;
    const Row *row = (const Row *)PyBytes_AS_STRING(rows);
    const Shown *shown = (const Shown *)PyBytes_AS_STRING(passages);
    Py_ssize_t count = PyBytes_GET_SIZE(rows) / (Py_ssize_t)sizeof(Row);
    PyObject *all = PyTuple_New(count);
    for (Py_ssize_t i = 0; all && i < count; i++) {
        PyObject *found = named(index->found_type, 5);
        if (!set(all, i, found) || !set(found, 0, id_of(index, row[i].document)) ||
            !set(found, 1, PyFloat_FromDouble(row[i].score)) ||
            !set(found, 2, passages_of(index, row[i].document, shown, row[i].passages)) ||
            !set(found, 3, PyLong_FromLong(row[i].found)) || !set(found, 4, missing_of(search, row[i].had)))
            Py_CLEAR(all);
        shown += row[i].passages;
    }
    return all;
}

/* How many documents each part of plain words finds under the filters. */
PyObject *word_documents_of(const Search *search) {
    Py_ssize_t count = 0, place = 0;
    for (Py_ssize_t c = 0; c < search->count && search->words; c++) count += !search->clauses[c].is_surface;
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t c = 0; tuple && c < search->count && place < count; c++) {
        const Clause *clause = search->clauses + c;
        if (clause->is_surface) continue;
        /* Without filters every document passes. */
        double documents = is_filtered(search) ? (double)clause->documents : clause->found.counts.sure_documents;
        if (!set(tuple, place++, PyLong_FromDouble(documents))) Py_CLEAR(tuple);
    }
    return tuple;
}

/* Let plans keep what was counted of them: it holds for the generation. */
int keep_counts(const Search *search) {
    if (!search->by_documents || search->all) return 1;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        const Clause *clause = search->clauses + c;
        if (clause->kind != WORD || clause->was_known) continue;
        PyObject *counts = counts_object(search->index, &clause->found.counts);
        int sound = counts && PyObject_SetAttr(clause->plan, clause->counts_name, counts) == 0;
        Py_XDECREF(counts);
        if (!sound) return 0;
    }
    return 1;
}
