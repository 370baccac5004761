/* From passages to their documents: steps of the evaluation of a tree. */

#include "index.h"

PyDoc_STRVAR(document_scores_doc,
"document_scores(units, decided, total, best, counts, factor) -> (documents, scores)\n\n"
"The BM25 of frequencies summed over each document's passages; total may be None.");

static PyObject *Index_document_scores(Index *index, PyObject *args) {
    Py_buffer units, decided, total = {0}, best;
    PyObject *total_object, *result = NULL;
    Counts counts = {0};
    double factor;
    if (!PyArg_ParseTuple(args, "y*y*Oy*(ddddp)d", &units, &decided, &total_object, &best,
                          &counts.sure, &counts.all, &counts.sure_documents, &counts.all_documents,
                          &counts.weak, &factor))
        return NULL;
    PyObject *documents = NULL, *scores = NULL;
    int32_t *out_documents;
    double *out_scores;
    Py_ssize_t count = units.len / 4, n = 0;
    if (total_object != Py_None && PyObject_GetBuffer(total_object, &total, PyBUF_SIMPLE) < 0) goto done;
    const int32_t *unit = units.buf;
    const double *d = decided.buf, *t = total.buf ? total.buf : decided.buf, *b = best.buf;
    for (Py_ssize_t i = 0; i < count; i++)
        if (unit[i] < 0 || unit[i] >= index->passages) {
            fail(index, DAMAGED);
            finish(index);
            goto done;
        }
    if (decided.len / 8 != count || best.len / 8 != count || (total.buf && total.len / 8 != count)) {
        PyErr_SetString(PyExc_ValueError, "arrays differ in length");
        goto done;
    }
    documents = array_of(count, 4, (void **)&out_documents);
    scores = array_of(count, 8, (void **)&out_scores);
    if (!documents || !scores) goto done;
    Mixture mix = mixture(index, index->live_documents, counts.sure_documents, counts.all_documents,
                          counts.weak, factor);
    for (Py_ssize_t i = 0; i < count;) {
        int32_t document = index->passage_document[unit[i]];
        double sum = 0, every = 0, top = 0;
        for (; i < count && index->passage_document[unit[i]] == document; i++) {
            sum += d[i];
            every += t[i];
            if (b[i] > top) top = b[i];
        }
        out_documents[n] = document;
        out_scores[n++] = score_of(index, &mix, sum, every, top, index->document_norms[document]);
    }
    if (_PyBytes_Resize(&documents, n * 4) < 0 || _PyBytes_Resize(&scores, n * 8) < 0) goto done;
    result = PyTuple_Pack(2, documents, scores);
done:
    Py_XDECREF(documents);
    Py_XDECREF(scores);
    if (total.obj) PyBuffer_Release(&total);
    PyBuffer_Release(&units);
    PyBuffer_Release(&decided);
    PyBuffer_Release(&best);
    return result;
}

PyDoc_STRVAR(grouped_doc,
"grouped(units, scores) -> (documents, starts, best)\n\n"
"The documents of passages (ascending), where the passages of each begin (int64, and the end), and the\n"
"best score of each.");

static PyObject *Index_grouped(Index *index, PyObject *args) {
    Py_buffer units, scores;
    if (!PyArg_ParseTuple(args, "y*y*", &units, &scores)) return NULL;
    const int32_t *unit = units.buf;
    const double *score = scores.buf;
    Py_ssize_t count = units.len / 4, n = 0;
    int32_t *out_documents, last = -1;
    int64_t *out_starts;
    double *out_best;
    PyObject *documents = array_of(count, 4, (void **)&out_documents);
    PyObject *starts = array_of(count + 1, 8, (void **)&out_starts);
    PyObject *best = array_of(count, 8, (void **)&out_best), *result = NULL;
    if (!documents || !starts || !best) goto done;
    if (scores.len / 8 != count) {
        PyErr_SetString(PyExc_ValueError, "arrays differ in length");
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (unit[i] < 0 || unit[i] >= index->passages) {
            fail(index, DAMAGED);
            finish(index);
            goto done;
        }
        int32_t document = index->passage_document[unit[i]];
        if (document != last) {
            out_documents[n] = last = document;
            out_starts[n] = i;
            out_best[n++] = score[i];
        } else if (score[i] > out_best[n - 1]) {
            out_best[n - 1] = score[i];
        }
    }
    out_starts[n] = count;
    if (_PyBytes_Resize(&documents, n * 4) == 0 && _PyBytes_Resize(&starts, (n + 1) * 8) == 0 &&
        _PyBytes_Resize(&best, n * 8) == 0)
        result = PyTuple_Pack(3, documents, starts, best);
done:
    Py_XDECREF(documents);
    Py_XDECREF(starts);
    Py_XDECREF(best);
    PyBuffer_Release(&units);
    PyBuffer_Release(&scores);
    return result;
}

PyDoc_STRVAR(documents_of_doc,
"documents_of(units) -> int32 as bytes\n\nThe documents of passages (ascending), each once.");

static PyObject *Index_documents_of(Index *index, PyObject *argument) {
    Py_buffer units;
    if (PyObject_GetBuffer(argument, &units, PyBUF_SIMPLE) < 0) return NULL;
    const int32_t *unit = units.buf;
    Py_ssize_t count = units.len / 4, n = 0;
    int32_t *out, last = -1;
    PyObject *result = array_of(count, 4, (void **)&out);
    for (Py_ssize_t i = 0; i < count && result; i++) {
        if (i + AHEAD < count) __builtin_prefetch(index->passage_document + unit[i + AHEAD]);
        if (unit[i] < 0 || unit[i] >= index->passages) {
            Py_CLEAR(result);
            fail(index, DAMAGED);
            finish(index);
            break;
        }
        int32_t document = index->passage_document[unit[i]];
        if (document != last) out[n++] = last = document;
    }
    if (result) _PyBytes_Resize(&result, n * 4);
    PyBuffer_Release(&units);
    return result;
}

PyMethodDef document_methods[] = {
    {"document_scores", (PyCFunction)Index_document_scores, METH_VARARGS, document_scores_doc},
    {"documents_of", (PyCFunction)Index_documents_of, METH_O, documents_of_doc},
    {"grouped", (PyCFunction)Index_grouped, METH_VARARGS, grouped_doc},
    {NULL, NULL, 0, NULL},
};
