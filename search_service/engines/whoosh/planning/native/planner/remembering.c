/* Plans as Python has them, and which were made before: the words of a page are asked again for the next
   one, and by others. */

#include "planner.h"

enum { MOST_KNOWN = 4096 }; /* then all are forgotten: those that are asked often soon come back */

typedef struct {
    uint8_t few[1024], *bytes;
    Py_ssize_t length, room;
} Written;

static int put(Written *written, const void *bytes, Py_ssize_t count) {
    if (written->length + count > written->room) {
        Py_ssize_t room = 2 * written->room + count;
        uint8_t *more = PyMem_Malloc((size_t)room);
        if (!more) {
            PyErr_NoMemory();
            return 0;
        }
        memcpy(more, written->bytes, (size_t)written->length);
        if (written->bytes != written->few) PyMem_Free(written->bytes);
        written->bytes = more;
        written->room = room;
    }
    memcpy(written->bytes + written->length, bytes, (size_t)count);
    written->length += count;
    return 1;
}

static int put_sources(Written *written, const Sources *sources) {
    int sound = 1;
    for (int i = 0; i < sources->count && sound; i++)
        sound = put(written, sources->fields + i, sizeof *sources->fields) &&
                put(written, sources->factors + i, sizeof *sources->factors);
    return sound;
}

static PyObject *finished(Written *written, int sound) {
    PyObject *key = NULL;
    if (sound) key = PyBytes_FromStringAndSize((const char *)written->bytes, written->length);
    if (written->bytes != written->few) PyMem_Free(written->bytes);
    return key;
}

/* All that a word's plan depends on, as bytes. */
PyObject *key_of_word(const Keys *keys, const Sources *sources) {
    Written written;
    written.bytes = written.few;
    written.length = 0;
    written.room = sizeof written.few;
    int sound = 1;
    for (Py_ssize_t i = 0; i < keys->count && sound; i++) {
        const Key *key = keys->keys + i;
        uint8_t head[3 + SIMILAR] = {(uint8_t)key->table, (uint8_t)key->level};
        memcpy(head + 2, key->similar, SIMILAR);
        head[2 + SIMILAR] = 0xff; /* in no UTF-8: a text ends where the next one's head begins */
        sound = put(&written, key->text.bytes, key->text.length) && put(&written, head + 2 + SIMILAR, 1) &&
                put(&written, head, 2 + SIMILAR);
    }
    sound = sound && put_sources(&written, sources);
    return finished(&written, sound);
}

/* The same of a form; no key of a word ends so. */
PyObject *key_of_form(Text form, const Sources *sources) {
    Written written;
    written.bytes = written.few;
    written.length = 0;
    written.room = sizeof written.few;
    int sound = put(&written, form.bytes, form.length) && put_sources(&written, sources) &&
                put(&written, "\xfe", 1);
    return finished(&written, sound);
}

/* The plan that was put together, as Python has it. With `similar`, forms that are only similar are
   left out where they are too common to tell anything. */
PyObject *made_of(const Planner *planner, const Sources *sources, int similar) {
    int least = 8;
    for (Py_ssize_t i = 0; i < planner->level_count; i++)
        if (planner->levels[i] < least) least = planner->levels[i];
    PyObject *entries = PyBytes_FromStringAndSize((const char *)planner->entries.values,
                                                  planner->entries.count * (Py_ssize_t)sizeof(int64_t));
    PyObject *levels = PyBytes_FromStringAndSize((const char *)planner->levels, planner->level_count);
    PyObject *plan = NULL, *told = NULL;
    Py_ssize_t postings = planner->postings;
    int single = planner->single, of_documents = sources->count == 1 && sources->fields[0] == TITLES;
    if (!entries || !levels) goto done;
    if (similar && least < planner->transliterated && planner->index != Py_None) {
        told = PyObject_CallMethodObjArgs(planner->index, planner->telling, entries, levels, NULL);
        PyObject *kept;
        if (!told || (told != Py_None && !PyArg_ParseTuple(told, "Snp", &kept, &postings, &single))) goto done;
        if (told != Py_None) Py_SETREF(entries, Py_NewRef(kept));
    }
    plan = PyObject_CallFunction(planner->make, "OOnOOi", entries, levels, postings,
                                 single ? Py_True : Py_False, of_documents ? Py_True : Py_False, least);
done:
    Py_XDECREF(told);
    Py_XDECREF(entries);
    Py_XDECREF(levels);
    return plan;
}

int remember(Planner *planner, PyObject *key, PyObject *plan) {
    if (PyDict_GET_SIZE(planner->known) >= MOST_KNOWN) PyDict_Clear(planner->known);
    return PyDict_SetItem(planner->known, key, plan) == 0;
}
