/* The inner loops of the executor, compiled where a compiler was at installation.

   `numpy_kernel.py` says the same in NumPy, and the tests hold both to the same answers, to the last
   bit: so additions are made in the same order, and nothing is contracted or reordered.

   An Index keeps views of a generation's arrays and its own scratch memory. Every call runs under
   the interpreter's lock, so that the scratch is used by one thread at a time; a call leaves it
   zeroed. What comes from files is checked against the sizes of the arrays before it is followed. */

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

enum { VIEW_ARRAYS = 10 };

/* What a unit has of the word being gathered. The level of its best form lies above the sum: a unit
   has less than 2^29 of 256ths, as a passage has less than 2^16 words. */
typedef struct {
    uint32_t decided, total;
} Cell;

#define LEVEL_SHIFT 29
#define SUM_MASK ((1u << LEVEL_SHIFT) - 1)

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
    const double *passage_norms;
    const double *document_norms;
    double live_passages, live_documents;
    double weights[LEVELS];
    uint32_t whole_weights[LEVELS];
    int decisive;
    double gain, similar_share;
    Cell *cells;
    double *sums;
    uint64_t *bits, *summary; /* touched units; touched words of `bits` */
    uint64_t *wanted;         /* units asked for */
} Index;

typedef struct { /* a row of a plan */
    int64_t view, low, high, base, factor, levels;
} Entry;

static void damaged(void) {
    PyErr_SetString(PyExc_ValueError, "postings point outside of the index");
}

static inline void touch(Index *index, uint32_t unit) {
    index->bits[unit >> 6] |= 1ull << (unit & 63);
    index->summary[unit >> 12] |= 1ull << ((unit >> 6) & 63);
}

/* Visit the touched units in ascending order, and leave the bits zeroed. */
#define FOR_TOUCHED(index, unit, ...)                                                       \
    for (Py_ssize_t s_ = 0; s_ <= ((index)->size >> 12); s_++) {                            \
        uint64_t words_ = (index)->summary[s_];                                             \
        (index)->summary[s_] = 0;                                                           \
        while (words_) {                                                                    \
            Py_ssize_t w_ = (s_ << 6) + __builtin_ctzll(words_);                            \
            words_ &= words_ - 1;                                                           \
            uint64_t bits_ = (index)->bits[w_];                                             \
            (index)->bits[w_] = 0;                                                          \
            while (bits_) {                                                                 \
                uint32_t unit = (uint32_t)((w_ << 6) + __builtin_ctzll(bits_));             \
                bits_ &= bits_ - 1;                                                         \
                __VA_ARGS__                                                                 \
            }                                                                               \
        }                                                                                   \
    }

static inline uint32_t unit_at(const View *view, Py_ssize_t posting) {
    uint32_t unit = view->unit_low[posting];
    return view->unit_high ? unit | (uint32_t)view->unit_high[posting] << 16 : unit;
}

static Py_ssize_t place_of(const uint32_t *places, Py_ssize_t count, Py_ssize_t wanted) {
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

/* Where the positions of a posting begin; -1 when the blocks do not reach so far. */
static Py_ssize_t position_start(const View *view, Py_ssize_t posting) {
    Py_ssize_t block = posting / POSITION_BLOCK;
    if (block >= view->blocks) return -1;
    Py_ssize_t start = view->position_blocks[block];
    for (Py_ssize_t p = block * POSITION_BLOCK; p < posting; p++) start += frequency_at(view, p);
    return start;
}

/* A plan's entries, checked against the views; the rows of each are checked as they are read. */
static const Entry *entries_of(Index *index, Py_buffer *plan, Py_buffer *levels, Py_ssize_t *count) {
    const Entry *entries = plan->buf;
    *count = plan->len / (Py_ssize_t)sizeof(Entry);
    for (Py_ssize_t i = 0; i < *count; i++) {
        const Entry *e = entries + i;
        if (e->view < 0 || e->view >= index->view_count || e->low < 0 || e->high < e->low ||
            e->high >= index->views[e->view].rows || e->base < 0 || e->base > index->size ||
            e->levels < 0 || e->levels > levels->len ||
            e->levels + (e->high - e->low) > levels->len) {
            damaged();
            return NULL;
        }
    }
    return entries;
}

static inline int row_of(const View *view, int64_t row, Py_ssize_t *low, Py_ssize_t *high) {
    *low = view->starts[row];
    *high = view->starts[row + 1];
    return *low <= *high && *high <= view->postings;
}

static void want(Index *index, const int32_t *units, Py_ssize_t count, int on) {
    for (Py_ssize_t i = 0; i < count; i++) {
        uint32_t unit = (uint32_t)units[i];
        if (unit >= (uint32_t)index->size) continue;
        if (on) index->wanted[unit >> 6] |= 1ull << (unit & 63);
        else index->wanted[unit >> 6] = 0;
    }
}

static inline int is_wanted(const Index *index, uint32_t unit) {
    return index->wanted[unit >> 6] >> (unit & 63) & 1;
}

static double idf(double count, double having) {
    return log(1.0 + (count - having + 0.5) / (having + 0.5));
}

static inline double saturated(double sum, double best, double norm, double gain) {
    return (best * sum) / (sum + norm * best) * gain;
}

/* The factors of the two parts of a word's score. */
typedef struct {
    double decided, total;
    int mixed;
} Mixture;

static Mixture mixture(const Index *index, double count, double decided, double total, int weak,
                       double factor) {
    double sure = idf(count, decided), every = idf(count, total);
    Mixture mix = {sure * factor, 0.0, weak};
    if (weak) {
        mix.decided = sure * factor * (1.0 - index->similar_share);
        mix.total = every * factor * index->similar_share;
    }
    return mix;
}

static inline double score_of(const Index *index, const Mixture *mix, double decided, double total,
                              double best, double norm) {
    double sure = saturated(decided, best, norm, index->gain) * mix->decided;
    if (!mix->mixed) return sure;
    return sure + saturated(total, best, norm, index->gain) * mix->total;
}

static void forget(Index *index) {
    FOR_TOUCHED(index, unit, { index->cells[unit] = (Cell){0, 0}; })
}

/* Add the postings of a plan to the scratch. Sets `touched`, `sure` (units with a deciding form) and
   `weak` (whether a similar form was met). Returns 0, with everything zeroed, on damage. */
static int accumulate(Index *index, const Entry *entries, Py_ssize_t count, const uint8_t *levels,
                      int within, int live, Py_ssize_t limit, Py_ssize_t *touched, Py_ssize_t *sure, int *weak) {
    Py_ssize_t new_units = 0, new_sure = 0;
    int any_weak = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        const Entry *e = entries + i;
        const View *view = index->views + e->view;
        for (int64_t row = e->low; row < e->high; row++) {
            Py_ssize_t low, high;
            if (!row_of(view, row, &low, &high)) goto damage;
            int level = levels[e->levels + row - e->low] & (LEVELS - 1);
            uint32_t weight = index->whole_weights[level] * (uint32_t)e->factor;
            for (Py_ssize_t p = low; p < high; p++) {
                if (p + AHEAD < high)
                    __builtin_prefetch(index->cells + e->base + unit_at(view, p + AHEAD), 1);
                uint32_t unit = (uint32_t)e->base + unit_at(view, p);
                if (unit >= (uint32_t)limit) goto damage;
                if (within && !is_wanted(index, unit)) continue;
                if (live && !index->live[unit]) continue;
                uint32_t sum = frequency_at(view, p) * weight;
                Cell *cell = index->cells + unit;
                if (!cell->total) {
                    new_units++;
                    touch(index, unit);
                }
                uint32_t best = cell->total >> LEVEL_SHIFT, above = (uint32_t)level;
                if (above < best) above = best;
                cell->total = ((cell->total + sum) & SUM_MASK) | above << LEVEL_SHIFT;
                if (level >= index->decisive) {
                    new_sure += !cell->decided;
                    cell->decided += sum;
                } else {
                    any_weak = 1;
                }
            }
        }
    }
    *touched = new_units;
    *sure = new_sure;
    *weak = any_weak;
    return 1;
damage:
    forget(index);
    damaged();
    return 0;
}

/* Whether the postings of a plan come in ascending order, one list a segment, of deciding forms.
   Returns -1 on damage; sets `total` to their number. */
static int is_single(const Index *index, const Entry *entries, Py_ssize_t count,
                     const uint8_t *levels, Py_ssize_t *total) {
    int64_t base = -1;
    *total = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        const Entry *e = entries + i;
        for (int64_t row = e->low; row < e->high; row++) {
            Py_ssize_t low, high;
            if (!row_of(index->views + e->view, row, &low, &high)) return -1;
            if (low == high) continue;
            if (e->base <= base || levels[e->levels + row - e->low] < index->decisive) return 0;
            base = e->base;
            *total += high - low;
        }
    }
    return 1;
}

/* The first posting in [low, high) whose unit is not less than `unit`, looked for near `low`. */
static Py_ssize_t gallop(const View *view, Py_ssize_t low, Py_ssize_t high, uint32_t unit) {
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

static PyObject *array_of(Py_ssize_t count, Py_ssize_t item, void **data) {
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, count * item);
    *data = bytes ? PyBytes_AS_STRING(bytes) : NULL;
    return bytes;
}

/* What `gather` returns, being filled. */
typedef struct {
    PyObject *objects[6]; /* units, scores, decided, total, best, similar */
    int32_t *units;
    double *scores, *decided, *total, *best;
    uint8_t *similar;
    Py_ssize_t count;
} Gathered;

static int allocate(Gathered *out, Py_ssize_t count, int scored, int whole, int weak, int similar) {
    out->objects[0] = array_of(count, 4, (void **)&out->units);
    if (scored) out->objects[1] = array_of(count, 8, (void **)&out->scores);
    if (whole) out->objects[2] = array_of(count, 8, (void **)&out->decided);
    if (whole && weak) out->objects[3] = array_of(count, 8, (void **)&out->total);
    if (whole) out->objects[4] = array_of(count, 8, (void **)&out->best);
    if (similar) out->objects[5] = array_of(count, 1, (void **)&out->similar);
    return !PyErr_Occurred();
}

static int shrink(Gathered *out, Py_ssize_t from) {
    static const Py_ssize_t items[6] = {4, 8, 8, 8, 8, 1};
    for (int i = 0; i < 6 && out->count < from; i++)
        if (out->objects[i] && _PyBytes_Resize(&out->objects[i], out->count * items[i]) < 0) return 0;
    return 1;
}

/* How many units were met, of passages and of their documents, and whether any similar form was. */
typedef struct {
    double sure, all, sure_documents, all_documents;
    int weak;
} Counts;

static inline void put(const Index *index, Gathered *out, const Mixture *mix, uint32_t unit, double d,
                       double t, double b) {
    Py_ssize_t n = out->count++;
    out->units[n] = (int32_t)unit;
    if (out->scores) out->scores[n] = score_of(index, mix, d, t, b, index->passage_norms[unit]);
    if (out->decided) {
        out->decided[n] = d;
        out->best[n] = b;
        if (out->total) out->total[n] = t;
    }
    if (out->similar) out->similar[n] = d == 0;
}

/* One list a segment: nothing needs to be summed. */
static int gather_single(const Index *index, const Entry *entries, Py_ssize_t count,
                         const uint8_t *levels, const int32_t *within, Py_ssize_t wanted,
                         Py_ssize_t total, int live, int scored, int whole, double factor,
                         const Counts *known, Counts *counts, Gathered *out) {
    Py_ssize_t size = within && wanted < total ? wanted : total;
    if (!known) {
        counts->sure = 0;
        for (Py_ssize_t i = 0; i < count && live; i++) {
            const View *view = index->views + entries[i].view;
            Py_ssize_t high = view->starts[entries[i].high];
            for (Py_ssize_t p = view->starts[entries[i].low]; p < high; p++) {
                uint32_t unit = (uint32_t)entries[i].base + unit_at(view, p);
                if (unit < (uint32_t)index->passages) counts->sure += index->live[unit];
            }
        }
        if (!live) counts->sure = (double)total;
        counts->all = counts->sure;
    }
    if (!allocate(out, size, scored, whole, counts->weak, 0)) return 0;
    Mixture mix = mixture(index, index->live_passages, counts->sure, counts->all, counts->weak, factor);
    int32_t last = -1;
    Py_ssize_t asked = 0;
    int counted = scored && whole && !known;
    for (Py_ssize_t i = 0; i < count; i++) {
        const Entry *e = entries + i;
        const View *view = index->views + e->view;
        for (int64_t row = e->low; row < e->high; row++) {
            Py_ssize_t low, high;
            row_of(view, row, &low, &high);
            int level = levels[e->levels + row - e->low] & (LEVELS - 1);
            double weight = index->whole_weights[level] * (double)e->factor;
            double best = index->weights[level];
            for (Py_ssize_t p = low; p < high; p++) {
                if (!within && p + AHEAD < high) {
                    uint32_t ahead = (uint32_t)e->base + unit_at(view, p + AHEAD);
                    __builtin_prefetch(index->passage_norms + ahead);
                    if (counted) __builtin_prefetch(index->passage_document + ahead);
                }
                if (within) {
                    while (asked < wanted && within[asked] < e->base) asked++;
                    if (asked == wanted) goto end;
                    uint32_t unit = (uint32_t)(within[asked] - e->base);
                    p = gallop(view, p, high, unit);
                    if (p == high) break;
                    if (unit_at(view, p) != unit) {
                        uint32_t next = unit_at(view, p--);
                        while (asked < wanted && (uint32_t)(within[asked] - e->base) < next) asked++;
                        continue;
                    }
                    asked++;
                }
                uint32_t unit = (uint32_t)e->base + unit_at(view, p);
                if (unit >= (uint32_t)(scored ? index->passages : index->size) || out->count >= size) {
                    damaged();
                    return 0;
                }
                if (live && !index->live[unit]) continue;
                if (counted) {
                    int32_t document = index->passage_document[unit];
                    counts->all_documents += document != last;
                    last = document;
                }
                double sum = frequency_at(view, p) * weight;
                put(index, out, &mix, unit, sum, sum, best);
            }
        }
    }
end:
    if (!known) counts->sure_documents = counts->all_documents;
    return shrink(out, size);
}

static int gather_many(Index *index, const Entry *entries, Py_ssize_t count, const uint8_t *levels,
                       const int32_t *within, Py_ssize_t wanted, int live, int scored, int whole,
                       double factor, const Counts *known, Counts *counts, Gathered *out) {
    Py_ssize_t touched, sure;
    int weak;
    if (within) want(index, within, wanted, 1);
    int sound = accumulate(index, entries, count, levels, within != NULL, live,
                           scored ? index->passages : index->size, &touched, &sure, &weak);
    if (within) want(index, within, wanted, 0);
    if (!sound) return 0;
    if (!known) {
        counts->sure = (double)sure;
        counts->all = (double)touched;
        counts->weak = weak;
    }
    if (!allocate(out, touched, scored, whole, counts->weak, sure < touched)) {
        forget(index);
        return 0;
    }
    Mixture mix = mixture(index, index->live_passages, counts->sure, counts->all, counts->weak, factor);
    int32_t last = -1, last_sure = -1;
    FOR_TOUCHED(index, unit, {
        Cell cell = index->cells[unit];
        double d = cell.decided, t = cell.total & SUM_MASK;
        double b = index->weights[cell.total >> LEVEL_SHIFT];
        index->cells[unit] = (Cell){0, 0};
        if (scored && whole && !known) {
            int32_t document = index->passage_document[unit];
            counts->all_documents += document != last;
            last = document;
            if (d > 0) {
                counts->sure_documents += document != last_sure;
                last_sure = document;
            }
        }
        put(index, out, &mix, unit, d, t, b);
    })
    return 1;
}

PyDoc_STRVAR(gather_doc,
"gather(plan, levels, within, documents, evidence, factor, known) -> tuple\n\n"
"Sum the postings of a plan and score them. `within` is int32 units (ascending) or None; `documents`\n"
"says that units are documents and nothing is scored; `known` is None or the counts of an earlier\n"
"call. Returns (units, scores, decided, total, best, similar, counts), arrays as bytes: total is\n"
"None where no similar form was met, similar where no unit has similar forms alone.");

static PyObject *Index_gather(Index *index, PyObject *args) {
    Py_buffer plan, levels, within = {0};
    PyObject *within_object, *known_object, *result = NULL;
    int documents, evidence;
    double factor;
    if (!PyArg_ParseTuple(args, "y*y*OppdO", &plan, &levels, &within_object, &documents, &evidence,
                          &factor, &known_object))
        return NULL;
    Gathered out = {0};
    Counts counts = {0};
    const Counts *known = NULL;
    if (within_object != Py_None && PyObject_GetBuffer(within_object, &within, PyBUF_SIMPLE) < 0)
        goto done;
    if (known_object != Py_None) {
        if (!PyArg_ParseTuple(known_object, "ddddp", &counts.sure, &counts.all,
                              &counts.sure_documents, &counts.all_documents, &counts.weak))
            goto done;
        known = &counts;
    }
    Py_ssize_t count, total;
    const Entry *entries = entries_of(index, &plan, &levels, &count);
    if (!entries) goto done;
    static const int32_t none[1] = {0};
    const int32_t *wanted = within_object == Py_None ? NULL : within.buf ? within.buf : none;
    int live = index->live && !documents, whole = evidence;
    int single = is_single(index, entries, count, levels.buf, &total);
    if (single < 0) {
        damaged();
        goto done;
    }
    int sound = single ? gather_single(index, entries, count, levels.buf, wanted, within.len / 4, total,
                                       live, !documents, whole, factor, known, &counts, &out)
                       : gather_many(index, entries, count, levels.buf, wanted, within.len / 4, live,
                                     !documents, whole, factor, known, &counts, &out);
    if (!sound) goto done;
    PyObject *fields[6];
    for (int i = 0; i < 6; i++) fields[i] = out.objects[i] ? out.objects[i] : Py_None;
    result = Py_BuildValue("(OOOOOO(ddddi))", fields[0], fields[1], fields[2], fields[3], fields[4],
                           fields[5], counts.sure, counts.all, counts.sure_documents,
                           counts.all_documents, counts.weak);
done:
    for (int i = 0; i < 6; i++) Py_XDECREF(out.objects[i]);
    if (within.obj) PyBuffer_Release(&within);
    PyBuffer_Release(&plan);
    PyBuffer_Release(&levels);
    return result;
}

PyDoc_STRVAR(unite_doc,
"unite(lists) -> (units, sums)\n\n"
"The units of any of the (units, scores) in `lists`, ascending, with their scores added in order.");

static PyObject *Index_unite(Index *index, PyObject *lists) {
    PyObject *sequence = PySequence_Fast(lists, "unite takes a sequence");
    if (!sequence) return NULL;
    Py_ssize_t touched = 0;
    int sound = 1;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence) && sound; i++) {
        Py_buffer units, scores;
        if (!PyArg_ParseTuple(PySequence_Fast_GET_ITEM(sequence, i), "y*y*", &units, &scores)) {
            sound = 0;
            break;
        }
        Py_ssize_t count = units.len / 4;
        if (count != scores.len / 8) sound = 0;
        const int32_t *unit = units.buf;
        const double *score = scores.buf;
        for (Py_ssize_t n = 0; n < count && sound; n++) {
            uint32_t u = (uint32_t)unit[n];
            if (n + AHEAD < count) __builtin_prefetch(index->sums + (uint32_t)unit[n + AHEAD], 1);
            if (u >= (uint32_t)index->size) {
                sound = 0;
                break;
            }
            touched += !(index->bits[u >> 6] >> (u & 63) & 1);
            touch(index, u);
            index->sums[u] += score[n];
        }
        if (!sound) PyErr_SetString(PyExc_ValueError, "units and scores do not fit");
        PyBuffer_Release(&units);
        PyBuffer_Release(&scores);
    }
    Py_DECREF(sequence);
    int32_t *out_units = NULL;
    double *out_sums = NULL;
    PyObject *units = NULL, *sums = NULL, *result = NULL;
    if (sound) {
        units = array_of(touched, 4, (void **)&out_units);
        sums = array_of(touched, 8, (void **)&out_sums);
        sound = units && sums;
    }
    Py_ssize_t n = 0;
    FOR_TOUCHED(index, unit, {
        if (sound) {
            out_units[n] = (int32_t)unit;
            out_sums[n++] = index->sums[unit];
        }
        index->sums[unit] = 0;
    })
    if (sound) result = PyTuple_Pack(2, units, sums);
    Py_XDECREF(units);
    Py_XDECREF(sums);
    return result;
}

PyDoc_STRVAR(shares_doc,
"shares(units, lists) -> float64 as bytes\n\n"
"For each of the units, the sum of the values of those (units, value) in `lists` that have it; lists\n"
"and units ascend.");

static PyObject *Index_shares(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer units;
    PyObject *lists;
    if (!PyArg_ParseTuple(args, "y*O", &units, &lists)) return NULL;
    PyObject *sequence = PySequence_Fast(lists, "shares takes a sequence"), *result = NULL;
    Py_ssize_t count = units.len / 4;
    const int32_t *unit = units.buf;
    double *out;
    if (sequence && (result = array_of(count, 8, (void **)&out))) {
        memset(out, 0, (size_t)count * 8);
        for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
            Py_buffer having;
            double value;
            if (!PyArg_ParseTuple(PySequence_Fast_GET_ITEM(sequence, i), "y*d", &having, &value)) {
                Py_CLEAR(result);
                break;
            }
            const int32_t *other = having.buf;
            Py_ssize_t length = having.len / 4, n = 0;
            for (Py_ssize_t k = 0; k < length && n < count; k++) {
                while (n < count && unit[n] < other[k]) n++;
                if (n < count && unit[n] == other[k]) out[n] += value;
            }
            PyBuffer_Release(&having);
        }
    }
    Py_XDECREF(sequence);
    PyBuffer_Release(&units);
    return result;
}

PyDoc_STRVAR(contained_doc,
"contained(units, among) -> bool as bytes\n\nWhich of the units are among others; both ascend.");

static PyObject *Index_contained(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer units, among;
    if (!PyArg_ParseTuple(args, "y*y*", &units, &among)) return NULL;
    Py_ssize_t count = units.len / 4, length = among.len / 4, low = 0;
    const int32_t *unit = units.buf, *other = among.buf;
    uint8_t *out;
    PyObject *result = array_of(count, 1, (void **)&out);
    for (Py_ssize_t n = 0; n < count && result; n++) {
        Py_ssize_t step = 1, end = low;
        while (end < length && other[end] < unit[n]) {
            low = end + 1;
            end += step;
            step *= 2;
        }
        if (end > length) end = length;
        while (low < end) {
            Py_ssize_t middle = (low + end) / 2;
            if (other[middle] < unit[n]) low = middle + 1;
            else end = middle;
        }
        out[n] = low < length && other[low] == unit[n];
    }
    PyBuffer_Release(&units);
    PyBuffer_Release(&among);
    return result;
}

PyDoc_STRVAR(document_scores_doc,
"document_scores(units, decided, total, best, counts, factor) -> (documents, scores)\n\n"
"The BM25 of frequencies summed over each document's passages; total may be None.");

static PyObject *Index_document_scores(Index *index, PyObject *args) {
    Py_buffer units, decided, total = {0}, best;
    PyObject *total_object, *result = NULL;
    Counts counts = {0};
    double factor;
    if (!PyArg_ParseTuple(args, "y*y*Oy*(ddddp)d", &units, &decided, &total_object, &best,
                          &counts.sure, &counts.all, &counts.sure_documents, &counts.all_documents,
                          &counts.weak, &factor))
        return NULL;
    PyObject *documents = NULL, *scores = NULL;
    int32_t *out_documents;
    double *out_scores;
    Py_ssize_t count = units.len / 4, n = 0;
    if (total_object != Py_None && PyObject_GetBuffer(total_object, &total, PyBUF_SIMPLE) < 0) goto done;
    const int32_t *unit = units.buf;
    const double *d = decided.buf, *t = total.buf ? total.buf : decided.buf, *b = best.buf;
    for (Py_ssize_t i = 0; i < count; i++)
        if (unit[i] < 0 || unit[i] >= index->passages) {
            damaged();
            goto done;
        }
    if (decided.len / 8 != count || best.len / 8 != count || (total.buf && total.len / 8 != count)) {
        PyErr_SetString(PyExc_ValueError, "arrays differ in length");
        goto done;
    }
    documents = array_of(count, 4, (void **)&out_documents);
    scores = array_of(count, 8, (void **)&out_scores);
    if (!documents || !scores) goto done;
    Mixture mix = mixture(index, index->live_documents, counts.sure_documents, counts.all_documents,
                          counts.weak, factor);
    for (Py_ssize_t i = 0; i < count;) {
        int32_t document = index->passage_document[unit[i]];
        double sum = 0, every = 0, top = 0;
        for (; i < count && index->passage_document[unit[i]] == document; i++) {
            sum += d[i];
            every += t[i];
            if (b[i] > top) top = b[i];
        }
        out_documents[n] = document;
        out_scores[n++] = score_of(index, &mix, sum, every, top, index->document_norms[document]);
    }
    if (_PyBytes_Resize(&documents, n * 4) < 0 || _PyBytes_Resize(&scores, n * 8) < 0) goto done;
    result = PyTuple_Pack(2, documents, scores);
done:
    Py_XDECREF(documents);
    Py_XDECREF(scores);
    if (total.obj) PyBuffer_Release(&total);
    PyBuffer_Release(&units);
    PyBuffer_Release(&decided);
    PyBuffer_Release(&best);
    return result;
}

PyDoc_STRVAR(grouped_doc,
"grouped(units, scores) -> (documents, starts, best)\n\n"
"The documents of passages (ascending), where the passages of each begin (int64, and the end), and the\n"
"best score of each.");

static PyObject *Index_grouped(Index *index, PyObject *args) {
    Py_buffer units, scores;
    if (!PyArg_ParseTuple(args, "y*y*", &units, &scores)) return NULL;
    const int32_t *unit = units.buf;
    const double *score = scores.buf;
    Py_ssize_t count = units.len / 4, n = 0;
    int32_t *out_documents, last = -1;
    int64_t *out_starts;
    double *out_best;
    PyObject *documents = array_of(count, 4, (void **)&out_documents);
    PyObject *starts = array_of(count + 1, 8, (void **)&out_starts);
    PyObject *best = array_of(count, 8, (void **)&out_best), *result = NULL;
    if (!documents || !starts || !best) goto done;
    if (scores.len / 8 != count) {
        PyErr_SetString(PyExc_ValueError, "arrays differ in length");
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (unit[i] < 0 || unit[i] >= index->passages) {
            damaged();
            goto done;
        }
        int32_t document = index->passage_document[unit[i]];
        if (document != last) {
            out_documents[n] = last = document;
            out_starts[n] = i;
            out_best[n++] = score[i];
        } else if (score[i] > out_best[n - 1]) {
            out_best[n - 1] = score[i];
        }
    }
    out_starts[n] = count;
    if (_PyBytes_Resize(&documents, n * 4) == 0 && _PyBytes_Resize(&starts, (n + 1) * 8) == 0 &&
        _PyBytes_Resize(&best, n * 8) == 0)
        result = PyTuple_Pack(3, documents, starts, best);
done:
    Py_XDECREF(documents);
    Py_XDECREF(starts);
    Py_XDECREF(best);
    PyBuffer_Release(&units);
    PyBuffer_Release(&scores);
    return result;
}

PyDoc_STRVAR(documents_of_doc,
"documents_of(units) -> int32 as bytes\n\nThe documents of passages (ascending), each once.");

static PyObject *Index_documents_of(Index *index, PyObject *argument) {
    Py_buffer units;
    if (PyObject_GetBuffer(argument, &units, PyBUF_SIMPLE) < 0) return NULL;
    const int32_t *unit = units.buf;
    Py_ssize_t count = units.len / 4, n = 0;
    int32_t *out, last = -1;
    PyObject *result = array_of(count, 4, (void **)&out);
    for (Py_ssize_t i = 0; i < count && result; i++) {
        if (i + AHEAD < count) __builtin_prefetch(index->passage_document + unit[i + AHEAD]);
        if (unit[i] < 0 || unit[i] >= index->passages) {
            damaged();
            Py_CLEAR(result);
            break;
        }
        int32_t document = index->passage_document[unit[i]];
        if (document != last) out[n++] = last = document;
    }
    if (result) _PyBytes_Resize(&result, n * 4);
    PyBuffer_Release(&units);
    return result;
}

typedef struct {
    double value;
    int64_t place;
} Ranked;

static int by_value(const void *left, const void *right) {
    const Ranked *a = left, *b = right;
    if (a->value != b->value) return a->value > b->value ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* The k-th greatest value. `heap` has room for k. */
static double kth(const double *value, Py_ssize_t count, Py_ssize_t k, double *heap) {
    Py_ssize_t size = 0; /* the k greatest so far, the least of them first */
    for (Py_ssize_t i = 0; i < count; i++) {
        double v = value[i];
        Py_ssize_t place;
        if (size < k) {
            place = size++;
            while (place && heap[(place - 1) / 2] > v) {
                heap[place] = heap[(place - 1) / 2];
                place = (place - 1) / 2;
            }
            heap[place] = v;
        } else if (v > heap[0]) {
            place = 0;
            for (;;) {
                Py_ssize_t child = 2 * place + 1;
                if (child >= k) break;
                if (child + 1 < k && heap[child + 1] < heap[child]) child++;
                if (heap[child] >= v) break;
                heap[place] = heap[child];
                place = child;
            }
            heap[place] = v;
        }
    }
    return heap[0];
}

PyDoc_STRVAR(top_doc,
"top(values, k) -> (places, tied)\n\n"
"Where the k greatest float64 values are, int64, the greatest first, and all that equal the last; tied\n"
"says whether any two of them are equal.");

static PyObject *Index_top(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer values;
    Py_ssize_t k;
    if (!PyArg_ParseTuple(args, "y*n", &values, &k)) return NULL;
    Py_ssize_t count = values.len / 8, found = 0;
    const double *value = values.buf;
    PyObject *result = NULL;
    if (k > count) k = count;
    double *heap = PyMem_Malloc((size_t)(k > 0 ? k : 1) * 8);
    Ranked *ranked = NULL;
    if (!heap) {
        PyErr_NoMemory();
        goto done;
    }
    double least = k > 0 ? kth(value, count, k, heap) : HUGE_VAL;
    for (Py_ssize_t i = 0; i < count; i++) found += value[i] >= least;
    ranked = PyMem_Malloc((size_t)(found + 1) * sizeof(Ranked));
    if (!ranked) {
        PyErr_NoMemory();
        goto done;
    }
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0; i < count; i++)
        if (value[i] >= least) ranked[n++] = (Ranked){value[i], i};
    qsort(ranked, (size_t)n, sizeof(Ranked), by_value);
    int64_t *out;
    PyObject *places = array_of(n, 8, (void **)&out);
    if (!places) goto done;
    int tied = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        out[i] = ranked[i].place;
        if (i && ranked[i].value == ranked[i - 1].value) tied = 1;
    }
    result = Py_BuildValue("(NO)", places, tied ? Py_True : Py_False);
done:
    PyMem_Free(heap);
    PyMem_Free(ranked);
    PyBuffer_Release(&values);
    return result;
}

typedef struct {
    PyObject *bytes;
    Py_ssize_t count, room;
} Growing;

static int push(Growing *out, int64_t value) {
    if (out->count == out->room) {
        out->room = out->room ? out->room * 2 : 64;
        if (!out->bytes) out->bytes = PyBytes_FromStringAndSize(NULL, out->room * 8);
        else _PyBytes_Resize(&out->bytes, out->room * 8);
        if (!out->bytes) return 0;
    }
    ((int64_t *)PyBytes_AS_STRING(out->bytes))[out->count++] = value;
    return 1;
}

PyDoc_STRVAR(places_doc,
"places(plan, units) -> int64 as bytes\n\n"
"unit << 32 | position of all occurrences in some units (ascending); ascending for each row only.");

static PyObject *Index_places(Index *index, PyObject *args) {
    Py_buffer plan, units;
    if (!PyArg_ParseTuple(args, "y*y*", &plan, &units)) return NULL;
    const Entry *entries = plan.buf;
    const int32_t *wanted = units.buf;
    Py_ssize_t count = plan.len / (Py_ssize_t)sizeof(Entry), length = units.len / 4;
    Growing out = {0};
    for (Py_ssize_t i = 0; i < count; i++) {
        const Entry *e = entries + i;
        if (e->view < 0 || e->view >= index->view_count || e->low < 0 || e->high < e->low ||
            e->high >= index->views[e->view].rows)
            goto damage;
        const View *view = index->views + e->view;
        for (int64_t row = e->low; row < e->high; row++) {
            Py_ssize_t low, high, from = -1, start = 0;
            if (!row_of(view, row, &low, &high)) goto damage;
            for (Py_ssize_t k = 0; k < length && low < high; k++) {
                if (wanted[k] < e->base) continue;
                uint32_t unit = (uint32_t)(wanted[k] - e->base);
                low = gallop(view, low, high, unit);
                if (low == high) break;
                if (unit_at(view, low) != unit) continue;
                if (from >= 0 && low - from < POSITION_BLOCK)
                    for (; from < low; from++) start += frequency_at(view, from);
                else
                    start = position_start(view, low);
                from = low;
                Py_ssize_t end = start + frequency_at(view, low);
                if (start < 0 || end > view->positions) goto damage;
                for (Py_ssize_t p = start; p < end; p++)
                    if (!push(&out, (int64_t)wanted[k] << 32 | position_at(view, p))) goto done;
            }
        }
    }
    if (!out.bytes) out.bytes = PyBytes_FromStringAndSize(NULL, 0);
    else _PyBytes_Resize(&out.bytes, out.count * 8);
    goto done;
damage:
    damaged();
    Py_CLEAR(out.bytes);
done:
    PyBuffer_Release(&plan);
    PyBuffer_Release(&units);
    return out.bytes;
}

PyDoc_STRVAR(followed_doc,
"followed(ends, following, reach) -> int64 as bytes\n\n"
"Those places of `following` that have one of `ends` at most `reach` before them; all ascend.");

static PyObject *Index_followed(Index *Py_UNUSED(index), PyObject *args) {
    Py_buffer ends, following;
    long long reach;
    if (!PyArg_ParseTuple(args, "y*y*L", &ends, &following, &reach)) return NULL;
    const int64_t *end = ends.buf, *place = following.buf;
    Py_ssize_t count = ends.len / 8, length = following.len / 8, before = 0, n = 0;
    int64_t *out;
    PyObject *result = array_of(length, 8, (void **)&out);
    for (Py_ssize_t i = 0; i < length && result; i++) {
        while (before < count && end[before] < place[i]) before++;
        if (before && place[i] - end[before - 1] <= reach) out[n++] = place[i];
    }
    if (result) _PyBytes_Resize(&result, n * 8);
    PyBuffer_Release(&ends);
    PyBuffer_Release(&following);
    return result;
}

static const void *view_array(Index *index, PyObject *object, Py_ssize_t item, Py_ssize_t *count) {
    Py_buffer *buffer = index->buffers + index->buffer_count;
    if (PyObject_GetBuffer(object, buffer, PyBUF_SIMPLE) < 0) return NULL;
    index->buffer_count++;
    *count = buffer->len / item;
    static const uint64_t nothing = 0;
    return buffer->buf ? buffer->buf : &nothing;
}

static int read_view(Index *index, PyObject *arrays, View *view) {
    static const Py_ssize_t items[VIEW_ARRAYS] = {4, 2, 1, 1, 4, 4, 1, 4, 4, 4};
    const void *data[VIEW_ARRAYS];
    Py_ssize_t counts[VIEW_ARRAYS];
    if (!PyTuple_Check(arrays) || PyTuple_GET_SIZE(arrays) != VIEW_ARRAYS) {
        PyErr_SetString(PyExc_TypeError, "a view is a tuple of ten arrays");
        return 0;
    }
    for (int i = 0; i < VIEW_ARRAYS; i++)
        if (!(data[i] = view_array(index, PyTuple_GET_ITEM(arrays, i), items[i], counts + i))) return 0;
    *view = (View){data[0], data[1], counts[2] ? data[2] : NULL, data[3], data[4], data[5], data[6],
                   data[7], data[8], data[9], counts[0], counts[1], counts[4], counts[6], counts[7],
                   counts[9]};
    if ((view->unit_high && counts[2] != counts[1]) || counts[3] != counts[1] ||
        counts[4] != counts[5] || counts[7] != counts[8]) {
        damaged();
        return 0;
    }
    return 1;
}

static int Index_init(Index *index, PyObject *args, PyObject *Py_UNUSED(keywords)) {
    PyObject *views, *live, *passage_document, *passage_norms, *document_norms, *weights;
    if (index->buffers) {
        PyErr_SetString(PyExc_RuntimeError, "an index is made once");
        return -1;
    }
    if (!PyArg_ParseTuple(args, "O!OOOO(dd)O!idd", &PyList_Type, &views, &live, &passage_document,
                          &passage_norms, &document_norms, &index->live_passages,
                          &index->live_documents, &PyTuple_Type, &weights, &index->decisive,
                          &index->gain, &index->similar_share))
        return -1;
    if (PyTuple_GET_SIZE(weights) != LEVELS) {
        PyErr_SetString(PyExc_ValueError, "there are eight levels");
        return -1;
    }
    for (int i = 0; i < LEVELS; i++) {
        index->weights[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(weights, i));
        index->whole_weights[i] = (uint32_t)index->weights[i];
    }
    Py_ssize_t count = PyList_GET_SIZE(views), norms = 0, more_norms = 0;
    index->buffers = PyMem_Calloc((size_t)(count * VIEW_ARRAYS + 4), sizeof(Py_buffer));
    index->views = PyMem_Calloc((size_t)count + 1, sizeof(View));
    if (!index->buffers || !index->views) goto memory;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!read_view(index, PyList_GET_ITEM(views, i), index->views + i)) return -1;
        index->view_count++;
    }
    index->passage_document = view_array(index, passage_document, 4, &index->passages);
    index->passage_norms = view_array(index, passage_norms, 8, &norms);
    index->document_norms = view_array(index, document_norms, 8, &more_norms);
    if (PyErr_Occurred()) return -1;
    index->documents = more_norms;
    Py_ssize_t lives = norms;
    if (live != Py_None && !(index->live = view_array(index, live, 1, &lives))) return -1;
    if (norms != index->passages || lives != norms) {
        damaged();
        return -1;
    }
    for (Py_ssize_t i = 0; i < index->passages; i++)
        if (index->passage_document[i] < 0 || index->passage_document[i] >= index->documents) {
            damaged();
            return -1;
        }
    index->size = index->passages > index->documents ? index->passages : index->documents;
    size_t size = (size_t)index->size;
    index->cells = PyMem_Calloc(size + 1, sizeof(Cell));
    index->sums = PyMem_Calloc(size + 1, 8);
    index->bits = PyMem_Calloc((size >> 6) + 64, 8);
    index->wanted = PyMem_Calloc((size >> 6) + 64, 8);
    index->summary = PyMem_Calloc((size >> 12) + 1, 8);
    if (index->cells && index->sums && index->bits && index->wanted &&
        index->summary)
        return 0;
memory:
    PyErr_NoMemory();
    return -1;
}

static void Index_dealloc(Index *index) {
    PyTypeObject *type = Py_TYPE(index);
    for (Py_ssize_t i = 0; i < index->buffer_count; i++) PyBuffer_Release(index->buffers + i);
    PyMem_Free(index->buffers);
    PyMem_Free(index->views);
    PyMem_Free(index->cells);
    PyMem_Free(index->sums);
    PyMem_Free(index->bits);
    PyMem_Free(index->wanted);
    PyMem_Free(index->summary);
    type->tp_free((PyObject *)index);
    Py_DECREF(type);
}

static PyMethodDef Index_methods[] = {
    {"gather", (PyCFunction)Index_gather, METH_VARARGS, gather_doc},
    {"unite", (PyCFunction)Index_unite, METH_O, unite_doc},
    {"shares", (PyCFunction)Index_shares, METH_VARARGS, shares_doc},
    {"contained", (PyCFunction)Index_contained, METH_VARARGS, contained_doc},
    {"document_scores", (PyCFunction)Index_document_scores, METH_VARARGS, document_scores_doc},
    {"documents_of", (PyCFunction)Index_documents_of, METH_O, documents_of_doc},
    {"grouped", (PyCFunction)Index_grouped, METH_VARARGS, grouped_doc},
    {"top", (PyCFunction)Index_top, METH_VARARGS, top_doc},
    {"places", (PyCFunction)Index_places, METH_VARARGS, places_doc},
    {"followed", (PyCFunction)Index_followed, METH_VARARGS, followed_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot Index_slots[] = {
    {Py_tp_doc, "Views of a generation's arrays, with scratch memory for one call at a time."},
    {Py_tp_init, Index_init},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_dealloc, Index_dealloc},
    {Py_tp_methods, Index_methods},
    {0, NULL},
};

static PyType_Spec Index_spec = {"search_service.engines.whoosh._kernel.Index", sizeof(Index), 0,
                                 Py_TPFLAGS_DEFAULT, Index_slots};

static int kernel_exec(PyObject *module) {
    PyObject *type = PyType_FromSpec(&Index_spec);
    if (!type) return -1;
    int result = PyModule_AddObject(module, "Index", type);
    if (result < 0) Py_DECREF(type);
    return result;
}

static PyModuleDef_Slot kernel_slots[] = {{Py_mod_exec, kernel_exec}, {0, NULL}};

static struct PyModuleDef kernel_module = {
    PyModuleDef_HEAD_INIT, "_kernel", "The inner loops of the executor.", 0, NULL, kernel_slots,
    NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void) { return PyModuleDef_Init(&kernel_module); }
