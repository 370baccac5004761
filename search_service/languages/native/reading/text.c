/* Letters, and strings that are looked up. */

#include "reading.h"

static int reserve(Text *text, size_t more) {
    if (text->used + more <= text->room) return 1;
    size_t room = 2 * text->room + more + 64;
    uint16_t *letters = PyMem_Realloc(text->text, room * sizeof *letters);
    if (!letters) return PyErr_NoMemory() != NULL;
    text->text = letters;
    text->room = room;
    return 1;
}

int text_add(Text *text, const uint16_t *letters, size_t length) {
    if (!reserve(text, length)) return 0;
    if (length) memcpy(text->text + text->used, letters, length * sizeof *letters);
    text->used += length;
    return 1;
}

int text_put(Text *text, PyObject *string) {
    if (!PyUnicode_Check(string)) return PyErr_SetString(PyExc_TypeError, "strings are wanted"), 0;
    Py_ssize_t length = PyUnicode_GET_LENGTH(string);
    if (!reserve(text, (size_t)length)) return 0;
    int kind = PyUnicode_KIND(string);
    const void *data = PyUnicode_DATA(string);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 letter = PyUnicode_READ(kind, data, i);
        if (letter > UINT16_MAX) return PyErr_SetString(PyExc_ValueError, "a letter beyond 0xFFFF"), 0;
        text->text[text->used++] = (uint16_t)letter;
    }
    return 1;
}

int text_set(Text *text, PyObject *string) {
    text->used = 0;
    return text_put(text, string);
}

static uint32_t hash_of(Slice string) {
    uint32_t hash = HASH_START;
    for (int i = string.length - 1; i >= 0; i--) hash = hash_more(hash, string.text[i]);
    return hash;
}

int strings_find(const Strings *strings, Slice string, uint32_t hash) {
    if (!strings->slots) return -1;
    for (size_t slot = hash & strings->mask; strings->slots[slot]; slot = (slot + 1) & strings->mask) {
        const struct Known *known = strings->known + strings->slots[slot] - 1;
        if (known->hash == hash && equal((Slice){strings->letters.text + known->start, known->length}, string))
            return known->value;
    }
    return -1;
}

int strings_get(const Strings *strings, Slice string) { return strings_find(strings, string, hash_of(string)); }

static int more_slots(Strings *strings) {
    size_t mask = strings->slots ? 2 * strings->mask + 1 : 255;
    uint32_t *slots = PyMem_Calloc(mask + 1, sizeof *slots);
    if (!slots) return PyErr_NoMemory() != NULL;
    for (size_t i = 0; i < strings->count; i++) {
        size_t slot = strings->known[i].hash & mask;
        while (slots[slot]) slot = (slot + 1) & mask;
        slots[slot] = (uint32_t)i + 1;
    }
    PyMem_Free(strings->slots);
    strings->slots = slots;
    strings->mask = mask;
    return 1;
}

/* Enter a string, or give it another value. */
int strings_add(Strings *strings, PyObject *string, int value) {
    if (value < 0 || value > UINT16_MAX) return PyErr_SetString(PyExc_ValueError, "a number beyond 0xFFFF"), 0;
    if (3 * strings->count >= 2 * strings->mask && !more_slots(strings)) return 0;
    if (strings->count == strings->room) {
        size_t room = 2 * strings->room + 64;
        struct Known *known = PyMem_Realloc(strings->known, room * sizeof *known);
        if (!known) return PyErr_NoMemory() != NULL;
        strings->known = known;
        strings->room = room;
    }
    size_t start = strings->letters.used;
    if (!text_put(&strings->letters, string)) return 0;
    size_t length = strings->letters.used - start;
    if (length > UINT16_MAX || start > UINT32_MAX) return PyErr_SetString(PyExc_ValueError, "too many letters"), 0;
    Slice letters = {strings->letters.text + start, (int)length};
    uint32_t hash = hash_of(letters);
    size_t slot = hash & strings->mask;
    for (; strings->slots[slot]; slot = (slot + 1) & strings->mask) {
        struct Known *known = strings->known + strings->slots[slot] - 1;
        if (known->hash != hash || !equal((Slice){strings->letters.text + known->start, known->length}, letters)) continue;
        known->value = (uint16_t)value;
        strings->letters.used = start;
        return 1;
    }
    strings->known[strings->count] = (struct Known){(uint32_t)start, hash, (uint16_t)length, (uint16_t)value};
    strings->slots[slot] = (uint32_t)++strings->count;
    return 1;
}

void strings_free(Strings *strings) {
    PyMem_Free(strings->slots);
    PyMem_Free(strings->known);
    PyMem_Free(strings->letters.text);
}
