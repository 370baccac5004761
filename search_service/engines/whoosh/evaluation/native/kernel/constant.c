/* One pattern whose passages are all worth the same: they come in the order of their documents' ids.

   So once they are counted, documents are looked at in that order, until there are enough. */

#include "search.h"

int is_constant(const Search *search) {
    return search->count == 1 && search->clauses->kind == CONSTANT && !search->by_documents && !search->facet_count &&
           !is_filtered(search) && search->order == BY_SCORE;
}

/* Put the live passages of the pattern into a set. */
static int mark_passages(Search *search, uint64_t *restrict bits) {
    const Index *index = search->index;
    const Plan *plan = search->clauses->plans;
    for (Py_ssize_t i = 0; i < plan->count; i++) {
        const Entry *e = plan->entries + i;
        const View *view = index->views + e->view;
        Py_ssize_t low = view->starts[e->low], high = view->starts[e->high];
        for (Py_ssize_t p = low; p < high; p++) {
            uint32_t unit = (uint32_t)e->base + unit_at(view, p);
            if (unit >= (uint32_t)index->passages) return fail(search->index, DAMAGED);
            bits[unit >> 6] |= 1ull << (unit & 63);
        }
    }
    for (Py_ssize_t w = 0; w <= index->passages >> 6 && index->live; w++) bits[w] &= index->live_passages_set[w];
    return 1;
}

/* Whether a place in the order has the document of that rank. */
static int is_ranked(const Search *search, Py_ssize_t rank) {
    int32_t document = search->index->by_rank[rank];
    return document >= 0 && document < search->index->documents && search->ranks[document] == rank;
}

/* Put documents in the order of their ranks. Returns 0 where ranks are none. */
static int order_documents(Search *search) {
    Index *index = search->index;
    if (!index->by_rank) index->by_rank = PyMem_Malloc((size_t)index->documents * 4 + 4);
    if (!index->by_rank) return fail(index, MEMORY);
    memset(index->by_rank, 0xFF, (size_t)index->documents * 4);
    for (int32_t document = 0; document < index->documents; document++) {
        int32_t rank = search->ranks[document];
        if (rank < 0 || rank >= index->documents) return fail(index, DAMAGED);
        index->by_rank[rank] = document;
    }
    return 1;
}

static int offer_document(Search *search, const uint64_t *bits, int32_t document) {
    const Index *index = search->index;
    int32_t end = index->document_starts[document + 1];
    double score = search->clauses->factor;
    for (int32_t unit = index->document_starts[document]; unit < end && search->best_count < search->most; unit++) {
        if (!(bits[unit >> 6] >> (unit & 63) & 1)) continue;
        Hit hit = {score, unit, 1};
        Candidate candidate = {score, score, document, 1, 1, 0, &hit, 0};
        if (!offer(search, &candidate, 1)) return 0;
    }
    return 1;
}

static int offer_in_order(Search *search, const uint64_t *bits) {
    Index *index = search->index;
    for (Py_ssize_t rank = 0; rank < index->documents && search->best_count < search->most; rank++) {
        if (!index->by_rank || !is_ranked(search, rank)) {
            if (!order_documents(search)) return 0;
            if (!is_ranked(search, rank)) return fail(index, DAMAGED);
        }
        if (!offer_document(search, bits, index->by_rank[rank])) return 0;
    }
    return 1;
}

/* At most one passage, or none is asked for: there is no order. */
static int offer_any(Search *search, const uint64_t *bits) {
    int sound = 1;
    for (int32_t document = 0; sound && document < search->index->documents && search->best_count < search->most;
         document++)
        sound = offer_document(search, bits, document);
    return sound;
}

int find_constant(Search *search) {
    Index *index = search->index;
    uint64_t *bits = index->found.bits;
    Py_ssize_t words = (index->passages >> 6) + 1;
    int sound = !is_past(index, search->deadline) && mark_passages(search, bits);
    if (sound) {
        count_set(index, bits, 0, words, &search->total_passages, &search->total_documents);
        search->total_all = search->total_passages;
        search->clauses->found.counts.sure_documents = (double)search->total_documents;
        search->asks_ranks = search->most && search->total_passages > 1 && !search->ranks;
        if (search->total_passages < 2) sound = offer_any(search, bits);
        else if (!search->asks_ranks) sound = offer_in_order(search, bits);
    }
    memset(bits, 0, (size_t)words * 8);
    return sound;
}
