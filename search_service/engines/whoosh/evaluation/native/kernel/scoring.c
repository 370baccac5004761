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

/* The score of each unit that a clause found. */
void score_found(const Index *index, const Clause *clause, double *scores) {
    const Found *found = &clause->found;
    const Mixture *mix = &clause->mix;
    double best[BLOCK], norms[BLOCK], more[BLOCK];
    if (clause->kind == CONSTANT) {
        for (Py_ssize_t i = 0; i < found->count; i++) scores[i] = clause->factor;
        return;
    }
    for (Py_ssize_t from = 0; from < found->count; from += BLOCK) {
        Py_ssize_t count = found->count - from < BLOCK ? found->count - from : BLOCK;
        for (Py_ssize_t i = 0; i < count; i++) {
            best[i] = index->weights[found->level[from + i]];
            norms[i] = norm_of(index, found->units[from + i]);
        }
        saturate(found->decided + from, best, norms, count, index->gain, mix->decided, scores + from);
        if (!mix->mixed) continue;
        saturate(found->total + from, best, norms, count, index->gain, mix->total, more);
        for (Py_ssize_t i = 0; i < count; i++) scores[from + i] += more[i];
    }
}
