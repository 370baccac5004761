/* Documents that a query finds, counted by the sets of its clauses, and those among them that are read.

   All that a page counts (documents, passages, documents with every word, the values of facets) is told
   by sets of bits. A document is then read only if what it has of the clauses, each worth the most that
   it can be to a passage and to the document, could be among the best; but then all of it is. */

#include "search.h"

/* Of each document that has any passage of a set, its last passage; see `count_set`. */
static void last_passages_of(const Index *index, const uint64_t *set, Py_ssize_t words, uint64_t *out) {
    const uint64_t *lasts = index->last_passages;
    uint64_t carry = 0;
    for (Py_ssize_t w = 0; w < words; w++) {
        uint64_t others = ~lasts[w], run = set[w] | carry, sums = (run & others) + others;
        out[w] = (sums | run) & lasts[w];
        carry = sums < others;
    }
}

/* Put sets of documents in the place of a clause's sets of passages. */
static int group(Search *search, Clause *clause, Py_ssize_t words) {
    uint64_t *any = new_set(search->index), *sure = new_set(search->index);
    if (!any || !sure) return 0;
    last_passages_of(search->index, clause->any, words, any);
    last_passages_of(search->index, clause->sure, words, sure);
    clause->any = any;
    clause->sure = sure;
    return 1;
}

/* Count a facet's values over the documents that have any passage of a set. */
static void count_values(const Index *index, Facet *facet, const int32_t *documents, Py_ssize_t count,
                         const uint64_t *passages, Py_ssize_t words) {
    for (Py_ssize_t i = 0; i < count && facet->of_documents; i++) {
        int64_t code = code_of(facet->codes, facet->item, documents[i]);
        if (code >= 0 && code < facet->values) facet->counts[code]++;
    }
    for (Py_ssize_t w = 0; w < words && !facet->of_documents; w++)
        for (uint64_t bits = passages[w]; bits; bits &= bits - 1) {
            Py_ssize_t unit = (w << 6) + __builtin_ctzll(bits);
            int64_t code = code_of(facet->codes, facet->item, unit);
            if (code < 0 || code >= facet->values) continue;
            int32_t document = index->passage_document[unit];
            facet->counts[code] += facet->last[code] != document;
            facet->last[code] = document;
        }
}

static int count_facets(Search *search, const uint64_t *passages, const uint64_t *lasts, Py_ssize_t words) {
    const Index *index = search->index;
    Py_ssize_t count = 0;
    int32_t *documents = take(search->index, ((size_t)search->total_documents + 1) * 4);
    if (!documents) return 0;
    for (Py_ssize_t w = 0; w < words; w++)
        for (uint64_t bits = lasts[w]; bits && count < search->total_documents; bits &= bits - 1)
            documents[count++] = index->passage_document[(w << 6) + __builtin_ctzll(bits)];
    for (Py_ssize_t f = 0; f < search->facet_count; f++)
        count_values(index, search->facets + f, documents, count, passages, words);
    return 1;
}

/* Count passages that any clause decides, their documents, documents that have all clauses, and the
   values of facets. From here on the clauses' sets are of documents. */
int count_documents_by_sets(Search *search) {
    const Index *index = search->index;
    Py_ssize_t words = (index->passages >> 6) + 1;
    uint64_t *found = new_set(search->index), *lasts = new_set(search->index);
    if (!found || !lasts) return 0;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        Clause *clause = search->clauses + c;
        for (Py_ssize_t w = 0; w < words && !clause->stop; w++) found[w] |= clause->sure[w];
        if (!group(search, clause, words)) return 0;
    }
    count_set(index, found, 0, words, &search->total_passages, &search->total_documents);
    last_passages_of(index, found, words, lasts);
    for (Py_ssize_t w = 0; w < words && search->words; w++) {
        uint64_t all = lasts[w];
        for (Py_ssize_t c = 0; c < search->count && all; c++)
            if (!search->clauses[c].stop) all &= search->clauses[c].sure[w];
        search->total_all += __builtin_popcountll(all);
    }
    if (!search->words) search->total_all = search->total_documents;
    return !search->facet_count || count_facets(search, found, lasts, words);
}

/* `wanted` has the last passages of some documents: let through all passages of those in a range. */
void want_documents(Search *search, uint32_t from, uint32_t to) {
    const Index *index = search->index;
    uint64_t *wanted = index->wanted;
    Py_ssize_t words = ((to - 1) >> 6) - (search->origin >> 6) + 1;
    for (Py_ssize_t w = 0; w < words; w++) {
        uint64_t bits = wanted[w];
        wanted[w] = 0; /* a document ends here, so that what is set lies in words that were looked at */
        for (; bits; bits &= bits - 1) {
            uint32_t last = search->origin + (uint32_t)(w << 6) + (uint32_t)__builtin_ctzll(bits);
            if (last < from || last >= to) continue;
            uint32_t unit = (uint32_t)index->document_starts[index->passage_document[last]];
            for (; unit <= last; unit++) wanted[(unit - search->origin) >> 6] |= 1ull << (unit & 63);
        }
    }
}
