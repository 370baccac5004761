/* Forms by their numbers: in a worker those it has met, in the writer those of a segment.

   A form is known again by its hash; open addressing with linear probing (Knuth, TAOCP 6.4). */

#include "building.h"

enum { SLOTS = 1 << 12, ROOM = 1 << 11, SPACE = 1 << 16, KINDS_OF_KEYS = 2 };

static int forms_init(Forms *self, PyObject *args, PyObject *Py_UNUSED(kwargs)) {
    if (!PyArg_ParseTuple(args, "")) return -1;
    if (self->slots) return PyErr_SetString(PyExc_TypeError, "forms are made once"), -1;
    self->mask = SLOTS - 1;
    self->room = ROOM;
    self->space = SPACE;
    self->slots = PyMem_Calloc(SLOTS, sizeof *self->slots);
    self->starts = PyMem_Calloc(ROOM + 1, sizeof *self->starts);
    self->hashes = PyMem_Malloc(ROOM * sizeof *self->hashes);
    self->places = PyMem_Malloc(ROOM * sizeof *self->places);
    self->stamps = PyMem_Calloc(ROOM, sizeof *self->stamps);
    self->bytes = PyMem_Malloc(SPACE);
    if (!self->slots || !self->starts || !self->hashes || !self->places || !self->stamps || !self->bytes)
        return PyErr_NoMemory(), -1;
    return 0;
}

static void forms_dealloc(Forms *self) {
    PyMem_Free(self->slots);
    PyMem_Free(self->starts);
    PyMem_Free(self->hashes);
    PyMem_Free(self->places);
    PyMem_Free(self->stamps);
    PyMem_Free(self->bytes);
    Py_TYPE(self)->tp_free(self);
}

static Py_ssize_t forms_length(Forms *self) { return (Py_ssize_t)self->count; }

static int ready(const Forms *self) {
    return self->bytes ? 1 : (PyErr_SetString(PyExc_TypeError, "forms are made by Forms()"), 0);
}

static int grown(void *array, size_t size) {
    void *larger = PyMem_Realloc(*(void **)array, size);
    if (!larger) return PyErr_NoMemory() != NULL;
    *(void **)array = larger;
    return 1;
}

/* Space for one more form, of so many bytes. */
static int make_room(Forms *self, size_t length) {
    if (self->count >= GAP - 1) return PyErr_SetString(PyExc_OverflowError, "too many forms"), 0;
    if (self->count == self->room) {
        size_t room = 2 * self->room;
        if (!grown(&self->starts, (room + 1) * sizeof *self->starts) ||
            !grown(&self->hashes, room * sizeof *self->hashes) || !grown(&self->places, room * sizeof *self->places) ||
            !grown(&self->stamps, room * sizeof *self->stamps))
            return 0;
        memset(self->stamps + self->room, 0, self->room * sizeof *self->stamps);
        self->room = room;
    }
    if (self->used + length > self->space) {
        size_t space = self->space + self->space / 2 + length;
        if (!grown(&self->bytes, space)) return 0;
        self->space = space;
    }
    if (2 * self->count < self->mask) return 1;
    size_t mask = 2 * self->mask + 1;
    uint32_t *slots = PyMem_Calloc(mask + 1, sizeof *slots);
    if (!slots) return PyErr_NoMemory() != NULL;
    for (size_t number = 0; number < self->count; number++) {
        size_t slot = self->hashes[number] & mask;
        while (slots[slot]) slot = (slot + 1) & mask;
        slots[slot] = (uint32_t)number + 1;
    }
    PyMem_Free(self->slots);
    self->slots = slots;
    self->mask = mask;
    return 1;
}

/* The slot of a hash: that of its form, or the empty one where it belongs. */
static size_t slot_of(const Forms *self, uint64_t hash) {
    size_t slot = hash & self->mask;
    while (self->slots[slot] && self->hashes[self->slots[slot] - 1] != hash) slot = (slot + 1) & self->mask;
    return slot;
}

/* Enter a form that is not there. */
static int enter(Forms *self, uint64_t hash, const uint8_t *key, size_t length) {
    if (!make_room(self, length)) return 0;
    memcpy(self->bytes + self->used, key, length);
    self->used += length;
    self->keys += KINDS_OF_KEYS;
    for (size_t i = 0; i < length; i++) self->keys += key[i] == KEY_SEPARATOR;
    self->hashes[self->count] = hash;
    self->slots[slot_of(self, hash)] = (uint32_t)++self->count;
    self->starts[self->count] = self->used;
    return 1;
}

PyDoc_STRVAR(number_doc,
"number(keys) -> uint32[] as bytes\n\n"
"The numbers of forms by their keys, a list of strings; those that are new get one.");

static PyObject *forms_number(Forms *self, PyObject *keys) {
    if (!ready(self)) return NULL;
    if (!PyList_Check(keys)) return PyErr_Format(PyExc_TypeError, "keys are a list");
    Py_ssize_t count = PyList_GET_SIZE(keys);
    PyObject *result = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(uint32_t));
    for (Py_ssize_t i = 0; result && i < count; i++) {
        Py_ssize_t length;
        const char *key = PyUnicode_AsUTF8AndSize(PyList_GET_ITEM(keys, i), &length);
        if (key) {
            uint64_t hash = form_hash((const uint8_t *)key, (size_t)length);
            uint32_t number = self->slots[slot_of(self, hash)];
            if (!number && enter(self, hash, (const uint8_t *)key, (size_t)length)) number = (uint32_t)self->count;
            number--;
            memcpy(PyBytes_AS_STRING(result) + i * (Py_ssize_t)sizeof number, &number, sizeof number);
        }
        if (PyErr_Occurred()) Py_CLEAR(result);
    }
    return result;
}

PyDoc_STRVAR(local_doc,
"local(words) -> words, forms, hashes\n\n"
"Words by numbers of forms (uint32[], GAP for none) as those of one document, its forms numbered in the\n"
"order of their coming and a gap behind them all; the keys of its forms with FORM_SEPARATOR between,\n"
"and their hashes. All are bytes.");

static PyObject *forms_local(Forms *self, PyObject *words) {
    Py_buffer given;
    if (!ready(self) || PyObject_GetBuffer(words, &given, PyBUF_SIMPLE)) return NULL;
    size_t count = (size_t)given.len / sizeof(uint32_t), met = 0, bytes = 0;
    const uint32_t *from = given.buf;
    PyObject *numbers = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(uint32_t))), *result = NULL;
    uint32_t *to = numbers ? (uint32_t *)PyBytes_AS_STRING(numbers) : NULL;
    uint32_t *forms = PyMem_Malloc((count + 1) * sizeof *forms);
    if (!numbers || !forms) {
        PyErr_NoMemory();
        goto done;
    }
    if (++self->stamp == 0) { /* They have gone round once. */
        memset(self->stamps, 0, self->room * sizeof *self->stamps);
        self->stamp = 1;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t form = from[i];
        if (form == GAP) {
            to[i] = GAP;
            continue;
        }
        if (form >= self->count) {
            PyErr_SetString(PyExc_ValueError, "there is no form of this number");
            goto done;
        }
        if (self->stamps[form] != self->stamp) {
            self->stamps[form] = self->stamp;
            self->places[form] = (uint32_t)met;
            forms[met++] = form;
            bytes += self->starts[form + 1] - self->starts[form] + 1;
        }
        to[i] = self->places[form];
    }
    for (size_t i = 0; i < count; i++)
        if (to[i] == GAP) to[i] = (uint32_t)met;
    PyObject *keys = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(bytes - (met > 0)));
    PyObject *hashes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(met * sizeof(uint64_t)));
    if (keys && hashes) {
        uint8_t *key = (uint8_t *)PyBytes_AS_STRING(keys);
        for (size_t i = 0; i < met; i++) {
            size_t start = self->starts[forms[i]], length = self->starts[forms[i] + 1] - start;
            if (i) *key++ = FORM_SEPARATOR;
            memcpy(key, self->bytes + start, length);
            key += length;
            memcpy(PyBytes_AS_STRING(hashes) + i * sizeof(uint64_t), self->hashes + forms[i], sizeof(uint64_t));
        }
        result = PyTuple_Pack(3, numbers, keys, hashes);
    }
    Py_XDECREF(keys);
    Py_XDECREF(hashes);
done:
    PyMem_Free(forms);
    Py_XDECREF(numbers);
    PyBuffer_Release(&given);
    return result;
}

PyDoc_STRVAR(take_doc,
"take(hashes, forms) -> uint32[] as bytes\n\n"
"The numbers of the forms of a document: hashes (uint64[F]), and the keys with FORM_SEPARATOR between,\n"
"which are read where one is new.");

/* The numbers of `count` forms into `to`; 0 with an error. */
static int take(Forms *self, const uint8_t *hashes, size_t count, const uint8_t *key, const uint8_t *end, uint8_t *to) {
    size_t at = 0; /* the form that `key` is */
    for (size_t i = 0; i < count; i++) {
        uint64_t hash;
        memcpy(&hash, hashes + i * sizeof hash, sizeof hash);
        uint32_t number = self->slots[slot_of(self, hash)];
        if (!number) {
            const uint8_t *stop = key;
            for (;; at++, key = stop + 1) {
                stop = key <= end ? memchr(key, FORM_SEPARATOR, (size_t)(end - key)) : NULL;
                if (!stop && (at < i || key > end))
                    return PyErr_SetString(PyExc_ValueError, "there are fewer forms than hashes"), 0;
                if (at == i) break;
            }
            if (!enter(self, hash, key, (size_t)((stop ? stop : end) - key))) return 0;
            number = (uint32_t)self->count;
        }
        number--;
        memcpy(to + i * sizeof number, &number, sizeof number);
    }
    return 1;
}

static PyObject *forms_take(Forms *self, PyObject *args) {
    Py_buffer hashes, keys;
    if (!ready(self) || !PyArg_ParseTuple(args, "y*y*", &hashes, &keys)) return NULL;
    size_t count = (size_t)hashes.len / sizeof(uint64_t);
    PyObject *result = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(uint32_t)));
    const uint8_t *first = keys.buf;
    if (result && !take(self, hashes.buf, count, first, first + keys.len, (uint8_t *)PyBytes_AS_STRING(result)))
        Py_CLEAR(result);
    PyBuffer_Release(&hashes);
    PyBuffer_Release(&keys);
    return result;
}

PyDoc_STRVAR(size_doc, "size() -> bytes, keys\n\nThe bytes that it holds, and about how many keys its forms have.");

static PyObject *forms_size(Forms *self, PyObject *Py_UNUSED(unused)) {
    size_t each = sizeof *self->starts + sizeof *self->hashes + sizeof *self->places + sizeof *self->stamps;
    size_t bytes = self->space + self->room * each + (self->mask + 1) * sizeof *self->slots;
    return Py_BuildValue("nn", (Py_ssize_t)bytes, (Py_ssize_t)self->keys);
}

PyDoc_STRVAR(keys_doc, "keys() -> list\n\nThe keys of all forms, by their numbers.");

static PyObject *forms_keys(Forms *self, PyObject *Py_UNUSED(unused)) {
    if (!ready(self)) return NULL;
    PyObject *list = PyList_New((Py_ssize_t)self->count);
    for (size_t i = 0; list && i < self->count; i++) {
        const char *key = (const char *)self->bytes + self->starts[i];
        PyObject *text = PyUnicode_DecodeUTF8(key, (Py_ssize_t)(self->starts[i + 1] - self->starts[i]), "strict");
        if (text) PyList_SET_ITEM(list, (Py_ssize_t)i, text);
        else Py_CLEAR(list);
    }
    return list;
}

static PyMethodDef forms_methods[] = {
    {"number", (PyCFunction)forms_number, METH_O, number_doc},
    {"local", (PyCFunction)forms_local, METH_O, local_doc},
    {"take", (PyCFunction)forms_take, METH_VARARGS, take_doc},
    {"vocabulary", (PyCFunction)forms_vocabulary, METH_NOARGS, vocabulary_doc},
    {"size", (PyCFunction)forms_size, METH_NOARGS, size_doc},
    {"keys", (PyCFunction)forms_keys, METH_NOARGS, keys_doc},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods forms_sequence = {.sq_length = (lenfunc)forms_length};

PyTypeObject FormsType = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "search_service.engines.whoosh.writing._building.Forms",
    .tp_doc = PyDoc_STR("Forms()\n\nForms by their numbers."),
    .tp_basicsize = sizeof(Forms),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)forms_init,
    .tp_dealloc = (destructor)forms_dealloc,
    .tp_methods = forms_methods,
    .tp_as_sequence = &forms_sequence,
};
