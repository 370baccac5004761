/* Which passages answer a query, what they score, and what is counted of them. */

#include "search.h"

#define MOST_RANGES 64 /* each costs some time of its own */

/* A document is never parted. */
static Py_ssize_t end_behind(const Index *index, Py_ssize_t from, Py_ssize_t length) {
    if (from + length >= index->passages) return index->passages;
    return index->document_starts[index->passage_document[from + length - 1] + 1];
}

/* The end of the range that begins at `from`. */
Py_ssize_t end_of_range(const Index *index, Py_ssize_t from) {
    Py_ssize_t length = index->passages / MOST_RANGES;
    return end_behind(index, from, length < RANGE ? RANGE : length);
}

/* The same where the first ranges are short: the sooner there are some best, the more is left out. */
static Py_ssize_t end_of_early_range(const Index *index, Py_ssize_t from) {
    if (from >= RANGE) return end_of_range(index, from);
    return end_behind(index, from, from < RANGE / 8 ? RANGE / 8 : from);
}

/* One clause that finds: its units are the hits. */
static void of_one(Search *search, const Clause *clause, uint32_t bit) {
    const Found *found = &clause->found;
    score_found(search->index, clause, search->scores);
    for (Py_ssize_t i = 0; i < found->count; i++)
        search->hits[i] = (Hit){search->scores[i], found->units[i], found->decided[i] ? bit : 0};
    search->hit_count = found->count;
}

/* Add what a clause gives that finds nothing by itself. */
static void enrich(Search *search, const Clause *clause) {
    const Found *found = &clause->found;
    Hit *hit = search->hits, *end = hit + search->hit_count;
    score_found(search->index, clause, search->scores);
    for (Py_ssize_t i = 0; i < found->count; i++) {
        while (hit < end && hit->unit < found->units[i]) hit++;
        if (hit < end && hit->unit == found->units[i]) hit->score += search->scores[i];
        else search->dropped = 1;
    }
}

/* Add what a clause gives to the passages of a range, which are numbered from its beginning. */
static void meet(Search *search, const Clause *clause, uint32_t from, uint32_t bit) {
    const Found *found = &clause->found;
    const int32_t *restrict units = found->units;
    const uint32_t *restrict decided = found->decided;
    const double *restrict scores = search->scores;
    uint64_t *restrict bits = search->index->found.bits;
    Met *restrict met = search->index->met;
    Py_ssize_t count = found->count;
    if (clause->stop) {
        for (Py_ssize_t i = 0; i < count; i++) {
            uint32_t place = (uint32_t)units[i] - from;
            if (bits[place >> 6] >> (place & 63) & 1) met[place].sum += scores[i];
            else search->dropped = 1;
        }
        return;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        uint32_t place = (uint32_t)units[i] - from;
        bits[place >> 6] |= 1ull << (place & 63);
        met[place].sum += scores[i];
        met[place].had |= decided[i] ? bit : 0;
    }
}

/* Any clause that is no stop word finds; stop words only add. */
static void of_any(Search *search, uint32_t from, uint32_t to) {
    Index *index = search->index;
    Hit *restrict hits = search->hits;
    Met *restrict met = index->met;
    Py_ssize_t n = 0;
    for (int stop = 0; stop < 2; stop++)
        for (Py_ssize_t c = 0; c < search->count; c++) {
            Clause *clause = search->clauses + c;
            if (clause->stop != stop) continue;
            score_found(index, clause, search->scores);
            meet(search, clause, from, stop ? 0 : 1u << c);
        }
    for (uint32_t w = 0; w <= (to - from) >> 6; w++) {
        uint64_t bits = index->found.bits[w];
        index->found.bits[w] = 0;
        for (; bits; bits &= bits - 1) {
            uint32_t place = (w << 6) + (uint32_t)__builtin_ctzll(bits);
            hits[n++] = (Hit){met[place].sum, (int32_t)(from + place), met[place].had};
            met[place] = (Met){0, 0, 0};
        }
    }
    search->hit_count = n;
}

/* Leave only some of the units (ascending, and all among them). */
static void keep_units(Found *found, const Found *kept) {
    Py_ssize_t place = 0;
    for (Py_ssize_t i = 0; i < kept->count; i++, place++) {
        while (found->units[place] < kept->units[i]) place++;
        found->decided[i] = found->decided[place];
        found->total[i] = found->total[place];
        found->level[i] = found->level[place];
    }
    memmove(found->units, kept->units, (size_t)kept->count * 4);
    found->count = kept->count;
}

/* All clauses are met by some units; scores are added in the order of the clauses. */
static int of_all(Search *search, const Found *common) {
    Py_ssize_t count = common->count;
    search->hits = take(search->index, (size_t)count * sizeof(Hit));
    if (!search->hits) return 0;
    for (Py_ssize_t i = 0; i < count; i++) search->hits[i] = (Hit){0, common->units[i], search->asked};
    for (Py_ssize_t c = 0; c < search->count && count; c++) {
        Clause *clause = search->clauses + c;
        keep_units(&clause->found, common);
        double *scores = take(search->index, (size_t)count * 8);
        if (!scores) return 0;
        score_found(search->index, clause, scores);
        for (Py_ssize_t i = 0; i < count; i++) search->hits[i].score += scores[i];
    }
    search->hit_count = count;
    return 1;
}

double coverage_of(const Search *search, uint32_t had) {
    double part = search->index->coverage, share = 0;
    for (; had; had &= had - 1) share += search->shares[__builtin_ctz(had)];
    return (1.0 - part) + part * share;
}

#define FEW_CLAUSES 8

/* What each set of few clauses is worth. */
int make_coverages(Search *search) {
    if (search->share_count < 2 || search->count > FEW_CLAUSES || search->coverages) return 1;
    double *coverages = take(search->index, sizeof(double) << search->count);
    if (!coverages) return 0;
    for (uint32_t had = 0; had < 1u << search->count; had++) coverages[had] = coverage_of(search, had);
    search->coverages = coverages;
    return 1;
}

/* PASSES, FAILS, or the only filter that a passage fails. */
int failed(const Search *search, int32_t unit, int32_t document) {
    int only = PASSES;
    if (!is_passing(search, document)) return FAILS;
    for (int f = 0; f < search->filter_count; f++) {
        if (passes(search->filters + f, unit, document)) continue;
        if (only != PASSES) return FAILS;
        only = f;
    }
    return only;
}

static inline Met *met_of(const Search *search, int32_t document) {
    return search->index->document_met + (document - search->first_document);
}

/* The last of the units up to the end of a document. */
static inline Py_ssize_t last_of(const Found *found, Py_ssize_t i, int32_t end) {
    while (i + 1 < found->count && found->units[i + 1] < end) i++;
    return i;
}

/* What each document has, whatever the filters; and of each clause the documents that pass them. */
static void meet_documents(Search *search) {
    const Index *index = search->index;
    int filtered = is_filtered(search);
    for (Py_ssize_t c = 0; c < search->count; c++) {
        Clause *clause = search->clauses + c;
        const Found *found = &clause->found;
        int32_t document = -1, end = -1, counted = -1;
        uint32_t bit = clause->stop ? 0 : 1u << c;
        for (Py_ssize_t i = 0; i < found->count; i++) {
            int32_t unit = found->units[i];
            if (!found->decided[i]) continue;
            if (unit >= end) {
                document = index->passage_document[unit];
                end = index->document_starts[document + 1];
                met_of(search, document)->had |= bit;
            }
            if (!filtered) i = last_of(found, i, end);
            if (document == counted) continue;
            if (filtered && failed(search, unit, document) != PASSES) continue;
            clause->documents++;
            counted = document;
        }
    }
}

static void count_facets(Search *search, int32_t unit, int32_t document, int only) {
    for (Py_ssize_t f = 0; f < search->facet_count; f++) {
        Facet *facet = search->facets + f;
        if (only != PASSES && only != facet->filter) continue;
        int64_t code = code_of(facet->codes, facet->item, facet->of_documents ? document : unit);
        if (code < 0 || code >= facet->values || facet->last[code] == document) continue;
        facet->last[code] = document;
        facet->counts[code]++;
    }
}

/* Leave out what fails, count what is left, and scale scores by how much of the query was met. */
static void sift(Search *search) {
    Index *index = search->index;
    Py_ssize_t n = 0;
    int32_t document = -1, end = -1, counted = -1;
    int filtered = is_filtered(search), covered = search->share_count > 1;
    int by_number = filtered || search->every || search->facet_count;
    if (search->counted) {
        for (Py_ssize_t i = 0; i < search->hit_count && covered; i++)
            search->hits[i].score *= coverage(search, search->hits[i].had);
        return;
    }
    for (Py_ssize_t i = 0; i < search->hit_count; i++) {
        Hit hit = search->hits[i];
        if (hit.unit >= end) {
            if (by_number) document = index->passage_document[hit.unit];
            end = end_of_document(index, hit.unit);
        }
        if (search->every) {
            uint32_t having = search->by_documents ? met_of(search, document)->had : hit.had;
            if (!hit.had || (having & search->asked) != search->asked) continue;
        }
        int only = filtered ? failed(search, hit.unit, document) : PASSES;
        if (only == FAILS) continue;
        if (hit.had && search->facet_count) count_facets(search, hit.unit, document, only);
        if (only != PASSES) continue;
        if (hit.had) {
            search->total_passages++;
            search->total_documents += end != counted;
            counted = end;
        }
        if (covered) hit.score *= coverage(search, hit.had);
        search->hits[n++] = hit;
    }
    search->dropped |= n < search->hit_count;
    search->hit_count = n;
}

/* Add to each document what the clause says for it: BM25 of its sums over the document's hits. */
static void sum_clause(Search *search, const Clause *clause, int32_t from, const uint64_t *kept) {
    Index *index = search->index;
    const Found *found = &clause->found;
    for (Py_ssize_t i = 0; i < found->count;) {
        int32_t document = index->passage_document[found->units[i]], end = end_of_document(index, found->units[i]);
        double decided = 0, total = 0;
        uint8_t level = 0;
        int any = 0;
        for (; i < found->count && found->units[i] < end; i++) {
            uint32_t place = (uint32_t)(found->units[i] - from);
            if (kept && !(kept[place >> 6] >> (place & 63) & 1)) continue;
            any = 1;
            decided += found->decided[i];
            total += found->total[i];
            if (found->level[i] > level) level = found->level[i];
        }
        if (!any) continue;
        met_of(search, document)->sum +=
            clause->kind == CONSTANT ? clause->factor
                                     : score_of(index, &clause->document_mix, decided, total,
                                                index->weights[level], index->document_norms[document]);
    }
}

static void sum_documents(Search *search, int32_t from) {
    Index *index = search->index;
    uint64_t *kept = search->dropped ? index->wanted : NULL;
    for (Py_ssize_t i = 0; i < search->hit_count && kept; i++)
        kept[(search->hits[i].unit - from) >> 6] |= 1ull << ((search->hits[i].unit - from) & 63);
    for (int stop = 0; stop < 2; stop++)
        for (Py_ssize_t c = 0; c < search->count; c++)
            if (search->clauses[c].stop == stop) sum_clause(search, search->clauses + c, from, kept);
    for (Py_ssize_t i = 0; i < search->hit_count && kept; i++) kept[(search->hits[i].unit - from) >> 6] = 0;
    for (Py_ssize_t i = 0; i < search->hit_count && search->share_count > 1;) {
        int32_t document = index->passage_document[search->hits[i].unit], end = index->document_starts[document + 1];
        Met *met = met_of(search, document);
        met->sum *= coverage(search, met->had);
        while (i < search->hit_count && search->hits[i].unit < end) i++;
    }
}

/* From the hits of a range, with all that is known of its units, to the best so far. */
static int weigh_hits(Search *search, Py_ssize_t from, Py_ssize_t to) {
    Index *index = search->index;
    if (from == to) return 1;
    search->first_document = index->passage_document[from];
    int met_documents = search->by_documents || (search->words && is_filtered(search));
    if (met_documents)
        memset(index->document_met, 0,
               (size_t)(index->passage_document[to - 1] - search->first_document + 1) * sizeof(Met));
    if (search->words && met_documents) meet_documents(search);
    sift(search);
    if (search->by_documents) sum_documents(search, (int32_t)search->origin);
    return offer_hits(search);
}

/* One clause that was gathered whole: there is little of it, so ranges would take longer than the rest. */
static int find_one(Search *search) {
    Clause *clause = search->clauses;
    if (is_past(search->index, search->deadline) || !gather_clause(search, clause, NULL)) return 0;
    weigh(search);
    search->hits = take(search->index, (size_t)clause->found.count * sizeof(Hit));
    search->scores = take(search->index, (size_t)clause->found.count * 8);
    if (!search->hits || !search->scores || !make_coverages(search)) return 0;
    of_one(search, clause, 1);
    return weigh_hits(search, 0, search->index->passages);
}

static int find_in_range(Search *search, uint32_t from, uint32_t to, int prunes) {
    Index *index = search->index;
    search->origin = from & ~63u;
    if (is_past(index, search->deadline)) return 0;
    Chosen chosen = prunes ? choose(search, from, to) : ALL;
    int sound = 1;
    for (Py_ssize_t c = 0; c < search->count; c++)
        sound = read_range(search, search->clauses + c, from, to, chosen) && sound;
    if (chosen != ALL) memset(index->wanted, 0, (size_t)(((to - search->origin) >> 6) + 1 + TOGETHER) * 8);
    if (!sound) return 0;
    if (is_single(search->asked)) {
        of_one(search, search->clauses + __builtin_ctz(search->asked), search->asked);
        for (Py_ssize_t c = 0; c < search->count; c++)
            if (search->clauses[c].stop) enrich(search, search->clauses + c);
    } else {
        of_any(search, search->origin, to);
    }
    return weigh_hits(search, from, to);
}

static int find_any(Search *search) {
    Index *index = search->index;
    Py_ssize_t longest = 1, to;
    int similar = 0;
    for (int early = 0; early < 2; early++)
        for (Py_ssize_t from = 0; from < index->passages; from = to) {
            to = early ? end_of_early_range(index, from) : end_of_range(index, from);
            if (to - from > longest) longest = to - from;
        }
    for (Py_ssize_t c = 0; c < search->count; c++) {
        Clause *clause = search->clauses + c;
        if (is_past(index, search->deadline)) return 0;
        if (!open_clause(search, clause, 0) || !room_for_range(search, clause, longest)) return 0;
        similar |= clause->cursor_count > clause->deciding;
    }
    weigh(search);
    search->counted = is_counted_by_sets(search);
    search->counts_stops = search->words && is_filtered(search);
    if (search->counted && !count_documents_by_sets(search)) return 0;
    int prunes = make_bounds(search, similar);
    search->hits = take(index, (size_t)longest * sizeof(Hit));
    search->scores = take(index, (size_t)longest * 8);
    if (!make_coverages(search) || !search->hits || !search->scores) return 0;
    for (Py_ssize_t from = 0; from < index->passages; from = to) {
        to = prunes && search->counted ? end_of_early_range(index, from) : end_of_range(index, from);
        if (!find_in_range(search, (uint32_t)from, (uint32_t)to, prunes)) return 0;
    }
    return is_read(search);
}

/* Find the hits, count them, and keep the best. */
int find_hits(Search *search) {
    Found common = {0};
    if (!make_ranking(search)) return 0;
    if (is_plain(search)) return find_plain(search);
    if (is_constant(search)) return find_constant(search);
    if (search->count == 1 && search->clauses->kind == PHRASE) return find_one(search);
    if (is_told_by_sets(search)) return find_by_sets(search);
    if (!search->all) return find_any(search);
    if (!gather_all(search, &common)) return 0;
    weigh(search);
    return of_all(search, &common) && weigh_hits(search, 0, search->index->passages);
}
