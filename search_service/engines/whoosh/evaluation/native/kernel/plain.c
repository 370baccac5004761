/* The plainest search: passages that have any of some words, each of them one list a segment.

   Nothing needs to be kept of what was found but a sum a passage, so postings go straight there. */

#include "plain.h"

#define PLAIN_RANGE (RANGE / 2) /* passages whose sums fit in the nearest cache */
#ifndef FEW   /* the tests have all put in order */
#define FEW 64 /* passages that are passed in the time in which a posting is put in order */
#endif

int is_plain(const Search *search) {
    if ((search->all && search->count > 1) || search->words || search->by_documents || search->facet_count)
        return 0;
    for (Py_ssize_t c = 0; c < search->count; c++)
        if (search->clauses[c].kind != WORD || !search->clauses[c].plans->single) return 0;
    return 1;
}

/* What it is worth at most to a passage that has it so many times. */
static void bound(const Index *index, List *list) {
    for (int times = 0; times <= FEW_TIMES; times++)
        list->bounds[times] = list->saturations && times && list->worth >= 0
                                  ? list->saturations[index->shortest * FEW_TIMES + times - 1] * list->worth
                                  : HUGE_VAL;
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
            lists[n] = (List){view, low, high, (uint32_t)e->base, weight, index->weights[level],
                              clause->mix.decided, usual ? index->saturations : NULL, {0}};
            bound(index, lists + n++);
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

/* The same where it is asked, too, what documents they are of. */
static inline void fetch(const Index *index, uint32_t unit) {
    __builtin_prefetch(index->short_lengths + unit);
    __builtin_prefetch(index->first_passages + (unit >> 6));
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
    double least = least_key(search);
    for (Py_ssize_t p = list->next; p < list->end; p++) {
        uint32_t unit = list->base + unit_at(list->view, p), frequency = list->view->frequency[p];
        if (unit >= (uint32_t)index->passages || unit <= *last) return fail(index, DAMAGED);
        *last = unit;
        if (p + AHEAD < list->end) fetch(index, list->base + unit_at(list->view, p + AHEAD));
        if (index->live && !is_live(index, unit)) continue;
        if (simple) {
            int32_t end = end_of_document(index, (int32_t)unit);
            search->total_passages++;
            search->total_documents += end != *counted;
            *counted = end;
            if (frequency <= FEW_TIMES && list->bounds[frequency] < least) continue;
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
    for (Py_ssize_t k = 0; k < count && sound; k++)
        sound = !is_past(search->index, search->deadline) && offer_list(search, lists + k, &last, &counted);
    return sound;
}

/* -- Few postings, far apart: to pass all ranges for them takes longer than to put them in order, and most of
   them need not be scored, as their passages have too few words, too few times, to be among the best. -- */

/* A posting as one number: its passage, the number of its list, its place there, and how often it has the word. */
enum { TIMES_BITS = 8, PLACE_BITS = 24, LIST_BITS = 8, UNIT_BITS = 24, HALF = UNIT_BITS / 2 };

static uint32_t unit_of(uint64_t met) { return (uint32_t)(met >> (TIMES_BITS + PLACE_BITS + LIST_BITS)); }

static const List *list_of(const List *lists, uint64_t met) {
    return lists + (met >> (TIMES_BITS + PLACE_BITS) & ((1u << LIST_BITS) - 1));
}

static Py_ssize_t postings_of(const List *lists, Py_ssize_t count) {
    Py_ssize_t postings = 0;
    for (Py_ssize_t k = 0; k < count; k++) postings += lists[k].end - lists[k].next;
    return postings;
}

static int are_few(const Index *index, const List *lists, Py_ssize_t count) {
    return index->passages <= 1 << UNIT_BITS && count <= 1 << LIST_BITS &&
           postings_of(lists, count) * FEW < index->passages;
}

static int read_list(Index *index, const List *list, uint64_t number, uint64_t *out, Py_ssize_t *count) {
    int64_t last = -1;
    Py_ssize_t n = *count;
    for (Py_ssize_t p = list->next; p < list->end; p++) {
        uint32_t unit = list->base + unit_at(list->view, p);
        if (unit >= (uint32_t)index->passages || unit <= last) return fail(index, DAMAGED);
        last = unit;
        if (index->live && !is_live(index, unit)) continue;
        uint64_t place = (uint64_t)(p - list->next);
        out[n++] = (((uint64_t)unit << LIST_BITS | number) << PLACE_BITS | place) << TIMES_BITS | list->view->frequency[p];
    }
    *count = n;
    return 1;
}

/* In the order of passages, and for each of them in that of the lists: by the lower half of their bits, then by
   the upper one, of so many bits. `other` is as long. */
static void order_met(uint64_t *met, uint64_t *other, Py_ssize_t count, int half) {
    uint32_t places[2][1 << HALF];
    const uint32_t mask = (1u << half) - 1;
    memset(places[0], 0, sizeof(uint32_t) << half);
    memset(places[1], 0, sizeof(uint32_t) << half);
    for (Py_ssize_t i = 0; i < count; i++) {
        places[0][unit_of(met[i]) & mask]++;
        places[1][unit_of(met[i]) >> half]++;
    }
    for (uint32_t value = 0, low = 0, high = 0; value <= mask; value++) {
        uint32_t of_low = places[0][value], of_high = places[1][value];
        places[0][value] = low;
        places[1][value] = high;
        low += of_low;
        high += of_high;
    }
    for (Py_ssize_t i = 0; i < count; i++) other[places[0][unit_of(met[i]) & mask]++] = met[i];
    for (Py_ssize_t i = 0; i < count; i++) met[places[1][unit_of(other[i]) >> half]++] = other[i];
}

/* What a passage is worth, its postings being [first, last); less than `least` if it can not be that much. */
static double worth_of(const Index *index, const List *lists, const uint64_t *first, const uint64_t *last, double least) {
    double bound = 0, score = 0;
    for (const uint64_t *met = first; met < last; met++) {
        uint32_t times = *met & ((1u << TIMES_BITS) - 1);
        bound += times <= FEW_TIMES ? list_of(lists, *met)->bounds[times] : HUGE_VAL;
    }
    if (bound < least) return bound;
    for (const uint64_t *met = first; met < last; met++) {
        const List *list = list_of(lists, *met);
        Py_ssize_t place = *met >> TIMES_BITS & ((1u << PLACE_BITS) - 1);
        score += value_at(index, list, list->next + place, unit_of(*met));
    }
    return score;
}

static int offer_met(Search *search, const List *lists, const uint64_t *met, Py_ssize_t count) {
    const Index *index = search->index;
    const uint64_t *last = met, *end = met + count;
    Passed document = {0};
    int32_t passed = 0;
    int simple = is_simple(search), sound = 1;
    for (; last < end && sound; met = last) {
        uint32_t unit = unit_of(*met);
        for (; last < end && unit_of(*last) == unit; last++)
            if (last + AHEAD < end) fetch(index, unit_of(last[AHEAD]));
        double least = simple ? least_key(search) : -HUGE_VAL, score = worth_of(index, lists, met, last, least);
        if (!simple) {
            sound = consider(search, &document, (int32_t)unit, score);
            continue;
        }
        search->total_passages++;
        if ((int32_t)unit >= passed) {
            search->total_documents++;
            passed = end_of_document(index, (int32_t)unit);
        }
        if (!(score < least)) sound = offer_passage(search, (int32_t)unit, score, score);
    }
    return sound;
}

static int offer_few(Search *search, const List *lists, Py_ssize_t count) {
    Index *index = search->index;
    size_t postings = (size_t)postings_of(lists, count);
    Py_ssize_t n = 0;
    int half = 1;
    uint64_t *met = take(index, postings * sizeof *met), *other = take(index, postings * sizeof *other);
    if (!met || !other) return 0;
    for (Py_ssize_t k = 0; k < count; k++)
        if (!read_list(index, lists + k, (uint64_t)k, met, &n)) return 0;
    while ((index->passages - 1) >> 2 * half) half++;
    order_met(met, other, n, half);
    return offer_met(search, lists, met, n);
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
    if (are_few(index, lists, count)) return offer_few(search, lists, count);
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
