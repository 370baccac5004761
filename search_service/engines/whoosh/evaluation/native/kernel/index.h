/* What the files of the kernel share: views of a generation's arrays, scratch memory, and the loops
   that read postings.

   An Index is used by one thread at a time, under the interpreter's lock; a call leaves its scratch
   zeroed. While it uses the scratch it makes no object that the garbage collector follows, as that
   could run Python's code, and another thread: what goes wrong is noted, and raised at the end.

   What comes from files is checked against the sizes of the arrays before it is followed. */

#ifndef SEARCH_SERVICE_INDEX_H
#define SEARCH_SERVICE_INDEX_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS 8
#define AHEAD 24 /* postings: their units lie far apart, and memory is slower than arithmetic */
#define POSITION_BLOCK 256
#define OVERFLOW_MARK 255
#define LONG 255
#ifndef RANGE /* the tests make it small */
#define RANGE 8192 /* units: what they need of the scratch fits in the cache */
#endif
#define WHOLE_LEVEL (LEVELS - 1) /* of an exact form */

/* One field of one segment. */
typedef struct {
    const uint32_t *starts;
    const uint16_t *unit_low;
    const uint8_t *unit_high; /* NULL where units fit in 16 bits */
    const uint8_t *frequency;
    const uint32_t *frequency_places;
    const uint32_t *frequency_values;
    const uint8_t *position;
    const uint32_t *position_places;
    const uint32_t *position_values;
    const uint32_t *position_blocks;
    Py_ssize_t rows, postings, frequency_count, positions, position_count, blocks;
} View;

enum { VIEW_ARRAYS = 10, VIEWS_OF_A_SEGMENT = 3 };

/* A set of units that is visited in ascending order: bits, and bits for the words of bits in use. */
typedef struct {
    uint64_t *bits, *summary;
} Set;

/* What a unit has of the word being gathered. The level of its best form lies above the sum: a unit
   has less than 2^29 of 256ths, as a passage has less than 2^16 words. */
typedef struct {
    uint32_t decided, total;
} Cell;

#define LEVEL_SHIFT 29
#define SUM_MASK ((1u << LEVEL_SHIFT) - 1)

/* What a passage, or a document, has of the whole query. */
typedef struct {
    double sum;
    uint32_t had; /* a bit for each clause of which it has a deciding form */
    uint32_t unused;
} Met;

/* The ids of a segment's documents, one after another, and the signatures of its passages. */
typedef struct {
    const uint32_t *starts;
    const char *bytes;
    Py_ssize_t first, count, length; /* the number of its first document among all */
    const uint64_t *signatures;
    Py_ssize_t first_passage, passages;
} Ids;

typedef enum { NOTHING, DAMAGED, LATE, MEMORY } Failure;

/* Memory that lives as long as a call. */
typedef struct Block {
    struct Block *next;
    size_t size, used;
} Block;

typedef struct {
    PyObject_HEAD
    Py_buffer *buffers;
    Py_ssize_t buffer_count;
    View *views;
    Py_ssize_t view_count;
    Py_ssize_t size; /* of the scratch: passages or documents, whichever are more */
    Py_ssize_t passages, documents;
    const uint8_t *live; /* NULL when all are */
    const int32_t *passage_document;
    const int32_t *passage_lengths;
    const double *length_norms; /* the norm of each length */
    const double *document_norms;
    double live_passages, live_documents;
    double weights[LEVELS];
    uint32_t whole_weights[LEVELS];
    int decisive, fold; /* levels */
    double gain, similar_share, similar_tells;
    Cell *cells;
    Met *met, *document_met;
    double *sums;
    double *saturations; /* of an exact form, for each length and frequency from 1 to `frequencies` */
    uint32_t frequencies;
    Set gathered, found;
    uint64_t *wanted; /* units asked for */
    int32_t *document_starts; /* the first passage of each document, and the number of passages */
    uint64_t *first_passages; /* the same as a set, with one behind the end */
    uint64_t *last_passages;  /* and the last passage of each */
    uint64_t *live_passages_set; /* NULL when all are live */
    uint8_t *short_lengths;      /* of passages: a fourth of the memory; LONG for long ones */
    int32_t shortest;
    int32_t *by_rank; /* documents in the order of the ranks that were given last */
    double coverage, document_share;
    struct {
        double weight;
        Py_ssize_t window, depth, passages;
    } nearness;
    Ids *ids; /* of each segment's documents */
    Py_ssize_t segment_count;
    /* What Python gets: tuples of these types. And the names of a plan's attributes. */
    PyTypeObject *found_type, *passage_type, *counts_type;
    PyObject *entries_name, *levels_name, *counts_name, *surface_name;
    Block *blocks;
    Failure failure;
} Index;

/* A row of a plan. */
typedef struct {
    int64_t view, low, high, base, factor, levels;
} Entry;

/* What a word asks of the postings. */
typedef struct {
    const Entry *entries;
    Py_ssize_t count;
    const uint8_t *levels;
    Py_ssize_t level_count;
    Py_ssize_t postings; /* how many it has, deleted units included */
    int single;          /* one list a segment, of deciding forms: nothing needs to be summed */
} Plan;

/* How many units were met, of passages and of their documents, and whether any similar form was. */
typedef struct {
    double sure, all, sure_documents, all_documents;
    int weak;
} Counts;

/* The units that have a word, ascending, and what each has of it, in 256ths. */
typedef struct {
    int32_t *units;
    uint32_t *decided;
    uint32_t *total; /* the same array where no similar form was met */
    uint8_t *level;  /* of the best form */
    Py_ssize_t count;
    Counts counts;
} Found;

/* The factors of the two parts of a word's score. */
typedef struct {
    double decided, total;
    int mixed;
} Mixture;

/* index.c */
int fail(Index *index, Failure failure); /* returns 0, as all that fails does */
void *take(Index *index, size_t size);   /* lives until `finish`; NULL where there is none */
int finish(Index *index);                /* gives memory back, raises what was noted; 0 then */
PyObject *array_of(Py_ssize_t count, Py_ssize_t item, void **data);
int is_past(Index *index, double deadline);

/* gather.c */
int check_plan(Index *index, Plan *plan);
int gather(Index *index, const Plan *plan, const int32_t *within, Py_ssize_t wanted, int documents,
           int count_documents, const Counts *known, Found *found);
int mark(Index *index, const Plan *plan, Found *found);
int count_single(Index *index, const Plan *plan, Counts *counts);
void count_documents_of(const Index *index, Found *found);
void empty_cells(Index *index, uint32_t origin, uint32_t to, Found *found);
int room(Index *index, Found *found, Py_ssize_t count, int weak);
Mixture mixture(const Index *index, double count, double decided, double total, int weak, double factor);
double idf(double count, double having);

/* positions.c */
typedef struct {
    int64_t *data;
    Py_ssize_t count, room;
} Places;
int places_of(Index *index, const Plan *plan, int decisive_text, const int32_t *units, Py_ssize_t count,
              Places *places);
Py_ssize_t followed(const int64_t *ends, Py_ssize_t count, const int64_t *following, Py_ssize_t length,
                    int64_t reach, int64_t *out);

/* levels.c */
int from_level(Index *index, const Plan *plan, int least, Plan *kept);

/* answers.c */
PyObject *counts_object(const Index *index, const Counts *counts);

/* primitives.c, documents.c, levels.c, search.c */
extern PyMethodDef primitive_methods[], document_methods[], level_methods[];
PyObject *Index_search(Index *index, PyObject *args);
extern const char search_doc[];

/* counting.c */
void count_set(const Index *index, const uint64_t *set, Py_ssize_t first, Py_ssize_t words,
               Py_ssize_t *passages, Py_ssize_t *documents);

/* Where the processor has wide vectors and counts bits, functions so marked use them. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define WITH_WIDE_VECTORS __attribute__((target_clones("avx2", "default")))
#else
#define WITH_WIDE_VECTORS
#endif

static inline void add_to(Set *set, uint32_t unit) {
    set->bits[unit >> 6] |= 1ull << (unit & 63);
    set->summary[unit >> 12] |= 1ull << ((unit >> 6) & 63);
}

static inline int has(const Set *set, uint32_t unit) { return set->bits[unit >> 6] >> (unit & 63) & 1; }

/* Whether a passage is live, where not all are. */
static inline int is_live(const Index *index, int64_t unit) {
    return index->live_passages_set[unit >> 6] >> (unit & 63) & 1;
}

/* Visit the units of a set, which are less than `size`, in ascending order, and leave it empty. */
#define FOR_EACH_OF(set, size, unit, ...)                                                    \
    for (Py_ssize_t s_ = 0; s_ <= (Py_ssize_t)((size) >> 12); s_++) {                        \
        uint64_t words_ = (set)->summary[s_];                                                \
        (set)->summary[s_] = 0;                                                              \
        while (words_) {                                                                     \
            Py_ssize_t w_ = (s_ << 6) + __builtin_ctzll(words_);                             \
            words_ &= words_ - 1;                                                            \
            uint64_t bits_ = (set)->bits[w_];                                                \
            (set)->bits[w_] = 0;                                                             \
            while (bits_) {                                                                  \
                uint32_t unit = (uint32_t)((w_ << 6) + __builtin_ctzll(bits_));              \
                bits_ &= bits_ - 1;                                                          \
                __VA_ARGS__                                                                  \
            }                                                                                \
        }                                                                                    \
    }

static inline uint32_t unit_at(const View *view, Py_ssize_t posting) {
    uint32_t unit = view->unit_low[posting];
    return view->unit_high ? unit | (uint32_t)view->unit_high[posting] << 16 : unit;
}

static inline Py_ssize_t place_of(const uint32_t *places, Py_ssize_t count, Py_ssize_t wanted) {
    Py_ssize_t low = 0, high = count;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if ((Py_ssize_t)places[middle] < wanted) low = middle + 1;
        else high = middle;
    }
    return low < count && (Py_ssize_t)places[low] == wanted ? low : -1;
}

static inline uint32_t frequency_at(const View *view, Py_ssize_t posting) {
    uint32_t frequency = view->frequency[posting];
    if (frequency == OVERFLOW_MARK) {
        Py_ssize_t place = place_of(view->frequency_places, view->frequency_count, posting);
        if (place >= 0) frequency = view->frequency_values[place];
    }
    return frequency;
}

static inline uint32_t position_at(const View *view, Py_ssize_t place) {
    uint32_t position = view->position[place];
    if (position == OVERFLOW_MARK) {
        Py_ssize_t over = place_of(view->position_places, view->position_count, place);
        if (over >= 0) position = view->position_values[over];
    }
    return position;
}

/* Where the postings of a row lie; 0 where that is outside of the array. */
static inline int row_of(const View *view, int64_t row, Py_ssize_t *low, Py_ssize_t *high) {
    *low = view->starts[row];
    *high = view->starts[row + 1];
    return *low <= *high && *high <= view->postings;
}

/* The first posting in [low, high) whose unit is not less than `unit`, looked for near `low`. */
static inline Py_ssize_t gallop(const View *view, Py_ssize_t low, Py_ssize_t high, uint32_t unit) {
    Py_ssize_t step = 1, end = low;
    while (end < high && unit_at(view, end) < unit) {
        low = end + 1;
        end += step;
        step *= 2;
    }
    if (end > high) end = high;
    while (low < end) {
        Py_ssize_t middle = (low + end) / 2;
        if (unit_at(view, middle) < unit) low = middle + 1;
        else end = middle;
    }
    return low;
}

/* Where the document of a passage ends. A set of all beginnings is small, and so at hand. */
static inline int32_t end_of_document(const Index *index, int32_t unit) {
    uint32_t next = (uint32_t)unit + 1;
    const uint64_t *word = index->first_passages + (next >> 6);
    uint64_t bits = *word & ~0ull << (next & 63);
    while (!bits) bits = *++word;
    return (int32_t)((word - index->first_passages) << 6) + __builtin_ctzll(bits);
}

static inline double norm_of(const Index *index, int32_t unit) {
    return index->length_norms[index->passage_lengths[unit]];
}

static inline double saturated(double sum, double best, double norm, double gain) {
    return (best * sum) / (sum + norm * best) * gain;
}

static inline double score_of(const Index *index, const Mixture *mix, double decided, double total,
                              double best, double norm) {
    double sure = saturated(decided, best, norm, index->gain) * mix->decided;
    if (!mix->mixed) return sure;
    return sure + saturated(total, best, norm, index->gain) * mix->total;
}

#endif
