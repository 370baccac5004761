/* The best documents (or passages) so far; then those of the page, drawn near, as they are shown. */

#include "search.h"

/* The ranks of documents break ties. To know them takes a while: where there is a tie and they are
   not known, the search asks for them, and is repeated. */
static int64_t rank(Search *search, const Candidate *candidate) {
    if (!search->ranks) search->asks_ranks = 1;
    int64_t of_document = search->ranks ? search->ranks[candidate->document] : candidate->document;
    return of_document << 32 | (uint32_t)candidate->hits->unit;
}

/* Whether the one comes before the other. */
static int before(Search *search, const Candidate *left, const Candidate *right) {
    if (left->key != right->key) return left->key > right->key;
    return rank(search, left) < rank(search, right);
}

static void sink(Search *search, Candidate *heap, Py_ssize_t count, Py_ssize_t place) {
    Candidate moved = heap[place];
    for (;;) {
        Py_ssize_t child = 2 * place + 1;
        if (child >= count) break;
        if (child + 1 < count && before(search, heap + child, heap + child + 1)) child++;
        if (!before(search, &moved, heap + child)) break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = moved;
}

/* The best of some hits, in reading order: those that are similar alone come last. Returns how many
   were written to `best`. */
static int32_t best_of(const Hit *hits, Py_ssize_t count, Py_ssize_t most, Hit *best) {
    Py_ssize_t n = 0;
    if (count <= most) {
        memcpy(best, hits, (size_t)count * sizeof(Hit));
        return (int32_t)count;
    }
    for (Py_ssize_t i = 0; i < count; i++) { /* by insertion: the best first */
        Py_ssize_t place = n;
        for (; place; place--) {
            const Hit *other = best + place - 1;
            int worse = !other->had, similar = !hits[i].had;
            if (worse < similar || (worse == similar && other->score >= hits[i].score)) break;
            if (place < most) best[place] = *other;
        }
        if (place < most) best[place] = hits[i];
        n += n < most;
    }
    for (Py_ssize_t i = 1; i < n; i++) {
        Hit moved = best[i];
        Py_ssize_t place = i;
        for (; place && best[place - 1].unit > moved.unit; place--) best[place] = best[place - 1];
        best[place] = moved;
    }
    return (int32_t)n;
}

/* Keep a candidate if it is among the best so far; the last of these is on top of the heap. Its hits
   are copied then, as the next range takes their place. */
int offer(Search *search, Candidate *candidate, Py_ssize_t hits) {
    Candidate *heap = search->best;
    int full = search->best_count == search->most;
    if (full && (!search->most || candidate->key < heap->key || !before(search, candidate, heap))) return 1;
    Py_ssize_t shown = hits < search->kept ? hits : search->kept;
    /* In the place of those of the candidate that goes: otherwise each that comes would take more memory. */
    int fits = full && heap->room >= shown;
    Hit *kept = fits ? heap->hits : take(search->index, (size_t)shown * sizeof(Hit));
    if (!kept) return 0;
    candidate->room = fits ? heap->room : shown;
    candidate->count = best_of(candidate->hits, hits, search->kept, kept);
    candidate->hits = kept;
    if (full) {
        heap[0] = *candidate;
        sink(search, heap, search->most, 0);
        return 1;
    }
    Py_ssize_t place = search->best_count++;
    while (place && before(search, heap + (place - 1) / 2, candidate)) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = *candidate;
    return 1;
}

static void sort(Search *search, Candidate *candidates, Py_ssize_t count) {
    for (Py_ssize_t i = count / 2; i-- > 0;) sink(search, candidates, count, i);
    for (Py_ssize_t end = count; --end > 0;) {
        Candidate last = candidates[0];
        candidates[0] = candidates[end];
        candidates[end] = last;
        sink(search, candidates, end, 0);
    }
}

double key_of(const Search *search, int32_t document, double score) {
    if (search->order == BY_SCORE) return score;
    int32_t day = search->days[document];
    if (day <= 0) return -HUGE_VAL;
    return search->order == NEWEST ? day : -(double)day;
}

static inline int is_too_late(const Search *search, double key) {
    return search->best_count == search->most && (!search->most || key < search->best->key);
}

/* Offer every passage that has a hit in this range. */
static int offer_passages(Search *search) {
    const Index *index = search->index;
    int by_score = search->order == BY_SCORE;
    for (Py_ssize_t i = 0; i < search->hit_count; i++) {
        Hit *hit = search->hits + i;
        if (!search->counted)
            search->total_all += hit->had && (!search->words || (hit->had & search->asked) == search->asked);
        if (by_score ? is_too_late(search, hit->score) : !hit->had) continue;
        int32_t document = index->passage_document[hit->unit];
        Candidate candidate = {key_of(search, document, hit->score), hit->score, document, 1, hit->had, 0, hit, 0};
        if (!offer(search, &candidate, 1)) return 0;
    }
    return 1;
}

/* Offer every document (or passage) that has a hit in this range. */
int offer_hits(Search *search) {
    const Index *index = search->index;
    if (!search->by_documents) return offer_passages(search);
    for (Py_ssize_t low = 0, high = 0; low < search->hit_count; low = high) {
        Hit *hit = search->hits + low;
        int32_t document = index->passage_document[hit->unit], end = end_of_document(index, hit->unit), sure = 0;
        const Met *met = index->document_met + (document - search->first_document);
        double best = hit->score;
        for (; high < search->hit_count && search->hits[high].unit < end; high++) {
            if (search->hits[high].score > best) best = search->hits[high].score;
            sure += search->hits[high].had != 0;
        }
        if (!search->counted)
            search->total_all += sure && (!search->words || (met->had & search->asked) == search->asked);
        if (!sure && search->order != BY_SCORE) continue;
        double score = best + index->document_share * met->sum, key = key_of(search, document, score);
        if (is_too_late(search, key)) continue;
        int32_t found = sure ? sure : (int32_t)(high - low);
        Candidate candidate = {key, score, document, found, met->had, 0, hit, 0};
        if (!offer(search, &candidate, high - low)) return 0;
    }
    return 1;
}

/* The least distance of two words in each of some units; a word that stands before counts as one
   place further apart. Both lists ascend, and places of different units are 2^32 apart. */
static void add_nearness(const Index *index, const Places *left, const Places *right, double weight,
                         const int32_t *units, Py_ssize_t count, double *bonus) {
    Py_ssize_t after = 0, i = 0;
    for (Py_ssize_t k = 0; k < count; k++) {
        int64_t nearest = INT64_MAX, end = ((int64_t)units[k] + 1) << 32;
        for (; i < right->count && right->data[i] < end; i++) {
            int64_t place = right->data[i];
            while (after < left->count && left->data[after] < place) after++;
            if (after && place - left->data[after - 1] < nearest) nearest = place - left->data[after - 1];
            Py_ssize_t behind = after;
            while (behind < left->count && left->data[behind] == place) behind++;
            if (behind < left->count && left->data[behind] - place + 1 < nearest)
                nearest = left->data[behind] - place + 1;
        }
        if (nearest <= index->nearness.window) bonus[k] += weight / (double)nearest;
    }
}

/* The words whose nearness to the next one counts. */
static Py_ssize_t chain_of(const Search *search, const Clause **chain) {
    Py_ssize_t links = 0;
    if (!search->words || search->order != BY_SCORE) return 0;
    for (Py_ssize_t c = 0; c < search->count; c++) {
        const Clause *clause = search->clauses + c;
        if (clause->chained && !clause->stop && clause->found.counts.sure) chain[links++] = clause;
    }
    return links;
}

/* A hit that is looked at for the nearness of its words. */
typedef struct {
    Hit *hit;
    Candidate *candidate;
} Looked;

static int by_unit(const void *left, const void *right) {
    int32_t a = ((const Looked *)left)->hit->unit, b = ((const Looked *)right)->hit->unit;
    return (a > b) - (a < b);
}

/* The best hits of the best candidates. */
static Py_ssize_t hits_to_look_at(Search *search, Py_ssize_t depth, Looked *looked) {
    Py_ssize_t count = 0, most = search->index->nearness.passages;
    Hit best[16];
    for (Py_ssize_t i = 0; i < depth; i++) {
        Candidate *candidate = search->best + i;
        Py_ssize_t n = best_of(candidate->hits, candidate->count, most, best);
        for (Py_ssize_t k = 0, place = 0; k < n; k++, count++) {
            while (candidate->hits[place].unit != best[k].unit) place++;
            looked[count] = (Looked){candidate->hits + place, candidate};
        }
    }
    qsort(looked, (size_t)count, sizeof(Looked), by_unit);
    return count;
}

/* Add to the best what the nearness of neighbouring words is worth, and put them in order again. */
static int draw_near(Search *search, const Clause **chain, Py_ssize_t links) {
    Index *index = search->index;
    Py_ssize_t depth = index->nearness.depth;
    if (depth > search->best_count) depth = search->best_count;
    size_t most = (size_t)depth * (size_t)index->nearness.passages;
    Looked *looked = take(index, most * sizeof(Looked));
    int32_t *units = take(index, most * 4);
    double *bonus = take(index, most * 8), *added = take(index, (size_t)depth * 8);
    if (!looked || !units || !bonus || !added) return 0;
    Py_ssize_t count = hits_to_look_at(search, depth, looked);
    for (Py_ssize_t i = 0; i < count; i++) {
        units[i] = looked[i].hit->unit;
        bonus[i] = 0;
    }
    Places former = {0};
    for (Py_ssize_t link = 0; link < links; link++) {
        Places now = {0};
        if (!places_of(index, chain[link]->plans, 1, units, count, &now)) return 0;
        if (link) {
            double one = idf(index->live_passages, chain[link - 1]->found.counts.sure);
            double other = idf(index->live_passages, chain[link]->found.counts.sure);
            double weight = index->nearness.weight * (one < other ? one : other);
            add_nearness(index, &former, &now, weight, units, count, bonus);
        }
        former = now;
    }
    memset(added, 0, (size_t)depth * 8);
    for (Py_ssize_t i = 0; i < count; i++) {
        double *most_added = added + (looked[i].candidate - search->best);
        looked[i].hit->score += bonus[i];
        if (bonus[i] > *most_added) *most_added = bonus[i];
    }
    for (Py_ssize_t i = 0; i < depth; i++) {
        search->best[i].score += added[i];
        search->best[i].key = search->best[i].score;
    }
    sort(search, search->best, depth);
    return 1;
}

/* Make room for the best; before anything is offered. */
int make_ranking(Search *search) {
    const Index *index = search->index;
    Py_ssize_t chained = 0;
    for (Py_ssize_t c = 0; c < search->count; c++) chained += search->clauses[c].chained;
    search->most = search->offset + search->limit;
    if (search->words && chained > 1 && search->most < index->nearness.depth) search->most = index->nearness.depth;
    if (search->most > index->passages) search->most = index->passages;
    search->kept = search->passages > index->nearness.passages ? search->passages : index->nearness.passages;
    search->best = take(search->index, (size_t)search->most * sizeof(Candidate));
    return search->best != NULL;
}

/* Put the best in order. */
int finish_ranking(Search *search) {
    const Clause *chain[MAX_CLAUSES];
    Py_ssize_t links = chain_of(search, chain);
    sort(search, search->best, search->best_count);
    return links < 2 || draw_near(search, chain, links);
}

/* The page that is asked for as bytes: `Row`s, and the `Shown` passages of all rows, in order. */
int page_of(Search *search, PyObject **rows, PyObject **passages) {
    const Index *index = search->index;
    Py_ssize_t last = search->offset + search->limit, most = search->passages;
    if (last > search->best_count) last = search->best_count;
    Py_ssize_t first = search->offset < last ? search->offset : last, count = last - first, shown = 0;
    Hit *best = take(search->index, (size_t)search->kept * sizeof(Hit));
    Row *row;
    Shown *passage;
    *rows = array_of(count, sizeof(Row), (void **)&row);
    *passages = array_of(count * most, sizeof(Shown), (void **)&passage);
    if (!best || !*rows || !*passages) return 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        const Candidate *candidate = search->best + first + i;
        int32_t start = index->document_starts[candidate->document];
        int32_t n = best_of(candidate->hits, candidate->count, most, best);
        for (int32_t k = 0; k < n; k++)
            passage[shown++] = (Shown){best[k].score, best[k].unit - start, !best[k].had};
        row[i] = (Row){candidate->score, candidate->document, candidate->found, candidate->had, n};
    }
    return _PyBytes_Resize(passages, shown * (Py_ssize_t)sizeof(Shown)) == 0;
}
