/* The words of a text, and which of them may answer a query, told by their folded letters. */

#include "marking.h"

static const uint32_t *block_of(Alphabet *alphabet, Py_ssize_t number) {
    if (alphabet->blocks[number]) return alphabet->blocks[number];
    if (!alphabet->block) return PyErr_Format(PyExc_RuntimeError, "an alphabet knows no letters"), NULL;
    PyObject *known = PyObject_CallFunction(alphabet->block, "n", number);
    if (!known) return NULL;
    uint32_t *block = NULL;
    if (!PyBytes_Check(known) || PyBytes_GET_SIZE(known) != BLOCK * (Py_ssize_t)sizeof(uint32_t))
        PyErr_SetString(PyExc_TypeError, "a block is bytes: a uint32 for each of 256 letters");
    else if (alphabet->blocks[number]) /* asked for by another thread meanwhile */
        block = alphabet->blocks[number];
    else if (!(block = PyMem_Malloc(BLOCK * sizeof(uint32_t))))
        PyErr_NoMemory();
    else {
        memcpy(block, PyBytes_AS_STRING(known), BLOCK * sizeof(uint32_t));
        alphabet->blocks[number] = block;
    }
    Py_DECREF(known);
    return block;
}

/* See `know`: of letters that nothing has been asked about yet. */
int learn(Alphabet *alphabet, Py_UCS4 code, uint32_t *known) {
    if (code >= BLOCK * BLOCKS) {
        /* Folding them is left to Python; Chinese is not spaced there either. */
        *known = ODD | (Py_UNICODE_ISALNUM(code) ? WORD : 0);
        if (code >= 0x20000 && code < 0x40000) *known |= UNSPACED;
        return 1;
    }
    const uint32_t *block = block_of(alphabet, code / BLOCK);
    if (block) *known = block[code % BLOCK];
    return block != NULL;
}

static inline int is_ascii_letter(Py_UCS4 code) {
    return (code | 32) >= 'a' && (code | 32) <= 'z' && code < 128;
}

/* Reads the letters of a word on from `at`; returns where it ends, or -1. */
static Py_ssize_t go_on(Alphabet *alphabet, const Letters *text, Py_ssize_t at, Folded *word) {
    uint32_t known;
    for (; at < text->length; at++) {
        if (!know(alphabet, letter(text, at), &known)) return -1;
        if (!(known & (WORD | INSIDE))) break;
        add_letter(word, known);
    }
    return at;
}

/* The signs of `C#` and `C++`, which belong to the word that ends at `at`; returns the new end. */
static Py_ssize_t signs(Alphabet *alphabet, const Letters *text, Py_ssize_t at, Folded *word) {
    Py_UCS4 sign = letter(text, at);
    if ((sign != '#' && sign != '+') || !is_ascii_letter(letter(text, at - 1))) return at;
    Py_ssize_t count = sign == '#' ? 1 : 2;
    uint32_t known = 0;
    if (sign == '#' && at > 1) {
        if (!know(alphabet, letter(text, at - 2), &known)) return -1;
        if (known & WORD) return at; /* more than one letter: a hash follows it */
    }
    if (sign == '+' && (at + 1 >= text->length || letter(text, at + 1) != '+')) return at;
    if (at + count < text->length) {
        Py_UCS4 next = letter(text, at + count);
        if (!know(alphabet, next, &known)) return -1;
        if (known & WORD || (sign == '+' && next == '+')) return at;
    }
    for (Py_ssize_t i = 0; i < count; i++) add_letter(word, sign);
    return at + count;
}

/* Reads the word that begins at `at`; returns where it ends, or -1. */
static Py_ssize_t read_word(Alphabet *alphabet, const Letters *text, Py_ssize_t at, int joins,
                            Folded *word) {
    uint32_t known, next;
    begin_word(word);
    at = go_on(alphabet, text, at, word);
    while (joins && at > 0 && at + 1 < text->length) {
        if (!know(alphabet, letter(text, at), &known)) return -1;
        if (!(known & APOSTROPHE)) break;
        if (!know(alphabet, letter(text, at + 1), &next)) return -1;
        if (!(next & WORD)) break;
        at = go_on(alphabet, text, at + 1, word);
    }
    return at > 0 && at < text->length ? signs(alphabet, text, at, word) : at;
}

Outcome read_words(Alphabet *alphabet, const Letters *text, const Wanted *wanted, int joins,
                   Slices *words, Slices *candidates) {
    Folded word;
    uint32_t known;
    for (Py_ssize_t at = 0; at < text->length;) {
        if (!know(alphabet, letter(text, at), &known)) return FAILED;
        if (known & UNSPACED) return NOT_SPACED;
        if (!(known & WORD)) {
            at++;
            continue;
        }
        Py_ssize_t end = read_word(alphabet, text, at, joins, &word);
        if (end < 0) return FAILED;
        if (word.odd & UNSPACED) return NOT_SPACED;
        if (!add_slice(words, at, end)) return FAILED;
        if ((!wanted || is_wanted(wanted, &word)) &&
            !add_slice(candidates, words->count - 1, words->count))
            return FAILED;
        at = end;
    }
    return READ;
}

static PyObject *surfaces_of(PyObject *text, const Slices *words, const Slices *candidates) {
    PyObject *list = PyList_New(candidates->count);
    for (Py_ssize_t i = 0; list && i < candidates->count; i++) {
        Py_ssize_t place = candidates->starts[i];
        PyObject *surface = PyUnicode_Substring(text, words->starts[place], words->ends[place]);
        PyObject *candidate = surface ? Py_BuildValue("(nN)", place, surface) : NULL;
        if (candidate) PyList_SET_ITEM(list, i, candidate);
        else Py_CLEAR(list);
    }
    return list;
}

PyDoc_STRVAR(words_doc,
"words(text, wanted, joins) -> (starts, ends, candidates) or None\n\n"
"Where words begin and end, int32 as bytes; and (place, surface) of those that may be wanted: all of\n"
"them where `wanted` is None. `joins` is whether an apostrophe between two letters makes one word of\n"
"them. None where a part of the text is in a script that puts no spaces between words.");

static PyObject *Alphabet_words(Alphabet *alphabet, PyObject *args) {
    PyObject *text, *wanted, *surfaces, *result = NULL;
    int joins;
    if (!PyArg_ParseTuple(args, "UOp", &text, &wanted, &joins)) return NULL;
    if (wanted != Py_None && !PyObject_TypeCheck(wanted, &WantedType))
        return PyErr_Format(PyExc_TypeError, "what is wanted is a Wanted or None");
    if (PyUnicode_GET_LENGTH(text) > INT32_MAX)
        return PyErr_Format(PyExc_OverflowError, "a text of more than 2^31 letters");
    Letters letters = letters_of(text);
    Slices words = {0}, candidates = {0};
    Outcome outcome = read_words(alphabet, &letters, wanted == Py_None ? NULL : (Wanted *)wanted, joins,
                                 &words, &candidates);
    if (outcome == NOT_SPACED)
        result = Py_NewRef(Py_None);
    else if (outcome == READ && (surfaces = surfaces_of(text, &words, &candidates)))
        result = Py_BuildValue("(y#y#N)", words.starts ? (char *)words.starts : "", words.count * 4,
                               words.ends ? (char *)words.ends : "", words.count * 4, surfaces);
    free_slices(&words);
    free_slices(&candidates);
    return result;
}

PyDoc_STRVAR(folded_doc,
"folded(word) -> str or None\n\n"
"The folded form of a word, letter by letter; None where that can not be told so.");

static PyObject *Alphabet_folded(Alphabet *alphabet, PyObject *text) {
    if (!PyUnicode_Check(text)) return PyErr_Format(PyExc_TypeError, "a word is a str");
    Letters letters = letters_of(text);
    Folded word;
    uint32_t known;
    begin_word(&word);
    for (Py_ssize_t at = 0; at < letters.length; at++) {
        if (!know(alphabet, letter(&letters, at), &known)) return NULL;
        add_letter(&word, known);
    }
    if (word.odd || !word.count || word.count > KEPT) Py_RETURN_NONE;
    return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, word.kept, word.count);
}

static int Alphabet_init(Alphabet *alphabet, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *block;
    if (!PyArg_ParseTuple(args, "O", &block)) return -1;
    Py_XSETREF(alphabet->block, Py_NewRef(block));
    return 0;
}

static int Alphabet_traverse(Alphabet *alphabet, visitproc visit, void *arg) {
    Py_VISIT(alphabet->block);
    return 0;
}

static int Alphabet_clear(Alphabet *alphabet) {
    Py_CLEAR(alphabet->block);
    return 0;
}

static void Alphabet_dealloc(Alphabet *alphabet) {
    PyObject_GC_UnTrack(alphabet);
    Alphabet_clear(alphabet);
    for (int i = 0; i < BLOCKS; i++) PyMem_Free(alphabet->blocks[i]);
    Py_TYPE(alphabet)->tp_free((PyObject *)alphabet);
}

static PyMethodDef methods[] = {
    {"words", (PyCFunction)Alphabet_words, METH_VARARGS, words_doc},
    {"folded", (PyCFunction)Alphabet_folded, METH_O, folded_doc},
    {NULL, NULL, 0, NULL},
};

PyTypeObject AlphabetType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "search_service.highlight._marking.Alphabet",
    .tp_basicsize = sizeof(Alphabet),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("What is known of each letter; `block` tells it, 256 letters at a time."),
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)Alphabet_init,
    .tp_traverse = (traverseproc)Alphabet_traverse,
    .tp_clear = (inquiry)Alphabet_clear,
    .tp_dealloc = (destructor)Alphabet_dealloc,
    .tp_methods = methods,
};
