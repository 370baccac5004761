/* What a segment is built of, compiled where a compiler was at installation: see `module.c`. */

#ifndef BUILDING_H
#define BUILDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* A word that is none: between two headings. */
#define GAP UINT32_MAX

/* As `prepared.py` has them. */
enum { KEY_SEPARATOR = 0x1D, FORM_SEPARATOR = 0x1E, PART_SEPARATOR = 0x1F };

/* The keys of forms, numbered in the order of their coming. */
typedef struct {
    PyObject_HEAD
    uint8_t *bytes; /* of all keys, one after another */
    size_t used, space;
    size_t *starts; /* count + 1 */
    uint64_t *hashes;
    size_t count, room;
    size_t keys; /* by which forms are met, of all forms; or a few more */
    uint32_t *slots; /* number + 1, 0 where it is empty */
    size_t mask;
    uint32_t *places; /* of a form among those of one document, where `stamps` has the document's */
    uint32_t *stamps;
    uint32_t stamp;
} Forms;

extern PyTypeObject FormsType;

/* 64 bits of BLAKE2b, never 0: `prepared.form_hash`. */
uint64_t form_hash(const uint8_t *key, size_t length);

/* A string that is part of something longer. */
typedef struct {
    const uint8_t *text;
    size_t length;
} Part;

/* An array that grows; all zero it is empty. */
typedef struct {
    uint8_t *data;
    size_t used, room;
    size_t gone; /* bytes that are in its file already, before those here */
    int file;    /* the descriptor of where it is kept but for its last bytes, and 1; 0 for none */
} Array;

/* Strings as one run of bytes and where each begins: the end of the last is still to come. */
typedef struct {
    Array starts, bytes;
} Strings;

/* The rows of a vocabulary, and keys that several of them share: as `vocabulary.py` reads them. */
typedef struct {
    Strings folded, exact;
    Array group_starts, language, by_form;
} Rows;

typedef struct {
    Strings keys;
    Array starts, rows;
} KeyTable;

/* These return 0 with an error. */
int append(Array *array, const void *from, size_t size);
int append_number(Array *array, size_t number);
int append_string(Strings *strings, const uint8_t *text, size_t length);
/* Bring what an array of a file has here there. */
int flush(Array *array);
/* Enter the arrays by their names, and free them. */
int put_rows(PyObject *arrays, Rows *rows);
int put_keys(PyObject *arrays, const char *name, KeyTable *table);

static inline size_t length_of(const Array *array) { return array->gone + array->used; }

void free_arrays(Array *const *arrays, size_t count);
void free_rows(Rows *rows);
void free_keys(KeyTable *table);

PyObject *forms_vocabulary(Forms *forms, PyObject *unused);
PyObject *building_invert(PyObject *module, PyObject *args);
PyObject *building_join(PyObject *module, PyObject *args);
extern const char vocabulary_doc[], invert_doc[], join_doc[];

#endif
