/* Plain words by date: nothing but what is shown needs a score.

   Passages are put into a set and counted, and of all documents those that are new (or old) enough are
   looked for in it. */

#include "plain.h"

static int mark_list(Index *index, const List *list, uint64_t *restrict bits) {
    for (Py_ssize_t p = list->next; p < list->end; p++) {
        uint32_t unit = list->base + unit_at(list->view, p);
        if (unit >= (uint32_t)index->passages) return fail(index, DAMAGED);
        bits[unit >> 6] |= 1ull << (unit & 63);
    }
    return 1;
}

static int offer_document(Search *search, const uint64_t *bits, int32_t document, double key) {
    const Index *index = search->index;
    int32_t end = index->document_starts[document + 1];
    for (int32_t unit = index->document_starts[document]; unit < end; unit++)
        if (bits[unit >> 6] >> (unit & 63) & 1 && !offer_passage(search, unit, key, 0)) return 0;
    return 1;
}

static int offer_documents(Search *search, const uint64_t *bits) {
    const Index *index = search->index;
    for (int32_t document = 0; document < index->documents; document++) {
        int32_t day = search->days[document];
        double key = day <= 0 ? -HUGE_VAL : search->order == NEWEST ? day : -(double)day;
        if (key >= least_key(search) && !offer_document(search, bits, document, key)) return 0;
    }
    return 1;
}

/* Score what is left, in the order of the lists. */
static void score_best(Search *search, const List *lists, Py_ssize_t count) {
    for (Py_ssize_t i = 0; i < search->best_count; i++) {
        Candidate *candidate = search->best + i;
        uint32_t unit = (uint32_t)candidate->hits->unit;
        for (Py_ssize_t k = 0; k < count; k++) {
            const List *list = lists + k;
            if (unit < list->base) continue;
            Py_ssize_t p = gallop(list->view, list->next, list->end, unit - list->base);
            if (p < list->end && list->base + unit_at(list->view, p) == unit)
                candidate->hits->score += value_at(search->index, list, p, unit);
        }
        candidate->score = candidate->hits->score;
    }
}

int offer_by_date(Search *search, List *lists, Py_ssize_t count) {
    Index *index = search->index;
    uint64_t *bits = index->found.bits;
    Py_ssize_t words = (index->passages >> 6) + 1;
    int sound = !is_past(index, search->deadline);
    for (Py_ssize_t k = 0; k < count && sound; k++) sound = mark_list(index, lists + k, bits);
    for (Py_ssize_t w = 0; w < words && index->live; w++) bits[w] &= index->live_passages_set[w];
    if (sound) count_set(index, bits, 0, words, &search->total_passages, &search->total_documents);
    sound = sound && offer_documents(search, bits);
    memset(bits, 0, (size_t)words * 8);
    if (sound) score_best(search, lists, count);
    return sound;
}
