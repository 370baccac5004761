/* A search: what it asks, and what is known of it between its stages. */

#ifndef SEARCH_SERVICE_SEARCH_H
#define SEARCH_SERVICE_SEARCH_H

#include "index.h"

#define MAX_CLAUSES 32 /* bits of `had` */

typedef enum { WORD, CONSTANT, PHRASE } Kind;

/* Where a row is read. */
typedef struct {
    const View *view;
    Py_ssize_t next, end;
    uint32_t unit; /* of the next posting */
    uint32_t base, weight, level;
} Cursor;

enum { TOGETHER = 8 }; /* words of sets that are looked at together: there are so many more at their end */

/* A word, pattern or phrase of the query. */
typedef struct {
    Kind kind;
    int stop;         /* it adds score where another clause has found something */
    int is_surface;   /* no word of the query, but what is written as one was asked: it has no similar
                         forms, and where it is, that word is */
    int chained;      /* a word whose nearness to its neighbours adds score */
    Plan *plans;      /* of a phrase: those of each word, field after field */
    Py_ssize_t words; /* of a phrase */
    Py_ssize_t fields;
    double *field_factors;
    Py_ssize_t reach; /* how far a word of a phrase may be behind the one before */
    double factor;
    Py_ssize_t postings;
    PyObject *plan, *counts_name; /* the first one, and the attribute that has its counts */
    double surface;               /* what its surface is worth */
    Py_ssize_t surface_clause;    /* the place of that among the clauses; 0 where there is none */
    int has_surface;
    int was_known, is_known; /* when it was asked, and now */
    Counts known;
    Found found; /* in the range that is being read; where all are asked for, in all of it */
    Cursor *cursors;      /* of its rows, those that decide first */
    Py_ssize_t cursor_count, deciding;
    uint64_t *any, *sure; /* sets of its passages: all, and those with a deciding form */
    uint64_t *many;       /* those that have it more than once, deleted ones included; NULL where all may */
    Found whole; /* where it was gathered whole, and how far that was read */
    Py_ssize_t read;
    Mixture mix, document_mix;
    Py_ssize_t documents; /* that have it and pass the filters */
} Clause;

/* A condition on a facet: a table says of each code whether it passes; a code of -1 does not. */
typedef struct {
    const void *codes;
    int item; /* bytes of a code */
    int of_documents;
    const uint8_t *table;
    Py_ssize_t values;
} Filter;

typedef struct {
    const void *codes;
    int item;
    int of_documents;
    int filter; /* the one on this facet, which its counts ignore; -1 for none */
    Py_ssize_t values;
    int64_t *counts;
    int32_t *last; /* the document counted last for each value */
} Facet;

typedef enum { BY_SCORE, NEWEST, OLDEST } Order;

typedef struct {
    double score;
    int32_t unit;
    uint32_t had; /* 0 where only similar forms were met */
} Hit;

/* A document, or a passage where those are asked for, with its best hits in reading order. */
typedef struct {
    double key, score;
    int32_t document, found; /* passages */
    uint32_t had;
    int32_t count;
    Hit *hits;
    Py_ssize_t room; /* for so many of them */
} Candidate;

/* What is shown of a candidate, and of a passage of it. */
typedef struct {
    double score;
    int32_t document, found;
    uint32_t had;
    int32_t passages;
} Row;

typedef struct {
    double score;
    int32_t ordinal, similar;
} Shown;

/* What each clause is worth at most to a passage, in whole parts; see `pruning.c`. */
typedef struct {
    uint32_t sure[MAX_CLAUSES], similar[MAX_CLAUSES], all;
    double part;  /* what one part is worth */
    double whole; /* who has the whole query has as much at least */
} Bounds;

/* Which passages of a range are read: all, of similar forms those that were allowed, or these alone. */
typedef enum { ALL, ALLOWED_SIMILAR, ALLOWED } Chosen;

typedef struct {
    Index *index;
    Clause *clauses;
    Py_ssize_t count;
    int all;          /* a passage must have every clause */
    int words;        /* the clauses are plain words: what has more of them is worth more */
    int every;        /* plain words that must all be there */
    int by_documents;
    Order order;
    const int32_t *days;
    Filter *filters;
    Py_ssize_t filter_count;
    const uint8_t *passing; /* documents, or NULL */
    const int32_t *first_days, *last_days; /* a document's; its span must meet [since, until]; or NULL */
    int since, until;
    Facet *facets;
    Py_ssize_t facet_count;
    Py_ssize_t offset, limit, passages;
    const int32_t *ranks; /* of documents; NULL where they are not known yet */
    int asks_ranks;       /* two candidates are alike */
    double deadline;

    uint32_t asked; /* clauses that are no stop words */
    double shares[MAX_CLAUSES];
    Py_ssize_t share_count;
    const double *coverages; /* for each set of clauses, where they are few */

    Hit *hits; /* of the range that is being read, ascending */
    double *scores; /* of one clause */
    Py_ssize_t hit_count;
    int32_t first_document; /* of the range */
    int counts_stops;       /* all that stop words have is counted too */
    uint32_t origin;        /* units are numbered from here in the scratch, so that words of bits fit */
    int counted;            /* the totals are known from the sets of the clauses */
    double worth[MAX_CLAUSES], always; /* see `bound_similar`; the greatest first */
    Py_ssize_t worth_count;
    Bounds bounds;
    int dropped; /* whether a unit of some clause is no hit */

    Py_ssize_t total_documents, total_passages, total_all;
    Candidate *best;
    Py_ssize_t best_count, most;
    Py_ssize_t kept; /* how many hits of a candidate are kept */
} Search;

enum { PASSES = -1, FAILS = -2 }; /* what `failed` says; or the only filter that a passage fails */

static inline int is_filtered(const Search *search) {
    return search->filter_count || search->passing || search->first_days;
}

static inline int is_single(uint32_t clauses) { return clauses && !(clauses & (clauses - 1)); }

/* Whether a document passes what is no facet's. */
static inline int is_passing(const Search *search, int32_t document) {
    if (search->passing && !search->passing[document]) return 0;
    return !search->first_days || (search->first_days[document] > 0 && search->first_days[document] <= search->until &&
                                   search->last_days[document] >= search->since);
}

static inline int64_t code_of(const void *codes, int item, Py_ssize_t place) {
    return item == 1 ? ((const uint8_t *)codes)[place] : ((const int32_t *)codes)[place];
}

static inline int passes(const Filter *filter, int32_t unit, int32_t document) {
    int64_t code = code_of(filter->codes, filter->item, filter->of_documents ? document : unit);
    return code >= 0 && code < filter->values && filter->table[code];
}

/* cursors.c */
int open_clause(Search *search, Clause *clause, int counts_many);
int room_for_range(Search *search, Clause *clause, Py_ssize_t longest);
int read_range(Search *search, Clause *clause, uint32_t from, uint32_t to, Chosen chosen);
int is_read(const Search *search);
/* pruning.c */
uint64_t *new_set(Index *index); /* empty; lives as long as the call */
int is_counted_by_sets(const Search *search);
int make_bounds(Search *search, int similar);
Chosen choose(Search *search, uint32_t from, uint32_t to);
/* sets.c */
int is_told_by_sets(const Search *search);
int find_by_sets(Search *search);
/* candidates.c */
int judge_candidates(Search *search, uint64_t *found);
/* judging.c */
int judge(Search *search, const uint64_t *chosen);
/* grouped.c */
int count_documents_by_sets(Search *search);
void want_documents(Search *search, uint32_t from, uint32_t to);
/* scoring.c */
void score_cells(const Index *index, const Clause *clause, const uint32_t *decided, const uint32_t *total,
                 const uint8_t *level, const double *norms, Py_ssize_t count, double *scores);
void score_found(const Index *index, const Clause *clause, double *scores);
/* plain.c */
int is_plain(const Search *search);
int find_plain(Search *search);
/* constant.c */
int is_constant(const Search *search);
int find_constant(Search *search);
/* clauses.c */
int gather_clause(Search *search, Clause *clause, const Found *within);
int gather_all(Search *search, Found *common);
void weigh(Search *search);
/* hits.c */
int find_hits(Search *search);
double coverage_of(const Search *search, uint32_t had);
int make_coverages(Search *search);
int failed(const Search *search, int32_t unit, int32_t document);
Py_ssize_t end_of_range(const Index *index, Py_ssize_t from);
/* ranking.c */
int make_ranking(Search *search);
double key_of(const Search *search, int32_t document, double score);
int offer(Search *search, Candidate *candidate, Py_ssize_t hits);
int offer_hits(Search *search);
int finish_ranking(Search *search);
int page_of(Search *search, PyObject **rows, PyObject **passages);
/* answers.c */
PyObject *found_of(const Search *search, PyObject *rows, PyObject *passages);
PyObject *word_documents_of(const Search *search);
int keep_counts(const Search *search);

/* What a score is worth to one who has these clauses. */
static inline double coverage(const Search *search, uint32_t had) {
    return search->coverages ? search->coverages[had] : coverage_of(search, had);
}

#endif
