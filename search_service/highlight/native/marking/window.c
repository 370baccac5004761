/* What of a text is shown: whole sentences around where the marks are densest, or a part of one.
   `snippets.py` says the same. */

#include "marking.h"

enum { LEAD_WORDS = 8, MOST_COUNTED = 20, WORST = 10 };

/* The first place of `value` or more among ascending numbers. */
static Py_ssize_t bisect_left(const int32_t *numbers, Py_ssize_t count, Py_ssize_t value) {
    Py_ssize_t low = 0, high = count;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (numbers[middle] < value) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* What some marks are worth: different words before repeated ones, and upper rungs before lower.
   `rungs` is scratch: a number for each word of the query. */
static double worth_of(long *rungs, const Mark *marks, Py_ssize_t count) {
    double worth = 0;
    for (Py_ssize_t i = 0; i < count; i++) rungs[marks[i].word] = WORST;
    for (Py_ssize_t i = 0; i < count; i++) {
        long *best = rungs + marks[i].word;
        if (marks[i].rung >= *best) continue;
        worth += (double)(*best - marks[i].rung);
        *best = marks[i].rung;
    }
    return worth + 0.1 * (double)(count < MOST_COUNTED ? count : MOST_COUNTED);
}

/* At most so many words of a sentence that is longer, where its marks are densest. */
static void part_of(long *rungs, int32_t low, int32_t high, const int32_t *starts,
                    const int32_t *ends, Py_ssize_t word_count, const Mark *marks, Py_ssize_t mark_count,
                    Py_ssize_t most, Py_ssize_t *start, Py_ssize_t *end) {
    Py_ssize_t first = bisect_left(starts, word_count, low);
    Py_ssize_t count = bisect_left(starts, word_count, high) - first;
    *start = low;
    *end = high;
    if (count <= most) return;
    starts += first;
    ends += first;
    double best = -1;
    Py_ssize_t chosen = 0, from = 0, to = 0; /* marks ascend, so these only go forward */
    for (Py_ssize_t i = 0; i < (mark_count ? mark_count : 1); i++) {
        Py_ssize_t begin = mark_count ? bisect_left(starts, count, marks[i].start) - LEAD_WORDS : 0;
        if (begin < 0) begin = 0;
        if (begin > count - most) begin = count - most;
        Py_ssize_t stop = ends[begin + most - 1];
        while (from < mark_count && marks[from].start < starts[begin]) from++;
        if (to < from) to = from;
        while (to < mark_count && marks[to].end <= stop) to++;
        double worth = worth_of(rungs, marks + from, to - from);
        if (worth > best) {
            best = worth;
            chosen = begin;
        }
    }
    if (chosen) *start = starts[chosen];
    if (chosen + most != count) *end = ends[chosen + most - 1];
}

/* The slice of a text that is shown; marks are ascending and apart, and `rungs` has room for each of
   their words. Returns 0 without memory. */
int choose_window(long *rungs, const Letters *text, const Slices *sentences, const int32_t *starts,
                  const int32_t *ends, Py_ssize_t word_count, const Mark *marks,
                  Py_ssize_t mark_count, Py_ssize_t most, Py_ssize_t *start, Py_ssize_t *end) {
    Py_ssize_t count = sentences->count;
    /* Of each sentence its first word and its first mark, and the end. */
    Py_ssize_t *words = PyMem_Malloc(2 * ((size_t)count + 1) * sizeof(Py_ssize_t));
    if (!words) return PyErr_NoMemory() != NULL;
    Py_ssize_t *firsts = words + count + 1, mark = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        words[i] = i ? bisect_left(starts, word_count, sentences->starts[i]) : 0;
        while (i && mark < mark_count && marks[mark].start < sentences->starts[i]) mark++;
        firsts[i] = mark;
    }
    words[count] = word_count;
    firsts[count] = mark_count;
    double best = -1;
    Py_ssize_t best_lopsided = 0;
    *start = *end = 0;
    for (Py_ssize_t first = 0; first < count; first++) {
        double worth = 0;
        Py_ssize_t low = sentences->starts[first], from = firsts[first];
        /* A sentence without words is one of what is shown, too: else a thousand dots would be. */
        Py_ssize_t stop = first + most < count ? first + most : count;
        for (Py_ssize_t last = first; last < stop && words[last + 1] - words[first] <= most; last++) {
            Py_ssize_t high = sentences->ends[last], to = firsts[last + 1];
            if (to > firsts[last]) worth = worth_of(rungs, marks + from, to - from);
            /* Of windows that show the same, the one that has as much before its marks as after. */
            Py_ssize_t lopsided = first * text->length - high;
            if (to > from) {
                lopsided = marks[from].start - low - (high - marks[to - 1].end);
                if (lopsided < 0) lopsided = -lopsided;
            }
            if (worth > best || (worth == best && lopsided < best_lopsided)) {
                best = worth;
                best_lopsided = lopsided;
                *start = low;
                *end = high;
            }
        }
    }
    Py_ssize_t longest = 0;
    double most_worth = -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t marked = firsts[i + 1] - firsts[i];
        double worth = marked ? worth_of(rungs, marks + firsts[i], marked) : 0;
        if (worth > most_worth) {
            most_worth = worth;
            longest = i;
        }
    }
    if (most_worth > best || best < 0)
        part_of(rungs, sentences->starts[longest], sentences->ends[longest], starts, ends, word_count,
                marks + firsts[longest], firsts[longest + 1] - firsts[longest], most, start, end);
    PyMem_Free(words);
    return 1;
}
