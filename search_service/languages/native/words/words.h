/* Words to numbers, and what their letters say: see `words.c`. */

#ifndef WORDS_H
#define WORDS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

extern const char letter_scores_doc[];
PyObject *words_letter_scores(PyObject *module, PyObject *args);

#endif
