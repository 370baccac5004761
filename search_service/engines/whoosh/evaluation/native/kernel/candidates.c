/* Which passages are scored where the sets of the clauses tell all that is counted.

   A set says that a passage has a clause, and a second one that it may have it more than once. So before
   any is scored, each passage has a bound: what it can be worth at most. This is MaxScore (Turtle and
   Flood 1995) for each passage by itself. Passages that are likely to be good are scored first, and then
   only those that could be better than the last of the best: few.

   Bounds are added up in whole parts. A word once in a passage of norm n is worth its weight times
   1 / (1 + n); however often, it is worth its weight alone. */

#include "search.h"

#define PARTS 40000.0 /* what all clauses are worth together; with what is rounded up it fits in 16 bits */
#define MOST_NORM 1.2 /* that of an average passage; longer ones are bounded as if they were so long */
#define FIRST 2 /* times as many as are the best */
#define MOST_FIRST 512
#define OFTEN 3 /* what a word more than once gives of the most that it can, probably */
#define SLACK (1 + 1e-9) /* sums are rounded */

enum { LANES = 4 };
typedef uint16_t Lanes __attribute__((vector_size(32))); /* of 16 passages */

/* What each clause is worth to a passage that has it once, as similar only, and more than once besides. */
typedef struct {
    uint16_t once[MAX_CLAUSES], similar[MAX_CLAUSES], more[MAX_CLAUSES];
    double part;  /* what one part is worth */
    double whole; /* who has the whole query has as many parts at least */
    Py_ssize_t words;
    const uint64_t *among; /* the passages that count, and those that are similar only */
    Lanes *worth, *likely;              /* of each passage among them, at most and probably */
    uint16_t *highest, *highest_likely; /* of each word of the sets */
} Worths;

/* A number of which `k` are at least as great; the numbers are put in another order. */
static double nth_greatest(double *values, Py_ssize_t count, Py_ssize_t k) {
    Py_ssize_t low = 0, high = count - 1;
    while (low < high) {
        double pivot = values[(low + high) / 2];
        Py_ssize_t i = low, j = high;
        while (i <= j) {
            while (values[i] > pivot) i++;
            while (values[j] < pivot) j--;
            if (i > j) break;
            double moved = values[i];
            values[i++] = values[j];
            values[j--] = moved;
        }
        if (k - 1 <= j) high = j;
        else if (k - 1 >= i) low = i;
        else break;
    }
    return values[k - 1];
}

/* What a clause weighs: a word's worth to a passage of no length that has it once. What is written as it
   was asked is bounded with its word. */
static double weight_of(const Search *search, Py_ssize_t c) {
    const Index *index = search->index;
    const Clause *clause = search->clauses + c;
    double mix = clause->mix.decided + clause->mix.total;
    if (clause->kind == CONSTANT) return clause->factor;
    if (clause->surface_clause) mix += search->clauses[clause->surface_clause].mix.decided;
    return index->weights[WHOLE_LEVEL] * index->gain * mix;
}

/* Whether factors allow bounds: none is negative. */
static int are_sound(const Search *search) {
    for (Py_ssize_t c = 0; c < search->count; c++)
        if (!(search->clauses[c].factor >= 0) || isinf(search->clauses[c].factor)) return 0;
    return 1;
}

static uint16_t parts_of(double worth, double part) { return (uint16_t)ceil(worth / part * SLACK); }

static int bound_clauses(const Search *search, Worths *bounds) {
    const Index *index = search->index;
    double total = 0, similar = index->weights[index->decisive - 1] * index->gain;
    for (Py_ssize_t c = 0; c < search->count; c++)
        if (!search->clauses[c].is_surface) total += weight_of(search, c);
    bounds->part = total * (1 + MOST_NORM) / PARTS;
    bounds->whole = HUGE_VAL;
    if (!(bounds->part > 0) || isinf(bounds->part)) return 0;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        const Clause *clause = search->clauses + c;
        double weight = weight_of(search, c), share = search->shares[c];
        bounds->more[c] = parts_of(weight * MOST_NORM, bounds->part);
        bounds->once[c] = parts_of(weight, bounds->part);
        bounds->similar[c] = parts_of(similar * clause->mix.total, bounds->part);
        if (!clause->stop && share > 0 && bounds->once[c] / share < bounds->whole) bounds->whole = bounds->once[c] / share;
    }
    return 1;
}

/* Add to the passages of one word of a set. */
static inline __attribute__((always_inline)) void add(Lanes *worth, uint64_t bits, uint16_t value) {
    const Lanes each = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
    for (int lane = 0; lane < LANES; lane++) {
        Lanes all = (Lanes){0} + (uint16_t)(bits >> (16 * lane));
        worth[lane] += (Lanes)((all & each) == each) & ((Lanes){0} + value);
    }
}

/* Keep numbers, and give the greatest. */
static inline __attribute__((always_inline)) uint16_t highest_of(const Lanes *lanes, Lanes *kept) {
    Lanes highest = {0};
    uint16_t greatest = 0;
    for (int lane = 0; lane < LANES; lane++) {
        kept[lane] = lanes[lane];
        Lanes higher = (Lanes)(lanes[lane] > highest);
        highest = (lanes[lane] & higher) | (highest & ~higher);
    }
    for (int i = 0; i < 16; i++) greatest = highest[i] > greatest ? highest[i] : greatest;
    return greatest;
}

/* Add up what each passage is worth at most, and probably, and note the highest of each word of the sets. */
WITH_WIDE_VECTORS
static void add_up(const Search *search, const Worths *bounds) {
    for (Py_ssize_t w = 0; w < bounds->words; w++) {
        uint64_t among = bounds->among[w];
        Lanes worth[LANES] = {{0}}, likely[LANES] = {{0}};
        for (Py_ssize_t c = 0; c < search->count && among; c++) {
            const Clause *clause = search->clauses + c;
            uint64_t any = clause->any[w] & among, sure = clause->sure[w] & any;
            if (!any || clause->is_surface) continue;
            uint64_t many = clause->many ? clause->many[w] & any : any;
            add(worth, sure, bounds->once[c]);
            add(worth, any & ~sure, bounds->similar[c]);
            add(worth, many, bounds->more[c]);
            add(likely, sure, bounds->once[c]);
            add(likely, sure & many, bounds->more[c] / OFTEN);
        }
        bounds->highest[w] = highest_of(worth, bounds->worth + LANES * w);
        bounds->highest_likely[w] = highest_of(likely, bounds->likely + LANES * w);
    }
}

/* What one with so many parts is worth at most, but for its length. */
static double worth_of(const Search *search, const Worths *bounds, uint32_t parts) {
    double worth = parts * bounds->part, coverage = search->index->coverage;
    if (search->share_count < 2) return worth;
    return worth * ((1.0 - coverage) + coverage * (parts < bounds->whole ? parts / bounds->whole : 1.0));
}

static inline double near_norm(double norm) { return 1 + (norm < MOST_NORM ? norm : MOST_NORM); }

/* How many parts a passage is likely to have that is scored first: several times as many have them as are
   the best. */
static uint32_t parts_of_first(const Search *search, const Worths *bounds) {
    uint32_t low = 0, high = UINT16_MAX; /* so many words of the sets have a passage with `low` parts */
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        Py_ssize_t count = 0;
        for (Py_ssize_t w = 0; w < bounds->words; w++) count += bounds->highest_likely[w] >= middle;
        if (count >= FIRST * search->most) low = middle;
        else high = middle - 1;
    }
    return low;
}

/* How many parts the shortest passage must have to be among the best. */
static uint32_t parts_of_best(const Search *search, const Worths *bounds) {
    const Index *index = search->index;
    double least = search->best->key * near_norm(index->length_norms[index->shortest]);
    uint32_t parts = 0, more = UINT16_MAX;
    while (parts < more) {
        uint32_t middle = (parts + more) / 2;
        if (worth_of(search, bounds, middle) * SLACK >= least) more = middle;
        else parts = middle + 1;
    }
    return parts;
}

/* Score those that are likely to be good first. They are left out of `chosen`. */
static int judge_first(Search *search, const Worths *bounds, uint64_t *chosen) {
    uint32_t parts = parts_of_first(search, bounds);
    uint64_t *first = new_set(search->index);
    Py_ssize_t count = 0;
    for (int equal = 0; equal < 2 && first; equal++) /* of those that are just as good it may be too many */
        for (Py_ssize_t w = 0; w < bounds->words && count < MOST_FIRST; w++) {
            if (bounds->highest_likely[w] < parts) continue;
            const uint16_t *likely = (const uint16_t *)(bounds->likely + LANES * w);
            for (uint64_t left = chosen[w]; left && count < MOST_FIRST; left &= left - 1) {
                uint32_t there = likely[__builtin_ctzll(left)];
                if (equal ? there != parts : there <= parts) continue;
                first[w] |= left & -left;
                count++;
            }
            chosen[w] &= ~first[w];
        }
    return first && judge(search, first);
}

/* Leave those that can be among the best. */
static void leave_good(const Search *search, const Worths *bounds, uint64_t *chosen) {
    const Index *index = search->index;
    uint32_t parts = parts_of_best(search, bounds);
    double least = search->best->key;
    for (Py_ssize_t w = 0; w < bounds->words; w++) {
        if (bounds->highest[w] < parts) {
            chosen[w] = 0;
            continue;
        }
        const uint16_t *worth = (const uint16_t *)(bounds->worth + LANES * w);
        for (uint64_t left = chosen[w]; left; left &= left - 1) {
            int32_t place = __builtin_ctzll(left), unit = (int32_t)(w << 6) + place;
            if (worth[place] < parts || worth_of(search, bounds, worth[place]) * SLACK <
                                            least * near_norm(norm_of(index, unit)))
                chosen[w] &= ~(left & -left);
        }
    }
}

/* Leave the passages of documents that are new (or old) enough. */
static int choose_by_date(Search *search, Py_ssize_t words, uint64_t *chosen) {
    const Index *index = search->index;
    Py_ssize_t count = 0, n = 0;
    for (Py_ssize_t w = 0; w < words; w++) count += __builtin_popcountll(chosen[w]);
    if (count <= search->most) return 1;
    double *keys = take(search->index, (size_t)count * 8), *sorted = take(search->index, (size_t)count * 8);
    if (!keys || !sorted) return 0;
    int32_t end = -1;
    double key = 0;
    for (Py_ssize_t w = 0; w < words; w++)
        for (uint64_t left = chosen[w]; left; left &= left - 1) {
            int32_t unit = (int32_t)(w << 6) + __builtin_ctzll(left);
            if (unit >= end) {
                end = end_of_document(index, unit);
                key = key_of(search, index->passage_document[unit], 0);
            }
            keys[n++] = key;
        }
    memcpy(sorted, keys, (size_t)count * 8);
    double least = nth_greatest(sorted, count, search->most);
    n = 0;
    for (Py_ssize_t w = 0; w < words; w++)
        for (uint64_t left = chosen[w]; left; left &= left - 1)
            if (keys[n++] < least) chosen[w] &= ~(left & -left);
    return 1;
}

/* Score of the passages that count (and those that are similar only) what can be among the best. */
static int judge_best(Search *search, uint64_t *chosen, Py_ssize_t words) {
    Index *index = search->index;
    Py_ssize_t count = 0;
    Worths bounds = {.words = words};
    for (Py_ssize_t w = 0; w < words; w++) count += __builtin_popcountll(chosen[w]);
    if (count <= MOST_FIRST || search->most > MOST_FIRST || !are_sound(search) || !bound_clauses(search, &bounds))
        return judge(search, chosen);
    uint64_t *among = take(index, (size_t)words * 8);
    bounds.worth = take(index, (size_t)words * LANES * sizeof(Lanes));
    bounds.likely = take(index, (size_t)words * LANES * sizeof(Lanes));
    bounds.highest = take(index, (size_t)words * sizeof(uint16_t));
    bounds.highest_likely = take(index, (size_t)words * sizeof(uint16_t));
    if (!among || !bounds.worth || !bounds.likely || !bounds.highest || !bounds.highest_likely) return 0;
    bounds.among = memcpy(among, chosen, (size_t)words * 8);
    add_up(search, &bounds);
    if (!judge_first(search, &bounds, chosen)) return 0;
    if (search->best_count == search->most) leave_good(search, &bounds, chosen);
    return judge(search, chosen);
}

int judge_candidates(Search *search, uint64_t *found) {
    Py_ssize_t words = (search->index->passages >> 6) + 1;
    if (!search->most) return 1;
    if (search->order == BY_SCORE) return judge_best(search, found, words);
    return choose_by_date(search, words, found) && judge(search, found);
}
