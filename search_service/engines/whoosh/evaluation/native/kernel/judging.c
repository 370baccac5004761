/* Candidates are scored: the postings of each clause are passed once more, and what the candidates have
   is kept in cells that are numbered as those candidates are that have the clause: there are few. */

#include "search.h"

enum { FAR_APART = 16 /* postings to a candidate: then each is looked up */ };

/* The candidates that have a clause, and what each has of it. */
typedef struct {
    uint64_t *set;
    uint32_t *before; /* how many there are before each word of the set */
    Py_ssize_t count;
    int32_t *units, *hits; /* the place of each among the hits */
    double *norms, *scores;
    uint32_t *decided, *total;
    uint8_t *level;
} Cells;

static int make_cells(Index *index, Py_ssize_t most, Cells *cells) {
    Py_ssize_t words = (index->passages >> 6) + 1;
    cells->set = take(index, (size_t)words * 8);
    cells->before = take(index, (size_t)words * 4);
    cells->units = take(index, (size_t)most * 4);
    cells->hits = take(index, (size_t)most * 4);
    cells->norms = take(index, (size_t)most * 8);
    cells->scores = take(index, (size_t)most * 8);
    cells->decided = take(index, (size_t)most * 4);
    cells->total = take(index, (size_t)most * 4);
    cells->level = take(index, (size_t)most);
    return cells->set && cells->before && cells->units && cells->hits && cells->norms && cells->scores &&
           cells->decided && cells->total && cells->level;
}

/* Number the candidates that have a clause. */
WITH_WIDE_VECTORS
static void number_cells(const Index *index, const Clause *clause, const uint64_t *chosen, Cells *cells) {
    Py_ssize_t words = (index->passages >> 6) + 1, n = 0, hits = 0;
    for (Py_ssize_t w = 0; w < words; w++) {
        uint64_t set = chosen[w] & clause->any[w];
        cells->set[w] = set;
        cells->before[w] = (uint32_t)n;
        for (uint64_t left = set; left; left &= left - 1, n++) {
            int32_t place = __builtin_ctzll(left);
            cells->units[n] = (int32_t)(w << 6) + place;
            cells->hits[n] = (int32_t)(hits + __builtin_popcountll(chosen[w] & ((1ull << place) - 1)));
            cells->norms[n] = norm_of(index, cells->units[n]);
        }
        hits += __builtin_popcountll(chosen[w]);
    }
    cells->count = n;
    memset(cells->decided, 0, (size_t)n * 4);
    memset(cells->total, 0, (size_t)n * 4);
    memset(cells->level, 0, (size_t)n);
}

static inline void add_posting(const Cells *cells, const Cursor *cursor, Py_ssize_t posting, Py_ssize_t place,
                               int decides) {
    uint32_t sum = frequency_at(cursor->view, posting) * cursor->weight;
    cells->total[place] += sum;
    if (decides) cells->decided[place] += sum;
    if (cursor->level > cells->level[place]) cells->level[place] = (uint8_t)cursor->level;
}

/* Few candidates are looked up in a long row. */
static void look_up(const Cells *cells, const Cursor *cursor, int decides) {
    Py_ssize_t p = cursor->next;
    for (Py_ssize_t i = 0; i < cells->count && p < cursor->end; i++) {
        if ((uint32_t)cells->units[i] < cursor->base) continue;
        uint32_t unit = (uint32_t)cells->units[i] - cursor->base;
        p = gallop(cursor->view, p, cursor->end, unit);
        if (p < cursor->end && unit_at(cursor->view, p) == unit) add_posting(cells, cursor, p, i, decides);
    }
}

WITH_WIDE_VECTORS
static void read_rows(const Cells *cells, const Clause *clause) {
    const uint64_t *restrict set = cells->set;
    for (Py_ssize_t c = 0; c < clause->cursor_count; c++) {
        const Cursor *cursor = clause->cursors + c;
        const uint16_t *restrict low = cursor->view->unit_low;
        const uint8_t *restrict high = cursor->view->unit_high;
        int decides = c < clause->deciding;
        if (cursor->end - cursor->next > FAR_APART * cells->count) {
            look_up(cells, cursor, decides);
            continue;
        }
        for (Py_ssize_t p = cursor->next; p < cursor->end; p++) {
            uint32_t unit = cursor->base + (high ? low[p] | (uint32_t)high[p] << 16 : low[p]);
            uint64_t word = set[unit >> 6], bit = 1ull << (unit & 63);
            if (word & bit)
                add_posting(cells, cursor, p, cells->before[unit >> 6] + __builtin_popcountll(word & (bit - 1)), decides);
        }
    }
}

/* Where a clause was gathered whole. */
static void read_whole(const Cells *cells, const Found *whole) {
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; i < cells->count; i++) {
        while (whole->units[k] < cells->units[i]) k++; /* all of them are there */
        cells->decided[i] = whole->decided[k];
        cells->total[i] = whole->total[k];
        cells->level[i] = whole->level[k];
    }
}

/* Add what a clause gives to each candidate that has it. */
static void judge_clause(Search *search, Py_ssize_t c, const uint64_t *chosen, Cells *cells) {
    const Clause *clause = search->clauses + c;
    uint32_t bit = clause->stop ? 0 : 1u << c;
    number_cells(search->index, clause, chosen, cells);
    if (clause->cursors) read_rows(cells, clause);
    else read_whole(cells, &clause->whole);
    score_cells(search->index, clause, cells->decided, cells->total, cells->level, cells->norms, cells->count,
                cells->scores);
    for (Py_ssize_t i = 0; i < cells->count; i++) {
        Hit *hit = search->hits + cells->hits[i];
        hit->score += cells->scores[i];
        hit->had |= cells->decided[i] ? bit : 0;
    }
}

static int make_hits(Search *search, const uint64_t *chosen) {
    Index *index = search->index;
    Py_ssize_t words = (index->passages >> 6) + 1, n = 0;
    for (Py_ssize_t w = 0; w < words; w++)
        for (uint64_t left = chosen[w]; left; left &= left - 1) n++;
    search->hit_count = n;
    search->hits = take(index, (size_t)n * sizeof(Hit));
    if (!search->hits) return 0;
    n = 0;
    for (Py_ssize_t w = 0; w < words; w++)
        for (uint64_t left = chosen[w]; left; left &= left - 1)
            search->hits[n++] = (Hit){0, (int32_t)(w << 6) + __builtin_ctzll(left), 0};
    return 1;
}

/* Score the candidates, and offer them. */
int judge(Search *search, const uint64_t *chosen) {
    Cells cells;
    if (!make_hits(search, chosen) || !make_cells(search->index, search->hit_count, &cells) || !make_coverages(search))
        return 0;
    for (int stop = 0; stop < 2; stop++)
        for (Py_ssize_t c = 0; c < search->count; c++) {
            if (search->clauses[c].stop != stop) continue;
            if (is_past(search->index, search->deadline)) return 0;
            judge_clause(search, c, chosen, &cells);
        }
    for (Py_ssize_t i = 0; i < search->hit_count && search->share_count > 1; i++)
        search->hits[i].score *= coverage(search, search->hits[i].had);
    return offer_hits(search);
}
