/* Marking texts and choosing what of them is shown, compiled where a compiler was at installation. */

#include "marking.h"

int add_slice(Slices *slices, Py_ssize_t start, Py_ssize_t end) {
    if (slices->count == slices->room) {
        Py_ssize_t room = slices->room ? 2 * slices->room : 128;
        int32_t *starts = PyMem_Realloc(slices->starts, (size_t)room * sizeof(int32_t));
        if (starts) slices->starts = starts;
        int32_t *ends = starts ? PyMem_Realloc(slices->ends, (size_t)room * sizeof(int32_t)) : NULL;
        if (ends) slices->ends = ends;
        if (!ends) return PyErr_NoMemory() != NULL;
        slices->room = room;
    }
    slices->starts[slices->count] = (int32_t)start;
    slices->ends[slices->count++] = (int32_t)end;
    return 1;
}

void free_slices(Slices *slices) {
    PyMem_Free(slices->starts);
    PyMem_Free(slices->ends);
}

PyDoc_STRVAR(sentences_doc,
"sentences(alphabet, text, abbreviations, ordinals) -> list of (start, end)\n\n"
"The sentences of a text; the whole where it has none.");

static PyObject *marking_sentences(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *alphabet, *text, *abbreviations, *result = NULL;
    int ordinals;
    Slices found = {0};
    if (!PyArg_ParseTuple(args, "O!UO!p", &AlphabetType, &alphabet, &text, &PyFrozenSet_Type,
                          &abbreviations, &ordinals))
        return NULL;
    if (PyUnicode_GET_LENGTH(text) > INT32_MAX)
        return PyErr_Format(PyExc_OverflowError, "a text of more than 2^31 letters");
    if (split_sentences((Alphabet *)alphabet, text, abbreviations, ordinals, &found) &&
        (result = PyList_New(found.count)))
        for (Py_ssize_t i = 0; i < found.count && result; i++) {
            PyObject *slice = Py_BuildValue("(ii)", found.starts[i], found.ends[i]);
            if (slice) PyList_SET_ITEM(result, i, slice);
            else Py_CLEAR(result);
        }
    free_slices(&found);
    return result;
}

/* Marks as the compiler wants them: (start, end, rung, word, synonym), ascending and apart. `most` is
   set to the greatest word. */
static int read_marks(PyObject *given, Py_ssize_t length, Mark *marks, long *most) {
    Py_ssize_t end = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(given); i++) {
        Mark *mark = marks + i;
        PyObject *item = PyList_GET_ITEM(given, i);
        if (!PyTuple_Check(item)) return PyErr_Format(PyExc_TypeError, "a mark is a tuple") != NULL;
        if (!PyArg_ParseTuple(item, "nnllp", &mark->start, &mark->end, &mark->rung, &mark->word,
                              &mark->synonym))
            return 0;
        if (mark->start < end || mark->end <= mark->start || mark->end > length || mark->rung < 0 ||
            mark->rung > 4 || mark->word < 0 || mark->word > 0xFFFF)
            return PyErr_Format(PyExc_ValueError, "marks lie in the text, ascending and apart") != NULL;
        end = mark->end;
        if (mark->word > *most) *most = mark->word;
    }
    return 1;
}

static int check_words(const Py_buffer *starts, const Py_buffer *ends, Py_ssize_t length) {
    const int32_t *start = starts->buf, *end = ends->buf;
    Py_ssize_t count = starts->len / 4;
    int sound = starts->len == ends->len && starts->len % 4 == 0;
    for (Py_ssize_t i = 0; i < count && sound; i++)
        sound = start[i] >= 0 && end[i] > start[i] && end[i] <= length && (!i || start[i] >= start[i - 1]);
    if (!sound) PyErr_SetString(PyExc_ValueError, "words lie in the text, ascending");
    return sound;
}

PyDoc_STRVAR(show_doc,
"show(alphabet, text, starts, ends, marks, most, abbreviations, ordinals)\n"
"    -> (start, end, first, last, html)\n\n"
"What of a text is shown, at most so many words; all of it where `most` is 0. Words are int32\n"
"as bytes, marks a list of (start, end, rung, word, synonym), of which [first, last) are shown.");

static PyObject *marking_show(PyObject *Py_UNUSED(module), PyObject *args) {
    PyObject *alphabet, *text, *given, *abbreviations, *html = NULL;
    Py_buffer starts, ends;
    Py_ssize_t most, start = 0, end, first = 0, last;
    int ordinals, sound;
    if (!PyArg_ParseTuple(args, "O!Uy*y*O!nO!p", &AlphabetType, &alphabet, &text, &starts, &ends,
                          &PyList_Type, &given, &most, &PyFrozenSet_Type, &abbreviations, &ordinals))
        return NULL;
    Letters letters = letters_of(text);
    Py_ssize_t count = PyList_GET_SIZE(given), word_count = starts.len / 4;
    long greatest = 0;
    long *rungs = NULL;
    Slices sentences = {0};
    Mark *marks = PyMem_Malloc(((size_t)count + 1) * sizeof(Mark));
    end = letters.length;
    sound = marks ? read_marks(given, letters.length, marks, &greatest) : PyErr_NoMemory() != NULL;
    if (sound && most > 0 && word_count > most) {
        rungs = PyMem_Malloc(((size_t)greatest + 1) * sizeof(long));
        sound = rungs ? check_words(&starts, &ends, letters.length) : PyErr_NoMemory() != NULL;
        sound = sound && split_sentences((Alphabet *)alphabet, text, abbreviations, ordinals, &sentences) &&
                choose_window(rungs, &letters, &sentences, starts.buf, ends.buf, word_count, marks, count,
                              most, &start, &end);
    }
    for (last = count; sound && first < count && marks[first].start < start;) first++;
    while (sound && last > first && marks[last - 1].end > end) last--;
    if (sound) html = render(&letters, start, end, marks + first, last - first);
    PyMem_Free(marks);
    PyMem_Free(rungs);
    free_slices(&sentences);
    PyBuffer_Release(&starts);
    PyBuffer_Release(&ends);
    return html ? Py_BuildValue("(nnnnN)", start, end, first, last, html) : NULL;
}

static PyMethodDef methods[] = {
    {"sentences", marking_sentences, METH_VARARGS, sentences_doc},
    {"show", marking_show, METH_VARARGS, show_doc},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_marking",
    .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__marking(void) {
    PyObject *made = PyModule_Create(&module);
    if (made && (PyModule_AddType(made, &AlphabetType) < 0 || PyModule_AddType(made, &WantedType) < 0 ||
                 PyModule_AddType(made, &SnippetsType) < 0))
        Py_CLEAR(made);
    return made;
}
