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

/* An attribute that has a buffer. */
static const void *hold_attribute(Held *held, PyObject *object, PyObject *name, Py_ssize_t item, Py_ssize_t *count) {
    PyObject *value = PyObject_GetAttr(object, name);
    if (!value) return NULL;
    const void *array = hold(held, value, item, count);
    Py_DECREF(value); /* the buffer keeps it */
    return array;
}

static int read_plan(Index *index, PyObject *object, Held *held, Plan *plan) {
    *plan = (Plan){0};
    plan->entries = hold_attribute(held, object, index->entries_name, (Py_ssize_t)sizeof(Entry), &plan->count);
    if (!plan->entries) return 0;
    plan->levels = hold_attribute(held, object, index->levels_name, 1, &plan->level_count);
    return plan->levels && check_plan(index, plan);
}

/* What is known of a plan from before. */
static int read_counts(Clause *clause) {
    PyObject *known = PyObject_GetAttr(clause->plan, clause->counts_name);
    if (!known) return 0;
    Counts *counts = &clause->known;
    clause->was_known = clause->is_known = known != Py_None;
    int sound = known == Py_None || PyArg_ParseTuple(known, "ddddp", &counts->sure, &counts->all,
                                                     &counts->sure_documents, &counts->all_documents, &counts->weak);
    Py_DECREF(known);
    return sound;
}

/* (kind, factor, plans, role, chained, field factors, reach, surface) */
static int read_clause(Index *index, PyObject *object, Held *held, Clause *clause) {
    int kind;
    PyObject *plans, *factors, *surface;
    if (!PyArg_ParseTuple(object, "idO!ipO!nO", &kind, &clause->factor, &PyTuple_Type, &plans, &clause->stop,
                          &clause->chained, &PyTuple_Type, &factors, &clause->reach, &surface))
        return 0;
    Py_ssize_t count = PyTuple_GET_SIZE(plans), fields = PyTuple_GET_SIZE(factors);
    clause->kind = (Kind)kind;
    clause->fields = fields ? fields : 1;
    clause->has_surface = surface != Py_None;
    if (clause->has_surface && ((clause->surface = PyFloat_AsDouble(surface)) == -1) && PyErr_Occurred()) return 0;
    if (kind < WORD || kind > PHRASE || count < 1 || count % clause->fields ||
        clause->fields > VIEWS_OF_A_SEGMENT || (kind != PHRASE && count != 1))
        return wrong("a clause has as many plans as its kind asks");
    clause->words = count / clause->fields;
    clause->plans = take(index, (size_t)count * sizeof(Plan));
    clause->field_factors = take(index, (size_t)clause->fields * sizeof(double));
    if (!clause->plans || !clause->field_factors) return 0;
    clause->field_factors[0] = 1.0;
    for (Py_ssize_t f = 0; f < fields; f++) {
        clause->field_factors[f] = PyFloat_AsDouble(PyTuple_GET_ITEM(factors, f));
        if (!(clause->field_factors[f] >= 0 && clause->field_factors[f] < 256)) return wrong("a factor is small");
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!read_plan(index, PyTuple_GET_ITEM(plans, i), held, clause->plans + i)) return 0;
        if (!i || clause->plans[i].postings < clause->postings) clause->postings = clause->plans[i].postings;
    }
    clause->plan = PyTuple_GET_ITEM(plans, 0);
    clause->counts_name = index->counts_name;
    return read_counts(clause);
}

/* What is written as a word was asked, or is folded to it, as a clause that only adds score. */
static int add_surface(Index *index, const Clause *word, Clause *clause) {
    *clause = (Clause){.kind = WORD, .stop = 1, .is_surface = 1, .words = 1, .fields = 1, .factor = word->surface,
                       .plan = word->plan, .counts_name = index->surface_name};
    clause->plans = take(index, sizeof(Plan));
    if (!clause->plans || !from_level(index, word->plans, index->fold, clause->plans)) return 0;
    clause->postings = clause->plans->postings;
    return read_counts(clause);
}

static int read_clauses(Search *search, PyObject *tuple, Held *held) {
    Py_ssize_t asked = PyTuple_GET_SIZE(tuple);
    search->clauses = take(search->index, MAX_CLAUSES * sizeof(Clause));
    if (!search->clauses) return 0;
    memset(search->clauses, 0, MAX_CLAUSES * sizeof(Clause));
    if (asked < 1 || asked > MAX_CLAUSES) return wrong("a search has 1 to 32 clauses");
    for (Py_ssize_t i = 0; i < asked; i++)
        if (!read_clause(search->index, PyTuple_GET_ITEM(tuple, i), held, search->clauses + i)) return 0;
    search->count = asked;
    for (Py_ssize_t i = 0; i < asked; i++) {
        Clause *clause = search->clauses + i;
        if (!clause->has_surface) continue;
        if (clause->kind != WORD || clause->stop || search->count == MAX_CLAUSES)
            return wrong("words have surfaces, and these are clauses too");
        clause->surface_clause = search->count++;
        if (!add_surface(search->index, clause, search->clauses + clause->surface_clause)) return 0;
    }
    return 1;
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
    PyObject *clauses, *filters, *passing, *facets, *days, *ranks, *firsts, *lasts;
    int order, every;
    if (!PyArg_ParseTuple(args, "O!ppp(nnn)iOO!O(OOii)O!Od", &PyTuple_Type, &clauses, &every, &search->words,
                          &search->by_documents, &search->offset, &search->limit, &search->passages, &order,
                          &days, &PyList_Type, &filters, &passing, &firsts, &lasts, &search->since,
                          &search->until, &PyList_Type, &facets, &ranks, &search->deadline))
        return 0;
    search->all = every && !search->words;
    search->every = every && search->words;
    search->order = (Order)order;
    if (order < BY_SCORE || order > OLDEST ||
        (order != BY_SCORE && days == Py_None) || search->offset < 0 || search->limit < 0 ||
        search->passages < 0 || search->offset > INT32_MAX || search->limit > INT32_MAX ||
        search->passages > 1000)
        return wrong("that is no search");
    return read_clauses(search, clauses, held) && read_filters(search, filters, held) && read_facets(search, facets, held) &&
           read_documents(search, days, held, 4, (const void **)&search->days) &&
           read_documents(search, firsts, held, 4, (const void **)&search->first_days) &&
           read_documents(search, lasts, held, 4, (const void **)&search->last_days) &&
           (!search->first_days == !search->last_days || wrong("a span has two ends")) &&
           read_documents(search, passing, held, 1, (const void **)&search->passing) &&
           read_documents(search, ranks, held, 4, (const void **)&search->ranks);
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
"search(clauses, every, words, by_documents, (offset, limit, passages), order, days, filters, passing,\n"
"       (first days, last days, since, until), facets, ranks, deadline) -> tuple\n\n"
"Find, count and rank. A clause is (kind, factor, plans, role, chained, field factors, reach, surface):\n"
"kind 0 is a word with one plan, 1 a plan whose units are all worth the factor, 2 a phrase with a plan for\n"
"each word, field after field. Role 0 finds, 1 only adds. `surface` is what is added where the word is\n"
"written as it was asked, or None. A plan has `entries`, `levels`, `counts` and `surface_counts`. `order` is 0 by score, 1 the newest first, 2 the oldest. A\n"
"filter is (codes, of documents, table of codes), a facet (codes, of documents, place of its filter or\n"
"-1, number of values). Returns (what is found, documents, passages, units with every word, documents of\n"
"each word, facet counts), or None where candidates are alike and `ranks` is None. Raises ValueError for\n"
"damage, TimeoutError after the deadline.";

/* What is found and counted, when the scratch is done with. */
static PyObject *answer_of(const Search *search, PyObject *rows, PyObject *passages, PyObject *facets) {
    PyObject *found = NULL, *words = NULL, *answer = NULL;
    if (keep_counts(search) && (found = found_of(search, rows, passages)) && (words = word_documents_of(search)))
        answer = Py_BuildValue("(OnnnOO)", found, search->total_documents, search->total_passages,
                               search->total_all, words, facets);
    Py_XDECREF(found);
    Py_XDECREF(words);
    return answer;
}

PyObject *Index_search(Index *index, PyObject *args) {
    Search search = {.index = index};
    Held held = {0};
    Clause clauses[MAX_CLAUSES];
    PyObject *rows = NULL, *passages = NULL, *facets = NULL, *result = NULL;
    int sound = read_search(&search, args, &held) && find_hits(&search) && finish_ranking(&search) &&
                page_of(&search, &rows, &passages) && (facets = facets_of(&search));
    for (Py_ssize_t i = 0; i < held.count; i++) PyBuffer_Release(held.buffers + i);
    PyMem_Free(held.buffers);
    if (PyErr_Occurred()) index->failure = NOTHING; /* the first reason counts */
    if (sound) {
        /* What `answer_of` reads of them outlives the memory of the call. */
        memcpy(clauses, search.clauses, (size_t)search.count * sizeof(Clause));
        search.clauses = clauses;
    }
    sound = finish(index) && sound;
    if (sound) result = search.asks_ranks ? Py_NewRef(Py_None) : answer_of(&search, rows, passages, facets);
    Py_XDECREF(rows);
    Py_XDECREF(passages);
    Py_XDECREF(facets);
    return result;
}
