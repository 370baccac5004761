/* Near-duplicates among a few hundred signatures. `near.py` says the same with NumPy. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

enum { BITS = 58 };
#define HASH ((UINT64_C(1) << BITS) - 1)

static inline int alike(uint64_t one, uint64_t other, int distance, int64_t least) {
    if (__builtin_popcountll((one ^ other) & HASH) > distance) return 0;
    if (one == other || !one || !other) return one == other && one;
    int64_t step = (int64_t)(one >> BITS), another = (int64_t)(other >> BITS);
    return step > least && another > least && step - another <= 1 && another - step <= 1;
}

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((target_clones("popcnt", "default")))
#endif
static Py_ssize_t find(const uint64_t *known, Py_ssize_t count, Py_ssize_t one, Py_ssize_t from, int distance,
                       int64_t least) {
    for (Py_ssize_t other = from; other < count; other++)
        if (alike(known[one], known[other], distance, least)) return other;
    return count;
}

PyDoc_STRVAR(alike_pairs_doc,
"alike_pairs(signatures, distance, least) -> list of (i, j), i < j\n\n"
"The places of all near-duplicates: hashes that differ in at most so many bits, of passages whose step\n"
"on the scale of lengths is above `least` and the same or the next; others must be the same.");

static PyObject *alike_pairs(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *given;
    int distance;
    long long least;
    if (!PyArg_ParseTuple(args, "O!iL", &PyList_Type, &given, &distance, &least)) return NULL;
    Py_ssize_t count = PyList_GET_SIZE(given);
    uint64_t *known = PyMem_Malloc(((size_t)count + 1) * sizeof(uint64_t));
    PyObject *pairs = known ? PyList_New(0) : PyErr_NoMemory();
    for (Py_ssize_t i = 0; pairs && i < count; i++) {
        known[i] = PyLong_AsUnsignedLongLong(PyList_GET_ITEM(given, i));
        if (known[i] == (uint64_t)-1 && PyErr_Occurred()) Py_CLEAR(pairs);
    }
    for (Py_ssize_t i = 0; pairs && i < count; i++)
        for (Py_ssize_t j = i + 1; pairs && (j = find(known, count, i, j, distance, least)) < count; j++) {
            PyObject *pair = Py_BuildValue("(nn)", i, j);
            if (!pair || PyList_Append(pairs, pair) < 0) Py_CLEAR(pairs);
            Py_XDECREF(pair);
        }
    PyMem_Free(known);
    return pairs;
}

static PyMethodDef methods[] = {
    {"alike_pairs", alike_pairs, METH_VARARGS, alike_pairs_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, .m_name = "_near", .m_size = -1, .m_methods = methods};

PyMODINIT_FUNC PyInit__near(void) { return PyModule_Create(&module); }
