/* Where sentences end. `languages/sentences.py` says the same, and for each step why. */

#include "marking.h"

enum { BEFORE = 24, OPENERS = 4, NOTE_DIGITS = 4 };

/* A text being split: `failed` once Python raised something. */
typedef struct {
    Alphabet *alphabet;
    PyObject *text, *abbreviations;
    Letters letters;
    int ordinals, failed;
} Split;

/* A run of marks that may end a sentence. */
typedef struct {
    Py_ssize_t start, end;
    int full_width;
    uint32_t last; /* what is known of its last letter */
} Candidate;

static uint32_t known_at(Split *split, Py_ssize_t at) {
    uint32_t known = 0;
    if (at >= 0 && at < split->letters.length && !know(split->alphabet, letter(&split->letters, at), &known))
        split->failed = 1;
    return known;
}

static Py_UCS4 at_or_0(const Split *split, Py_ssize_t at) {
    return at < split->letters.length ? letter(&split->letters, at) : 0;
}

static int is_space_at(const Split *split, Py_ssize_t at) {
    return at < split->letters.length && Py_UNICODE_ISSPACE(letter(&split->letters, at));
}

static Py_ssize_t skip_space(const Split *split, Py_ssize_t at) {
    while (is_space_at(split, at)) at++;
    return at;
}

/* Where the text before `end` ends without the white space at its end. */
static Py_ssize_t without_space(const Split *split, Py_ssize_t start, Py_ssize_t end) {
    while (end > start && is_space_at(split, end - 1)) end--;
    return end;
}

/* "[12]" of a note at `at`; returns where it ends, or `at`. */
static Py_ssize_t bracketed(const Split *split, Py_ssize_t at) {
    Py_ssize_t end = at + 1;
    if (at_or_0(split, at) != '[') return at;
    while (end - at - 1 < NOTE_DIGITS && Py_UNICODE_ISDECIMAL(at_or_0(split, end))) end++;
    return end > at + 1 && at_or_0(split, end) == ']' ? end + 1 : at;
}

/* Whether a candidate begins at `at`. */
static int begins(Split *split, Py_ssize_t at, Candidate *candidate) {
    Py_UCS4 code = letter(&split->letters, at);
    uint32_t known = known_at(split, at);
    *candidate = (Candidate){at, at, 0, 0};
    if (known & (FULL_WIDTH | ENDS)) {
        Py_ssize_t end = at;
        uint32_t last = known;
        for (; known & (FULL_WIDTH | ENDS); known = known_at(split, ++end)) {
            candidate->full_width |= (known & FULL_WIDTH) != 0;
            last = known;
        }
        for (; known & CLOSES; known = known_at(split, ++end)) last = known;
        for (Py_ssize_t next;; end = next) {
            next = known_at(split, end) & NOTE ? end + 1 : bracketed(split, end);
            if (next == end) break;
            last = known_at(split, next - 1);
        }
        candidate->end = end;
        candidate->last = last;
    } else if (code == ':' || code == ';') {
        if (at && known_at(split, at - 1) & (code == ':' ? ARMENIAN : GREEK) && is_space_at(split, at + 1))
            candidate->end = at + 1;
    } else if (code == '\n') {
        Py_ssize_t end = at + 1;
        while (is_space_at(split, end) && letter(&split->letters, end) != '\n') end++;
        if (at_or_0(split, end) == '\n') candidate->end = end + 1;
    }
    return candidate->end > at;
}

/* Georgian letters are small ones to Unicode, and yet begin sentences: they have no title case. */
static int is_small(Split *split, Py_ssize_t at) {
    if (at >= split->letters.length) return 0;
    Py_UCS4 code = letter(&split->letters, at);
    if (!Py_UNICODE_ISLOWER(code)) return 0;
    if (code < 128) return 1;
    PyObject *one = PyUnicode_Substring(split->text, at, at + 1);
    PyObject *title = one ? PyObject_CallMethod(one, "title", NULL) : NULL;
    int same = title ? PyUnicode_Compare(one, title) == 0 : 0;
    if (!title) split->failed = 1;
    Py_XDECREF(one);
    Py_XDECREF(title);
    return !same;
}

static int is_letter(Py_UCS4 code) {
    return Py_UNICODE_ISALNUM(code) && !Py_UNICODE_ISDECIMAL(code);
}

static int is_abbreviation(Split *split, Py_ssize_t start, Py_ssize_t end) {
    PyObject *word = PyUnicode_Substring(split->text, start, end);
    PyObject *small = word ? PyObject_CallMethod(word, "lower", NULL) : NULL;
    int found = small ? PySet_Contains(split->abbreviations, small) : -1;
    Py_XDECREF(word);
    Py_XDECREF(small);
    if (found < 0) split->failed = 1;
    return found > 0;
}

/* Whether a full stop belongs to the word [start, end) before it and not to the sentence. `first` is
   whether the sentence begins with the word, `after` is where the text goes on. */
static int goes_on(Split *split, Py_ssize_t start, Py_ssize_t end, int first, Py_ssize_t after) {
    Py_ssize_t digits = 0, point = start;
    for (Py_ssize_t at = start; at < end; at++) {
        digits += Py_UNICODE_ISDIGIT(letter(&split->letters, at)) != 0;
        if (letter(&split->letters, at) == '.') point = at + 1;
    }
    if (end > start && digits == end - start) return first || (split->ordinals && digits <= 2);
    if (is_abbreviation(split, start, end)) return 1;
    if (end - point != 1 || !is_letter(letter(&split->letters, point))) return 0;
    Py_UCS4 next = at_or_0(split, after);
    if (!is_small(split, point) || (next && Py_UNICODE_ISDIGIT(next))) return 1;
    return at_or_0(split, after + 1) == '.' && is_letter(next);
}

/* Whether a sentence that began at `start` ends with this candidate. */
static int ends(Split *split, Py_ssize_t start, const Candidate *candidate) {
    const Letters *letters = &split->letters;
    Py_UCS4 mark = letter(letters, candidate->start);
    Py_ssize_t end = candidate->end;
    if (mark == '\n' || end == letters->length) return 1;
    if (candidate->full_width) return !(candidate->last & CLOSES && known_at(split, end) & GOES_ON);
    if (!is_space_at(split, end)) return 0;
    Py_ssize_t after = skip_space(split, end);
    for (int i = 0; i < OPENERS && known_at(split, after) & OPENS; i++) after++;
    after = skip_space(split, after);
    if (is_small(split, after)) return 0;
    if (mark != '.' || (end > candidate->start + 1 && letter(letters, candidate->start + 1) == '.')) return 1;
    Py_ssize_t low = candidate->start - BEFORE > start ? candidate->start - BEFORE : start;
    Py_ssize_t last = without_space(split, low, candidate->start), word = last;
    while (word > low && !is_space_at(split, word - 1)) word--;
    while (word < last && known_at(split, word) & OPENS) word++;
    Py_ssize_t opening = start;
    while (known_at(split, opening) & OPENS) opening++;
    return !goes_on(split, word, last, candidate->start - (last - word) <= opening, after);
}

/* Fills `found` with the sentences of a text; 0 with an exception set where that fails. */
int split_sentences(Alphabet *alphabet, PyObject *text, PyObject *abbreviations, int ordinals,
                    Slices *found) {
    Split split = {alphabet, text, abbreviations, letters_of(text), ordinals, 0};
    Candidate candidate;
    Py_ssize_t length = split.letters.length, start = skip_space(&split, 0);
    for (Py_ssize_t at = 0; at < length && !split.failed; at = candidate.end) {
        if (!begins(&split, at, &candidate)) {
            candidate.end = at + 1;
            continue;
        }
        if (split.failed || candidate.start < start || !ends(&split, start, &candidate)) continue;
        Py_ssize_t end = letter(&split.letters, at) == '\n' ? without_space(&split, start, at) : candidate.end;
        if (split.failed || !add_slice(found, start, end)) return 0;
        start = skip_space(&split, candidate.end);
    }
    Py_ssize_t end = without_space(&split, 0, length);
    return !split.failed && (start >= end || add_slice(found, start, end)) &&
           (found->count || add_slice(found, 0, length));
}
