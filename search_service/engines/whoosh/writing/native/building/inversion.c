/* The words of units as postings, by counting: every word goes straight to its place. */

#include "building.h"

enum { MOST_UNITS = 1 << 24, MOST_ROWS = 1 << 24, LAST_POSITION = 0xFFFF };

/* What inverting goes through, and what it makes. */
typedef struct {
    const uint32_t *words;
    const int32_t *counts; /* words of each unit */
    const uint32_t *row_of_form;
    size_t word_count, unit_count, form_count, row_count;
    uint32_t *postings, *positions; /* of each row: how many, then where the next one goes */
    int32_t *last;                  /* unit of each row that had it last */
} Input;

static inline int row_of(const Input *in, size_t at, uint32_t *row) {
    uint32_t word = in->words[at];
    if (word == GAP) return 0;
    *row = in->row_of_form[word];
    return 1;
}

/* Postings and positions of each row are counted; 0 where the words are not sound. */
static int count(Input *in) {
    size_t at = 0;
    for (size_t unit = 0; unit < in->unit_count; unit++) {
        if (in->counts[unit] < 0 || (size_t)in->counts[unit] > in->word_count - at) return 0;
        for (size_t end = at + (size_t)in->counts[unit]; at < end; at++) {
            uint32_t row;
            if (in->words[at] != GAP && in->words[at] >= in->form_count) return 0;
            if (!row_of(in, at, &row)) continue;
            if (row >= in->row_count) return 0;
            in->positions[row]++;
            in->postings[row] += in->last[row] != (int32_t)unit;
            in->last[row] = (int32_t)unit;
        }
    }
    return at == in->word_count;
}

/* Counts become where each row begins; returns their sum. */
static size_t begin(uint32_t *counts, size_t rows) {
    size_t sum = 0;
    for (size_t row = 0; row < rows; row++) {
        uint32_t count = counts[row];
        counts[row] = (uint32_t)sum;
        sum += count;
    }
    return sum;
}

static void fill(Input *in, uint32_t *units, uint32_t *frequencies, uint16_t *positions) {
    size_t at = 0;
    for (size_t row = 0; row < in->row_count; row++) in->last[row] = -1;
    for (size_t unit = 0; unit < in->unit_count; unit++) {
        size_t first = at;
        for (size_t end = at + (size_t)in->counts[unit]; at < end; at++) {
            uint32_t row;
            if (!row_of(in, at, &row)) continue;
            if (in->last[row] != (int32_t)unit) {
                in->last[row] = (int32_t)unit;
                units[in->postings[row]] = (uint32_t)unit;
                frequencies[in->postings[row]++] = 0;
            }
            frequencies[in->postings[row] - 1]++;
            positions[in->positions[row]++] = (uint16_t)(at - first < LAST_POSITION ? at - first : LAST_POSITION);
        }
    }
}

const char invert_doc[] =
    "invert(words, counts, row_of_form, rows) -> counts, units, frequencies, positions\n\n"
    "Postings of the words of units, in order: how many each row has (uint32[rows]), units and frequencies\n"
    "(uint32), positions (uint16), as bytes. Words are numbers of forms (uint32, GAP for none), `counts`\n"
    "(int32) of them a unit.";

static PyObject *inverted(Input *in) {
    PyObject *made[4] = {NULL}, *result = NULL;
    made[0] = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(in->row_count * sizeof(uint32_t)));
    if (!made[0]) return NULL;
    memcpy(PyBytes_AS_STRING(made[0]), in->postings, in->row_count * sizeof(uint32_t));
    size_t postings = begin(in->postings, in->row_count), positions = begin(in->positions, in->row_count);
    made[1] = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(postings * sizeof(uint32_t)));
    made[2] = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(postings * sizeof(uint32_t)));
    made[3] = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(positions * sizeof(uint16_t)));
    if (made[1] && made[2] && made[3]) {
        fill(in, (uint32_t *)PyBytes_AS_STRING(made[1]), (uint32_t *)PyBytes_AS_STRING(made[2]),
             (uint16_t *)PyBytes_AS_STRING(made[3]));
        result = PyTuple_Pack(4, made[0], made[1], made[2], made[3]);
    }
    for (int i = 0; i < 4; i++) Py_XDECREF(made[i]);
    return result;
}

PyObject *building_invert(PyObject *Py_UNUSED(module), PyObject *args) {
    Py_buffer words, counts, rows;
    Py_ssize_t row_count;
    PyObject *result = NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*n", &words, &counts, &rows, &row_count)) return NULL;
    Input in = {
        .words = words.buf, .counts = counts.buf, .row_of_form = rows.buf,
        .word_count = (size_t)words.len / sizeof(uint32_t), .unit_count = (size_t)counts.len / sizeof(int32_t),
        .form_count = (size_t)rows.len / sizeof(uint32_t), .row_count = (size_t)row_count,
    };
    if (row_count < 0 || row_count > MOST_ROWS || in.unit_count > MOST_UNITS || in.word_count >= UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "so many forms, units or words are too many for a segment");
    } else {
        in.postings = PyMem_Calloc(in.row_count + 1, sizeof *in.postings);
        in.positions = PyMem_Calloc(in.row_count + 1, sizeof *in.positions);
        in.last = PyMem_Malloc((in.row_count + 1) * sizeof *in.last);
        if (!in.postings || !in.positions || !in.last) {
            PyErr_NoMemory();
        } else {
            memset(in.last, 0xFF, (in.row_count + 1) * sizeof *in.last);
            if (count(&in)) result = inverted(&in);
            else PyErr_SetString(PyExc_ValueError, "units have all words, and words are forms that have rows");
        }
        PyMem_Free(in.postings);
        PyMem_Free(in.positions);
        PyMem_Free(in.last);
    }
    PyBuffer_Release(&words);
    PyBuffer_Release(&counts);
    PyBuffer_Release(&rows);
    return result;
}
