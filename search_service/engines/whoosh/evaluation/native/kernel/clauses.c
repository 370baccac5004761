/* The units of clauses that are gathered whole: phrases, patterns, and where all must be met. */

#include "search.h"

/* The units (ascending) that all words of a phrase have in a field, deleted ones included. */
static int common_units(Search *search, const Plan *plans, Py_ssize_t count, Found *common) {
    Index *index = search->index;
    Py_ssize_t rarest = 0;
    for (Py_ssize_t i = 1; i < count; i++)
        if (plans[i].postings < plans[rarest].postings) rarest = i;
    if (!gather(index, plans + rarest, NULL, 0, 1, 0, NULL, common)) return 0;
    for (Py_ssize_t i = 0; i < count && common->count; i++) {
        Found among = *common;
        if (is_past(index, search->deadline)) return 0;
        if (i != rarest && !gather(index, plans + i, among.units, among.count, 1, 0, NULL, common)) return 0;
    }
    return 1;
}

/* Where the last words of a phrase stand in a field. */
static int phrase_ends(Search *search, const Clause *clause, const Plan *plans, Places *ends) {
    Index *index = search->index;
    Found common = {0};
    if (!common_units(search, plans, clause->words, &common)) return 0;
    if (!places_of(index, plans, 0, common.units, common.count, ends)) return 0;
    for (Py_ssize_t i = 1; i < clause->words && ends->count; i++) {
        Places next = {0};
        if (is_past(index, search->deadline)) return 0;
        if (!places_of(index, plans + i, 0, common.units, common.count, &next)) return 0;
        int64_t *out = take(index, (size_t)next.count * 8);
        if (!out) return 0;
        ends->count = followed(ends->data, ends->count, next.data, next.count, clause->reach, out);
        ends->data = out;
    }
    return 1;
}

/* A phrase is as a word that stands where its last word does, and counts whole. */
static int gather_phrase(Search *search, Clause *clause) {
    Index *index = search->index;
    Places ends[VIEWS_OF_A_SEGMENT] = {{0}};
    Py_ssize_t total = 0, n = 0, next[VIEWS_OF_A_SEGMENT] = {0};
    for (Py_ssize_t f = 0; f < clause->fields; f++) {
        if (!phrase_ends(search, clause, clause->plans + f * clause->words, ends + f)) return 0;
        total += ends[f].count;
    }
    Found *found = &clause->found;
    if (!room(index, found, total, 0)) return 0;
    for (;;) { /* merge the fields, a unit at a time */
        int64_t unit = INT64_MAX;
        for (Py_ssize_t f = 0; f < clause->fields; f++)
            if (next[f] < ends[f].count && ends[f].data[next[f]] >> 32 < unit)
                unit = ends[f].data[next[f]] >> 32;
        if (unit == INT64_MAX) break;
        double sum = 0;
        for (Py_ssize_t f = 0; f < clause->fields; f++)
            for (; next[f] < ends[f].count && ends[f].data[next[f]] >> 32 == unit; next[f]++)
                sum += index->weights[WHOLE_LEVEL] * clause->field_factors[f];
        if (unit >= index->passages || (n && unit <= found->units[n - 1])) return fail(index, DAMAGED);
        if (index->live && !is_live(index, unit)) continue;
        found->units[n] = (int32_t)unit;
        found->decided[n] = (uint32_t)sum;
        found->level[n++] = WHOLE_LEVEL;
    }
    found->count = n;
    found->counts = (Counts){(double)n, (double)n, 0, 0, 0};
    return 1;
}

int gather_clause(Search *search, Clause *clause, const Found *within) {
    Index *index = search->index;
    const Counts *known = clause->is_known ? &clause->known : NULL;
    Found *found = &clause->found;
    int filtered = is_filtered(search);
    int documents = search->by_documents || (search->words && !filtered);
    if (clause->kind == WORD)
        return gather(index, clause->plans, within ? within->units : NULL, within ? within->count : 0, 0,
                      documents, known, found);
    int sound = clause->kind == PHRASE ? gather_phrase(search, clause) : mark(index, clause->plans, found);
    if (sound && documents) count_documents_of(index, found);
    return sound;
}

/* Leave only units with a deciding form. */
static void decide(Found *found) {
    if (found->total == found->decided) return;
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0; i < found->count; i++) {
        if (!found->decided[i]) continue;
        found->units[n] = found->units[i];
        found->decided[n] = found->decided[i];
        found->total[n] = found->total[i];
        found->level[n++] = found->level[i];
    }
    found->count = n;
}

static int intersection(Index *index, const Found *left, const Found *right, Found *both) {
    Py_ssize_t n = 0, r = 0;
    both->units = take(index, (size_t)left->count * 4);
    if (!both->units) return 0;
    for (Py_ssize_t l = 0; l < left->count; l++) {
        while (r < right->count && right->units[r] < left->units[l]) r++;
        if (r == right->count) break;
        if (right->units[r] == left->units[l]) both->units[n++] = left->units[l];
    }
    both->count = n;
    return 1;
}

/* All clauses must be met: the rarest first, so that the others are looked up only where it is. */
int gather_all(Search *search, Found *common_units) {
    Index *index = search->index;
    Py_ssize_t order[MAX_CLAUSES];
    Found common = {0};
    for (Py_ssize_t i = 0; i < search->count; i++) {
        Py_ssize_t place = i;
        for (; place && search->clauses[order[place - 1]].postings > search->clauses[i].postings; place--)
            order[place] = order[place - 1];
        order[place] = i;
    }
    for (Py_ssize_t i = 0; i < search->count; i++) {
        Clause *clause = search->clauses + order[i];
        if (is_past(index, search->deadline)) return 0;
        /* What is not looked through whole must be known by its numbers. */
        if (clause->kind == WORD && !clause->is_known && clause->plans->single && !search->by_documents) {
            if (!count_single(index, clause->plans, &clause->known)) return 0;
            clause->is_known = 1;
        }
        int within = i && clause->kind == WORD && clause->is_known;
        if (!gather_clause(search, clause, within ? &common : NULL)) return 0;
        decide(&clause->found);
        if (!i || within) {
            common.units = clause->found.units;
            common.count = clause->found.count;
        } else {
            Found before = common;
            if (!intersection(index, &before, &clause->found, &common)) return 0;
        }
        if (!common.count) break;
    }
    *common_units = common;
    return 1;
}

/* What the clauses are worth, when their numbers are known. */
void weigh(Search *search) {
    Index *index = search->index;
    double total = 0;
    for (Py_ssize_t i = 0; i < search->count; i++) {
        Clause *clause = search->clauses + i;
        const Counts *counts = &clause->found.counts;
        clause->mix = mixture(index, index->live_passages, counts->sure, counts->all, counts->weak, clause->factor);
        clause->document_mix = mixture(index, index->live_documents, counts->sure_documents,
                                       counts->all_documents, counts->weak, clause->factor);
        if (clause->stop) continue;
        search->asked |= 1u << i;
        search->shares[i] = 0;
        if (!search->words || !counts->sure) continue;
        /* What nobody has is asked of nobody. */
        search->shares[i] = idf(index->live_passages, counts->sure);
        total += search->shares[i];
        search->share_count++;
    }
    for (Py_ssize_t i = 0; i < search->count && search->share_count; i++) search->shares[i] /= total;
}
