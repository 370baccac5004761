/* What a segment is built of: forms by their numbers, the vocabulary they make, and postings.

   `formtable.py`, `inversion.py` and `joining.py` say the same in Python, and the tests hold both to the same arrays. */

#include "building.h"

static PyMethodDef functions[] = {
    {"invert", building_invert, METH_VARARGS, invert_doc},
    {"join", building_join, METH_VARARGS, join_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_building", "What a segment is built of: see search_service.engines.whoosh.writing.formtable.", -1,
    functions, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__building(void) {
    PyObject *made = NULL;
    if (PyType_Ready(&FormsType) < 0 || !(made = PyModule_Create(&module))) return NULL;
    if (PyModule_AddObjectRef(made, "Forms", (PyObject *)&FormsType) < 0) Py_CLEAR(made);
    return made;
}
