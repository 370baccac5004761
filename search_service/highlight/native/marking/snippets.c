/* Snippets of the texts of one language for one query of single words, each made in one call. `marking.py`
   says what is marked, for phrases too. */

#include "marking.h"

enum { SINGLE = 1, STOPS = 2, SIMILAR = 4, MATCH = 6, SNIPPET = 4 };

typedef struct {
    PyObject_HEAD
    Alphabet *alphabet;
    Wanted *wanted;          /* or NULL */
    PyObject *memory;        /* surface -> tuple of (word, rung, synonym, stop) */
    PyObject *uses;          /* bytes: of each word, whether it is marked alone, and stop words too */
    PyObject *numbers;       /* bytes: uint16, of each word what it is called */
    PyObject *called;        /* tuple: number -> str */
    PyObject *abbreviations; /* frozenset */
    PyObject *rungs;         /* tuple: number -> Rung */
    PyTypeObject *snippet, *match;
    int joins, ordinals;
} Snippets;

/* How a word of the text answers a word of the query. */
typedef struct {
    long word, rung;
    int synonym, stop;
} Answer;

static int read_answer(const Snippets *self, PyObject *item, Answer *answer) {
    if (!PyTuple_Check(item)) return PyErr_Format(PyExc_TypeError, "an answer is a tuple") != NULL;
    if (!PyArg_ParseTuple(item, "llpp", &answer->word, &answer->rung, &answer->synonym, &answer->stop))
        return 0;
    if (answer->word >= 0 && answer->word < PyBytes_GET_SIZE(self->uses) && answer->rung >= 0 &&
        answer->rung <= SIMILAR)
        return 1;
    return PyErr_Format(PyExc_ValueError, "there is no such word or rung") != NULL;
}

/* How the candidates answer: a list of tuples. */
static PyObject *met(const Snippets *self, PyObject *text, const Slices *words, const Slices *candidates) {
    PyObject *list = PyList_New(candidates->count);
    for (Py_ssize_t i = 0; list && i < candidates->count; i++) {
        Py_ssize_t place = candidates->starts[i];
        PyObject *surface = PyUnicode_Substring(text, words->starts[place], words->ends[place]);
        PyObject *answers = surface ? PyObject_GetItem(self->memory, surface) : NULL;
        Py_XDECREF(surface);
        if (answers && PyTuple_Check(answers)) {
            PyList_SET_ITEM(list, i, answers);
            continue;
        }
        if (answers) PyErr_SetString(PyExc_TypeError, "answers are a tuple");
        Py_XDECREF(answers);
        Py_CLEAR(list);
    }
    return list;
}

/* Which words of the query stand in the text by more than similarity. */
static int find_firm(const Snippets *self, PyObject *list, uint8_t *firm) {
    Answer answer;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *answers = PyList_GET_ITEM(list, i);
        for (Py_ssize_t j = 0; j < PyTuple_GET_SIZE(answers); j++) {
            if (!read_answer(self, PyTuple_GET_ITEM(answers, j), &answer)) return 0;
            firm[answer.word] |= answer.rung != SIMILAR;
        }
    }
    return 1;
}

/* The marks of a text, of each place the one by the best rung; returns how many, or -1. */
static Py_ssize_t mark(const Snippets *self, PyObject *list, const Slices *words,
                       const Slices *candidates, const uint8_t *firm, Mark *marks) {
    const uint8_t *uses = (const uint8_t *)PyBytes_AS_STRING(self->uses);
    const uint16_t *numbers = (const uint16_t *)PyBytes_AS_STRING(self->numbers);
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < candidates->count; i++) {
        PyObject *answers = PyList_GET_ITEM(list, i);
        Answer answer, best = {0, SIMILAR + 1, 0, 0};
        for (Py_ssize_t j = 0; j < PyTuple_GET_SIZE(answers); j++) {
            if (!read_answer(self, PyTuple_GET_ITEM(answers, j), &answer)) return -1;
            int use = uses[answer.word];
            /* Where the word itself stands, its like is noise. */
            if (!(use & SINGLE) || (answer.rung == SIMILAR && firm[answer.word]) ||
                (answer.stop && !(use & STOPS)) || answer.rung >= best.rung)
                continue;
            best = answer;
        }
        if (best.rung > SIMILAR) continue;
        Py_ssize_t place = candidates->starts[i];
        marks[count++] = (Mark){words->starts[place], words->ends[place], best.rung,
                                numbers[best.word], best.synonym};
    }
    return count;
}

static PyObject *named(PyTypeObject *type, Py_ssize_t count) { return type->tp_alloc(type, count); }

/* Fill a place of a tuple; 0 where there is nothing to fill it with. */
static int set(PyObject *tuple, Py_ssize_t place, PyObject *value) {
    PyTuple_SET_ITEM(tuple, place, value);
    return value != NULL;
}

static PyObject *matches_of(const Snippets *self, PyObject *text, Py_ssize_t offset, const Mark *marks,
                            Py_ssize_t count) {
    PyObject *matches = PyTuple_New(count);
    for (Py_ssize_t i = 0; matches && i < count; i++) {
        const Mark *mark = marks + i;
        PyObject *match = named(self->match, MATCH);
        if (!set(matches, i, match) || !set(match, 0, PyLong_FromSsize_t(mark->start + offset)) ||
            !set(match, 1, PyLong_FromSsize_t(mark->end + offset)) ||
            !set(match, 2, Py_NewRef(PyTuple_GET_ITEM(self->rungs, mark->rung))) ||
            !set(match, 3, PyUnicode_Substring(text, mark->start, mark->end)) ||
            !set(match, 4, Py_NewRef(PyTuple_GET_ITEM(self->called, mark->word))) ||
            !set(match, 5, PyBool_FromLong(mark->synonym)))
            Py_CLEAR(matches);
    }
    return matches;
}

static PyObject *shown(const Snippets *self, PyObject *text, Py_ssize_t offset, Py_ssize_t most,
                       const Slices *words, const Mark *marks, Py_ssize_t count) {
    Letters letters = letters_of(text);
    Py_ssize_t start = 0, end = letters.length;
    if (most > 0 && words->count > most) {
        Slices sentences = {0};
        long *rungs = PyMem_Malloc(((size_t)PyTuple_GET_SIZE(self->called) + 1) * sizeof(long));
        int sound = rungs ? split_sentences(self->alphabet, text, self->abbreviations, self->ordinals,
                                            &sentences)
                          : PyErr_NoMemory() != NULL;
        sound = sound && choose_window(rungs, &letters, &sentences, words->starts, words->ends,
                                       words->count, marks, count, most, &start, &end);
        PyMem_Free(rungs);
        free_slices(&sentences);
        if (!sound) return NULL;
    }
    for (; count && marks->start < start; count--) marks++;
    while (count && marks[count - 1].end > end) count--;
    PyObject *snippet = named(self->snippet, SNIPPET);
    if (snippet && (!set(snippet, 0, render(&letters, start, end, marks, count)) ||
                    !set(snippet, 1, PyLong_FromSsize_t(start + offset)) ||
                    !set(snippet, 2, PyLong_FromSsize_t(end + offset)) ||
                    !set(snippet, 3, matches_of(self, text, offset, marks, count))))
        Py_CLEAR(snippet);
    return snippet;
}

PyDoc_STRVAR(snippet_doc,
"snippet(text, offset, most) -> Snippet or None\n\n"
"What is shown of a text that begins at `offset` of its document: at most so many words, all of it\n"
"where `most` is 0. None where a part of it is in a script that puts no spaces between words.");

static PyObject *Snippets_snippet(Snippets *self, PyObject *args) {
    PyObject *text, *result = NULL, *list = NULL;
    Py_ssize_t offset, most;
    if (!PyArg_ParseTuple(args, "Unn", &text, &offset, &most)) return NULL;
    if (!self->alphabet) return PyErr_Format(PyExc_RuntimeError, "nothing is asked");
    if (PyUnicode_GET_LENGTH(text) > INT32_MAX)
        return PyErr_Format(PyExc_OverflowError, "a text of more than 2^31 letters");
    Letters letters = letters_of(text);
    Slices words = {0}, candidates = {0};
    Mark *marks = NULL;
    uint8_t *firm = NULL;
    Outcome outcome = read_words(self->alphabet, &letters, self->wanted, self->joins, &words, &candidates);
    if (outcome == NOT_SPACED) result = Py_NewRef(Py_None);
    if (outcome != READ || !(list = met(self, text, &words, &candidates))) goto done;
    marks = PyMem_Malloc(((size_t)candidates.count + 1) * sizeof(Mark));
    firm = PyMem_Calloc((size_t)PyBytes_GET_SIZE(self->uses) + 1, 1);
    if (!marks || !firm) {
        PyErr_NoMemory();
        goto done;
    }
    if (!find_firm(self, list, firm)) goto done;
    Py_ssize_t count = mark(self, list, &words, &candidates, firm, marks);
    if (count >= 0) result = shown(self, text, offset, most, &words, marks, count);
done:
    Py_XDECREF(list);
    PyMem_Free(marks);
    PyMem_Free(firm);
    free_slices(&words);
    free_slices(&candidates);
    return result;
}

static int is_sound(const Snippets *self) {
    Py_ssize_t words = PyBytes_GET_SIZE(self->uses);
    int sound = PyBytes_GET_SIZE(self->numbers) == 2 * words && PyTuple_GET_SIZE(self->rungs) == SIMILAR + 1 &&
                PyType_IsSubtype(self->snippet, &PyTuple_Type) && PyType_IsSubtype(self->match, &PyTuple_Type);
    const uint16_t *numbers = (const uint16_t *)PyBytes_AS_STRING(self->numbers);
    for (Py_ssize_t i = 0; sound && i < words; i++) sound = numbers[i] < PyTuple_GET_SIZE(self->called);
    if (!sound) PyErr_SetString(PyExc_ValueError, "words, numbers and rungs do not fit together");
    return sound;
}

static int Snippets_init(Snippets *self, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *alphabet, *wanted, *memory, *uses, *numbers, *called, *abbreviations, *snippet, *match, *rungs;
    if (self->alphabet) {
        PyErr_SetString(PyExc_RuntimeError, "what is asked is said once");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O!OpOO!O!O!O!p(O!O!O!)", &AlphabetType, &alphabet, &wanted, &self->joins,
                          &memory, &PyBytes_Type, &uses, &PyBytes_Type, &numbers, &PyTuple_Type, &called,
                          &PyFrozenSet_Type, &abbreviations, &self->ordinals, &PyType_Type, &snippet,
                          &PyType_Type, &match, &PyTuple_Type, &rungs))
        return -1;
    if (wanted != Py_None && !PyObject_TypeCheck(wanted, &WantedType)) {
        PyErr_SetString(PyExc_TypeError, "what is wanted is a Wanted or None");
        return -1;
    }
    Snippets given = {.uses = uses, .numbers = numbers, .called = called, .rungs = rungs,
                      .snippet = (PyTypeObject *)snippet, .match = (PyTypeObject *)match};
    if (!is_sound(&given)) return -1;
    self->wanted = wanted == Py_None ? NULL : (Wanted *)Py_NewRef(wanted);
    self->memory = Py_NewRef(memory);
    self->uses = Py_NewRef(uses);
    self->numbers = Py_NewRef(numbers);
    self->called = Py_NewRef(called);
    self->abbreviations = Py_NewRef(abbreviations);
    self->rungs = Py_NewRef(rungs);
    self->snippet = (PyTypeObject *)Py_NewRef(snippet);
    self->match = (PyTypeObject *)Py_NewRef(match);
    self->alphabet = (Alphabet *)Py_NewRef(alphabet);
    return 0;
}

static int Snippets_traverse(Snippets *self, visitproc visit, void *arg) {
    Py_VISIT(self->alphabet);
    Py_VISIT(self->wanted);
    Py_VISIT(self->memory);
    Py_VISIT(self->called);
    Py_VISIT(self->abbreviations);
    Py_VISIT(self->rungs);
    Py_VISIT(self->snippet);
    Py_VISIT(self->match);
    return 0;
}

static int Snippets_clear(Snippets *self) {
    Py_CLEAR(self->alphabet);
    Py_CLEAR(self->wanted);
    Py_CLEAR(self->memory);
    Py_CLEAR(self->uses);
    Py_CLEAR(self->numbers);
    Py_CLEAR(self->called);
    Py_CLEAR(self->abbreviations);
    Py_CLEAR(self->rungs);
    Py_CLEAR(self->snippet);
    Py_CLEAR(self->match);
    return 0;
}

static void Snippets_dealloc(Snippets *self) {
    PyObject_GC_UnTrack(self);
    Snippets_clear(self);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

static PyMethodDef methods[] = {
    {"snippet", (PyCFunction)Snippets_snippet, METH_VARARGS, snippet_doc},
    {NULL, NULL, 0, NULL},
};

PyTypeObject SnippetsType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "search_service.highlight._marking.Snippets",
    .tp_basicsize = sizeof(Snippets),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("Snippets(alphabet, wanted, joins, memory, uses, numbers, called, abbreviations, "
                        "ordinals, (Snippet, Match, rungs))"),
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)Snippets_init,
    .tp_traverse = (traverseproc)Snippets_traverse,
    .tp_clear = (inquiry)Snippets_clear,
    .tp_dealloc = (destructor)Snippets_dealloc,
    .tp_methods = methods,
};
