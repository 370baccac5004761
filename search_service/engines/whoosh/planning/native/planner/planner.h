/* What the files of the planner share: segments' vocabularies as they lie in memory, and what a word
   asks of them.

   What comes from files is checked against the sizes of the arrays before it is followed: a function
   that meets a place outside of them returns -1, and its caller raises ValueError. */

#ifndef SEARCH_SERVICE_PLANNER_H
#define SEARCH_SERVICE_PLANNER_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes;
    Py_ssize_t length;
} Text;

/* Sorted byte strings, one after another. */
typedef struct {
    const uint32_t *starts;
    const uint8_t *data;
    Py_ssize_t count, length;
    uint64_t *heads; /* the first eight bytes of every HEAD_STEPth string, big-endian */
    Py_ssize_t head_count;
} Strings;

#define HEAD_STEP 32

/* Keys that several rows share, with the rows of each. */
typedef struct {
    Strings keys;
    const uint32_t *starts;
    const int32_t *rows;
    Py_ssize_t row_count;
} KeyTable;

enum { FIELDS = 3, TITLES = 2 /* their units are documents */ };

typedef struct {
    Strings folded, exact; /* `exact` is in the order of rows, and has no heads */
    const uint32_t *group_starts;
    const int32_t *by_form;
    uint64_t *form_heads; /* as `heads`, of the exact forms in the order of `by_form` */
    Py_ssize_t form_head_count;
    KeyTable stems, translits;
    const uint32_t *starts[FIELDS]; /* where the postings of each row begin */
    Py_ssize_t rows;
    int64_t bases[FIELDS];
} Vocabulary;

enum { VOCABULARY_ARRAYS = 14 + FIELDS };

static inline int string_at(const Strings *strings, Py_ssize_t place, Text *text) {
    Py_ssize_t first = strings->starts[place], last = strings->starts[place + 1];
    *text = (Text){strings->data + first, last - first};
    return first <= last && last <= strings->length;
}

static inline int compare(Text one, Text other) {
    Py_ssize_t common = one.length < other.length ? one.length : other.length;
    int order = memcmp(one.bytes, other.bytes, (size_t)common);
    return order ? order : (one.length > other.length) - (one.length < other.length);
}

static inline int same(Text one, Text other) {
    return one.length == other.length && !memcmp(one.bytes, other.bytes, (size_t)one.length);
}

/* Numbers in a row that grow. */
typedef struct {
    int64_t *values;
    Py_ssize_t count, room;
} Numbers;

int make_room(Numbers *numbers, Py_ssize_t more);

static inline int push(Numbers *numbers, int64_t value) {
    if (numbers->count == numbers->room && !make_room(numbers, 1)) return 0;
    numbers->values[numbers->count++] = value;
    return 1;
}

enum { SIMILAR = 3, MOST_SIMILAR = 6, ENTRY = 6, FEW = 48 };

/* Where a key is looked up. */
enum { FORM, OTHER_FORM, STEM, TRANSLIT, EXACT };

typedef struct {
    PyObject *object; /* owns the text */
    Text text;
    int table, level;
    uint8_t similar[SIMILAR]; /* of a form: bytes of its beginnings that similar forms share, or 0 */
} Key;

/* What a word asks for, whatever the segment. */
typedef struct {
    Key *keys, few[FEW];
    Py_ssize_t count, room;
} Keys;

typedef struct {
    PyObject_HEAD
    Py_buffer *buffers;
    Py_ssize_t buffer_count;
    Vocabulary *segments;
    Py_ssize_t segment_count;
    PyObject *fields; /* a tuple of FIELDS names */
    PyObject *exact, *folded, *stems, *translit, *telling; /* names of attributes */
    PyObject *make;  /* makes what is returned of a plan */
    PyObject *index; /* of the kernel, which leaves out similar forms that tell nothing; or None */
    PyObject *known; /* plans by what was asked */
    int exactly, fold, stem, transliterated; /* levels */
    int similar_levels[SIMILAR], similar_letters[SIMILAR];
    Numbers spans; /* of one segment: first row << 32 | end row << 3 | level */
    Numbers entries;
    uint8_t *levels;
    Py_ssize_t level_count, level_room, postings;
    int single;
} Planner;

typedef struct {
    int count, fields[FIELDS];
    int64_t factors[FIELDS];
} Sources;

/* lookups.c */
int read_vocabulary(Vocabulary *vocabulary, const Py_buffer *arrays);
void free_vocabulary(Vocabulary *vocabulary);
Py_ssize_t lower_bound(const Strings *strings, Text key);
Py_ssize_t seek(const Strings *strings, Py_ssize_t low, Py_ssize_t high, Text key);
Py_ssize_t find(const Strings *strings, Text key, int *found);
Py_ssize_t forms_bound(const Vocabulary *vocabulary, Text key);
int form_of(const Vocabulary *vocabulary, Py_ssize_t row, Text *form);

/* keys.c */
int read_word(const Planner *planner, Keys *keys, PyObject *readings, int rung, int similar,
              PyObject *synonyms);
void free_keys(Keys *keys);
int read_sources(const Planner *planner, PyObject *object, Sources *sources);

/* remembering.c */
PyObject *key_of_word(const Keys *keys, const Sources *sources);
PyObject *key_of_form(Text form, const Sources *sources);
PyObject *made_of(const Planner *planner, const Sources *sources, int similar);
int remember(Planner *planner, PyObject *key, PyObject *plan);

/* plans.c */
void begin(Planner *planner);
int add_span(Planner *planner, const Vocabulary *vocabulary, int64_t low, int64_t high, int level);
int add_rows(Planner *planner, const Vocabulary *vocabulary, const int32_t *rows, Py_ssize_t count,
             int level);
int add_spans(Planner *planner, const Vocabulary *vocabulary, const Keys *keys);
int finish_segment(Planner *planner, Py_ssize_t number, const Sources *sources);

/* rows.c */
PyObject *rows_of(const Planner *planner, const Py_buffer *entries, const Py_buffer *levels, int least);

/* edits.c */
enum { MAX_EDITS = 2, MAX_LETTERS = 63 };
int within_edits(const Strings *strings, Py_ssize_t low, Py_ssize_t high, const Py_UCS4 *word,
                 int length, int edits, Numbers *places);

#endif
