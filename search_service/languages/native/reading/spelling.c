/* The keys of words across scripts: `translit.py` says what is done here, and why. */

#include "reading.h"

enum { SHORTEST = 4, MOST_KEYS = 8, SPACE = 4096, MOST_UNITS = 4 * LONGEST };
enum { AFTER_ONE = 1, AFTER_THE_FIRST, NOT_AFTER, BEGINS }; /* Graph.lead */
enum { BEFORE_ONE_OR_END = 1, BEFORE_ONE, ENDS };           /* Graph.follow */

/* A letter of the key, or one of several values. */
typedef struct {
    int values; /* -1: the letter */
    uint16_t letter;
} Unit;

typedef struct {
    Unit units[MOST_UNITS];
    int count;
} Units;

static int add_letter(Units *units, uint16_t letter) {
    /* Əliyev is Алиев, Məmmədov is Мамедов. */
    if ((letter == 'i' || letter == 'm') && units->count && units->units[units->count - 1].values < 0 &&
        units->units[units->count - 1].letter == letter)
        return 1;
    if (units->count == MOST_UNITS) return 0;
    units->units[units->count++] = (Unit){-1, letter};
    return 1;
}

static int add_values(Units *units, const Spelling *spelling, int values) {
    const Slice *first = spelling->values + values;
    if (first[1].length >= 0) {
        if (units->count == MOST_UNITS) return 0;
        units->units[units->count++] = (Unit){values, 0};
        return 1;
    }
    int sound = 1;
    for (int i = 0; sound && i < first->length; i++) sound = add_letter(units, first->text[i]);
    return sound;
}

static int matches(const Graph *graph, Slice word, int at) {
    int end = at + graph->count, preceded = at > 0 && has(graph->before, word.text[at - 1]);
    if (end > word.length) return 0;
    for (int i = 0; i < graph->count; i++)
        if (!has(graph->letters[i], word.text[at + i])) return 0;
    if ((graph->lead == AFTER_ONE && !preceded) || (graph->lead == AFTER_THE_FIRST && !(preceded && at == 1)) ||
        (graph->lead == NOT_AFTER && preceded) || (graph->lead == BEGINS && at > 0))
        return 0;
    int followed = end < word.length && has(graph->after, word.text[end]);
    return !graph->follow || followed || (graph->follow != BEFORE_ONE && end == word.length);
}

static int spell(const Spelling *spelling, Slice word, Units *units) {
    for (int at = 0; at < word.length;) {
        uint16_t letter = word.text[at];
        const Graph *graph = NULL;
        if (letter >= LETTERS) return 0;
        for (int i = 0; spelling->begins[letter] && !graph && i < spelling->graph_count; i++)
            if (matches(spelling->graphs + i, word, at)) graph = spelling->graphs + i;
        int values = graph ? graph->values : spelling->written[letter];
        if (!(values < 0 ? add_letter(units, letter) : add_values(units, spelling, values))) return 0;
        at += graph ? graph->count : 1;
    }
    return 1;
}

/* Whether what stands in `keys` from `start` on was there before, from `first` on. */
static int repeated(const Text *keys, size_t first, size_t start) {
    Slice key = {keys->text + start, (int)(keys->used - start)};
    for (size_t at = first; at < start;) {
        size_t end = at;
        while (end < start && keys->text[end] != KEY_SEPARATOR) end++;
        if (equal((Slice){keys->text + at, (int)(end - at)}, key)) return 1;
        at = end + 1;
    }
    return 0;
}

int add_keys(const Spelling *spelling, Slice word, Text *keys, size_t first) {
    Units units = {.count = 0};
    int choices[MOST_UNITS], ways = 1;
    if (!spell(spelling, word, &units)) return PyErr_SetString(PyExc_ValueError, "a word is too long"), 0;
    if (units.count < SHORTEST) return 1;
    for (int i = 0; i < units.count; i++) {
        int count = 1;
        if (units.units[i].values >= 0)
            for (count = 0; spelling->values[units.units[i].values + count].length >= 0;) count++;
        choices[i] = ways * count > MOST_KEYS ? 1 : count;
        ways *= choices[i];
    }
    for (int way = 0; way < ways; way++) {
        size_t before = keys->used;
        const uint16_t separator = KEY_SEPARATOR;
        if (before > first && !text_add(keys, &separator, 1)) return 0;
        size_t start = keys->used;
        int rest = ways;
        for (int i = 0; i < units.count; i++) {
            const Unit *unit = units.units + i;
            Slice value = {&unit->letter, 1};
            if (unit->values >= 0) {
                rest /= choices[i];
                value = spelling->values[unit->values + way / rest % choices[i]];
            }
            if (!text_add(keys, value.text, (size_t)value.length)) return 0;
        }
        if (repeated(keys, first, start)) keys->used = before;
    }
    return 1;
}

static int read_slice(Spelling *self, PyObject *string, Slice *slice) {
    size_t start = self->letters.used;
    if (!PyUnicode_Check(string) || (size_t)PyUnicode_GET_LENGTH(string) > SPACE - start)
        return PyErr_SetString(PyExc_ValueError, "strings, and not too many letters of them"), 0;
    if (!text_put(&self->letters, string)) return 0;
    *slice = (Slice){self->letters.text + start, (int)(self->letters.used - start)};
    return 1;
}

/* A list of values; the place of its first one, or -1 with an error. */
static int read_values(Spelling *self, PyObject *values) {
    int first = self->value_count;
    if (!PyTuple_Check(values) || !PyTuple_GET_SIZE(values) || PyTuple_GET_SIZE(values) > MOST_KEYS ||
        first + PyTuple_GET_SIZE(values) >= MOST_VALUES)
        return PyErr_SetString(PyExc_ValueError, "one value or several, and not too many"), -1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(values); i++) {
        Slice *value = self->values + self->value_count;
        if (!read_slice(self, PyTuple_GET_ITEM(values, i), value)) return -1;
        if (value->length > 2) return PyErr_SetString(PyExc_ValueError, "a value has two letters at most"), -1;
        self->value_count++;
    }
    self->values[self->value_count++].length = -1;
    return first;
}

static int read_graph(Spelling *self, PyObject *given) {
    Graph *graph = self->graphs + self->graph_count;
    PyObject *before, *letters, *after, *values;
    if (self->graph_count == MOST_GRAPHS) return PyErr_SetString(PyExc_ValueError, "too many graphs"), 0;
    if (!is_tuple(given)) return 0;
    if (!PyArg_ParseTuple(given, "iOO!iOO", &graph->lead, &before, &PyTuple_Type, &letters, &graph->follow, &after, &values))
        return 0;
    graph->count = (int)PyTuple_GET_SIZE(letters);
    if (!graph->count || graph->count > MOST_LETTERS) return PyErr_SetString(PyExc_ValueError, "some letters, and few"), 0;
    if (!read_slice(self, before, &graph->before) || !read_slice(self, after, &graph->after)) return 0;
    for (int i = 0; i < graph->count; i++)
        if (!read_slice(self, PyTuple_GET_ITEM(letters, i), graph->letters + i)) return 0;
    if ((graph->values = read_values(self, values)) < 0) return 0;
    for (int i = 0; i < graph->letters[0].length; i++)
        if (graph->letters[0].text[i] < LETTERS) self->begins[graph->letters[0].text[i]] = 1;
    self->graph_count++;
    return 1;
}

static int spelling_init(Spelling *self, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    PyObject *graphs, *letters, *letter, *values;
    if (!PyArg_ParseTuple(args, "O!O!", &PyList_Type, &graphs, &PyDict_Type, &letters)) return -1;
    if (self->letters.text) return PyErr_SetString(PyExc_TypeError, "a spelling is made once"), -1;
    self->letters.text = PyMem_Malloc(SPACE * sizeof *self->letters.text);
    self->letters.room = SPACE;
    if (!self->letters.text) return PyErr_NoMemory(), -1;
    memset(self->written, 0xFF, sizeof self->written);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(graphs); i++)
        if (!read_graph(self, PyList_GET_ITEM(graphs, i))) return -1;
    for (Py_ssize_t at = 0; PyDict_Next(letters, &at, &letter, &values);) {
        int place = read_values(self, values);
        if (place < 0) return -1;
        if (!PyUnicode_Check(letter) || PyUnicode_GET_LENGTH(letter) != 1 || PyUnicode_READ_CHAR(letter, 0) >= LETTERS)
            return PyErr_SetString(PyExc_ValueError, "a letter below 0x530"), -1;
        self->written[PyUnicode_READ_CHAR(letter, 0)] = (int16_t)place;
    }
    return 0;
}

static void spelling_dealloc(Spelling *self) {
    PyMem_Free(self->letters.text);
    Py_TYPE(self)->tp_free(self);
}

PyTypeObject SpellingType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "search_service.languages._reading.Spelling",
    .tp_doc = PyDoc_STR("Spelling(graphs, letters)\n\n"
                        "How an orthography writes sounds: tuples of `translit.Graph`, and letters with their values."),
    .tp_basicsize = sizeof(Spelling),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)spelling_init,
    .tp_dealloc = (destructor)spelling_dealloc,
};
