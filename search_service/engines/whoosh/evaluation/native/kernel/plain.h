/* Lists of postings that need nothing to be summed, and passages that are offered one by one. */

#ifndef SEARCH_SERVICE_PLAIN_H
#define SEARCH_SERVICE_PLAIN_H

#include "search.h"

enum { FEW_TIMES = 4 }; /* most passages have a word no more often */

/* A list being read. */
typedef struct {
    const View *view;
    Py_ssize_t next, end;
    uint32_t base, weight;
    double best, worth; /* of the clause */
    const double *saturations; /* of short passages that have it few times, or NULL */
    double bounds[FEW_TIMES + 1];
} List;

/* What a posting is worth to its passage. */
static inline double value_at(const Index *index, const List *list, Py_ssize_t posting, uint32_t unit) {
    uint32_t frequency = list->view->frequency[posting], length = index->short_lengths[unit];
    if (list->saturations && frequency - 1 < FEW_TIMES && length != LONG)
        return list->saturations[length * FEW_TIMES + frequency - 1] * list->worth;
    double sum = (double)frequency_at(list->view, posting) * list->weight;
    return saturated(sum, list->best, norm_of(index, (int32_t)unit), index->gain) * list->worth;
}

/* What a candidate must reach. */
static inline double least_key(const Search *search) {
    if (search->best_count < search->most) return -HUGE_VAL;
    return search->most ? search->best->key : HUGE_VAL;
}

static inline int offer_passage(Search *search, int32_t unit, double key, double score) {
    Hit hit = {score, unit, 1};
    Candidate candidate = {key, score, search->index->passage_document[unit], 1, 1, 0, &hit, 0};
    return offer(search, &candidate, 1);
}

/* dated.c */
int offer_by_date(Search *search, List *lists, Py_ssize_t count);

#endif
