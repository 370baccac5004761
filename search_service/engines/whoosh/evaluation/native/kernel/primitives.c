/* One step of the evaluation of a tree at a time, for trees that `search` does not take whole.

   `numpy_kernel.py` says the same in NumPy, and the tests hold both to the same answers, to the last
   bit: so additions are made in the same order, and nothing is contracted or reordered. */

#include "index.h"

static PyObject *bytes_of(const void *data, Py_ssize_t size) {
    return PyBytes_FromStringAndSize(data, size);
}

PyDoc_STRVAR(gather_doc,
"gather(plan, levels, within, documents, evidence, factor, known) -> tuple\n\n"
"Sum the postings of a plan and score them. `within` is int32 units (ascending) or None; `documents`\n"
"says that units are documents and nothing is scored; `known` is None or the counts of an earlier\n"
"call. Returns (units, scores, decided, total, best, similar, counts), arrays as bytes: total is\n"
"None where no similar form was met, similar where no unit has similar forms alone.");

/* What was found, as the arrays that NumPy reads. */
static PyObject *gathered(Index *index, const Found *found, int scored, int evidence, double factor) {
    Py_ssize_t count = found->count;
    const Counts *counts = &found->counts;
    PyObject *fields[6] = {NULL}, *result = NULL;
    double *scores = NULL, *decided = NULL, *total = NULL, *best = NULL;
    uint8_t *similar;
    int weak = counts->weak && found->total != found->decided, alone = 0;
    for (Py_ssize_t i = 0; i < count && weak; i++) alone |= !found->decided[i];
    fields[0] = bytes_of(found->units, count * 4);
    if (scored) fields[1] = array_of(count, 8, (void **)&scores);
    if (evidence) {
        fields[2] = array_of(count, 8, (void **)&decided);
        if (weak) fields[3] = array_of(count, 8, (void **)&total);
        fields[4] = array_of(count, 8, (void **)&best);
    }
    if (alone) fields[5] = array_of(count, 1, (void **)&similar);
    if (PyErr_Occurred()) goto done;
    Mixture mix = mixture(index, index->live_passages, counts->sure, counts->all, counts->weak, factor);
    for (Py_ssize_t i = 0; i < count; i++) {
        double d = found->decided[i], t = found->total[i], b = index->weights[found->level[i]];
        if (scored) scores[i] = score_of(index, &mix, d, t, b, norm_of(index, found->units[i]));
        if (evidence) {
            decided[i] = d;
            best[i] = b;
            if (weak) total[i] = t;
        }
        if (alone) similar[i] = d == 0;
    }
    for (int i = 0; i < 6; i++)
        if (!fields[i]) fields[i] = Py_NewRef(Py_None);
    const Counts counted = *counts;
    if (!finish(index)) goto done;
    counts = &counted;
    result = Py_BuildValue("(OOOOOO(ddddi))", fields[0], fields[1], fields[2], fields[3], fields[4],
                           fields[5], counts->sure, counts->all, counts->sure_documents,
                           counts->all_documents, counts->weak);
done:
    for (int i = 0; i < 6; i++) Py_XDECREF(fields[i]);
    return result;
}

static PyObject *Index_gather(Index *index, PyObject *args) {
    Py_buffer entries, levels, within = {0};
    PyObject *within_object, *known_object, *result = NULL;
    int documents, evidence;
    double factor;
    if (!PyArg_ParseTuple(args, "y*y*OppdO", &entries, &levels, &within_object, &documents, &evidence,
                          &factor, &known_object))
        return NULL;
    Counts known;
    Found found = {0};
    if (within_object != Py_None && PyObject_GetBuffer(within_object, &within, PyBUF_SIMPLE) < 0)
        goto done;
    if (known_object != Py_None &&
        !PyArg_ParseTuple(known_object, "ddddp", &known.sure, &known.all, &known.sure_documents,
                          &known.all_documents, &known.weak))
        goto done;
    static const int32_t none[1] = {0};
    const int32_t *wanted = within_object == Py_None ? NULL : within.buf ? within.buf : none;
    Plan plan = {entries.buf, entries.len / (Py_ssize_t)sizeof(Entry), levels.buf, levels.len, 0, 0};
    if (check_plan(index, &plan) &&
        gather(index, &plan, wanted, within.len / 4, documents, evidence && !documents,
               known_object == Py_None ? NULL : &known, &found))
        result = gathered(index, &found, !documents, evidence, factor);
done:
    if (!finish(index)) Py_CLEAR(result);
    if (within.obj) PyBuffer_Release(&within);
    PyBuffer_Release(&entries);
    PyBuffer_Release(&levels);
    return result;
}

PyDoc_STRVAR(unite_doc,
"unite(lists) -> (units, sums)\n\n"
"The units of any of the (units, scores) in `lists`, ascending, with their scores added in order.");

static PyObject *Index_unite(Index *index, PyObject *lists) {
    PyObject *sequence = PySequence_Fast(lists, "unite takes a sequence");
    if (!sequence) return NULL;
    Py_ssize_t touched = 0;
    int sound = 1;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence) && sound; i++) {
        Py_buffer units, scores;
        if (!PyArg_ParseTuple(PySequence_Fast_GET_ITEM(sequence, i), "y*y*", &units, &scores)) {
            sound = 0;
            break;
        }
        Py_ssize_t count = units.len / 4;
        if (count != scores.len / 8) sound = 0;
        const int32_t *unit = units.buf;
        const double *score = scores.buf;
        for (Py_ssize_t n = 0; n < count && sound; n++) {
            uint32_t u = (uint32_t)unit[n];
            if (n + AHEAD < count) __builtin_prefetch(index->met + (uint32_t)unit[n + AHEAD], 1);
            if (u >= (uint32_t)index->size) {
                sound = 0;
                break;
            }
            touched += !(has(&index->found, u));
            add_to(&index->found, u);
            index->met[u].sum += score[n];
        }
        PyBuffer_Release(&units);
        PyBuffer_Release(&scores);
    }
    Py_DECREF(sequence);
    int32_t *out_units = NULL;
    double *out_sums = NULL;
    PyObject *units = NULL, *sums = NULL, *result = NULL;
    if (sound) {
        units = array_of(touched, 4, (void **)&out_units);
        sums = array_of(touched, 8, (void **)&out_sums);
        sound = units && sums;
    }
    Py_ssize_t n = 0;
    FOR_EACH_OF(&index->found, index->size, unit, {
        if (sound) {
            out_units[n] = (int32_t)unit;
            out_sums[n++] = index->met[unit].sum;
        }
        index->met[unit].sum = 0;
    })
    if (sound) result = PyTuple_Pack(2, units, sums);
    else if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "units and scores do not fit");
    Py_XDECREF(units);
    Py_XDECREF(sums);
    return result;
}

PyDoc_STRVAR(shares_doc,
"shares(units, lists) -> float64 as bytes\n\n"
"For each of the units, the sum of the values of those (units, value) in `lists` that have it; lists\n"
"and units ascend.");

static PyObject *Index_shares(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer units;
    PyObject *lists;
    if (!PyArg_ParseTuple(args, "y*O", &units, &lists)) return NULL;
    PyObject *sequence = PySequence_Fast(lists, "shares takes a sequence"), *result = NULL;
    Py_ssize_t count = units.len / 4;
    const int32_t *unit = units.buf;
    double *out;
    if (sequence && (result = array_of(count, 8, (void **)&out))) {
        memset(out, 0, (size_t)count * 8);
        for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
            Py_buffer having;
            double value;
            if (!PyArg_ParseTuple(PySequence_Fast_GET_ITEM(sequence, i), "y*d", &having, &value)) {
                Py_CLEAR(result);
                break;
            }
            const int32_t *other = having.buf;
            Py_ssize_t length = having.len / 4, n = 0;
            for (Py_ssize_t k = 0; k < length && n < count; k++) {
                while (n < count && unit[n] < other[k]) n++;
                if (n < count && unit[n] == other[k]) out[n] += value;
            }
            PyBuffer_Release(&having);
        }
    }
    Py_XDECREF(sequence);
    PyBuffer_Release(&units);
    return result;
}

PyDoc_STRVAR(contained_doc,
"contained(units, among) -> bool as bytes\n\nWhich of the units are among others; both ascend.");

static PyObject *Index_contained(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer units, among;
    if (!PyArg_ParseTuple(args, "y*y*", &units, &among)) return NULL;
    Py_ssize_t count = units.len / 4, length = among.len / 4, low = 0;
    const int32_t *unit = units.buf, *other = among.buf;
    uint8_t *out;
    PyObject *result = array_of(count, 1, (void **)&out);
    for (Py_ssize_t n = 0; n < count && result; n++) {
        Py_ssize_t step = 1, end = low;
        while (end < length && other[end] < unit[n]) {
            low = end + 1;
            end += step;
            step *= 2;
        }
        if (end > length) end = length;
        while (low < end) {
            Py_ssize_t middle = (low + end) / 2;
            if (other[middle] < unit[n]) low = middle + 1;
            else end = middle;
        }
        out[n] = low < length && other[low] == unit[n];
    }
    PyBuffer_Release(&units);
    PyBuffer_Release(&among);
    return result;
}

typedef struct {
    double value;
    int64_t place;
} Ranked;

static int by_value(const void *left, const void *right) {
    const Ranked *a = left, *b = right;
    if (a->value != b->value) return a->value > b->value ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* The k-th greatest value. `heap` has room for k. */
static double kth(const double *value, Py_ssize_t count, Py_ssize_t k, double *heap) {
    Py_ssize_t size = 0; /* the k greatest so far, the least of them first */
    for (Py_ssize_t i = 0; i < count; i++) {
        double v = value[i];
        Py_ssize_t place;
        if (size < k) {
            place = size++;
            while (place && heap[(place - 1) / 2] > v) {
                heap[place] = heap[(place - 1) / 2];
                place = (place - 1) / 2;
            }
            heap[place] = v;
        } else if (v > heap[0]) {
            place = 0;
            for (;;) {
                Py_ssize_t child = 2 * place + 1;
                if (child >= k) break;
                if (child + 1 < k && heap[child + 1] < heap[child]) child++;
                if (heap[child] >= v) break;
                heap[place] = heap[child];
                place = child;
            }
            heap[place] = v;
        }
    }
    return heap[0];
}

PyDoc_STRVAR(top_doc,
"top(values, k) -> (places, tied)\n\n"
"Where the k greatest float64 values are, int64, the greatest first, and all that equal the last; tied\n"
"says whether any two of them are equal.");

static PyObject *Index_top(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer values;
    Py_ssize_t k;
    if (!PyArg_ParseTuple(args, "y*n", &values, &k)) return NULL;
    Py_ssize_t count = values.len / 8, found = 0;
    const double *value = values.buf;
    PyObject *result = NULL;
    if (k > count) k = count;
    double *heap = PyMem_Malloc((size_t)(k > 0 ? k : 1) * 8);
    Ranked *ranked = NULL;
    if (!heap) {
        PyErr_NoMemory();
        goto done;
    }
    double least = k > 0 ? kth(value, count, k, heap) : HUGE_VAL;
    for (Py_ssize_t i = 0; i < count; i++) found += value[i] >= least;
    ranked = PyMem_Malloc((size_t)(found + 1) * sizeof(Ranked));
    if (!ranked) {
        PyErr_NoMemory();
        goto done;
    }
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (value[i] >= least) ranked[n++] = (Ranked){value[i], i};
    qsort(ranked, (size_t)n, sizeof(Ranked), by_value);
    int64_t *out;
    PyObject *places = array_of(n, 8, (void **)&out);
    if (!places) goto done;
    int tied = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        out[i] = ranked[i].place;
        if (i && ranked[i].value == ranked[i - 1].value) tied = 1;
    }
    result = Py_BuildValue("(NO)", places, tied ? Py_True : Py_False);
done:
    PyMem_Free(heap);
    PyMem_Free(ranked);
    PyBuffer_Release(&values);
    return result;
}

PyDoc_STRVAR(places_doc,
"places(plan, levels, units) -> int64 as bytes\n\n"
"unit << 32 | position of all occurrences in some units (ascending), ascending, each once.");

static PyObject *Index_places(Index *index, PyObject *args) {
    Py_buffer entries, levels, units;
    if (!PyArg_ParseTuple(args, "y*y*y*", &entries, &levels, &units)) return NULL;
    Plan plan = {entries.buf, entries.len / (Py_ssize_t)sizeof(Entry), levels.buf, levels.len, 0, 0};
    const int32_t *wanted = units.buf;
    Places places = {0};
    PyObject *result = NULL;
    int sound = check_plan(index, &plan);
    for (Py_ssize_t i = 0; i < units.len / 4 && sound; i++)
        if (wanted[i] < 0 || wanted[i] >= index->size) sound = fail(index, DAMAGED);
    if (sound && places_of(index, &plan, 0, wanted, units.len / 4, &places))
        result = bytes_of(places.data, places.count * 8);
    if (!finish(index)) Py_CLEAR(result);
    PyBuffer_Release(&entries);
    PyBuffer_Release(&levels);
    PyBuffer_Release(&units);
    return result;
}

PyDoc_STRVAR(followed_doc,
"followed(ends, following, reach) -> int64 as bytes\n\n"
"Those places of `following` that have one of `ends` at most `reach` before them; all ascend.");

static PyObject *Index_followed(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer ends, following;
    long long reach;
    if (!PyArg_ParseTuple(args, "y*y*L", &ends, &following, &reach)) return NULL;
    int64_t *out;
    PyObject *result = array_of(following.len / 8, 8, (void **)&out);
    if (result) {
        Py_ssize_t count = followed(ends.buf, ends.len / 8, following.buf, following.len / 8, reach, out);
        _PyBytes_Resize(&result, count * 8);
    }
    PyBuffer_Release(&ends);
    PyBuffer_Release(&following);
    return result;
}

PyMethodDef primitive_methods[] = {
    {"gather", (PyCFunction)Index_gather, METH_VARARGS, gather_doc},
    {"unite", (PyCFunction)Index_unite, METH_O, unite_doc},
    {"shares", (PyCFunction)Index_shares, METH_VARARGS, shares_doc},
    {"contained", (PyCFunction)Index_contained, METH_VARARGS, contained_doc},
    {"top", (PyCFunction)Index_top, METH_VARARGS, top_doc},
    {"places", (PyCFunction)Index_places, METH_VARARGS, places_doc},
    {"followed", (PyCFunction)Index_followed, METH_VARARGS, followed_doc},
    {NULL, NULL, 0, NULL},
};
