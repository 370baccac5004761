/* The stems of a Turkic word: `turkic_stems.py` says what is done here, and why.

   Every root is a beginning of the word, so it is told by its length. Sums are made in the order in which
   Python makes them, so that both round alike. */

#include "reading.h"
#include <math.h>

enum { ESH = 0x283, MOST_LIKELY = 4 };

static const double MARGIN = 1.0, MARGIN_WHOLE = 1.5, LETTER = 0.45, BUFFER = 0.5, VOICE = 0.8;
static const double TWO_LETTERS = 2.0, TWO_LETTERS_KNOWN = 0.3, THREE_LETTERS = 0.4;
static const double BAD_END = 3.0, BAD_ENDS = 6.0, ODD_END = 1.2;

/* Two consonants at the end of a root whose second one often begins a suffix. */
static const char ENDS[] = "rd nd ld yd vd rt yl ql sl tl rm lm zm sm km hm ks qs ns rs bs fs tn yn rn hn zn sn";

static const struct {
    char last;
    const char *suffix;
    int length, after_vowel;
} VOICES[] = {
    {'l', "il", 2, 0}, {'l', "ul", 2, 0}, {'l', "l", 1, 1},   {'n', "in", 2, 0},  {'n', "un", 2, 0},  {'n', "n", 1, 1},
    {'r', "dir", 3, 0}, {'r', "dur", 3, 0}, {'r', "dir", 3, 1}, {'r', "dur", 3, 1}, {'t', "t", 1, 0}, {'t', "t", 1, 1},
};

static int usual_end(uint16_t before, uint16_t last) {
    for (const char *end = ENDS; ; end += 3) {
        if (end[0] == before && end[1] == last) return 1;
        if (!end[2]) return 0;
    }
}

/* How unlike a root this is. */
static double shape(const Stemmer *stemmer, Slice root) {
    if (strings_get(&stemmer->restored, root) >= 0) return 0.0;
    int length = root.length;
    double cost = 0.0;
    if (length == 2) cost = strings_get(&stemmer->short_roots, root) >= 0 ? TWO_LETTERS_KNOWN : TWO_LETTERS;
    else if (length == 3) cost = THREE_LETTERS;
    if (length > 1 && !vowel(root.text[length - 1]) && !vowel(root.text[length - 2])) {
        uint16_t last = root.text[length - 1], before = root.text[length - 2];
        if (last < 128 && strchr("dlmsnz", last) && last && !usual_end(before, last)) cost += BAD_END;
        else if (before < 128 && before && strchr("bcdgkpqt", before)) cost += ODD_END;
        if (length > 2 && !vowel(root.text[length - 3])) cost += BAD_ENDS;
    }
    return cost;
}

/* What is known of a word's roots, by their lengths. */
typedef struct {
    const Stemmer *stemmer;
    Slice word;
    double costs[LONGEST * FOLDED + 1], shapes[LONGEST * FOLDED + 1];
    int count;
} Roots;

static double shape_of(Roots *roots, int length) {
    if (roots->shapes[length] < 0) roots->shapes[length] = shape(roots->stemmer, (Slice){roots->word.text, length});
    return roots->shapes[length];
}

/* Enter a root, or lower its cost. */
static void improve(Roots *roots, int length, double cost) {
    if (cost < roots->costs[length]) {
        roots->count += roots->costs[length] == HUGE_VAL;
        roots->costs[length] = cost;
    }
}

/* Enter the verbs that this one may be the passive or causative of. */
static void without_voice(Roots *roots, int length, double verb, double cost, double evidence, int depth) {
    const uint16_t *text = roots->word.text;
    for (size_t i = 0; i < sizeof VOICES / sizeof *VOICES; i++) {
        int base = length - VOICES[i].length, fits = VOICES[i].last == text[length - 1] && base >= 2;
        for (int at = 0; fits && at < VOICES[i].length; at++) fits = text[base + at] == VOICES[i].suffix[at];
        if (!fits || vowel(text[base - 1]) != VOICES[i].after_vowel) continue;
        double own = VOICE - LETTER * VOICES[i].length, all = depth == 2 ? own : cost + own;
        improve(roots, base, verb + all - evidence + shape_of(roots, base));
        if (depth > 1) without_voice(roots, base, verb, all, evidence, depth - 1);
    }
}

/* For each length of a beginning, the place of what stands after it in the costs; -1 without a vowel. */
static void find_kinds(Slice word, int8_t *kinds) {
    int last = -1;
    kinds[0] = -1;
    for (int i = 0; i < word.length; i++) {
        const char *found = word.text[i] < 128 && word.text[i] ? strchr("aeiou", word.text[i]) : NULL;
        if (found) last = (int)strlen("aeiou") - (int)strlen(found);
        kinds[i + 1] = (int8_t)(last < 0 ? -1 : 2 * last + (found != NULL));
    }
}

static void find_roots(Roots *roots, const Strings *chains) {
    const Stemmer *stemmer = roots->stemmer;
    Slice word = roots->word;
    int8_t kinds[LONGEST * FOLDED + 1];
    int first = word.length - stemmer->longest > 2 ? word.length - stemmer->longest : 2;
    uint32_t hash = HASH_START;
    find_kinds(word, kinds);
    for (int cut = word.length - 1; cut >= first; cut--) {
        hash = hash_more(hash, word.text[cut]);
        if (kinds[cut] < 0) continue;
        int costs = strings_find(chains, (Slice){word.text + cut, word.length - cut}, hash);
        if (costs < 0) continue;
        double any = stemmer->any[costs][(int)kinds[cut]], verb = stemmer->verb[costs][(int)kinds[cut]];
        if (any == HUGE_VAL) continue;
        double evidence = LETTER * (word.length - cut);
        if (word.text[cut - 1] == 'y' && (word.text[cut] == 'a' || word.text[cut] == 'e') && vowel(word.text[cut - 2]))
            evidence -= BUFFER;
        improve(roots, cut, any - evidence + shape_of(roots, cut));
        if (verb < HUGE_VAL) without_voice(roots, cut, verb, 0.0, evidence, 2);
    }
}

/* The root as it is when nothing follows, behind the other stems; one that is there already is left out. */
static void add_basic(const Stemmer *stemmer, Slice word, int length, Stems *stems) {
    uint16_t *root = stems->text + stems->starts[stems->count];
    for (int i = 0; i < length; i++) root[i] = word.text[i] == ESH ? 's' : word.text[i];
    if (length < word.length && vowel(word.text[length])) {
        int place = strings_get(&stemmer->restored, (Slice){root, length});
        if (place >= 0) {
            uint32_t start = stemmer->restored_starts[place];
            length = (int)(stemmer->restored_starts[place + 1] - start);
            memcpy(root, stemmer->restored_to.text + start, (size_t)length * sizeof *root);
        }
    }
    uint16_t last = length ? root[length - 1] : 0;
    if (last >= 'a' && last <= 'z' && stemmer->hardened[last - 'a']) {
        int vowels = 0;
        for (int i = 0; i < length; i++) vowels += vowel(root[i]);
        if (vowels > 1) root[length - 1] = stemmer->hardened[last - 'a'];
    }
    for (int i = 0; i < stems->count; i++) {
        Slice other = {stems->text + stems->starts[i], stems->starts[i + 1] - stems->starts[i]};
        if (equal(other, (Slice){root, length})) return;
    }
    stems->starts[stems->count + 1] = stems->starts[stems->count] + length;
    stems->count++;
}

int find_stems(const Stemmer *stemmer, Slice letters, int ascii, Stems *stems) {
    Roots roots = {.stemmer = stemmer, .word = letters};
    for (int i = 0; i <= letters.length; i++) roots.costs[i] = HUGE_VAL, roots.shapes[i] = -1.0;
    stems->count = stems->starts[0] = 0;
    improve(&roots, letters.length, shape_of(&roots, letters.length));
    find_roots(&roots, ascii ? &stemmer->plain : &stemmer->proper);
    if (roots.count == 1) return add_basic(stemmer, letters, letters.length, stems), stems->count;
    double whole = roots.costs[letters.length], limit = 0.0;
    int whole_taken = 0;
    for (int rank = 0; rank < MOST_LIKELY; rank++) { /* the cheapest first, of several the shortest */
        int best = -1;
        for (int length = 1; length <= letters.length; length++)
            if (roots.costs[length] < HUGE_VAL && (best < 0 || roots.costs[length] < roots.costs[best])) best = length;
        if (best < 0) break;
        if (!rank) limit = roots.costs[best] + MARGIN;
        if (roots.costs[best] > limit) break;
        roots.costs[best] = HUGE_VAL;
        whole_taken |= best == letters.length;
        add_basic(stemmer, letters, best, stems);
    }
    if (!whole_taken && whole <= limit + MARGIN_WHOLE) add_basic(stemmer, letters, letters.length, stems);
    return stems->count;
}
