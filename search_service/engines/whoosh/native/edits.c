/* Which of the sorted strings are some edits away from a word.

   Levenshtein's table, a band of it, one row for each letter of a string: neighbours share the rows
   of the letters that they share. Once no cell of a row is within the edits, nothing that begins so
   is near. The letters that could have stood there instead are few, letters of the word, and the walk
   goes on at the next string that has the least of them (Schulz and Mihov, 2002, intersect an
   automaton with a dictionary so). */

#include "planner.h"

enum { BAND = 2 * MAX_EDITS + 1, DEPTHS = MAX_LETTERS + MAX_EDITS + 2, KEY_BYTES = 4 * DEPTHS + 4 };

/* Cell k of row d is the distance between the first d letters of a string and the first d - edits + k
   of the word; `edits + 1` stands for all that is more. */
typedef struct {
    uint8_t cells[BAND];
} Row;

typedef struct {
    const Py_UCS4 *letters;
    int length, edits;
} Word;

/* A letter of UTF-8; a byte that is none stands for a letter behind all others. */
static Py_UCS4 letter_at(Text text, Py_ssize_t *place) {
    const uint8_t *bytes = text.bytes + *place;
    int more = *bytes < 0x80 ? 0 : *bytes < 0xc0 ? -1 : *bytes < 0xe0 ? 1 : *bytes < 0xf0 ? 2 : 3;
    if (more < 0 || *place + more >= text.length) {
        ++*place;
        return 0x110000u + *bytes;
    }
    static const uint8_t masks[4] = {0x7f, 0x1f, 0x0f, 0x07};
    Py_UCS4 letter = *bytes & masks[more];
    for (int i = 1; i <= more; i++) letter = letter << 6 | (bytes[i] & 0x3f);
    *place += more + 1;
    return letter;
}

static Py_ssize_t write_letter(uint8_t *out, Py_UCS4 letter) {
    if (letter < 0x80) return out[0] = (uint8_t)letter, 1;
    int more = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3;
    static const uint8_t marks[4] = {0, 0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(marks[more] | letter >> (6 * more));
    for (int i = 1; i <= more; i++) out[i] = (uint8_t)(0x80 | (letter >> (6 * (more - i)) & 0x3f));
    return more + 1;
}

/* Fill the row of one more letter, the `depth`th; returns its least cell. */
static int next_row(const Word *word, const Row *before, Row *row, int depth, Py_UCS4 letter) {
    int far = word->edits + 1, least = far, last = 2 * word->edits;
    for (int k = 0; k <= last; k++) {
        int i = depth - word->edits + k, best = far;
        if (i >= 0 && i <= word->length) {
            if (i > 0) best = before->cells[k] + (word->letters[i - 1] != letter);
            if (k < last && before->cells[k + 1] + 1 < best) best = before->cells[k + 1] + 1;
            if (k > 0 && row->cells[k - 1] + 1 < best) best = row->cells[k - 1] + 1;
            if (best > far) best = far;
        }
        row->cells[k] = (uint8_t)best;
        if (best < least) least = best;
    }
    return least;
}

/* The least letter above one that is too far behind a row; 0 when there is none. Any letter of the
   word at a cell within the edits is near; had others been, the one that is too far would be too. */
static Py_UCS4 next_letter(const Word *word, const Row *row, int depth, Py_UCS4 after) {
    Py_UCS4 least = 0;
    for (int k = 0; k <= 2 * word->edits; k++) {
        int i = depth - word->edits + k;
        if (i < 0 || i >= word->length || row->cells[k] > word->edits) continue;
        Py_UCS4 letter = word->letters[i];
        if (letter > after && (!least || letter < least)) least = letter;
    }
    return least;
}

/* The first place in [low, high) whose string is not less than the key, mostly near `low`. */
static Py_ssize_t seek(const Strings *strings, Py_ssize_t low, Py_ssize_t high, Text key) {
    Text text;
    for (Py_ssize_t step = 1; low < high; step *= 2) {
        Py_ssize_t place = low + step - 1;
        if (place >= high) break;
        if (step > 4 * HEAD_STEP) {
            place = lower_bound(strings, key);
            return place < 0 ? -1 : place < low ? low : place > high ? high : place;
        }
        if (!string_at(strings, place, &text)) return -1;
        if (compare(text, key) >= 0) {
            high = place;
            break;
        }
        low = place + 1;
    }
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (!string_at(strings, middle, &text)) return -1;
        if (compare(text, key) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Push the places in [low, high) of strings at most so many letters added, left out or changed from
   the word. Returns 0 when memory ends and -1 on damage. */
int within_edits(const Strings *strings, Py_ssize_t low, Py_ssize_t high, const Py_UCS4 *letters,
                 int length, int edits, Numbers *places) {
    Word word = {letters, length, edits};
    Row rows[DEPTHS];
    Py_ssize_t ends[DEPTHS] = {0}; /* bytes of the first d letters */
    uint8_t path[KEY_BYTES];       /* the letters whose rows are known */
    int depth = 0;
    for (int k = 0; k < BAND; k++) {
        int i = k - edits;
        rows[0].cells[k] = (uint8_t)(i >= 0 && i <= length && i <= edits ? i : edits + 1);
    }
    while (low < high) {
        Text text;
        if (!string_at(strings, low, &text)) return -1;
        Py_ssize_t common = 0;
        while (common < ends[depth] && common < text.length && text.bytes[common] == path[common])
            common++;
        while (ends[depth] > common) depth--;
        Py_ssize_t at = ends[depth];
        Py_UCS4 letter = 0;
        int near = 1;
        while (at < text.length) {
            letter = letter_at(text, &at);
            near = next_row(&word, rows + depth, rows + depth + 1, depth + 1, letter) <= edits;
            if (!near) break;
            memcpy(path + ends[depth], text.bytes + ends[depth], (size_t)(at - ends[depth]));
            ends[++depth] = at;
        }
        if (near) {
            int k = length - depth + edits;
            if (k >= 0 && k <= 2 * edits && rows[depth].cells[k] <= edits && !push(places, low))
                return 0;
            low++;
            continue;
        }
        Py_ssize_t end = ends[depth];
        letter = next_letter(&word, rows + depth, depth, letter);
        if (letter) end += write_letter(path + end, letter);
        else path[end++] = 0xff; /* in no UTF-8, so behind all that begin so */
        if ((low = seek(strings, low + 1, high, (Text){path, end})) < 0) return -1;
    }
    return 1;
}
