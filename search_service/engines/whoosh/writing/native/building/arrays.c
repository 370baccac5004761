/* Arrays that grow, and strings in them. */

#include "building.h"
#include <errno.h>
#include <unistd.h>

enum { HELD = 1 << 16 };

int flush(Array *array) {
    for (size_t sent = 0; sent < array->used;) {
        ssize_t count = write(array->file - 1, array->data + sent, array->used - sent);
        if (count < 0 && errno != EINTR) return PyErr_SetFromErrno(PyExc_OSError) != NULL;
        if (count > 0) sent += (size_t)count;
    }
    array->gone += array->used;
    array->used = 0;
    return 1;
}

int append(Array *array, const void *from, size_t size) {
    if (array->file && array->used >= HELD && !flush(array)) return 0;
    if (array->used + size > array->room) {
        size_t room = 2 * array->room + size + 256;
        uint8_t *data = PyMem_Realloc(array->data, room);
        if (!data) return PyErr_NoMemory() != NULL;
        array->data = data;
        array->room = room;
    }
    if (size) memcpy(array->data + array->used, from, size);
    array->used += size;
    return 1;
}

int append_number(Array *array, size_t number) {
    uint32_t small = (uint32_t)number;
    if (number > UINT32_MAX) return PyErr_SetString(PyExc_OverflowError, "a segment's words are at most 4 GB"), 0;
    return append(array, &small, sizeof small);
}

int append_string(Strings *strings, const uint8_t *text, size_t length) {
    return append_number(&strings->starts, length_of(&strings->bytes)) && append(&strings->bytes, text, length);
}

void free_arrays(Array *const *arrays, size_t count) {
    for (size_t i = 0; i < count; i++) {
        PyMem_Free(arrays[i]->data);
        *arrays[i] = (Array){0};
    }
}

/* Enter an array under `name` and `more`, and free it. */
static int put(PyObject *arrays, const char *name, const char *more, Array *array) {
    PyObject *key = PyUnicode_FromFormat("%s%s", name, more);
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)array->data, (Py_ssize_t)array->used);
    int sound = key && bytes && !PyDict_SetItem(arrays, key, bytes);
    Py_XDECREF(key);
    Py_XDECREF(bytes);
    free_arrays(&array, 1);
    return sound;
}

int put_rows(PyObject *arrays, Rows *rows) {
    return put(arrays, "folded", ".starts", &rows->folded.starts) && put(arrays, "folded", ".bytes", &rows->folded.bytes) &&
           put(arrays, "group", ".starts", &rows->group_starts) && put(arrays, "exact", ".starts", &rows->exact.starts) &&
           put(arrays, "exact", ".bytes", &rows->exact.bytes) && put(arrays, "row", ".language", &rows->language) &&
           put(arrays, "row", ".by_form", &rows->by_form);
}

int put_keys(PyObject *arrays, const char *name, KeyTable *table) {
    return put(arrays, name, ".keys.starts", &table->keys.starts) && put(arrays, name, ".keys.bytes", &table->keys.bytes) &&
           put(arrays, name, ".starts", &table->starts) && put(arrays, name, ".rows", &table->rows);
}

void free_rows(Rows *rows) {
    free_arrays((Array *[]){&rows->folded.starts, &rows->folded.bytes, &rows->exact.starts, &rows->exact.bytes,
                            &rows->group_starts, &rows->language, &rows->by_form}, 7);
}

void free_keys(KeyTable *table) {
    free_arrays((Array *[]){&table->keys.starts, &table->keys.bytes, &table->starts, &table->rows}, 4);
}
