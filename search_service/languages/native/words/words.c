/* Words to numbers while a text is indexed, compiled where a compiler was at installation.

   A table knows each word that was met by its number, from 0 in the order of their coming. Reading a
   text makes no object for a word that is known: its letters are hashed where they stand (open
   addressing with linear probing; Knuth, TAOCP 6.4). */

#include "words.h"

enum {
    BEGINS = 1,   /* a word may begin with it */
    INSIDE = 2,   /* a word goes on with it: marks, and what is not seen */
    JOINS = 4,    /* an apostrophe: with a letter on either side it may join them */
    UNSPACED = 8, /* of a script that puts no spaces between words */
    TURNED = 16,  /* read as ' */
};

enum {
    PLANE = 0x10000,
    AHEAD = 24, /* words that are looked up together */
};

/* How words are found: as `tokens.Words` does it, or as `identify` does. */
typedef struct {
    PyObject_HEAD
    uint8_t kinds[PLANE];
    int joins;  /* whether apostrophes join letters */
    int signs;  /* whether C# and C++ keep theirs */
    int single; /* unspaced letters are words by themselves, else a text that has any is not read */
    int digits; /* whether digits are letters of words */
} Rule;

static int rule_init(Rule *self, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    PyObject *inside, *apostrophes, *turned, *unspaced;
    if (!PyArg_ParseTuple(args, "UUUUpppp", &inside, &apostrophes, &turned, &unspaced, &self->joins,
                          &self->signs, &self->single, &self->digits))
        return -1;
    for (Py_UCS4 letter = 0; letter < PLANE; letter++)
        self->kinds[letter] =
            Py_UNICODE_ISALNUM(letter) && (self->digits || !Py_UNICODE_ISDECIMAL(letter)) ? BEGINS : 0;
    struct { PyObject *letters; uint8_t kind, not; } given[] = {
        {inside, INSIDE, 0}, {apostrophes, JOINS, 0}, {turned, JOINS | TURNED, BEGINS}, {unspaced, UNSPACED, BEGINS}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        for (Py_ssize_t at = 0; at < PyUnicode_GET_LENGTH(given[i].letters); at++) {
            Py_UCS4 letter = PyUnicode_READ_CHAR(given[i].letters, at);
            if (letter >= PLANE) continue;
            if (!self->single || given[i].kind != UNSPACED) self->kinds[letter] |= given[i].kind;
            else self->kinds[letter] = UNSPACED;
            if (given[i].kind != UNSPACED || self->single) self->kinds[letter] &= (uint8_t)~given[i].not;
        }
    return 0;
}

static inline int kind_of(const Rule *rule, Py_UCS4 letter) {
    if (letter < PLANE) return rule->kinds[letter];
    int rare = letter >= 0x20000 && letter < 0x40000;
    if (rare && !rule->single) return UNSPACED;
    if (Py_UNICODE_ISALNUM(letter) && (rule->digits || !Py_UNICODE_ISDECIMAL(letter))) return BEGINS;
    return rare ? UNSPACED : 0;
}

static PyTypeObject RuleType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "search_service.languages._words.Rule",
    .tp_doc = PyDoc_STR("Rule(inside, apostrophes, turned, unspaced, joins, signs, single, digits)\n\n"
                        "How words are found; the first four are letters."),
    .tp_basicsize = sizeof(Rule),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)rule_init,
};

/* A word that is known: all that looking it up asks of memory lies in one place, and its letters. */
typedef struct {
    size_t start; /* of its letters */
    uint32_t length, hash;
    uint32_t number; /* + 1, 0 where there is none */
} Slot;

typedef struct {
    PyObject_HEAD
    Rule *rule;
    Slot *slots;
    size_t mask, count;
    Py_UCS4 *letters; /* of all words, one after another */
    size_t used, space;
} Table;

static int table_init(Table *self, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    PyObject *rule;
    if (!PyArg_ParseTuple(args, "O!", &RuleType, &rule)) return -1;
    if (self->rule) return PyErr_SetString(PyExc_TypeError, "a table is made once"), -1;
    self->mask = (1 << 12) - 1;
    self->space = 1 << 14;
    self->slots = PyMem_Calloc(self->mask + 1, sizeof *self->slots);
    self->letters = PyMem_Malloc(self->space * sizeof *self->letters);
    if (!self->slots || !self->letters) return PyErr_NoMemory(), -1;
    self->rule = (Rule *)Py_NewRef(rule);
    return 0;
}

static void table_dealloc(Table *self) {
    PyMem_Free(self->slots);
    PyMem_Free(self->letters);
    Py_XDECREF(self->rule);
    Py_TYPE(self)->tp_free(self);
}

static Py_ssize_t table_length(Table *self) { return (Py_ssize_t)self->count; }

static int more_slots(Table *self) {
    size_t mask = 2 * self->mask + 1;
    Slot *slots = PyMem_Calloc(mask + 1, sizeof *slots);
    if (!slots) return PyErr_NoMemory() != NULL;
    for (size_t old = 0; old <= self->mask; old++) {
        if (!self->slots[old].number) continue;
        size_t slot = self->slots[old].hash & mask;
        while (slots[slot].number) slot = (slot + 1) & mask;
        slots[slot] = self->slots[old];
    }
    PyMem_Free(self->slots);
    self->slots = slots;
    self->mask = mask;
    return 1;
}

/* Space for a word of so many letters more. */
static int make_room(Table *self, size_t length) {
    if (self->count >= UINT32_MAX - 1) return PyErr_SetString(PyExc_OverflowError, "too many words"), 0;
    if (self->used + length > self->space) {
        size_t space = 2 * self->space + length;
        Py_UCS4 *letters = PyMem_Realloc(self->letters, space * sizeof *letters);
        if (!letters) return PyErr_NoMemory() != NULL;
        self->letters = letters;
        self->space = space;
    }
    return 2 * self->count < self->mask || more_slots(self);
}

/* A text's letters, of whatever width. */
typedef struct {
    const Rule *rule;
    int width;
    const void *data;
    Py_ssize_t length;
    int given; /* whether it is a word that is taken as it is */
} Text;

static inline Py_UCS4 letter_at(const Text *text, Py_ssize_t at) {
    return PyUnicode_READ(text->width, text->data, at);
}

/* As it is stored: apostrophes that Unicode counts among the letters are '. */
static inline Py_UCS4 stored(const Text *text, Py_ssize_t at) {
    Py_UCS4 letter = letter_at(text, at);
    return letter < PLANE && text->rule->kinds[letter] & TURNED && !text->given ? '\'' : letter;
}

/* A word of a text, and the hash of its letters. */
typedef struct {
    Py_ssize_t start, end;
    uint32_t hash;
} Met;

static Met met(const Text *text, Py_ssize_t start, Py_ssize_t end) {
    uint64_t hash = 0x9E3779B97F4A7C15u;
    for (Py_ssize_t at = start; at < end; at++) hash = (hash ^ stored(text, at)) * 0xFF51AFD7ED558CCDu, hash ^= hash >> 29;
    return (Met){start, end, (uint32_t)(hash ^ hash >> 32)};
}

/* The number of a word of a text; one that is new is appended to `fresh`. -1: error. */
static int64_t number_of(Table *self, const Text *text, Met word, PyObject *fresh) {
    size_t length = (size_t)(word.end - word.start), slot = word.hash & self->mask;
    for (; self->slots[slot].number; slot = (slot + 1) & self->mask) {
        const Slot *known = self->slots + slot;
        if (known->hash != word.hash || known->length != length) continue;
        const Py_UCS4 *letters = self->letters + known->start;
        size_t same = 0;
        while (same < length && letters[same] == stored(text, word.start + (Py_ssize_t)same)) same++;
        if (same == length) return (int64_t)known->number - 1;
    }
    if (length > UINT32_MAX || !make_room(self, length)) return -1;
    Py_UCS4 *letters = self->letters + self->used;
    for (size_t i = 0; i < length; i++) letters[i] = stored(text, word.start + (Py_ssize_t)i);
    PyObject *surface = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, letters, (Py_ssize_t)length);
    int kept = surface ? PyList_Append(fresh, surface) : -1;
    Py_XDECREF(surface);
    if (kept) return -1;
    for (slot = word.hash & self->mask; self->slots[slot].number;) slot = (slot + 1) & self->mask;
    self->slots[slot] = (Slot){self->used, (uint32_t)length, word.hash, (uint32_t)++self->count};
    self->used += length;
    return (int64_t)self->count - 1;
}

#ifdef __GNUC__
#define SOON(place) __builtin_prefetch(place)
#else
#define SOON(place) ((void)(place))
#endif

/* The numbers of some words. Where each lies in memory is asked for before the first is looked at: most of
   the time would go by waiting for one after another. 0: error. */
static int number_all(Table *self, const Text *text, const Met *words, size_t count, uint32_t *numbers, PyObject *fresh) {
    for (size_t i = 0; i < count; i++) SOON(self->letters + self->slots[words[i].hash & self->mask].start);
    for (size_t i = 0; i < count; i++) {
        int64_t number = number_of(self, text, words[i], fresh);
        if (number < 0) return 0;
        numbers[i] = (uint32_t)number;
    }
    return 1;
}

static inline int word_letter(const Text *text, Py_ssize_t at) {
    return at >= 0 && at < text->length && kind_of(text->rule, letter_at(text, at)) & BEGINS;
}

static inline int latin(Py_UCS4 letter) { return (letter | 32) >= 'a' && (letter | 32) <= 'z'; }

/* Where a word that ends before `at` ends with its signs: C#, C++. */
static Py_ssize_t with_signs(const Text *text, Py_ssize_t at) {
    if (at >= text->length || !latin(letter_at(text, at - 1))) return at;
    Py_UCS4 sign = letter_at(text, at);
    if (sign == '#' && !word_letter(text, at - 2) && !word_letter(text, at + 1)) return at + 1;
    if (sign == '+' && at + 1 < text->length && letter_at(text, at + 1) == '+' && !word_letter(text, at + 2) &&
        !(at + 2 < text->length && letter_at(text, at + 2) == '+'))
        return at + 2;
    return at;
}

/* The word that begins at or after *start: sets its slice. 0: there is none. */
static int next_word(const Text *text, Py_ssize_t *start, Py_ssize_t *end) {
    const Rule *rule = text->rule;
    Py_ssize_t at = *start;
    int kind = 0;
    for (; at < text->length && !((kind = kind_of(rule, letter_at(text, at))) & (BEGINS | UNSPACED)); at++) {}
    if (at == text->length) return 0;
    *start = at++;
    if (kind & UNSPACED) return *end = at, 1;
    for (; at < text->length; at++) {
        kind = kind_of(rule, letter_at(text, at));
        if (kind & UNSPACED) break;
        if (kind & (BEGINS | INSIDE)) continue;
        if (!(rule->joins && kind & JOINS && word_letter(text, at + 1))) break;
    }
    *end = rule->signs ? with_signs(text, at) : at;
    return 1;
}

PyDoc_STRVAR(read_doc,
"read(text, fresh) -> uint32[] as bytes, or None\n\n"
"The numbers of the words of a text; those met for the first time are appended to the list. None where\n"
"the words must be told by Python: a script without spaces, unless its letters are words.");

static PyObject *table_read(Table *self, PyObject *args) {
    PyObject *string, *fresh;
    if (!PyArg_ParseTuple(args, "UO!", &string, &PyList_Type, &fresh)) return NULL;
    if (!self->rule) return PyErr_Format(PyExc_TypeError, "a table has a rule");
    Text text = {self->rule, PyUnicode_KIND(string), PyUnicode_DATA(string), PyUnicode_GET_LENGTH(string), 0};
    Py_ssize_t start = 0, end = 0;
    if (!self->rule->single && !PyUnicode_IS_ASCII(string))
        for (Py_ssize_t at = 0; at < text.length; at++)
            if (kind_of(self->rule, letter_at(&text, at)) & UNSPACED) Py_RETURN_NONE;
    uint32_t *numbers = PyMem_Malloc(((size_t)text.length + 1) * sizeof *numbers);
    if (!numbers) return PyErr_NoMemory();
    size_t count = 0, ahead = 0;
    Met words[AHEAD];
    int sound = 1;
    while (sound && next_word(&text, &start, &end)) {
        words[ahead] = met(&text, start, end);
        SOON(self->slots + (words[ahead++].hash & self->mask));
        start = end;
        if (ahead < AHEAD) continue;
        sound = number_all(self, &text, words, ahead, numbers + count, fresh);
        count += ahead;
        ahead = 0;
    }
    sound = sound && number_all(self, &text, words, ahead, numbers + count, fresh);
    count += ahead;
    PyObject *result = sound ? PyBytes_FromStringAndSize((char *)numbers, (Py_ssize_t)(count * sizeof *numbers)) : NULL;
    PyMem_Free(numbers);
    return result;
}

PyDoc_STRVAR(number_doc,
"number(words, fresh) -> uint32[] as bytes\n\n"
"The numbers of words that are given as a list.");

static PyObject *table_number(Table *self, PyObject *args) {
    PyObject *words, *fresh;
    if (!PyArg_ParseTuple(args, "O!O!", &PyList_Type, &words, &PyList_Type, &fresh)) return NULL;
    if (!self->rule) return PyErr_Format(PyExc_TypeError, "a table has a rule");
    if (words == fresh) return PyErr_Format(PyExc_ValueError, "two lists are wanted");
    PyObject *result = PyBytes_FromStringAndSize(NULL, PyList_GET_SIZE(words) * (Py_ssize_t)sizeof(uint32_t));
    for (Py_ssize_t i = 0; result && i < PyList_GET_SIZE(words); i++) {
        PyObject *word = PyList_GET_ITEM(words, i);
        int64_t number = -1;
        if (PyUnicode_Check(word)) {
            Text text = {self->rule, PyUnicode_KIND(word), PyUnicode_DATA(word), PyUnicode_GET_LENGTH(word), 1};
            number = number_of(self, &text, met(&text, 0, text.length), fresh);
        } else {
            PyErr_SetString(PyExc_TypeError, "words are strings");
        }
        uint32_t value = (uint32_t)number;
        if (number < 0) Py_CLEAR(result);
        else memcpy(PyBytes_AS_STRING(result) + i * (Py_ssize_t)sizeof value, &value, sizeof value);
    }
    return result;
}

static PyMethodDef table_methods[] = {
    {"read", (PyCFunction)table_read, METH_VARARGS, read_doc},
    {"number", (PyCFunction)table_number, METH_VARARGS, number_doc},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods table_sequence = {.sq_length = (lenfunc)table_length};

static PyTypeObject TableType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "search_service.languages._words.Table",
    .tp_doc = PyDoc_STR("Table(rule)\n\nThe words that were met, by their numbers."),
    .tp_basicsize = sizeof(Table),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)table_init,
    .tp_dealloc = (destructor)table_dealloc,
    .tp_methods = table_methods,
    .tp_as_sequence = &table_sequence,
};

PyDoc_STRVAR(add_up_doc,
"add_up(rows, columns, numbers, sums)\n\n"
"Add rows[number] (float32[columns] each) to sums (float32[columns]) for each number, in order.");

static PyObject *words_add_up(PyObject *Py_UNUSED(module), PyObject *args) {
    Py_buffer rows, numbers, sums;
    Py_ssize_t columns;
    if (!PyArg_ParseTuple(args, "y*ny*w*", &rows, &columns, &numbers, &sums)) return NULL;
    Py_ssize_t count = numbers.len / 4, width = columns * (Py_ssize_t)sizeof(float), sound = columns > 0 && sums.len == width;
    float *restrict sum = sums.buf;
    for (Py_ssize_t i = 0; sound && i < count; i++) {
        uint32_t number = ((const uint32_t *)numbers.buf)[i];
        if ((sound = number < (size_t)(rows.len / width))) {
            const float *row = (const float *)rows.buf + (size_t)number * (size_t)columns;
            for (Py_ssize_t at = 0; at < columns; at++) sum[at] += row[at];
        }
    }
    PyBuffer_Release(&rows);
    PyBuffer_Release(&numbers);
    PyBuffer_Release(&sums);
    if (!sound) return PyErr_Format(PyExc_ValueError, "rows of so many columns, and sums of one row");
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"add_up", words_add_up, METH_VARARGS, add_up_doc},
    {"letter_scores", words_letter_scores, METH_VARARGS, letter_scores_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_words", "Words to numbers: see search_service.languages.wordtable.", -1, functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__words(void) {
    PyObject *made = NULL;
    if (PyType_Ready(&RuleType) < 0 || PyType_Ready(&TableType) < 0 || !(made = PyModule_Create(&module))) return NULL;
    if (PyModule_AddObjectRef(made, "Rule", (PyObject *)&RuleType) < 0 ||
        PyModule_AddObjectRef(made, "Table", (PyObject *)&TableType) < 0)
        Py_CLEAR(made);
    return made;
}
