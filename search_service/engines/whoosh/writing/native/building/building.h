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
    uint32_t *slots; /* number + 1, 0 where it is empty */
    size_t mask;
    uint32_t *places; /* of a form among those of one document, where `stamps` has the document's */
    uint32_t *stamps;
    uint32_t stamp;
} Forms;

extern PyTypeObject FormsType;

/* 64 bits of BLAKE2b, never 0: `prepared.form_hash`. */
uint64_t form_hash(const uint8_t *key, size_t length);

PyObject *forms_vocabulary(Forms *forms, PyObject *unused);
PyObject *building_invert(PyObject *module, PyObject *args);
extern const char vocabulary_doc[], invert_doc[];

#endif
