/* Reads words as one language does: `analysis.Analyser` for one word after another. */

#include "reading.h"

enum { MOST_CASES = 4, LONGEST_CASE = 3, MOST_ROOTS = 16, APOSTROPHE = '\'', S_WITH_CEDILLA = 0x15F, ESH = 0x283 };

/* Endings of a name, and what stands in their place in the nominative. */
typedef struct {
    int before;  /* letters that are left at least, beside the last */
    Text last;   /* the letters of which one is the last that is left */
    Text nominative;
    Strings endings;
} Case;

typedef struct {
    Case cases[MOST_CASES];
    int count;
} Cases;

typedef struct {
    PyObject_HEAD
    Letter letters[LETTERS];
    PyObject *stop_words, *stem;
    Stemmer *stemmer; /* of words in Latin letters; or NULL */
    Spelling *latin, *mixed, *cyrillic;
    Cases latin_cases, cyrillic_cases;
    Strings mixed_signs; /* letters that say that a word is spelled as `mixed` has it */
    Text code, left;     /* `left`: letters of words that are left to Python */
} Reader;

static int read_cases(Cases *cases, PyObject *given) {
    if (PyTuple_GET_SIZE(given) > MOST_CASES) return PyErr_SetString(PyExc_ValueError, "too many cases"), 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(given); i++) {
        Case *one = cases->cases + i;
        PyObject *last, *endings, *nominative;
        if (!is_tuple(PyTuple_GET_ITEM(given, i)) ||
            !PyArg_ParseTuple(PyTuple_GET_ITEM(given, i), "iOO!O", &one->before, &last, &PyTuple_Type, &endings, &nominative))
            return 0;
        if (!text_set(&one->last, last) || !text_set(&one->nominative, nominative)) return 0;
        if (one->before < 1 || one->nominative.used > 1) return PyErr_SetString(PyExc_ValueError, "no such case"), 0;
        for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(endings); at++)
            if (!strings_add(&one->endings, PyTuple_GET_ITEM(endings, at), 0)) return 0;
        cases->count++;
    }
    return 1;
}

static int is_spelling(PyObject *given) {
    return PyObject_TypeCheck(given, &SpellingType) && ((Spelling *)given)->letters.text;
}

static int reader_init(Reader *self, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    Py_buffer letters;
    PyObject *code, *stop_words, *stem, *stemmer, *latin, *mixed, *cyrillic, *latin_cases, *cyrillic_cases, *signs, *left;
    if (!PyArg_ParseTuple(args, "Uy*OOOO!OO!O!O!O!U", &code, &letters, &stop_words, &stem, &stemmer, &SpellingType, &latin,
                          &mixed, &SpellingType, &cyrillic, &PyTuple_Type, &latin_cases, &PyTuple_Type, &cyrillic_cases,
                          &PyTuple_Type, &signs, &left))
        return -1;
    int sound = letters.len == sizeof self->letters;
    if (sound) memcpy(self->letters, letters.buf, sizeof self->letters);
    PyBuffer_Release(&letters);
    if (self->stem) return PyErr_SetString(PyExc_TypeError, "a reader is made once"), -1;
    for (int i = 0; i < LETTERS; i++) sound = sound && self->letters[i].lower < LETTERS;
    if (!sound || !PyAnySet_Check(stop_words) || !(stemmer == Py_None || PyObject_TypeCheck(stemmer, &StemmerType)) ||
        !(mixed == Py_None || is_spelling(mixed)) || !is_spelling(latin) || !is_spelling(cyrillic))
        return PyErr_SetString(PyExc_TypeError, "letters, stop words, a stemmer and spellings are wanted"), -1;
    self->stop_words = Py_NewRef(stop_words);
    self->stem = Py_NewRef(stem);
    self->stemmer = stemmer == Py_None ? NULL : (Stemmer *)Py_NewRef(stemmer);
    self->latin = (Spelling *)Py_NewRef(latin);
    self->mixed = mixed == Py_None ? NULL : (Spelling *)Py_NewRef(mixed);
    self->cyrillic = (Spelling *)Py_NewRef(cyrillic);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(signs); i++)
        if (!strings_add(&self->mixed_signs, PyTuple_GET_ITEM(signs, i), 0)) return -1;
    return text_set(&self->code, code) && text_set(&self->left, left) && read_cases(&self->latin_cases, latin_cases) &&
                   read_cases(&self->cyrillic_cases, cyrillic_cases) ? 0 : -1;
}

static void free_cases(Cases *cases) {
    for (int i = 0; i < MOST_CASES; i++) {
        PyMem_Free(cases->cases[i].last.text);
        PyMem_Free(cases->cases[i].nominative.text);
        strings_free(&cases->cases[i].endings);
    }
}

static void reader_dealloc(Reader *self) {
    PyObject *kept[] = {self->stop_words, self->stem, (PyObject *)self->stemmer, (PyObject *)self->latin,
                        (PyObject *)self->mixed, (PyObject *)self->cyrillic};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) Py_XDECREF(kept[i]);
    free_cases(&self->latin_cases);
    free_cases(&self->cyrillic_cases);
    strings_free(&self->mixed_signs);
    PyMem_Free(self->code.text);
    PyMem_Free(self->left.text);
    Py_TYPE(self)->tp_free(self);
}

/* A word that is being read. */
typedef struct {
    uint16_t exact[LONGEST], folded[LONGEST * FOLDED];
    int length, folded_length;
    int ascii, latin, joined; /* joined: by an apostrophe */
    size_t roots[MOST_ROOTS], root_ends[MOST_ROOTS]; /* in the key */
    int root_count;
    Text *key; /* what is made of it */
} Word;

static Slice slice(const uint16_t *text, int length) { return (Slice){text, length}; }

/* Letters folded into `to`; themselves where nothing is left of them. */
static int fold(const Reader *self, Slice from, uint16_t *to) {
    int length = 0;
    for (int i = 0; i < from.length; i++)
        for (int part = 0; part < FOLDED && self->letters[from.text[i]].folded[part]; part++)
            to[length++] = self->letters[from.text[i]].folded[part];
    if (length || !from.length) return length;
    memcpy(to, from.text, (size_t)from.length * sizeof *to);
    return from.length;
}

/* 0: it is left to Python. */
static int read_letters(const Reader *self, PyObject *surface, Word *word, Text *key) {
    Py_ssize_t length = PyUnicode_GET_LENGTH(surface);
    if (!length || length > LONGEST) return 0;
    int kind = PyUnicode_KIND(surface);
    const void *data = PyUnicode_DATA(surface);
    *word = (Word){.length = (int)length, .ascii = 1, .latin = 1, .key = key};
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 letter = PyUnicode_READ(kind, data, i);
        if (letter == 0x2018 || letter == 0x2019) letter += LETTERS - 2 - 0x2018;
        else if (letter >= LETTERS - 2) return 0;
        if (!(self->letters[letter].flags & KNOWN)) return 0;
        uint16_t lower = self->letters[letter].lower;
        word->exact[i] = lower;
        word->ascii &= lower < 128;
        word->latin &= lower < LATIN_END;
        word->joined |= lower == APOSTROPHE;
        if (has(slice(self->left.text, (int)self->left.used), lower)) return 0;
    }
    word->folded_length = fold(self, slice(word->exact, word->length), word->folded);
    return 1;
}

static int add_code(Reader *self, Word *word) {
    const uint16_t separator = KEY_SEPARATOR, colon = ':';
    if (word->root_count && !text_add(word->key, &separator, 1)) return 0;
    if (!text_add(word->key, self->code.text, self->code.used) || !text_add(word->key, &colon, 1)) return 0;
    word->roots[word->root_count] = word->key->used;
    return 1;
}

/* The stems of a word by the compiled stemmer. */
static int add_stems(Reader *self, Word *word) {
    uint16_t letters[LONGEST * FOLDED];
    Stems stems;
    int length = 0;
    for (int i = 0; i < word->length; i++) {
        if (word->exact[i] == S_WITH_CEDILLA) letters[length++] = ESH;
        else length += fold(self, slice(word->exact + i, 1), letters + length);
    }
    find_stems(self->stemmer, slice(letters, length), word->ascii, &stems);
    for (int i = 0; i < stems.count; i++) {
        if (!add_code(self, word)) return 0;
        if (!text_add(word->key, stems.text + stems.starts[i], (size_t)(stems.starts[i + 1] - stems.starts[i]))) return 0;
        word->root_ends[word->root_count++] = word->key->used;
    }
    return 1;
}

/* The stems of a word by the language's own function. */
static int ask_stems(Reader *self, Word *word, PyObject *exact) {
    PyObject *answer = PyObject_CallOneArg(self->stem, exact);
    PyObject *roots = answer ? PySequence_Fast(answer, "stems are a sequence") : NULL;
    int sound = roots != NULL;
    if (sound && PySequence_Fast_GET_SIZE(roots) > MOST_ROOTS)
        sound = (PyErr_SetString(PyExc_ValueError, "too many stems"), 0);
    for (Py_ssize_t i = 0; sound && i < PySequence_Fast_GET_SIZE(roots); i++) {
        sound = add_code(self, word) && text_put(word->key, PySequence_Fast_GET_ITEM(roots, i));
        if (sound) word->root_ends[word->root_count++] = word->key->used;
    }
    Py_XDECREF(roots);
    Py_XDECREF(answer);
    return sound;
}

/* Whether a name without its last letter, which may have changed, is like one of the stems. */
static int known(const Reader *self, const Word *word, Slice name) {
    uint16_t folded[LONGEST * FOLDED];
    Slice most = {folded, fold(self, slice(name.text, name.length - 1), folded)};
    for (int i = 0; i < word->root_count; i++) {
        int length = (int)(word->root_ends[i] - word->roots[i]);
        if (length && equal(most, slice(word->key->text + word->roots[i], length - 1))) return 1;
    }
    return !word->root_count;
}

static int add_names(Reader *self, const Word *word, Slice exact, const Spelling *spelling, const Cases *cases, size_t first) {
    for (const Case *one = cases->cases; one < cases->cases + cases->count; one++) {
        int start = exact.length > LONGEST_CASE ? exact.length - LONGEST_CASE : 0;
        for (; start < exact.length; start++)
            if (start > one->before && has(slice(one->last.text, (int)one->last.used), exact.text[start - 1]) &&
                strings_get(&one->endings, slice(exact.text + start, exact.length - start)) >= 0)
                break;
        if (start == exact.length) continue;
        uint16_t name[LONGEST + 1];
        memcpy(name, exact.text, (size_t)start * sizeof *name);
        if (!one->nominative.used && !known(self, word, slice(name, start))) continue;
        if (one->nominative.used) name[start] = *one->nominative.text;
        if (!add_keys(spelling, slice(name, start + (int)one->nominative.used), word->key, first)) return 0;
    }
    return 1;
}

static int spelled_otherwise(const Reader *self, Slice exact) {
    for (int at = 0; at < exact.length; at++)
        for (int length = 2; length <= 3 && at + length <= exact.length; length++)
            if (strings_get(&self->mixed_signs, slice(exact.text + at, length)) >= 0) return 1;
    return 0;
}

/* Its keys across scripts. */
static int add_translit(Reader *self, const Word *word) {
    Slice exact = {word->exact, word->length};
    size_t first = word->key->used;
    if (self->mixed) { /* of a language that puts its endings behind an apostrophe */
        for (int i = 0; i < exact.length; i++)
            if (exact.text[i] == APOSTROPHE) exact.length = i;
    } else if (exact.length > 1 && exact.text[exact.length - 1] == 's' && exact.text[exact.length - 2] == APOSTROPHE) {
        exact.length -= 2;
    }
    if (exact.length < 4) return 1;
    for (int i = 0; i < exact.length; i++)
        if (!(self->letters[exact.text[i]].flags & ALPHABETIC)) return 1;
    if (exact.text[0] >= BEYOND_CYRILLIC) return 1;
    if (exact.text[0] >= CYRILLIC)
        return add_keys(self->cyrillic, exact, word->key, first) &&
               add_names(self, word, exact, self->cyrillic, &self->cyrillic_cases, first);
    return add_keys(self->latin, exact, word->key, first) &&
           (!self->mixed || !spelled_otherwise(self, exact) || add_keys(self->mixed, exact, word->key, first)) &&
           add_names(self, word, exact, self->latin, &self->latin_cases, first);
}

/* The key of a word's form, None where Python must read it, NULL with an error. */
static PyObject *read_word(Reader *self, PyObject *surface, Text *key) {
    Word word;
    const uint16_t separator = PART_SEPARATOR;
    if (!PyUnicode_Check(surface)) return PyErr_Format(PyExc_TypeError, "words are strings");
    if (!read_letters(self, surface, &word, key)) Py_RETURN_NONE;
    PyObject *exact = PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, word.exact, word.length);
    int stop = exact ? PySet_Contains(self->stop_words, exact) : -1;
    key->used = 0;
    int sound = stop >= 0 && text_add(key, word.folded, (size_t)word.folded_length) && text_add(key, &separator, 1) &&
                text_add(key, word.exact, (size_t)word.length) && text_add(key, &separator, 1) &&
                text_add(key, self->code.text, self->code.used) && text_add(key, &separator, 1);
    if (sound)
        sound = self->stemmer && word.latin && !word.joined ? add_stems(self, &word) : ask_stems(self, &word, exact);
    Py_XDECREF(exact);
    sound = sound && text_add(key, &separator, 1) && (stop || add_translit(self, &word));
    return sound ? PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, key->text, (Py_ssize_t)key->used) : NULL;
}

PyDoc_STRVAR(keys_doc,
"keys(words) -> list\n\n"
"The key of the form of each word (`formkeys.form_key`), in order; None for a word that Python must read.");

static PyObject *reader_keys(Reader *self, PyObject *words) {
    if (!self->code.text) return PyErr_Format(PyExc_TypeError, "a reader is made by Reader()");
    if (!PyList_Check(words)) return PyErr_Format(PyExc_TypeError, "words are a list");
    Text text = {0};
    PyObject *result = PyList_New(0);
    for (Py_ssize_t i = 0; result && i < PyList_GET_SIZE(words); i++) {
        PyObject *key = read_word(self, PyList_GET_ITEM(words, i), &text);
        if (!key || PyList_Append(result, key)) Py_CLEAR(result);
        Py_XDECREF(key);
    }
    PyMem_Free(text.text);
    return result;
}

static PyMethodDef reader_methods[] = {
    {"keys", (PyCFunction)reader_keys, METH_O, keys_doc},
    {NULL, NULL, 0, NULL},
};

PyTypeObject ReaderType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "search_service.languages._reading.Reader",
    .tp_doc = PyDoc_STR("Reader(code, letters, stop_words, stem, stemmer, latin, mixed, cyrillic, latin_cases,\n"
                        "cyrillic_cases, mixed_signs, left)\n\nReads words as one language does."),
    .tp_basicsize = sizeof(Reader),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)reader_init,
    .tp_dealloc = (destructor)reader_dealloc,
    .tp_methods = reader_methods,
};
