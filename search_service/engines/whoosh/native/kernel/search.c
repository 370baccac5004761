/* `search`: a flat query, from its plans to the page that is asked for, in one call.

   The stages are in `clauses.c`, `hits.c` and `ranking.c`. They do what the executor does step by
   step for other trees, with the same operations in the same order. */

#include "search.h"

/* The buffers of the arguments, which are given back at the end. */
typedef struct {
    Py_buffer *buffers;
    Py_ssize_t count, room;
} Held;

static const void *hold(Held *held, PyObject *object, Py_ssize_t item, Py_ssize_t *count) {
    if (held->count == held->room) {
        Py_ssize_t more = held->room ? held->room * 2 : 64;
        Py_buffer *buffers = PyMem_Realloc(held->buffers, (size_t)more * sizeof(Py_buffer));
        if (!buffers) {
            PyErr_NoMemory();
            return NULL;
        }
        held->buffers = buffers;
        held->room = more;
    }
    Py_buffer *buffer = held->buffers + held->count;
    if (PyObject_GetBuffer(object, buffer, PyBUF_SIMPLE) < 0) return NULL;
    held->count++;
    *count = buffer->len / item;
    static const uint64_t nothing = 0;
    return buffer->buf ? buffer->buf : &nothing;
}

static int wrong(const char *message) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, message);
    return 0;
}

static int read_plan(Index *index, PyObject *object, Held *held, Plan *plan) {
    PyObject *entries, *levels;
    *plan = (Plan){0};
    if (!PyArg_ParseTuple(object, "OO", &entries, &levels)) return 0;
    plan->entries = hold(held, entries, (Py_ssize_t)sizeof(Entry), &plan->count);
    if (!plan->entries) return 0;
    plan->levels = hold(held, levels, 1, &plan->level_count);
    return plan->levels && check_plan(index, plan);
}

/* (kind, factor, role, chained, known, plans[, field factors, reach]) */
static int read_clause(Index *index, PyObject *object, Held *held, Clause *clause) {
    int kind;
    PyObject *known, *plans, *factors = NULL;
    if (!PyArg_ParseTuple(object, "idipOO!|O!n", &kind, &clause->factor, &clause->stop, &clause->chained,
                          &known, &PyTuple_Type, &plans, &PyTuple_Type, &factors, &clause->reach))
        return 0;
    Py_ssize_t count = PyTuple_GET_SIZE(plans);
    clause->kind = (Kind)kind;
    clause->fields = factors ? PyTuple_GET_SIZE(factors) : 1;
    clause->is_surface = clause->stop == 2;
    clause->stop = clause->stop != 0;
    if (kind < WORD || kind > PHRASE || count < 1 || clause->fields < 1 || count % clause->fields ||
        clause->fields > VIEWS_OF_A_SEGMENT || (kind != PHRASE && count != 1))
        return wrong("a clause has as many plans as its kind asks");
    clause->words = count / clause->fields;
    clause->plans = take(index, (size_t)count * sizeof(Plan));
    clause->field_factors = take(index, (size_t)clause->fields * sizeof(double));
    if (!clause->plans || !clause->field_factors) return 0;
    for (Py_ssize_t f = 0; f < clause->fields; f++) {
        clause->field_factors[f] = factors ? PyFloat_AsDouble(PyTuple_GET_ITEM(factors, f)) : 1.0;
        if (!(clause->field_factors[f] >= 0 && clause->field_factors[f] < 256)) return wrong("a factor is small");
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!read_plan(index, PyTuple_GET_ITEM(plans, i), held, clause->plans + i)) return 0;
        if (!i || clause->plans[i].postings < clause->postings) clause->postings = clause->plans[i].postings;
    }
    if (known == Py_None) return 1;
    clause->is_known = 1;
    Counts *counts = &clause->known;
    return PyArg_ParseTuple(known, "ddddp", &counts->sure, &counts->all, &counts->sure_documents,
                            &counts->all_documents, &counts->weak);
}

static int read_codes(Search *search, PyObject *object, Held *held, int of_documents, const void **codes,
                      int *item) {
    Py_ssize_t bytes, count = of_documents ? search->index->documents : search->index->passages;
    *codes = hold(held, object, 1, &bytes);
    if (!*codes) return 0;
    *item = (int)(count ? bytes / count : 1);
    if ((*item != 1 && *item != 4) || bytes != *item * count) return wrong("a facet has a code for each unit");
    return 1;
}

/* [(codes, of documents, table)] */
static int read_filters(Search *search, PyObject *list, Held *held) {
    search->filter_count = PyList_GET_SIZE(list);
    search->filters = take(search->index, (size_t)search->filter_count * sizeof(Filter));
    if (!search->filters) return 0;
    for (Py_ssize_t f = 0; f < search->filter_count; f++) {
        Filter *filter = search->filters + f;
        PyObject *codes, *table;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(list, f), "OpO", &codes, &filter->of_documents, &table) ||
            !read_codes(search, codes, held, filter->of_documents, &filter->codes, &filter->item) ||
            !(filter->table = hold(held, table, 1, &filter->values)))
            return 0;
    }
    return 1;
}

/* [(codes, of documents, filter, number of values)] */
static int read_facets(Search *search, PyObject *list, Held *held) {
    search->facet_count = PyList_GET_SIZE(list);
    search->facets = take(search->index, (size_t)search->facet_count * sizeof(Facet));
    if (!search->facets) return 0;
    for (Py_ssize_t f = 0; f < search->facet_count; f++) {
        Facet *facet = search->facets + f;
        PyObject *codes;
        if (!PyArg_ParseTuple(PyList_GET_ITEM(list, f), "Opin", &codes, &facet->of_documents,
                              &facet->filter, &facet->values) ||
            !read_codes(search, codes, held, facet->of_documents, &facet->codes, &facet->item))
            return 0;
        if (facet->values < 0 || facet->values > INT32_MAX) return wrong("a facet has some values");
        facet->counts = take(search->index, (size_t)facet->values * 8);
        facet->last = take(search->index, (size_t)facet->values * 4);
        if (!facet->counts || !facet->last) return 0;
        memset(facet->counts, 0, (size_t)facet->values * 8);
        memset(facet->last, 0xFF, (size_t)facet->values * 4);
    }
    return 1;
}

static int read_documents(Search *search, PyObject *object, Held *held, Py_ssize_t item, const void **array) {
    Py_ssize_t count;
    *array = NULL;
    if (object == Py_None) return 1;
    *array = hold(held, object, item, &count);
    return *array && (count >= search->index->documents || wrong("an array has a value for each document"));
}

static int read_search(Search *search, PyObject *args, Held *held) {
    PyObject *clauses, *filters, *passing, *facets, *days, *ranks;
    int order;
    if (!PyArg_ParseTuple(args, "O!pppp(nnn)iOO!OO!Od", &PyList_Type, &clauses, &search->all, &search->words,
                          &search->every, &search->by_documents, &search->offset, &search->limit,
                          &search->passages, &order, &days, &PyList_Type, &filters, &passing,
                          &PyList_Type, &facets, &ranks, &search->deadline))
        return 0;
    search->count = PyList_GET_SIZE(clauses);
    search->order = (Order)order;
    if (search->count < 1 || search->count > MAX_CLAUSES || order < BY_SCORE || order > OLDEST ||
        (order != BY_SCORE && days == Py_None) || search->offset < 0 || search->limit < 0 ||
        search->passages < 0 || search->offset > INT32_MAX || search->limit > INT32_MAX ||
        search->passages > 1000)
        return wrong("that is no search");
    search->clauses = take(search->index, (size_t)search->count * sizeof(Clause));
    if (!search->clauses) return 0;
    memset(search->clauses, 0, (size_t)search->count * sizeof(Clause));
    for (Py_ssize_t i = 0; i < search->count; i++)
        if (!read_clause(search->index, PyList_GET_ITEM(clauses, i), held, search->clauses + i)) return 0;
    return read_filters(search, filters, held) && read_facets(search, facets, held) &&
           read_documents(search, days, held, 4, (const void **)&search->days) &&
           read_documents(search, passing, held, 1, (const void **)&search->passing) &&
           read_documents(search, ranks, held, 4, (const void **)&search->ranks);
}

/* What is known of each clause, as doubles: its four counts, whether it is weak, its documents that
   pass the filters. */
static PyObject *statistics_of(const Search *search) {
    double *out;
    PyObject *bytes = array_of(search->count * 6, 8, (void **)&out);
    for (Py_ssize_t i = 0; i < search->count && bytes; i++) {
        const Clause *clause = search->clauses + i;
        const Counts *counts = &clause->found.counts;
        /* Without filters every document passes. */
        double passing = search->filter_count || search->passing ? (double)clause->documents : counts->sure_documents;
        const double row[6] = {counts->sure, counts->all, counts->sure_documents, counts->all_documents,
                               counts->weak, passing};
        memcpy(out + 6 * i, row, sizeof row);
    }
    return bytes;
}

static PyObject *facets_of(const Search *search) {
    Py_ssize_t total = 0;
    for (Py_ssize_t f = 0; f < search->facet_count; f++) total += search->facets[f].values;
    int64_t *out;
    PyObject *bytes = array_of(total, 8, (void **)&out);
    for (Py_ssize_t f = 0; f < search->facet_count && bytes; f++) {
        memcpy(out, search->facets[f].counts, (size_t)search->facets[f].values * 8);
        out += search->facets[f].values;
    }
    return bytes;
}

const char search_doc[] =
"search(clauses, all, words, every, by_documents, (offset, limit, passages), order, days, filters,\n"
"       passing, facets, ranks, deadline) -> tuple\n\n"
"Find, count and rank. A clause is (kind, factor, role, chained, known, plans[, field factors, reach]):\n"
"kind 0 is a word with one plan, 1 a plan whose units are all worth the factor, 2 a phrase with a plan\n"
"for each word, field after field. Role 0 finds, 1 and 2 (no word of the query, but the surface of\n"
"one) only add. A plan is (entries, levels). `order` is 0 by score, 1 the newest\n"
"first, 2 the oldest. A filter is (codes, of documents, table of codes), a facet (codes, of documents,\n"
"place of its filter or -1, number of values). Returns (rows, passages, statistics, facet counts,\n"
"documents, passages, units with every word), or None where candidates are alike and `ranks` is None.\n"
"Raises ValueError for damage, TimeoutError after the deadline.";

PyObject *Index_search(Index *index, PyObject *args) {
    Search search = {.index = index};
    Held held = {0};
    PyObject *rows = NULL, *passages = NULL, *statistics = NULL, *facets = NULL, *result = NULL;
    int sound = read_search(&search, args, &held) && find_hits(&search) && finish_ranking(&search) &&
                page_of(&search, &rows, &passages) &&
                (statistics = statistics_of(&search)) && (facets = facets_of(&search));
    for (Py_ssize_t i = 0; i < held.count; i++) PyBuffer_Release(held.buffers + i);
    PyMem_Free(held.buffers);
    if (PyErr_Occurred()) index->failure = NOTHING; /* the first reason counts */
    sound = finish(index) && sound;
    if (sound && search.asks_ranks) result = Py_NewRef(Py_None);
    else if (sound)
        result = Py_BuildValue("(OOOOnnn)", rows, passages, statistics, facets, search.total_documents,
                               search.total_passages, search.total_all);
    Py_XDECREF(rows);
    Py_XDECREF(passages);
    Py_XDECREF(statistics);
    Py_XDECREF(facets);
    return result;
}
