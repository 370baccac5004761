/* What the files of marking share: letters, the words of a text, its sentences, what is shown of it.

   `plain_texts.py` says the same in Python, and the tests hold both to the same words, sentences and
   snippets. */

#ifndef SEARCH_SERVICE_MARKING_H
#define SEARCH_SERVICE_MARKING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

/* A text that is read letter by letter. */
typedef struct {
    int kind;
    const void *data;
    Py_ssize_t length;
} Letters;

static inline Letters letters_of(PyObject *text) {
    return (Letters){PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)};
}

static inline Py_UCS4 letter(const Letters *text, Py_ssize_t at) {
    return PyUnicode_READ(text->kind, text->data, at);
}

/* Slices of a text, ascending and apart. */
typedef struct {
    int32_t *starts, *ends;
    Py_ssize_t count, room;
} Slices;

int add_slice(Slices *slices, Py_ssize_t start, Py_ssize_t end);
void free_slices(Slices *slices);

/* What is known of a letter: the letter that it is folded to (0 if it is left out) and these. */
enum {
    WORD = 1 << 16,       /* a word begins with it and goes on with it */
    INSIDE = 1 << 17,     /* a word goes on with it: marks, and what is not seen */
    APOSTROPHE = 1 << 18,
    UNSPACED = 1 << 19,   /* of a script that puts no spaces between words */
    ODD = 1 << 20,        /* how it is folded depends on what stands beside it */
    FULL_WIDTH = 1 << 21, /* ends a sentence, with or without a space after it */
    ENDS = 1 << 22,       /* ends one before white space */
    CLOSES = 1 << 23,     /* quotes and brackets */
    OPENS = 1 << 24,
    GOES_ON = 1 << 25,    /* what a quotation goes on with */
    NOTE = 1 << 26,       /* a raised digit */
    ARMENIAN = 1 << 27,   /* small letters after which a colon is a full stop */
    GREEK = 1 << 28,      /* and a semicolon a question mark */
};

enum { BLOCK = 256, BLOCKS = 256 };

typedef struct {
    PyObject_HEAD
    PyObject *block; /* number -> what is known of so many letters, asked once */
    uint32_t *blocks[BLOCKS];
} Alphabet;

/* Folded forms that are looked for, and beginnings of folded forms. */
typedef struct {
    PyObject_HEAD
    uint64_t *hashes; /* open addressing; 0 is empty */
    size_t mask;
    uint64_t *beginnings; /* of four letters, packed */
    Py_ssize_t beginning_count;
    uint16_t *prefixes; /* one after another */
    Py_ssize_t *prefix_ends, prefix_count;
} Wanted;

enum { SIMILAR_LETTERS = 4, KEPT = 64 };

/* A word while it is read: its folded letters. */
typedef struct {
    uint64_t hash;
    Py_ssize_t count;
    int odd;
    uint16_t kept[KEPT];
} Folded;

extern PyTypeObject AlphabetType, WantedType, SnippetsType;

int learn(Alphabet *alphabet, Py_UCS4 code, uint32_t *known);

/* What is known of a letter; 0 with an exception set when nothing can be. */
static inline int know(Alphabet *alphabet, Py_UCS4 code, uint32_t *known) {
    const uint32_t *block = code < BLOCK * BLOCKS ? alphabet->blocks[code / BLOCK] : NULL;
    if (!block) return learn(alphabet, code, known);
    *known = block[code % BLOCK];
    return 1;
}

static const uint64_t HASH_SEED = 0xcbf29ce484222325u, HASH_PRIME = 0x100000001b3u;

static inline void begin_word(Folded *word) {
    word->hash = HASH_SEED;
    word->count = 0;
    word->odd = 0;
}

static inline void add_letter(Folded *word, uint32_t known) {
    uint32_t folded = known & 0xFFFF;
    word->odd |= (int)(known & (ODD | UNSPACED));
    if (!folded) return;
    word->hash = (word->hash ^ folded) * HASH_PRIME;
    if (word->count < KEPT) word->kept[word->count] = (uint16_t)folded;
    word->count++;
}

int is_wanted(const Wanted *wanted, const Folded *word);

/* What came of reading a text. */
typedef enum { FAILED, READ, NOT_SPACED } Outcome;

/* The words of a text, and the places of those that may be wanted: all where `wanted` is NULL. */
Outcome read_words(Alphabet *alphabet, const Letters *text, const Wanted *wanted, int joins,
                   Slices *words, Slices *candidates);

/* A mark: a slice of the text, how it was met, and by which word of the query. */
typedef struct {
    Py_ssize_t start, end;
    long rung, word;
    int synonym;
} Mark;

int split_sentences(Alphabet *alphabet, PyObject *text, PyObject *abbreviations,
                    int ordinals, Slices *found);
int choose_window(long *rungs, const Letters *text, const Slices *sentences, const int32_t *starts,
                  const int32_t *ends, Py_ssize_t word_count, const Mark *marks,
                  Py_ssize_t mark_count, Py_ssize_t most, Py_ssize_t *start, Py_ssize_t *end);
PyObject *render(const Letters *text, Py_ssize_t start, Py_ssize_t end, const Mark *marks,
                 Py_ssize_t count);

#endif
