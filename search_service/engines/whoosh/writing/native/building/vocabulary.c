/* The keys of a segment's forms as the arrays of its vocabulary: see `vocabulary.py`.

   A key is folded, exact, language, stems and keys across scripts, so in the order of their bytes keys
   lie as rows do. */

#include "building.h"
#include <stdlib.h>

enum { PARTS = 5, MOST_LANGUAGES = 255 };

/* A string to sort, and what belongs to it. */
typedef struct {
    uint64_t head; /* its first eight bytes: mostly they tell */
    const uint8_t *text;
    uint32_t length, number;
} Entry;

static Entry entry(const uint8_t *text, size_t length, uint32_t number) {
    uint8_t head[8] = {0};
    memcpy(head, text, length < 8 ? length : 8);
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value = value << 8 | head[i];
    return (Entry){value, text, (uint32_t)length, number};
}

static int order_of_text(const Entry *one, const Entry *other) {
    if (one->head != other->head) return one->head < other->head ? -1 : 1;
    uint32_t shared = one->length < other->length ? one->length : other->length;
    int order = memcmp(one->text, other->text, shared);
    return order ? order : (one->length > other->length) - (one->length < other->length);
}

static int by_text(const void *first, const void *second) {
    const Entry *one = first, *other = second;
    int order = order_of_text(one, other);
    return order ? order : (one->number > other->number) - (one->number < other->number);
}

typedef struct {
    Entry *entries;
    size_t count, room;
} Entries;

static int append_entry(Entries *list, Entry entry) {
    if (list->count == list->room) {
        size_t room = 2 * list->room + 1024;
        Entry *entries = PyMem_Realloc(list->entries, room * sizeof *entries);
        if (!entries) return PyErr_NoMemory() != NULL;
        list->entries = entries;
        list->room = room;
    }
    list->entries[list->count++] = entry;
    return 1;
}

static void free_entries(Entries *list) {
    PyMem_Free(list->entries);
    *list = (Entries){0};
}

/* All that becomes of the keys. */
typedef struct {
    uint32_t *row_of_form;
    uint32_t rows;
    Rows arrays;
    Entries forms;
    Entries keys[2]; /* stems, and keys across scripts, each with its row */
    Part languages[MOST_LANGUAGES];
    int language_count;
} Vocabulary;

static int split(const Entry *key, Part parts[PARTS]) {
    const uint8_t *at = key->text, *end = at + key->length;
    for (int i = 0; i < PARTS; i++) {
        const uint8_t *stop = memchr(at, PART_SEPARATOR, (size_t)(end - at));
        if ((stop == NULL) != (i == PARTS - 1))
            return PyErr_SetString(PyExc_ValueError, "a form's key has five parts"), 0;
        if (!stop) stop = end;
        parts[i] = (Part){at, (size_t)(stop - at)};
        at = stop + 1;
    }
    return 1;
}

static int same(Part one, Part other) {
    return one.length == other.length && !memcmp(one.text, other.text, one.length);
}

static int code_of(Vocabulary *made, Part language) {
    for (int code = 0; code < made->language_count; code++)
        if (same(made->languages[code], language)) return code;
    if (made->language_count == MOST_LANGUAGES) return PyErr_SetString(PyExc_OverflowError, "too many languages"), -1;
    made->languages[made->language_count] = language;
    return made->language_count++;
}

static int add_row(Vocabulary *made, const Part parts[PARTS], int new_group) {
    uint32_t row = made->rows;
    int code = code_of(made, parts[2]);
    uint8_t small = (uint8_t)code;
    int plain = same(parts[0], parts[1]);
    return code >= 0 &&
           (!new_group || (append_string(&made->arrays.folded, parts[0].text, parts[0].length) &&
                           append_number(&made->arrays.group_starts, row))) &&
           append_string(&made->arrays.exact, parts[1].text, plain ? 0 : parts[1].length) &&
           append(&made->arrays.language, &small, 1) && append_entry(&made->forms, entry(parts[1].text, parts[1].length, row));
}

static int add_keys(Entries *list, Part keys, uint32_t row) {
    const uint8_t *at = keys.text, *end = at + keys.length;
    while (keys.length) {
        const uint8_t *stop = memchr(at, KEY_SEPARATOR, (size_t)(end - at));
        if (!append_entry(list, entry(at, (size_t)((stop ? stop : end) - at), row))) return 0;
        if (!stop) break;
        at = stop + 1;
    }
    return 1;
}

static int add_rows(Vocabulary *made, const Entry *sorted, size_t count) {
    Part last[PARTS] = {{0}}, parts[PARTS];
    for (size_t i = 0; i < count; i++) {
        if (!split(sorted + i, parts)) return 0;
        int new_group = !i || !same(parts[0], last[0]);
        if (new_group || !same(parts[1], last[1]) || !same(parts[2], last[2])) {
            if (!add_row(made, parts, new_group)) return 0;
            made->rows++;
        }
        uint32_t row = made->rows - 1;
        made->row_of_form[sorted[i].number] = row;
        if (!add_keys(made->keys, parts[3], row) || !add_keys(made->keys + 1, parts[4], row)) return 0;
        memcpy(last, parts, sizeof last);
    }
    return append_number(&made->arrays.group_starts, made->rows) && append_string(&made->arrays.folded, NULL, 0) &&
           append_string(&made->arrays.exact, NULL, 0);
}

/* Languages by their names; their codes in the rows become those. */
static PyObject *sort_languages(Vocabulary *made) {
    int count = made->language_count;
    Entry order[MOST_LANGUAGES];
    uint8_t renamed[MOST_LANGUAGES] = {0};
    for (int code = 0; code < count; code++)
        order[code] = entry(made->languages[code].text, made->languages[code].length, (uint32_t)code);
    qsort(order, (size_t)count, sizeof *order, by_text);
    PyObject *names = PyList_New(count);
    for (int code = 0; names && code < count; code++) {
        PyObject *name = PyUnicode_DecodeUTF8((const char *)order[code].text, order[code].length, "strict");
        renamed[order[code].number] = (uint8_t)code;
        if (name) PyList_SET_ITEM(names, code, name);
        else Py_CLEAR(names);
    }
    for (size_t row = 0; row < made->arrays.language.used; row++) made->arrays.language.data[row] = renamed[made->arrays.language.data[row]];
    return names;
}

/* An empty list has no memory, and `qsort` asks for some. */
static void sort_entries(Entries *list) {
    if (list->count) qsort(list->entries, list->count, sizeof(Entry), by_text);
}

/* Keys that several rows share. */
static int sort_keys(PyObject *arrays, const char *name, Entries *list) {
    KeyTable table = {0};
    const Entry *last = NULL;
    int sound = 1;
    sort_entries(list);
    for (size_t i = 0; sound && i < list->count; i++) {
        const Entry *key = list->entries + i;
        int new_key = !last || order_of_text(last, key);
        if (new_key)
            sound = append_string(&table.keys, key->text, key->length) &&
                    append_number(&table.starts, table.rows.used / sizeof(uint32_t));
        if (sound && (new_key || last->number != key->number))
            sound = append(&table.rows, &key->number, sizeof key->number);
        last = key;
    }
    sound = sound && append_string(&table.keys, NULL, 0) &&
            append_number(&table.starts, table.rows.used / sizeof(uint32_t)) && put_keys(arrays, name, &table);
    free_keys(&table);
    free_entries(list);
    return sound;
}

static PyObject *put_all(Vocabulary *made, PyObject *names) {
    PyObject *arrays = names ? PyDict_New() : NULL;
    sort_entries(&made->forms);
    int sound = arrays != NULL;
    for (size_t i = 0; sound && i < made->forms.count; i++)
        sound = append(&made->arrays.by_form, &made->forms.entries[i].number, sizeof(uint32_t));
    free_entries(&made->forms);
    sound = sound && put_rows(arrays, &made->arrays) && sort_keys(arrays, "stem", made->keys) &&
            sort_keys(arrays, "translit", made->keys + 1);
    if (!sound) Py_CLEAR(arrays);
    return arrays;
}

static void free_vocabulary(Vocabulary *made) {
    free_rows(&made->arrays);
    free_entries(&made->forms);
    free_entries(made->keys);
    free_entries(made->keys + 1);
    PyMem_Free(made->row_of_form);
}

const char vocabulary_doc[] =
    "vocabulary() -> row_of_form, languages, arrays\n\n"
    "The row of each form (uint32[] as bytes), the languages in order, and by their names the arrays that\n"
    "`vocabulary.Vocabulary` reads, as bytes, in the order of the file.";

PyObject *forms_vocabulary(Forms *forms, PyObject *Py_UNUSED(unused)) {
    if (!forms->bytes) return PyErr_Format(PyExc_TypeError, "forms are made by Forms()");
    Vocabulary made = {0};
    Entry *sorted = PyMem_Malloc((forms->count + 1) * sizeof *sorted);
    made.row_of_form = PyMem_Calloc(forms->count + 1, sizeof *made.row_of_form);
    PyObject *result = NULL, *names = NULL, *arrays = NULL;
    if (!sorted || !made.row_of_form) {
        PyErr_NoMemory();
        goto done;
    }
    for (size_t i = 0; i < forms->count; i++) {
        size_t length = forms->starts[i + 1] - forms->starts[i];
        if (length > UINT32_MAX) {
            PyErr_SetString(PyExc_OverflowError, "a form is too long");
            goto done;
        }
        sorted[i] = entry(forms->bytes + forms->starts[i], length, (uint32_t)i);
    }
    qsort(sorted, forms->count, sizeof *sorted, by_text);
    if (!add_rows(&made, sorted, forms->count)) goto done;
    PyMem_Free(sorted);
    sorted = NULL;
    names = sort_languages(&made);
    arrays = put_all(&made, names);
    if (arrays)
        result = Py_BuildValue("y#OO", (char *)made.row_of_form, (Py_ssize_t)(forms->count * sizeof(uint32_t)), names,
                               arrays);
done:
    Py_XDECREF(names);
    Py_XDECREF(arrays);
    PyMem_Free(sorted);
    free_vocabulary(&made);
    return result;
}
