/* Several vocabularies into one: see `joining.py`.

   Each is sorted in four ways (by rows, by exact forms, by stems, by keys across scripts), so each of
   these is a merge of sorted lists. What comes of it goes to files: little of it is ever held. */

#include "building.h"
#include <limits.h>
#include <stdlib.h>

/* Arrays of a vocabulary. Of one is given, too, what its languages are among all, which rows live on, and where
   it is to be told what becomes of each. */
enum {
    TABLES = 2, EACH = 4, CODES_MOST = 256,
    BY_FORM = 5, GIVEN_TABLES, LANGUAGE = GIVEN_TABLES + TABLES * EACH, CODES, LIVE, ROW_MAP, GIVEN,
    OF_ROWS = 7, MADE = OF_ROWS + TABLES * EACH
};

/* Strings as they lie in a file. */
typedef struct {
    const uint32_t *starts;
    const uint8_t *bytes;
    size_t count;
} Given;

typedef struct {
    Given keys;
    const uint32_t *starts, *rows;
} Table;

typedef struct {
    Py_buffer buffers[GIVEN];
    int held;
    Given folded, exact;
    const uint32_t *group_starts, *by_form;
    const uint8_t *language, *codes, *live;
    Table tables[TABLES];
    size_t rows;
    int32_t *row_map; /* a row that does not live on goes where the next one does */
    size_t at, group;  /* how far the merge is, and in which group that row is */
    size_t mapped;     /* rows of which it is told what becomes of them */
    int32_t next;      /* among exact forms: the new row, -1 behind the last */
    Part form;
} Source;

typedef struct {
    Source *sources;
    size_t count;
    Rows rows;
    KeyTable tables[TABLES];
    size_t made; /* rows */
    Array scratch;
} Joining;

static Part part_of(const Given *strings, size_t index) {
    return (Part){strings->bytes + strings->starts[index], strings->starts[index + 1] - strings->starts[index]};
}

static int order_of(Part one, Part other) {
    size_t shared = one.length < other.length ? one.length : other.length;
    int order = shared ? memcmp(one.text, other.text, shared) : 0;
    return order ? order : (one.length > other.length) - (one.length < other.length);
}

/* -- What is given, looked through once, so that no number in it leads astray. -- */

static const uint32_t *numbers(const Py_buffer *buffer) { return buffer->buf; }

static size_t number_count(const Py_buffer *buffer) { return (size_t)buffer->len / sizeof(uint32_t); }

static int aligned(const Py_buffer *buffer) {
    return (uintptr_t)buffer->buf % sizeof(uint32_t) == 0 && (size_t)buffer->len % sizeof(uint32_t) == 0;
}

/* Whether they rise from 0 to `end`, and how many they are between. */
static int rising(const Py_buffer *buffer, size_t end, size_t *count) {
    size_t length = number_count(buffer);
    const uint32_t *starts = numbers(buffer);
    if (!aligned(buffer) || !length || starts[0] || starts[length - 1] != end) return 0;
    for (size_t i = 1; i < length; i++)
        if (starts[i - 1] > starts[i]) return 0;
    *count = length - 1;
    return 1;
}

static int below(const Py_buffer *buffer, size_t limit) {
    if (!aligned(buffer)) return 0;
    for (size_t i = 0; i < number_count(buffer); i++)
        if (numbers(buffer)[i] >= limit) return 0;
    return 1;
}

static int strings_given(Given *strings, const Py_buffer *two) {
    strings->starts = numbers(two);
    strings->bytes = two[1].buf ? two[1].buf : (const uint8_t *)"";
    return rising(two, (size_t)two[1].len, &strings->count);
}

static int table_given(Table *table, const Py_buffer *four, size_t rows) {
    size_t keys;
    table->starts = numbers(four + 2);
    table->rows = numbers(four + 3);
    return strings_given(&table->keys, four) && rising(four + 2, number_count(four + 3), &keys) &&
           keys == table->keys.count && below(four + 3, rows);
}

static int languages_given(const Source *source, size_t count) {
    for (size_t i = 0; i < source->rows; i++)
        if (source->language[i] >= count) return 0;
    return count <= CODES_MOST;
}

static int sound(Source *source) {
    const Py_buffer *given = source->buffers;
    size_t groups;
    source->rows = (size_t)given[LANGUAGE].len;
    source->group_starts = numbers(given + 2);
    source->language = given[LANGUAGE].buf;
    source->codes = given[CODES].buf;
    source->row_map = given[ROW_MAP].buf;
    source->by_form = numbers(given + BY_FORM);
    source->live = given[LIVE].buf;
    return source->rows <= INT32_MAX && strings_given(&source->folded, given) && rising(given + 2, source->rows, &groups) &&
           groups == source->folded.count && strings_given(&source->exact, given + 3) &&
           source->exact.count == source->rows && number_count(given + BY_FORM) == source->rows &&
           below(given + BY_FORM, source->rows) && (size_t)given[LIVE].len == source->rows &&
           languages_given(source, (size_t)given[CODES].len) && aligned(given + ROW_MAP) &&
           number_count(given + ROW_MAP) == source->rows &&
           table_given(source->tables, given + GIVEN_TABLES, source->rows) &&
           table_given(source->tables + 1, given + GIVEN_TABLES + EACH, source->rows);
}

static int take_source(Source *source, PyObject *arrays) {
    if (!PyTuple_Check(arrays) || PyTuple_GET_SIZE(arrays) != GIVEN)
        return PyErr_Format(PyExc_TypeError, "a vocabulary is a tuple of %d arrays", GIVEN) != NULL;
    for (; source->held < GIVEN; source->held++) {
        int flags = source->held == ROW_MAP ? PyBUF_WRITABLE : PyBUF_SIMPLE;
        if (PyObject_GetBuffer(PyTuple_GET_ITEM(arrays, source->held), source->buffers + source->held, flags)) return 0;
    }
    return sound(source) || PyErr_Format(PyExc_ValueError, "the arrays of a vocabulary do not fit each other");
}

/* -- Rows -- */

/* To the next row that lives on, from `at` itself. */
static void settle(Source *source) {
    while (source->at < source->rows && !source->live[source->at]) source->at++;
    while (source->at < source->rows && source->at >= source->group_starts[source->group + 1]) source->group++;
}

static Part folded_at(const Source *source) { return part_of(&source->folded, source->group); }

static Part exact_at(const Source *source) {
    Part exact = part_of(&source->exact, source->at);
    return exact.length ? exact : folded_at(source);
}

static int language_at(const Source *source) { return source->codes[source->language[source->at]]; }

static int order_of_rows(const Source *one, const Source *other) {
    int order = order_of(folded_at(one), folded_at(other));
    if (!order) order = order_of(exact_at(one), exact_at(other));
    return order ? order : language_at(one) - language_at(other);
}

static int add_row(Joining *made, const Source *source, int new_group) {
    Part folded = folded_at(source), exact = part_of(&source->exact, source->at);
    if (new_group && !(append_string(&made->rows.folded, folded.text, folded.length) &&
                       append_number(&made->rows.group_starts, made->made)))
        return 0;
    return append_string(&made->rows.exact, exact.text, exact.length) &&
           append(&made->rows.language, source->codes + source->language[source->at], 1);
}

/* Tell what becomes of the rows before `at` of which it is not told yet. */
static void map_rows(Source *source, size_t row) {
    while (source->mapped < source->at) source->row_map[source->mapped++] = (int32_t)row;
}

static int join_rows(Joining *made) {
    Part last = {0};
    for (size_t i = 0; i < made->count; i++) settle(made->sources + i);
    for (;; made->made++) {
        const Source *least = NULL;
        for (const Source *source = made->sources; source < made->sources + made->count; source++)
            if (source->at < source->rows && (!least || order_of_rows(source, least) < 0)) least = source;
        if (!least) break;
        if (made->made > INT32_MAX) return PyErr_SetString(PyExc_OverflowError, "too many forms"), 0;
        Source row = *least;
        if (!add_row(made, &row, !made->made || order_of(folded_at(&row), last))) return 0;
        last = folded_at(&row);
        for (Source *source = made->sources; source < made->sources + made->count; source++) {
            if (source->at == source->rows || order_of_rows(source, &row)) continue;
            source->at++;
            map_rows(source, made->made);
            settle(source);
        }
    }
    for (size_t i = 0; i < made->count; i++) map_rows(made->sources + i, made->made);
    return append_number(&made->rows.group_starts, made->made) && append_string(&made->rows.folded, NULL, 0) &&
           append_string(&made->rows.exact, NULL, 0);
}

/* -- Rows by their exact forms -- */

/* The exact form of the place in `by_form` that a source has come to. */
static Part form_at(const Source *source) {
    uint32_t row = source->by_form[source->at];
    Part exact = part_of(&source->exact, row);
    if (exact.length) return exact;
    size_t low = 0, high = source->folded.count; /* It is of the last group that begins at it or before. */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->group_starts[middle] <= row) low = middle;
        else high = middle;
    }
    return part_of(&source->folded, low);
}

/* The new row of that place, -1 where the source is through; `form` is its form then. */
static int32_t settle_form(Source *source) {
    while (source->at < source->rows && !source->live[source->by_form[source->at]]) source->at++;
    if (source->at == source->rows) return -1;
    source->form = form_at(source);
    return source->row_map[source->by_form[source->at]];
}

static int join_forms(Joining *made) {
    for (size_t i = 0; i < made->count; i++) {
        made->sources[i].at = 0;
        made->sources[i].next = settle_form(made->sources + i);
    }
    for (;;) {
        const Source *least = NULL;
        for (const Source *source = made->sources; source < made->sources + made->count; source++) {
            if (source->next < 0) continue;
            int order = least ? order_of(source->form, least->form) : -1;
            if (order < 0 || (!order && source->next < least->next)) least = source;
        }
        if (!least) return 1;
        int32_t row = least->next;
        if (!append_number(&made->rows.by_form, (size_t)row)) return 0;
        for (Source *source = made->sources; source < made->sources + made->count; source++)
            for (; source->next == row; source->next = settle_form(source)) source->at++;
    }
}

/* -- Keys that several rows share -- */

static int ascending(const void *first, const void *second) {
    uint32_t one = *(const uint32_t *)first, other = *(const uint32_t *)second;
    return (one > other) - (one < other);
}

/* Rows in order, each once. */
static void order_rows(Array *rows) {
    uint32_t *list = (uint32_t *)rows->data;
    size_t count = rows->used / sizeof(uint32_t), kept = 1;
    qsort(list, count, sizeof(uint32_t), ascending);
    for (size_t i = 1; i < count; i++)
        if (list[i] != list[kept - 1]) list[kept++] = list[i];
    rows->used = kept * sizeof(uint32_t);
}

/* The new rows of the key that a source has come to. */
static int add_key_rows(Array *to, const Source *source, const Table *table) {
    for (uint32_t i = table->starts[source->at]; i < table->starts[source->at + 1]; i++) {
        uint32_t row = table->rows[i];
        if (source->live[row] && !append(to, source->row_map + row, sizeof(int32_t))) return 0;
    }
    return 1;
}

static int join_keys(Joining *made, int which) {
    KeyTable *to = made->tables + which;
    for (size_t i = 0; i < made->count; i++) made->sources[i].at = 0;
    for (;;) {
        Part least = {0};
        for (size_t i = 0; i < made->count; i++) {
            const Source *source = made->sources + i;
            if (source->at == source->tables[which].keys.count) continue;
            Part key = part_of(&source->tables[which].keys, source->at);
            if (!least.text || order_of(key, least) < 0) least = key;
        }
        if (!least.text) break;
        Array *rows = &made->scratch;
        int several = 0;
        rows->used = 0;
        for (size_t i = 0; i < made->count; i++) {
            Source *source = made->sources + i;
            const Table *table = source->tables + which;
            if (source->at == table->keys.count || order_of(part_of(&table->keys, source->at), least)) continue;
            several += rows->used > 0;
            if (!add_key_rows(rows, source, table)) return 0;
            source->at++;
        }
        if (!rows->used) continue; /* None of its rows lives on. */
        if (several) order_rows(rows);
        if (!append_string(&to->keys, least.text, least.length) ||
            !append_number(&to->starts, length_of(&to->rows) / sizeof(uint32_t)) ||
            !append(&to->rows, rows->data, rows->used))
            return 0;
    }
    return append_string(&to->keys, NULL, 0) && append_number(&to->starts, length_of(&to->rows) / sizeof(uint32_t));
}

/* The arrays in the order of the file. */
static void list_arrays(Joining *joining, Array *made[MADE]) {
    Rows *rows = &joining->rows;
    Array *of_rows[] = {&rows->folded.starts, &rows->folded.bytes, &rows->group_starts, &rows->exact.starts,
                        &rows->exact.bytes, &rows->language, &rows->by_form};
    memcpy(made, of_rows, sizeof of_rows);
    for (int i = 0; i < TABLES; i++) {
        KeyTable *table = joining->tables + i;
        Array *each[] = {&table->keys.starts, &table->keys.bytes, &table->starts, &table->rows};
        memcpy(made + OF_ROWS + i * EACH, each, sizeof each);
    }
}

static int join(Joining *made, PyObject *files) {
    Array *arrays[MADE];
    list_arrays(made, arrays);
    for (int i = 0; i < MADE; i++) {
        long file = PyLong_AsLong(PyTuple_GET_ITEM(files, i));
        if (file < 0 || file >= INT_MAX)
            return PyErr_Occurred() ? 0 : (PyErr_SetString(PyExc_ValueError, "a file is told by its descriptor"), 0);
        arrays[i]->file = (int)file + 1;
    }
    int complete = join_rows(made) && join_forms(made) && join_keys(made, 0) && join_keys(made, 1);
    for (int i = 0; complete && i < MADE; i++) complete = flush(arrays[i]);
    free_arrays(arrays, MADE);
    free_arrays((Array *[]){&made->scratch}, 1);
    return complete;
}

const char join_doc[] =
    "join(vocabularies, files)\n\n"
    "Each vocabulary is a tuple of its arrays, as `joining.py` gives them; the last of them is filled with the new\n"
    "row of each of its rows. Into the files, by their descriptors, go the arrays that `vocabulary.Vocabulary` reads,\n"
    "in the order of `packing.VOCABULARY`.";

PyObject *building_join(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *given, *files;
    if (!PyArg_ParseTuple(args, "O!O!", &PyList_Type, &given, &PyTuple_Type, &files)) return NULL;
    if (PyTuple_GET_SIZE(files) != MADE) return PyErr_Format(PyExc_ValueError, "there are %d arrays", MADE);
    Joining made = {.count = (size_t)PyList_GET_SIZE(given)};
    made.sources = PyMem_Calloc(made.count + 1, sizeof *made.sources);
    if (!made.sources) return PyErr_NoMemory();
    int complete = 1;
    for (size_t i = 0; complete && i < made.count; i++)
        complete = take_source(made.sources + i, PyList_GET_ITEM(given, (Py_ssize_t)i));
    complete = complete && join(&made, files);
    for (size_t i = 0; i < made.count; i++)
        for (int held = 0; held < made.sources[i].held; held++) PyBuffer_Release(made.sources[i].buffers + held);
    PyMem_Free(made.sources);
    if (!complete) return NULL;
    Py_RETURN_NONE;
}
