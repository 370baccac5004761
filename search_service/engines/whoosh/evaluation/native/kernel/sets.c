/* Where the sets of the clauses tell all that is counted, nothing is scored but what can be among the
   best: the clauses' postings become sets, these are counted, and candidates are chosen by them. */

#include "search.h"

/* Whether nothing but the sets of the clauses is needed to count what is found. Single lists that must
   all be met are sooner looked up in one another. */
int is_told_by_sets(const Search *search) {
    int single = 1, words = 1;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        words &= search->clauses[c].kind == WORD;
        single &= search->clauses[c].plans->single;
    }
    if (search->all && (single || !words)) return 0;
    return !search->by_documents && !search->facet_count && !search->every;
}

/* Leave of a set what passes the filters. */
static void filter(const Search *search, uint64_t *set, Py_ssize_t words) {
    const Index *index = search->index;
    int32_t document = -1, end = -1;
    for (Py_ssize_t w = 0; w < words; w++)
        for (uint64_t left = set[w]; left; left &= left - 1) {
            int32_t unit = (int32_t)(w << 6) + __builtin_ctzll(left);
            if (unit >= end) {
                document = index->passage_document[unit];
                end = end_of_document(index, unit);
            }
            if (failed(search, unit, document) != PASSES) set[w] &= ~(left & -left);
        }
}

/* The passages that any clause has (or that all have, where all are asked for) and that pass the filters,
   those that are similar only among them. */
static uint64_t *found_set(Search *search, Py_ssize_t words) {
    uint64_t *set = new_set(search->index);
    for (Py_ssize_t w = 0; w < words && set; w++) {
        uint64_t any = 0, all = ~0ull;
        for (Py_ssize_t c = 0; c < search->count; c++) {
            /* Stop words find nothing, but each clause is asked how many documents with filters. */
            if (!search->clauses[c].stop || is_filtered(search)) any |= search->clauses[c].any[w];
            all &= search->clauses[c].sure[w];
        }
        set[w] = search->all ? all : any;
    }
    if (set && is_filtered(search)) filter(search, set, words);
    return set;
}

/* Count passages that any clause decides (or that have all), their documents, passages that have all
   clauses, and with filters the documents of each clause. */
WITH_WIDE_VECTORS
static void count_by_sets(Search *search, const uint64_t *found, Py_ssize_t words) {
    const Index *index = search->index;
    uint64_t *bits = index->found.bits;
    Py_ssize_t ignored = 0;
    for (Py_ssize_t w = 0; w < words; w++) {
        uint64_t any = 0, all = found[w];
        for (Py_ssize_t c = 0; c < search->count; c++) {
            if (search->clauses[c].stop) continue;
            any |= search->clauses[c].sure[w];
            all &= search->clauses[c].sure[w];
        }
        bits[w] = any & found[w];
        if (search->words && all) search->total_all += __builtin_popcountll(all);
    }
    count_set(index, bits, 0, words, &search->total_passages, &search->total_documents);
    if (!search->words) search->total_all = search->total_passages;
    for (Py_ssize_t c = 0; c < search->count && is_filtered(search); c++) {
        for (Py_ssize_t w = 0; w < words; w++) bits[w] = search->clauses[c].sure[w] & found[w];
        count_set(index, bits, 0, words, &ignored, &search->clauses[c].documents);
    }
    memset(bits, 0, (size_t)words * 8);
}

/* Leave what is found by a clause that is no stop word; by date what is similar alone is not shown. */
static void leave_asked(const Search *search, uint64_t *found, Py_ssize_t words) {
    for (Py_ssize_t w = 0; w < words; w++) {
        uint64_t asked = 0;
        for (Py_ssize_t c = 0; c < search->count && found[w]; c++) {
            const Clause *clause = search->clauses + c;
            if (!clause->stop) asked |= search->order == BY_SCORE ? clause->any[w] : clause->sure[w];
        }
        found[w] &= asked;
    }
}

int find_by_sets(Search *search) {
    Index *index = search->index;
    Py_ssize_t words = (index->passages >> 6) + 1;
    for (Py_ssize_t c = 0; c < search->count; c++)
        if (is_past(index, search->deadline) || !open_clause(search, search->clauses + c, 1)) return 0;
    weigh(search);
    uint64_t *found = found_set(search, words);
    if (!found) return 0;
    count_by_sets(search, found, words);
    search->counted = 1;
    leave_asked(search, found, words);
    return judge_candidates(search, found);
}
