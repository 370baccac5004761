/* BM25 of what was found, a block at a time, so that the compiler makes vector instructions of it.

   The operations are those of `scoring.py`, in its order; nothing is contracted. */

#include "search.h"

enum { BLOCK = 256 };

WITH_WIDE_VECTORS
static void saturate(const uint32_t *sums, const double *best, const double *norms, Py_ssize_t count,
                     double gain, double worth, double *out) {
    for (Py_ssize_t i = 0; i < count; i++) {
        double sum = (double)(int32_t)sums[i];
        out[i] = (best[i] * sum) / (sum + norms[i] * best[i]) * gain * worth;
    }
}

/* What a clause is worth to units by what they have of it. */
void score_cells(const Index *index, const Clause *clause, const uint32_t *decided, const uint32_t *total,
                 const uint8_t *level, const double *norms, Py_ssize_t count, double *scores) {
    const Mixture *mix = &clause->mix;
    double best[BLOCK], more[BLOCK];
    for (Py_ssize_t from = 0; from < count; from += BLOCK) {
        Py_ssize_t some = count - from < BLOCK ? count - from : BLOCK;
        for (Py_ssize_t i = 0; i < some; i++) best[i] = index->weights[level[from + i]];
        if (clause->kind == CONSTANT) {
            for (Py_ssize_t i = 0; i < some; i++) scores[from + i] = clause->factor;
            continue;
        }
        saturate(decided + from, best, norms + from, some, index->gain, mix->decided, scores + from);
        if (!mix->mixed) continue;
        saturate(total + from, best, norms + from, some, index->gain, mix->total, more);
        for (Py_ssize_t i = 0; i < some; i++) scores[from + i] += more[i];
    }
}

/* The score of each unit that a clause found. */
void score_found(const Index *index, const Clause *clause, double *scores) {
    const Found *found = &clause->found;
    double norms[BLOCK];
    for (Py_ssize_t from = 0; from < found->count; from += BLOCK) {
        Py_ssize_t count = found->count - from < BLOCK ? found->count - from : BLOCK;
        for (Py_ssize_t i = 0; i < count; i++) norms[i] = norm_of(index, found->units[from + i]);
        score_cells(index, clause, found->decided + from, found->total + from, found->level + from, norms, count,
                    scores + from);
    }
}
