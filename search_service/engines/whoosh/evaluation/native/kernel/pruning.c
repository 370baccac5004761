/* What need not be read, as it can not be among the best.

   Words that are only similar find several times as many passages as those that decide, and nearly
   none of these is ever among the best. So once the best are good enough, postings of similar forms are
   read for those passages alone that a deciding form finds, or so many similar ones that together they
   could still be worth it.

   Where the sets of the clauses tell all that is counted of documents, the same holds for each of them: it
   is read only if what it has of the clauses, each worth the most that it can be, could be among the best.
   This is MaxScore (Turtle and Flood 1995), for 512 at once. For passages see `candidates.c`. */

#include "search.h"

/* Of 64 passages, those that at least so many of some sets have. */
static uint64_t at_least(const uint64_t *sets, Py_ssize_t count, unsigned wanted) {
    uint64_t planes[6] = {0}, more = 0, same = ~0ull; /* the counts of all 64 as binary numbers */
    for (Py_ssize_t c = 0; c < count; c++) {
        uint64_t carry = sets[c];
        for (int plane = 0; carry && plane < 6; plane++) {
            uint64_t both = planes[plane] & carry;
            planes[plane] ^= carry;
            carry = both;
        }
    }
    for (int plane = 5; plane >= 0; plane--) {
        uint64_t wants = wanted >> plane & 1 ? ~0ull : 0;
        more |= same & planes[plane] & ~wants;
        same &= ~(planes[plane] ^ wants);
    }
    return more | same;
}

static int meets(const uint64_t *set, int32_t from, int32_t to) {
    for (int32_t w = from >> 6; w <= (to - 1) >> 6; w++) {
        uint64_t word = set[w];
        if (w == from >> 6) word &= ~0ull << (from & 63);
        if (w == (to - 1) >> 6) word &= ~0ull >> (63 - ((to - 1) & 63));
        if (word) return 1;
    }
    return 0;
}

/* Let through the documents that a deciding form finds, or so many similar ones. */
static void allow_documents(Search *search, uint32_t from, uint32_t to, unsigned least) {
    const Index *index = search->index;
    int32_t start = (int32_t)from;
    while (start < (int32_t)to) {
        int32_t end = end_of_document(index, start);
        unsigned count = 0;
        for (Py_ssize_t c = 0; c < search->count && count < least; c++) {
            const Clause *clause = search->clauses + c;
            if (clause->stop) continue;
            if (meets(clause->sure, start, end)) count = least;
            else count += meets(clause->any, start, end);
        }
        for (; start < end; start++) {
            uint32_t place = (uint32_t)start - search->origin;
            if (count >= least) index->wanted[place >> 6] |= 1ull << (place & 63);
        }
    }
}

/* Let through the passages (where they count, the documents) of a range that a deciding form finds,
   or at least so many similar ones. */
static void allow_similar(Search *search, uint32_t from, uint32_t to, unsigned least) {
    if (search->by_documents) {
        allow_documents(search, from, to, least);
        return;
    }
    for (uint32_t w = search->origin >> 6; w <= (to - 1) >> 6; w++) {
        uint64_t any[MAX_CLAUSES], sure = 0;
        Py_ssize_t count = 0;
        for (Py_ssize_t c = 0; c < search->count; c++) {
            if (search->clauses[c].stop) continue;
            sure |= search->clauses[c].sure[w];
            any[count++] = search->clauses[c].any[w];
        }
        search->index->wanted[w - (search->origin >> 6)] = sure | at_least(any, count, least);
    }
}

/* What a clause adds to a passage or document that has similar forms alone is less than `worth`, and
   what stop words add less than `always`. */
static void bound_similar(Search *search) {
    const Index *index = search->index;
    double similar = index->weights[index->decisive - 1] * index->gain, whole = index->weights[WHOLE_LEVEL] * index->gain;
    double none = search->share_count > 1 ? 1.0 - index->coverage : 1.0;
    double documents = search->by_documents ? index->document_share : 0.0;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        const Clause *clause = search->clauses + c;
        const Mixture *passage = &clause->mix, *document = &clause->document_mix;
        if (clause->is_surface) continue;
        if (clause->stop) {
            search->always += whole * none * (passage->decided + passage->total +
                                              documents * (document->decided + document->total));
            continue;
        }
        double worth = similar * none * (passage->total + documents * document->total);
        Py_ssize_t place = search->worth_count++;
        for (; place && search->worth[place - 1] < worth; place--) search->worth[place] = search->worth[place - 1];
        search->worth[place] = worth;
    }
}

/* How many similar words a passage must have to be among the best; 1 where any may do. */
static unsigned least_of_similar(const Search *search) {
    unsigned least = 0;
    if (search->every || search->order != BY_SCORE) return (unsigned)search->worth_count + 1;
    if (search->best_count < search->most || !search->most) return 1;
    double bound = search->always;
    while (bound * (1 + 1e-9) < search->best->key) {
        if ((Py_ssize_t)least == search->worth_count) return least + 1;
        bound += search->worth[least++];
    }
    return least ? least : 1;
}

/* Whether nothing but the sets of the clauses is needed to count the documents that are found. */
int is_counted_by_sets(const Search *search) {
    return search->by_documents && !search->every && search->order == BY_SCORE && !is_filtered(search);
}

uint64_t *new_set(Index *index) {
    size_t size = ((size_t)(index->passages >> 6) + 1 + TOGETHER) * 8;
    uint64_t *set = take(index, size);
    return set ? memset(set, 0, size) : NULL;
}

#define PARTS 96 /* what all clauses are worth together; with what is rounded up it fits in PLANES bits */
#define PLANES 7

static uint32_t parts_of(double worth, double part) { return (uint32_t)ceil(worth / part * (1 + 1e-9)); }

/* What each clause is worth at most where it decides, and where it has similar forms alone; 0 where that is
   nothing, or too much to be told. */
static int bound_clauses(Search *search) {
    const Index *index = search->index;
    Bounds *bounds = &search->bounds;
    double whole = index->weights[WHOLE_LEVEL] * index->gain, similar = index->weights[index->decisive - 1] * index->gain;
    double documents = index->document_share, sure[MAX_CLAUSES], total = 0;
    bounds->whole = HUGE_VAL;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        const Clause *clause = search->clauses + c;
        const Mixture *passage = &clause->mix, *document = &clause->document_mix;
        sure[c] = clause->kind == CONSTANT
                      ? clause->factor * (1.0 + documents)
                      : whole * (passage->decided + passage->total + documents * (document->decided + document->total));
        if (!(sure[c] >= 0)) return 0;
        total += sure[c];
        if (!clause->stop && search->shares[c] > 0 && sure[c] / search->shares[c] < bounds->whole)
            bounds->whole = sure[c] / search->shares[c];
    }
    bounds->part = total / PARTS;
    if (!(bounds->part > 0) || isinf(bounds->part)) return 0;
    bounds->all = 0;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        bounds->sure[c] = parts_of(sure[c], bounds->part);
        const Clause *clause = search->clauses + c;
        double total_share = clause->mix.total + documents * clause->document_mix.total;
        bounds->similar[c] = parts_of(similar * total_share, bounds->part);
        bounds->all += bounds->sure[c];
    }
    return 1;
}

/* How many parts a passage must have to be among the best; 0 where any may do. */
static uint32_t least_parts(const Search *search) {
    const Bounds *bounds = &search->bounds;
    if (bounds->all >= 1u << PLANES || search->best_count < search->most || !search->most)
        return 0;
    uint32_t parts = 0;
    for (; parts <= bounds->all; parts++) {
        double worth = parts * bounds->part;
        if (search->share_count > 1) {
            double share = worth < bounds->whole ? worth / bounds->whole : 1.0, coverage = search->index->coverage;
            worth *= (1.0 - coverage) + coverage * share;
        }
        if (worth * (1 + 1e-9) >= search->best->key) break;
    }
    return parts;
}

/* Add numbers to 512 others, of which each plane has a bit. */
static inline void add_parts(uint64_t planes[PLANES][TOGETHER], const uint64_t *any, const uint64_t *sure,
                             uint32_t of_sure, uint32_t of_similar) {
    uint64_t carry[TOGETHER] = {0};
    for (int p = 0; p < PLANES; p++) {
        uint64_t decides = -(uint64_t)(of_sure >> p & 1), alike = -(uint64_t)(of_similar >> p & 1);
        for (int k = 0; k < TOGETHER; k++) {
            uint64_t added = (sure[k] & decides) | (any[k] & ~sure[k] & alike);
            uint64_t either = planes[p][k] ^ added, both = planes[p][k] & added;
            planes[p][k] = either ^ carry[k];
            carry[k] = both | (carry[k] & either);
        }
    }
}

/* Set the bits of passages that have so many parts, in some words of the sets. */
WITH_WIDE_VECTORS
static void have_parts(const Search *search, Py_ssize_t first, Py_ssize_t words, uint32_t wanted, uint64_t *out) {
    const Bounds *bounds = &search->bounds;
    for (Py_ssize_t w = 0; w < words; w += TOGETHER) {
        uint64_t planes[PLANES][TOGETHER] = {{0}}, more[TOGETHER] = {0}, same[TOGETHER];
        for (Py_ssize_t c = 0; c < search->count; c++)
            add_parts(planes, search->clauses[c].any + first + w, search->clauses[c].sure + first + w,
                      bounds->sure[c], bounds->similar[c]);
        memset(same, 0xFF, sizeof same);
        for (int p = PLANES - 1; p >= 0; p--) {
            uint64_t wants = -(uint64_t)(wanted >> p & 1);
            for (int k = 0; k < TOGETHER; k++) {
                more[k] |= same[k] & planes[p][k] & ~wants;
                same[k] &= ~(planes[p][k] ^ wants);
            }
        }
        for (int k = 0; k < TOGETHER; k++) out[w + k] = more[k] | same[k];
    }
}

/* Make ready what `choose` needs; 0 where nothing can be left out. `similar` says whether any clause has
   similar forms. */
int make_bounds(Search *search, int similar) {
    for (Py_ssize_t c = 0; c < search->count; c++)
        if (!(search->clauses[c].factor >= 0) || isinf(search->clauses[c].factor)) return 0;
    if (!similar && (!search->counted || search->count == 1)) return 0;
    if (search->counted) return bound_clauses(search);
    bound_similar(search);
    return 1;
}

/* Choose what is read of a range, and set the bits of `wanted` for it. */
Chosen choose(Search *search, uint32_t from, uint32_t to) {
    if (!search->counted) {
        unsigned least = least_of_similar(search);
        if (least <= 1) return ALL;
        allow_similar(search, from, to, least);
        return ALLOWED_SIMILAR;
    }
    uint32_t wanted = least_parts(search);
    if (!wanted) return ALL;
    Py_ssize_t first = search->origin >> 6, words = ((to - 1) >> 6) - first + 1;
    have_parts(search, first, words, wanted, search->index->wanted);
    want_documents(search, from, to);
    return ALLOWED;
}
