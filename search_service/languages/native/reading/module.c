/* Words to the keys of their forms.

   `analysis.py`, `turkic_stems.py` and `translit.py` say the same in Python, and read what has letters that
   are not known here; the tests hold both to the same keys. */

#include "reading.h"

extern PyTypeObject ReaderType;

static PyMethodDef functions[] = {{NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_reading", "Words to the keys of their forms: see search_service.languages.formkeys.", -1,
    functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__reading(void) {
    PyTypeObject *types[] = {&StemmerType, &SpellingType, &ReaderType};
    const char *names[] = {"Stemmer", "Spelling", "Reader"};
    for (int i = 0; i < 3; i++)
        if (PyType_Ready(types[i]) < 0) return NULL;
    PyObject *made = PyModule_Create(&module);
    for (int i = 0; made && i < 3; i++)
        if (PyModule_AddObjectRef(made, names[i], (PyObject *)types[i]) < 0) Py_CLEAR(made);
    return made;
}
