/* The plainest search: passages that have any of some words, each of them one list a segment.

   Nothing needs to be kept of what was found but a sum a passage, so postings go straight there. */

#include "search.h"

/* A list being read. */
typedef struct {
    const View *view;
    Py_ssize_t next, end;
    uint32_t base, weight;
    double best, worth; /* of the clause */
} List;

int is_plain(const Search *search) {
    if ((search->all && search->count > 1) || search->words || search->by_documents || search->facet_count)
        return 0;
    for (Py_ssize_t c = 0; c < search->count; c++)
        if (search->clauses[c].kind != WORD || !search->clauses[c].plans->single) return 0;
    return 1;
}

static List *open_lists(Search *search, Py_ssize_t *count) {
    const Index *index = search->index;
    Py_ssize_t most = 0, n = 0;
    for (Py_ssize_t c = 0; c < search->count; c++) most += search->clauses[c].plans->count;
    List *lists = take(search->index, (size_t)most * sizeof(List));
    for (Py_ssize_t c = 0; c < search->count && lists; c++) {
        const Clause *clause = search->clauses + c;
        for (Py_ssize_t i = 0; i < clause->plans->count; i++) {
            const Entry *e = clause->plans->entries + i;
            const View *view = index->views + e->view;
            Py_ssize_t low = view->starts[e->low], high = view->starts[e->high];
            if (low == high) continue; /* it may have no row, and then no level */
            uint8_t level = clause->plans->levels[e->levels] & (LEVELS - 1);
            lists[n++] = (List){view, low, high, (uint32_t)e->base,
                                index->whole_weights[level] * (uint32_t)e->factor, index->weights[level],
                                clause->mix.decided};
        }
    }
    *count = n;
    return lists;
}

static inline double value_at(const Index *index, const List *list, Py_ssize_t posting, uint32_t unit) {
    uint32_t frequency = list->view->frequency[posting];
    /* Most passages have a word few times: what that is worth is known for each length. */
    if (frequency - 1 < index->frequencies && list->weight == index->whole_weights[WHOLE_LEVEL])
        return index->saturations[(Py_ssize_t)index->passage_lengths[unit] * index->frequencies + frequency - 1] *
               list->worth;
    double sum = (double)frequency_at(list->view, posting) * list->weight;
    return saturated(sum, list->best, norm_of(index, (int32_t)unit), index->gain) * list->worth;
}

/* The lengths of the passages of a list lie far apart, and memory is slower than arithmetic. */
static inline void fetch_ahead(const Index *index, const List *list, Py_ssize_t posting) {
    if (posting + AHEAD >= list->end) return;
    uint32_t unit = list->base + unit_at(list->view, posting + AHEAD);
    __builtin_prefetch(index->passage_lengths + unit);
}

/* Add a list's postings up to `to`. */
static int add_list(Index *index, List *list, uint32_t from, uint32_t to) {
    const View *view = list->view;
    uint64_t *bits = index->found.bits;
    double *sums = index->sums;
    Py_ssize_t p = list->next;
    for (; p < list->end; p++) {
        uint32_t unit = list->base + unit_at(view, p), place = unit - from;
        fetch_ahead(index, list, p);
        if (unit >= to) break;
        if (unit < from) return fail(index, DAMAGED);
        bits[place >> 6] |= 1ull << (place & 63);
        sums[place] += value_at(index, list, p, unit);
    }
    list->next = p;
    return 1;
}

/* The document that is being passed. */
typedef struct {
    int32_t end, number; /* known where it is asked for */
    int counted;
    double key; /* where the order is not by score */
} Passed;

/* A passage with its score: count it, and offer it where it may be among the best. */
static inline int count_and_offer(Search *search, int32_t unit, double score, Passed *document) {
    const Index *index = search->index;
    int filtered = is_filtered(search), by_score = search->order == BY_SCORE;
    if (index->live && !index->live[unit]) return 1;
    if (unit >= document->end) {
        document->end = end_of_document(index, unit);
        document->counted = 0;
        if (filtered || !by_score) document->number = index->passage_document[unit];
        if (!by_score) document->key = key_of(search, document->number, score);
    }
    if (filtered && failed(search, unit, document->number) != PASSES) return 1;
    search->total_passages++;
    search->total_documents += !document->counted;
    document->counted = 1;
    double key = by_score ? score : document->key;
    if (search->best_count == search->most && (!search->most || key < search->best->key)) return 1;
    Hit hit = {score, unit, 1};
    Candidate candidate = {key, score, index->passage_document[unit], 1, 1, 0, &hit};
    return offer(search, &candidate, 1);
}

static int offer_sums(Search *search, uint32_t origin, uint32_t to) {
    Index *index = search->index;
    Passed document = {0};
    int sound = 1;
    for (uint32_t w = 0; w <= (to - origin) >> 6; w++) {
        uint64_t bits = index->found.bits[w];
        index->found.bits[w] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t place = (w << 6) + (uint32_t)__builtin_ctzll(bits);
            double score = index->sums[place];
            index->sums[place] = 0;
            sound = sound && count_and_offer(search, (int32_t)(origin + place), score, &document);
        }
    }
    return sound;
}

/* One word: nothing needs to be added up. */
static int offer_lists(Search *search, List *lists, Py_ssize_t count) {
    Index *index = search->index;
    Passed document = {0};
    int64_t last = -1;
    for (Py_ssize_t k = 0; k < count; k++)
        for (Py_ssize_t p = lists[k].next; p < lists[k].end; p++) {
            uint32_t unit = lists[k].base + unit_at(lists[k].view, p);
            fetch_ahead(index, lists + k, p);
            if (unit >= (uint32_t)index->passages || unit <= last) return fail(index, DAMAGED);
            last = unit;
            if (!count_and_offer(search, (int32_t)unit, value_at(index, lists + k, p, unit), &document)) return 0;
        }
    return 1;
}

static int offer_all(Search *search, List *lists, Py_ssize_t count) {
    Index *index = search->index;
    Py_ssize_t to;
    int sound = 1;
    if (search->count == 1) return offer_lists(search, lists, count);
    for (Py_ssize_t from = 0; from < index->passages && sound; from = to) {
        to = end_of_range(index, from);
        sound = !is_past(index, search->deadline);
        for (Py_ssize_t k = 0; k < count; k++)
            sound = sound && add_list(index, lists + k, (uint32_t)from, (uint32_t)to);
        /* Also where something failed: it leaves the sums zeroed. */
        sound &= offer_sums(search, (uint32_t)from, (uint32_t)to);
    }
    for (Py_ssize_t k = 0; k < count && sound; k++)
        if (lists[k].next < lists[k].end) sound = fail(index, DAMAGED);
    return sound;
}

int find_plain(Search *search) {
    Py_ssize_t count;
    for (Py_ssize_t c = 0; c < search->count; c++)
        if (!count_single(search->index, search->clauses[c].plans, &search->clauses[c].found.counts)) return 0;
    weigh(search);
    List *lists = open_lists(search, &count);
    if (!lists || !offer_all(search, lists, count)) return 0;
    search->total_all = search->total_passages;
    return 1;
}
