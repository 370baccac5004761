/* What a word asks for, whatever the segment: the keys by which its forms are met. */

#include "planner.h"

static int add_key(Keys *keys, PyObject *object, int table, int level) {
    Py_ssize_t length;
    const char *bytes = PyUnicode_AsUTF8AndSize(object, &length);
    if (!bytes) return 0;
    Text text = {(const uint8_t *)bytes, length};
    /* Languages mostly read a word alike. */
    for (Py_ssize_t i = 0; i < keys->count && i < FEW; i++)
        if (keys->keys[i].table == table && keys->keys[i].level == level &&
            same(keys->keys[i].text, text))
            return 1;
    if (keys->count == keys->room) {
        Key *more = PyMem_Malloc((size_t)keys->room * 2 * sizeof(Key));
        if (!more) {
            PyErr_NoMemory();
            return 0;
        }
        memcpy(more, keys->keys, (size_t)keys->count * sizeof(Key));
        if (keys->keys != keys->few) PyMem_Free(keys->keys);
        keys->keys = more;
        keys->room *= 2;
    }
    Py_INCREF(object);
    keys->keys[keys->count++] = (Key){object, text, table, level, {0}};
    return 1;
}

void free_keys(Keys *keys) {
    for (Py_ssize_t i = 0; i < keys->count; i++) Py_DECREF(keys->keys[i].object);
    if (keys->keys != keys->few) PyMem_Free(keys->keys);
}

/* The first letters of the folded form that was added last. A number is not like another number: 2020
   and 20201108 share nothing but digits. */
static void add_similar(const Planner *planner, Keys *keys) {
    Key *key = keys->keys + keys->count - 1;
    Py_ssize_t length = PyUnicode_GET_LENGTH(key->object);
    int letters = 0, end = 0;
    for (int i = 0; i < SIMILAR; i++) {
        for (; letters < planner->similar_letters[i]; letters++) {
            if (letters == length || !Py_UNICODE_ISALPHA(PyUnicode_READ_CHAR(key->object, letters)))
                return;
            for (end++; end < key->text.length && (key->text.bytes[end] & 0xc0) == 0x80;) end++;
        }
        key->similar[i] = (uint8_t)end;
    }
}

static PyObject *text_of(PyObject *form, PyObject *name) {
    PyObject *text = PyObject_GetAttr(form, name);
    if (text && !PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a form is text");
        Py_CLEAR(text);
    }
    return text;
}

static int add_all(Keys *keys, PyObject *form, PyObject *name, int table, int level) {
    PyObject *texts = PyObject_GetAttr(form, name);
    if (!texts) return 0;
    int sound = PyTuple_Check(texts);
    if (!sound) PyErr_SetString(PyExc_TypeError, "keys are a tuple");
    for (Py_ssize_t i = 0; sound && i < PyTuple_GET_SIZE(texts); i++)
        sound = add_key(keys, PyTuple_GET_ITEM(texts, i), table, level);
    Py_DECREF(texts);
    return sound;
}

/* A level decides down to the rung that is as far below the exact form. */
static inline int asked(const Planner *planner, int level, int rung) {
    return planner->exactly - level <= rung;
}

static int add_reading(const Planner *planner, Keys *keys, PyObject *form, int rung, int similar) {
    PyObject *exact = text_of(form, planner->exact), *folded = NULL;
    int sound = exact && (folded = text_of(form, planner->folded)) &&
                add_key(keys, exact, EXACT, planner->exactly) &&
                add_key(keys, folded, FORM, asked(planner, planner->fold, rung) ? planner->fold : 0);
    if (sound && similar && keys->keys[keys->count - 1].table == FORM) add_similar(planner, keys);
    Py_XDECREF(exact);
    Py_XDECREF(folded);
    if (sound && asked(planner, planner->stem, rung))
        sound = add_all(keys, form, planner->stems, STEM, planner->stem);
    if (sound && asked(planner, planner->transliterated, rung))
        sound = add_all(keys, form, planner->translit, TRANSLIT, planner->transliterated);
    return sound;
}

static int add_synonym(const Planner *planner, Keys *keys, PyObject *form) {
    PyObject *folded = text_of(form, planner->folded);
    int sound = folded && add_key(keys, folded, OTHER_FORM, planner->transliterated) &&
                add_all(keys, form, planner->stems, STEM, planner->transliterated);
    Py_XDECREF(folded);
    return sound;
}

/* Collect what a word asks for; the keys are to be freed whatever is returned. */
int read_word(const Planner *planner, Keys *keys, PyObject *readings, int rung, int similar,
              PyObject *synonyms) {
    keys->keys = keys->few;
    keys->count = 0;
    keys->room = FEW;
    int sound = PyTuple_Check(readings) && PyTuple_Check(synonyms);
    for (Py_ssize_t i = 0; sound && i < PyTuple_GET_SIZE(readings); i++) {
        PyObject *reading = PyTuple_GET_ITEM(readings, i);
        sound = PyTuple_Check(reading) && PyTuple_GET_SIZE(reading) == 2 &&
                add_reading(planner, keys, PyTuple_GET_ITEM(reading, 1), rung, similar);
    }
    if (sound && asked(planner, planner->transliterated, rung))
        for (Py_ssize_t i = 0; sound && i < PyTuple_GET_SIZE(synonyms); i++)
            sound = add_synonym(planner, keys, PyTuple_GET_ITEM(synonyms, i));
    if (!sound && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "readings are pairs of language and form, synonyms forms");
    return sound;
}

int read_sources(const Planner *planner, PyObject *object, Sources *sources) {
    sources->count = 0;
    Py_ssize_t count = PyTuple_Check(object) ? PyTuple_GET_SIZE(object) : FIELDS + 1;
    for (Py_ssize_t i = 0; i < count && count <= FIELDS; i++) {
        PyObject *source = PyTuple_GET_ITEM(object, i);
        if (!PyTuple_Check(source) || PyTuple_GET_SIZE(source) != 2) break;
        PyObject *name = PyTuple_GET_ITEM(source, 0);
        int field = 0;
        while (field < FIELDS && PyTuple_GET_ITEM(planner->fields, field) != name) field++;
        for (int j = 0; field == FIELDS && j < FIELDS; j++)
            if (PyUnicode_Check(name) && !PyUnicode_Compare(PyTuple_GET_ITEM(planner->fields, j), name))
                field = j;
        sources->fields[sources->count] = field;
        sources->factors[sources->count] = PyLong_AsLongLong(PyTuple_GET_ITEM(source, 1));
        if (field == FIELDS || PyErr_Occurred()) break;
        sources->count++;
    }
    if (sources->count == count) return 1;
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "sources are pairs of field and factor");
    return 0;
}

