/* What the runs of letters of words weigh: `ngrams.py` says the same with NumPy. */

#include "words.h"

enum { LONGEST = 5, MOST_LETTERS = 64, SPACE = ' ' };
static const uint32_t STEP = 0x01000193u, SPREAD = 0x9E3779B1u, SALT = 0x85EBCA6Bu;

/* The weights of one script: a row of them for each hash value. */
typedef struct {
    const int8_t *rows;
    size_t classes;
    int shift; /* of a hash, to a row */
} Weights;

static void add_row(const Weights *weights, uint32_t row, int32_t *restrict sums) {
    const int8_t *restrict row_weights = weights->rows + row * weights->classes;
    for (size_t at = 0; at < weights->classes; at++) sums[at] += row_weights[at];
}

/* Add up what all runs of a word weigh, with a space before it and one behind. */
static void add_word(const Weights *weights, const uint32_t *letters, int count, int32_t *sums) {
    for (int first = 0; first < count; first++) {
        uint32_t hash = 0;
        for (int size = 1; size <= LONGEST && first + size <= count; size++) {
            hash = (hash ^ letters[first + size - 1]) * STEP;
            hash ^= hash >> 15;
            if (size == 1 && letters[first] == SPACE) continue;
            add_row(weights, (hash * SPREAD + (uint32_t)size * SALT) >> weights->shift, sums);
        }
    }
}

static int add_words(const Weights *weights, PyObject *words, int32_t *sums) {
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(words); i++) {
        PyObject *word = PyList_GET_ITEM(words, i);
        uint32_t letters[MOST_LETTERS];
        if (!PyUnicode_Check(word) || PyUnicode_GET_LENGTH(word) > MOST_LETTERS - 2)
            return PyErr_SetString(PyExc_ValueError, "words are strings, and not too long"), 0;
        int count = 0;
        letters[count++] = SPACE;
        for (Py_ssize_t at = 0; at < PyUnicode_GET_LENGTH(word); at++) letters[count++] = PyUnicode_READ_CHAR(word, at);
        letters[count++] = SPACE;
        add_word(weights, letters, count, sums + (size_t)i * weights->classes);
    }
    return 1;
}

const char letter_scores_doc[] =
    "letter_scores(words, weights, bits) -> int32[words, classes] as bytes\n\n"
    "The sums of the weights (int8[2^bits, classes]) of all runs of letters of each word.";

PyObject *words_letter_scores(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *words, *sums = NULL;
    Py_buffer weights;
    int bits;
    if (!PyArg_ParseTuple(args, "O!y*i", &PyList_Type, &words, &weights, &bits)) return NULL;
    size_t rows = bits > 0 && bits < 31 ? (size_t)1 << bits : 0, classes = rows ? (size_t)weights.len / rows : 0;
    if (!rows || !classes || classes > 4096 || classes * rows != (size_t)weights.len) {
        PyErr_SetString(PyExc_ValueError, "weights are a row for each hash value");
    } else {
        Weights given = {weights.buf, classes, 32 - bits};
        size_t size = (size_t)PyList_GET_SIZE(words) * classes * sizeof(int32_t);
        sums = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
        if (sums) {
            memset(PyBytes_AS_STRING(sums), 0, size);
            if (!add_words(&given, words, (int32_t *)PyBytes_AS_STRING(sums))) Py_CLEAR(sums);
        }
    }
    PyBuffer_Release(&weights);
    return sums;
}
