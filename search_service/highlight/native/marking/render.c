/* A part of a text as safe HTML: escaped, marked, and with dots where it was cut. */

#include "marking.h"

typedef struct {
    Py_UCS4 *letters;
    Py_ssize_t count, room;
    int failed;
} Html;

static const char *const CLASSES[] = {"", "fold", "stem", "translit", "similar"};
enum { RUNGS = sizeof CLASSES / sizeof *CLASSES };

static int room_for(Html *html, Py_ssize_t more) {
    if (html->failed) return 0;
    if (html->count + more <= html->room) return 1;
    Py_ssize_t room = 2 * (html->count + more) + 256;
    Py_UCS4 *letters = PyMem_Realloc(html->letters, (size_t)room * sizeof(Py_UCS4));
    if (!letters) {
        html->failed = 1;
        PyErr_NoMemory();
        return 0;
    }
    html->letters = letters;
    html->room = room;
    return 1;
}

static void add(Html *html, const char *ascii) {
    Py_ssize_t length = (Py_ssize_t)strlen(ascii);
    if (!room_for(html, length)) return;
    for (Py_ssize_t i = 0; i < length; i++) html->letters[html->count++] = (Py_UCS4)ascii[i];
}

/* As `html.escape` does. */
static const char *escaped(Py_UCS4 code) {
    switch (code) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#x27;";
    }
    return NULL;
}

static void add_text(Html *html, const Letters *text, Py_ssize_t start, Py_ssize_t end) {
    if (!room_for(html, end - start)) return;
    for (Py_ssize_t at = start; at < end; at++) {
        Py_UCS4 code = letter(text, at);
        const char *instead = code < 64 ? escaped(code) : NULL;
        if (instead) {
            add(html, instead);
            if (!room_for(html, end - at)) return;
        } else
            html->letters[html->count++] = code;
    }
}

static void open_mark(Html *html, const Mark *mark) {
    const char *name = mark->synonym ? "synonym" : CLASSES[mark->rung];
    add(html, *name ? "<mark class=\"" : "<mark>");
    add(html, name);
    if (*name) add(html, "\">");
}

/* The slice [start, end) of a text; marks are ascending, apart and inside of it. */
PyObject *render(const Letters *text, Py_ssize_t start, Py_ssize_t end, const Mark *marks,
                 Py_ssize_t count) {
    Html html = {0};
    Py_ssize_t done = start;
    const Py_UCS4 dots = 0x2026;
    if (start > 0 && room_for(&html, 2)) {
        html.letters[html.count++] = dots;
        html.letters[html.count++] = ' ';
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        add_text(&html, text, done, marks[i].start);
        open_mark(&html, marks + i);
        add_text(&html, text, marks[i].start, marks[i].end);
        add(&html, "</mark>");
        done = marks[i].end;
    }
    add_text(&html, text, done, end);
    /* Between sentences they stand apart, so that a full stop and they are not four dots. */
    if (end < text->length) {
        if (!end || !Py_UNICODE_ISALNUM(letter(text, end - 1))) add(&html, " ");
        if (room_for(&html, 1)) html.letters[html.count++] = dots;
    }
    PyObject *result =
        html.failed ? NULL : PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, html.letters, html.count);
    PyMem_Free(html.letters);
    return result;
}
