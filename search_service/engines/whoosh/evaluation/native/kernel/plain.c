/* The plainest search: passages that have any of some words, each of them one list a segment.

   Nothing needs to be kept of what was found but a sum a passage, so postings go straight there. */

#include "plain.h"

#define PLAIN_RANGE (RANGE / 2) /* passages whose sums fit in the nearest cache */

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
            uint32_t weight = index->whole_weights[level] * (uint32_t)e->factor;
            int usual = index->frequencies == FEW_TIMES && weight == index->whole_weights[WHOLE_LEVEL];
            lists[n++] = (List){view, low, high, (uint32_t)e->base, weight, index->weights[level],
                                clause->mix.decided, usual ? index->saturations : NULL};
        }
    }
    *count = n;
    return lists;
}

/* Passages of a rare word lie far apart, and memory is slower than arithmetic. */
static inline void fetch_ahead(const Index *index, const List *list, Py_ssize_t posting) {
    if (posting + AHEAD < list->end)
        __builtin_prefetch(index->short_lengths + list->base + unit_at(list->view, posting + AHEAD));
}

/* The document that is being passed. */
typedef struct {
    int32_t end;
    int passes, counted;
    double key; /* where the order is not by score */
} Passed;

static void enter(const Search *search, Passed *document, int32_t unit) {
    const Index *index = search->index;
    int32_t number = index->passage_document[unit];
    *document = (Passed){end_of_document(index, unit), is_passing(search, number), 0, 0};
    for (Py_ssize_t f = 0; f < search->filter_count && document->passes; f++)
        if (search->filters[f].of_documents) document->passes = passes(search->filters + f, unit, number);
    document->key = search->order == BY_SCORE ? 0 : key_of(search, number, 0);
}

/* A passage where there are filters or the order is by date. */
static int consider(Search *search, Passed *document, int32_t unit, double score) {
    if (unit >= document->end) enter(search, document, unit);
    if (!document->passes) return 1;
    for (Py_ssize_t f = 0; f < search->filter_count; f++)
        if (!search->filters[f].of_documents && !passes(search->filters + f, unit, 0)) return 1;
    search->total_passages++;
    search->total_documents += !document->counted;
    document->counted = 1;
    double key = search->order == BY_SCORE ? score : document->key;
    return key < least_key(search) || offer_passage(search, unit, key, score);
}

static inline int is_simple(const Search *search) { return !is_filtered(search) && search->order == BY_SCORE; }

/* Add a list's postings up to `to`; passages are numbered from `origin`. */
static int add_list(Index *index, List *list, uint32_t from, uint32_t to) {
    const View *view = list->view;
    const uint32_t origin = from & ~63u;
    uint64_t *restrict bits = index->found.bits;
    double *restrict sums = index->sums;
    Py_ssize_t p = list->next;
    for (; p < list->end; p++) {
        uint32_t unit = list->base + unit_at(view, p), place = unit - origin;
        if (unit >= to) break;
        if (unit < from) return fail(index, DAMAGED);
        fetch_ahead(index, list, p);
        bits[place >> 6] |= 1ull << (place & 63);
        sums[place] += value_at(index, list, p, unit);
    }
    list->next = p;
    return 1;
}

/* Offer what the sums of a range are, and leave them zeroed. */
static int offer_sums(Search *search, uint32_t origin, uint32_t to) {
    Index *index = search->index;
    Passed document = {0};
    Py_ssize_t first = origin >> 6, words = ((to - 1) >> 6) - first + 1;
    uint64_t *restrict bits = index->found.bits;
    double *restrict sums = index->sums, least = least_key(search);
    int sound = 1, simple = is_simple(search);
    for (Py_ssize_t w = 0; w < words && index->live; w++) {
        for (uint64_t dead = bits[w] & ~index->live_passages_set[first + w]; dead; dead &= dead - 1)
            sums[(w << 6) + __builtin_ctzll(dead)] = 0;
        bits[w] &= index->live_passages_set[first + w];
    }
    if (simple) count_set(index, bits, first, words, &search->total_passages, &search->total_documents);
    for (Py_ssize_t w = 0; w < words; w++) {
        uint64_t left = bits[w];
        bits[w] = 0;
        for (; left; left &= left - 1) {
            Py_ssize_t place = (w << 6) + __builtin_ctzll(left);
            double score = sums[place];
            sums[place] = 0;
            if (simple && score < least) continue;
            int32_t unit = (int32_t)(origin + place);
            if (!sound) continue;
            sound = simple ? offer_passage(search, unit, score, score) : consider(search, &document, unit, score);
            least = least_key(search);
        }
    }
    return sound;
}

/* One word: nothing needs to be added up, and where it is there too few times for the best, its
   passages need not be looked at. */
static int offer_list(Search *search, const List *list, int64_t *last, int32_t *counted) {
    Index *index = search->index;
    Passed document = {0};
    int simple = is_simple(search);
    double least = least_key(search), bounds[FEW_TIMES + 1];
    for (int f = 0; f <= FEW_TIMES; f++)
        bounds[f] = list->saturations && f && list->worth >= 0
                        ? list->saturations[index->shortest * FEW_TIMES + f - 1] * list->worth
                        : HUGE_VAL;
    for (Py_ssize_t p = list->next; p < list->end; p++) {
        uint32_t unit = list->base + unit_at(list->view, p), frequency = list->view->frequency[p];
        if (unit >= (uint32_t)index->passages || unit <= *last) return fail(index, DAMAGED);
        *last = unit;
        if (index->live && !is_live(index, unit)) continue;
        if (simple) {
            int32_t end = end_of_document(index, (int32_t)unit);
            search->total_passages++;
            search->total_documents += end != *counted;
            *counted = end;
            if (frequency <= FEW_TIMES && bounds[frequency] < least) continue;
        }
        double score = value_at(index, list, p, unit);
        if (simple && score < least) continue;
        if (!(simple ? offer_passage(search, (int32_t)unit, score, score)
                     : consider(search, &document, (int32_t)unit, score)))
            return 0;
        least = least_key(search);
    }
    return 1;
}

static int offer_one(Search *search, List *lists, Py_ssize_t count) {
    int64_t last = -1;
    int32_t counted = -1;
    int sound = 1;
    for (Py_ssize_t k = 0; k < count && sound; k++) sound = offer_list(search, lists + k, &last, &counted);
    return sound;
}

static uint32_t end_of_plain_range(const Index *index, uint32_t from) {
    if (index->passages - from <= PLAIN_RANGE) return (uint32_t)index->passages;
    return (uint32_t)end_of_document(index, (int32_t)from + PLAIN_RANGE - 1);
}

static int offer_all(Search *search, List *lists, Py_ssize_t count) {
    Index *index = search->index;
    uint32_t to;
    int sound = 1;
    if (search->count == 1) return offer_one(search, lists, count);
    for (uint32_t from = 0; from < (uint32_t)index->passages && sound; from = to) {
        to = end_of_plain_range(index, from);
        sound = !is_past(index, search->deadline);
        for (Py_ssize_t k = 0; k < count; k++) sound = sound && add_list(index, lists + k, from, to);
        /* Also where something failed: it leaves the sums zeroed. */
        sound &= offer_sums(search, from & ~63u, to);
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
    int dated = search->order != BY_SCORE && !is_filtered(search);
    if (!lists || !(dated ? offer_by_date(search, lists, count) : offer_all(search, lists, count))) return 0;
    search->total_all = search->total_passages;
    return 1;
}
