/* Instances of frozen classes with slots, made without a call of Python for each of their fields. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    PyTypeObject *type;
    PyObject *defaults; /* a tuple: of the last fields */
    Py_ssize_t count, *offsets;
} Maker;

static PyObject *make(PyObject *self, PyObject *const *args, size_t flags, PyObject *names) {
    const Maker *maker = (const Maker *)self;
    Py_ssize_t given = PyVectorcall_NARGS(flags), missing = maker->count - given, first;
    Py_ssize_t defaults = maker->defaults ? PyTuple_GET_SIZE(maker->defaults) : 0;
    if (!maker->type || (names && PyTuple_GET_SIZE(names)) || missing < 0 || missing > defaults)
        return PyErr_Format(PyExc_TypeError, "%zd to %zd values in their order, not %zd",
                            maker->count - defaults, maker->count, given);
    PyObject *made = maker->type->tp_alloc(maker->type, 0);
    first = defaults - missing;
    for (Py_ssize_t i = 0; made && i < maker->count; i++) {
        PyObject *value = i < given ? args[i] : PyTuple_GET_ITEM(maker->defaults, first + i - given);
        *(PyObject **)((char *)made + maker->offsets[i]) = Py_NewRef(value);
    }
    return made;
}

/* Where an instance keeps a field, or -1 where it is no slot of the class. */
static Py_ssize_t offset_of(PyTypeObject *type, PyObject *name) {
    PyObject *slot = PyObject_GetAttr((PyObject *)type, name);
    Py_ssize_t offset = -1;
    if (slot && Py_IS_TYPE(slot, &PyMemberDescr_Type)) {
        const PyMemberDef *member = ((PyMemberDescrObject *)slot)->d_member;
        if (PyType_IsSubtype(type, PyDescr_TYPE(slot)) && member->type == T_OBJECT_EX) offset = member->offset;
    }
    if (offset < 0) PyErr_Format(PyExc_TypeError, "%U is no slot of the class", name);
    Py_XDECREF(slot);
    return offset;
}

static int Maker_init(Maker *maker, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *type, *names, *defaults;
    if (!PyArg_ParseTuple(args, "O!O!O!", &PyType_Type, &type, &PyTuple_Type, &names, &PyTuple_Type, &defaults))
        return -1;
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    if (maker->type || PyTuple_GET_SIZE(defaults) > count || ((PyTypeObject *)type)->tp_new != PyBaseObject_Type.tp_new) {
        PyErr_SetString(PyExc_TypeError, "a plain class, its fields, and not more defaults, said once");
        return -1;
    }
    maker->offsets = PyMem_Calloc((size_t)count + 1, sizeof(Py_ssize_t));
    if (!maker->offsets) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        if (!PyUnicode_Check(name)) PyErr_SetString(PyExc_TypeError, "names are str");
        if (PyErr_Occurred() || (maker->offsets[i] = offset_of((PyTypeObject *)type, name)) < 0) {
            PyMem_Free(maker->offsets);
            maker->offsets = NULL;
            return -1;
        }
    }
    maker->type = (PyTypeObject *)Py_NewRef(type);
    maker->defaults = Py_NewRef(defaults);
    maker->count = count;
    return 0;
}

static PyObject *Maker_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(keywords)) {
    Maker *maker = (Maker *)type->tp_alloc(type, 0);
    if (maker) maker->call = make;
    return (PyObject *)maker;
}

static int Maker_traverse(Maker *maker, visitproc visit, void *arg) {
    Py_VISIT(maker->type);
    Py_VISIT(maker->defaults);
    return 0;
}

static int Maker_clear(Maker *maker) {
    maker->count = 0;
    Py_CLEAR(maker->type);
    Py_CLEAR(maker->defaults);
    return 0;
}

static void Maker_dealloc(Maker *maker) {
    PyObject_GC_UnTrack(maker);
    Maker_clear(maker);
    PyMem_Free(maker->offsets);
    Py_TYPE(maker)->tp_free((PyObject *)maker);
}

static PyTypeObject MakerType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "search_service._making.Maker",
    .tp_basicsize = sizeof(Maker),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = PyDoc_STR("Maker(class, names of its fields, defaults of the last): called with values in their order."),
    .tp_new = Maker_new,
    .tp_init = (initproc)Maker_init,
    .tp_traverse = (traverseproc)Maker_traverse,
    .tp_clear = (inquiry)Maker_clear,
    .tp_dealloc = (destructor)Maker_dealloc,
    .tp_vectorcall_offset = offsetof(Maker, call),
    .tp_call = PyVectorcall_Call,
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_making", .m_size = -1};

PyMODINIT_FUNC PyInit__making(void) {
    PyObject *made = PyType_Ready(&MakerType) < 0 ? NULL : PyModule_Create(&module);
    if (made && PyModule_AddObjectRef(made, "Maker", (PyObject *)&MakerType) < 0) Py_CLEAR(made);
    return made;
}
