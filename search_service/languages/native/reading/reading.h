/* Words to the keys of their forms, compiled where a compiler was at installation: see `module.c`. */

#ifndef READING_H
#define READING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

enum {
    LETTERS = 0x532,  /* code points that are known: below 0x530, and two apostrophes */
    LONGEST = 96,     /* letters of a word that is read here */
    FOLDED = 2,       /* letters that one is folded to, at most */
    KNOWN = 1,        /* flags of a letter: a word that has any other is left to Python */
    ALPHABETIC = 2,
    CYRILLIC = 0x400, /* where those letters begin, and end */
    BEYOND_CYRILLIC = 0x500,
    LATIN_END = 0x370,
};

/* What becomes of a letter, as `formkeys.letters` makes it. */
typedef struct {
    uint16_t lower, folded[FOLDED], flags;
} Letter;

/* Some letters. */
typedef struct {
    const uint16_t *text;
    int length;
} Slice;

/* A run of letters that grows. */
typedef struct {
    uint16_t *text;
    size_t used, room;
} Text;

int text_add(Text *text, const uint16_t *letters, size_t length);
int text_set(Text *text, PyObject *string); /* a string of letters below 0x10000, else an error */
int text_put(Text *text, PyObject *string); /* the same behind what is there */

/* Whether something is a tuple, else an error. */
static inline int is_tuple(PyObject *given) {
    return PyTuple_Check(given) || (PyErr_SetString(PyExc_TypeError, "tuples are wanted"), 0);
}

static inline int has(Slice set, uint16_t letter) {
    for (int i = 0; i < set.length; i++)
        if (set.text[i] == letter) return 1;
    return 0;
}

static inline int equal(Slice one, Slice other) {
    if (one.length != other.length) return 0;
    return !one.length || !memcmp(one.text, other.text, (size_t)one.length * sizeof *one.text);
}

static inline int vowel(uint16_t letter) {
    return letter == 'a' || letter == 'e' || letter == 'i' || letter == 'o' || letter == 'u';
}

/* Strings to numbers. */
typedef struct {
    uint32_t *slots; /* place + 1, 0 where it is empty */
    size_t mask, count, room;
    struct Known {
        uint32_t start, hash;
        uint16_t length, value;
    } *known;
    Text letters;
} Strings;

/* Hashed from the last letter on, so that longer and longer endings are looked up in one pass. */
enum { HASH_START = 0x811C9DC5 };
static inline uint32_t hash_more(uint32_t hash, uint16_t letter) {
    hash = (hash ^ letter) * 0x9E3779B1u;
    return hash ^ hash >> 15;
}
int strings_add(Strings *strings, PyObject *string, int value);
int strings_find(const Strings *strings, Slice string, uint32_t hash); /* -1: it is not there */
int strings_get(const Strings *strings, Slice string);
void strings_free(Strings *strings);

/* Takes suffixes off: `turkic_stems.TurkicStemmer`. */
enum { KINDS = 10, MOST_STEMS = 5 };
typedef struct {
    PyObject_HEAD
    Strings proper, plain; /* suffixes -> their costs */
    Strings restored, short_roots;
    Text restored_to; /* what roots are restored to, one after another, and where each begins */
    uint32_t *restored_starts;
    double (*any)[KINDS], (*verb)[KINDS];
    size_t costs;
    uint16_t hardened[26];
    int longest;
} Stemmer;
extern PyTypeObject StemmerType;

/* The stems of a word, folded but for ʃ, into `stems`, one after another; how many. -1: error. */
typedef struct {
    uint16_t text[MOST_STEMS * (LONGEST * FOLDED + 16)];
    int starts[MOST_STEMS + 1];
    int count;
} Stems;
int find_stems(const Stemmer *stemmer, Slice letters, int ascii, Stems *stems);

/* How an orthography writes sounds: `translit._Reading`. */
enum { MOST_GRAPHS = 32, MOST_VALUES = 256, MOST_LETTERS = 4 };
typedef struct {
    int lead, follow, count, values; /* see `translit.Graph` */
    Slice before, after, letters[MOST_LETTERS];
} Graph;
typedef struct {
    PyObject_HEAD
    Graph graphs[MOST_GRAPHS];
    int graph_count, value_count;
    uint8_t begins[LETTERS];   /* letters that a graph begins with */
    int16_t written[LETTERS];  /* letter -> its first value in `values`, -1 for itself */
    Slice values[MOST_VALUES]; /* lists of them, each ended by one of length -1 */
    Text letters;              /* what slices point into */
} Spelling;
extern PyTypeObject SpellingType;

/* The keys of a word in a spelling, each behind the last in `keys`, told apart by KEY_SEPARATOR, those
   that are there already left out. 0: error. */
enum { KEY_SEPARATOR = 0x1D, PART_SEPARATOR = 0x1F };
int add_keys(const Spelling *spelling, Slice word, Text *keys, size_t first);

#endif
