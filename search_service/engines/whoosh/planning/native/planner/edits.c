/* Which of the sorted strings are some edits away from a word.

   After some letters of a string, the beginnings of the word that they are within j edits of are a set
   of lengths, the bits of a number: one step a letter for all of them (Wu and Manber, 1992). Once that
   set is empty, nothing that begins so is near. The letters that could have stood there instead are
   few, letters of the word, and so are those behind them: the walk goes on at the first string that is
   not less than these (Schulz and Mihov, 2002, intersect an automaton with a dictionary so). */

#include "planner.h"

enum { DEPTHS = MAX_LETTERS + MAX_EDITS + 2, PATH_BYTES = 4 * DEPTHS + 4 };

/* Where the walk is after some letters. */
typedef struct {
    uint64_t within[MAX_EDITS + 1]; /* bit i: the first i letters of the word are within j edits */
    int32_t letter;                 /* the last */
    Py_ssize_t end;                 /* bytes of all of them */
} Step;

typedef struct {
    const Py_UCS4 *word;
    int length, edits, depth;
    uint64_t all;        /* bits of all beginnings of the word */
    uint64_t masks[128]; /* bit i: letter i of the word is this one of ASCII */
    Step steps[DEPTHS];
    uint8_t path[PATH_BYTES]; /* the letters */
} Walk;

/* A letter of UTF-8; a byte that is none stands for a letter behind all others. */
static int32_t letter_at(Text text, Py_ssize_t *place) {
    const uint8_t *bytes = text.bytes + *place;
    int more = *bytes < 0x80 ? 0 : *bytes < 0xc0 ? -1 : *bytes < 0xe0 ? 1 : *bytes < 0xf0 ? 2 : 3;
    if (more < 0 || *place + more >= text.length) {
        ++*place;
        return 0x110000 + *bytes;
    }
    static const uint8_t masks[4] = {0x7f, 0x1f, 0x0f, 0x07};
    int32_t letter = *bytes & masks[more];
    for (int i = 1; i <= more; i++) letter = letter << 6 | (bytes[i] & 0x3f);
    *place += more + 1;
    return letter;
}

static Py_ssize_t write_letter(uint8_t *out, int32_t letter) {
    if (letter < 0x80) return out[0] = (uint8_t)letter, 1;
    int more = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3;
    static const uint8_t marks[4] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(marks[more] | letter >> (6 * more));
    for (int i = 1; i <= more; i++) out[i] = (uint8_t)(0x80 | (letter >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

/* Add one more letter; 0 when nothing that begins so is near. */
static int enter(Walk *walk, int32_t letter) {
    const Step *before = walk->steps + walk->depth;
    Step *step = walk->steps + walk->depth + 1;
    uint64_t mask = 0, fewer = 0, now = 0;
    if (letter < 128) mask = walk->masks[letter];
    else
        for (int i = 0; i < walk->length; i++)
            mask |= (uint64_t)((int32_t)walk->word[i] == letter) << i;
    for (int j = 0; j <= walk->edits; j++) {
        /* The same letter; a letter too much, another one; a letter missing. */
        now = ((before->within[j] & mask) << 1 | fewer | fewer << 1 | now << 1) & walk->all;
        fewer = before->within[j];
        step->within[j] = now;
    }
    if (!now) return 0;
    step->letter = letter;
    step->end = before->end + write_letter(walk->path + before->end, letter);
    walk->depth++;
    return 1;
}

/* Whether the letters so far are near by themselves. */
static int is_near(const Walk *walk) {
    return walk->steps[walk->depth].within[walk->edits] >> walk->length & 1;
}

/* Whether anything may follow the letters so far. */
static int is_free(const Walk *walk) {
    return walk->edits && walk->steps[walk->depth].within[walk->edits - 1];
}

/* The least letter above one that is too far: any letter of the word behind a beginning that is within
   the edits is near, and had others been, the one that is too far would be too. -1: there is none. */
static int32_t next_letter(const Walk *walk, int32_t after) {
    uint64_t left = walk->steps[walk->depth].within[walk->edits] & walk->all >> 1;
    int32_t least = -1;
    for (; left; left &= left - 1) {
        int32_t letter = (int32_t)walk->word[__builtin_ctzll(left)];
        if (letter > after && (least < 0 || letter < least)) least = letter;
    }
    return least;
}

/* What the next near string is not less than, when the letters so far are near and the one behind
   them is too far; empty when no string is near any more. */
static Text next_key(Walk *walk, int32_t letter) {
    int32_t next;
    while ((next = next_letter(walk, letter)) < 0) {
        if (!walk->depth) return (Text){walk->path, 0};
        letter = walk->steps[walk->depth--].letter;
        if (is_free(walk)) { /* as that letter was, any behind it is near */
            Py_ssize_t end = walk->steps[walk->depth + 1].end;
            walk->path[end] = 0xff; /* in no UTF-8, so behind all that begin so */
            return (Text){walk->path, end + 1};
        }
    }
    enter(walk, next);
    /* Without edits left, only letters of the word can follow. */
    while (!is_free(walk) && !is_near(walk)) enter(walk, next_letter(walk, -1));
    return (Text){walk->path, walk->steps[walk->depth].end};
}

/* Go back to the letters that a string shares with the one before. */
static void share(Walk *walk, Text text) {
    Py_ssize_t end = walk->steps[walk->depth].end, common = 0;
    while (common < end && common < text.length && text.bytes[common] == walk->path[common]) common++;
    while (walk->steps[walk->depth].end > common) walk->depth--;
}

/* Push the places in [low, high) of strings at most so many letters added, left out or changed from
   the word. Returns 0 when memory ends and -1 on damage. */
int within_edits(const Strings *strings, Py_ssize_t low, Py_ssize_t high, const Py_UCS4 *word,
                 int length, int edits, Numbers *places) {
    Walk walk = {.word = word, .length = length, .edits = edits, .all = (2ull << length) - 1};
    for (int i = 0; i < length; i++)
        if (word[i] < 128) walk.masks[word[i]] |= 1ull << i;
    for (int j = 0; j <= edits; j++) walk.steps[0].within[j] = ((2ull << j) - 1) & walk.all;
    while (low < high) {
        Text text;
        if (!string_at(strings, low, &text)) return -1;
        share(&walk, text);
        int32_t letter = 0;
        int near = 1;
        for (Py_ssize_t at = walk.steps[walk.depth].end; near && at < text.length;) {
            letter = letter_at(text, &at);
            near = enter(&walk, letter);
        }
        if (near) {
            if (is_near(&walk) && !push(places, low)) return 0;
            low++;
            continue;
        }
        Text key = next_key(&walk, letter);
        if (!key.length) break;
        if ((low = seek(strings, low + 1, high, key)) < 0) return -1;
    }
    return 1;
}
