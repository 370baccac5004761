/* Bisection in the vocabulary.

   A string's first eight bytes are one number that compares as they do. Those of every 32nd string
   are kept: they fit in the processor's cache, where the strings do not, and say between which two
   of them the key lies. */

#include "planner.h"

int make_room(Numbers *numbers, Py_ssize_t more) {
    if (numbers->count + more <= numbers->room) return 1;
    Py_ssize_t room = numbers->count + more + numbers->room;
    int64_t *values = PyMem_Realloc(numbers->values, (size_t)(room + 64) * sizeof(int64_t));
    if (!values) {
        PyErr_NoMemory();
        return 0;
    }
    numbers->values = values;
    numbers->room = room + 64;
    return 1;
}

static uint64_t head_of(Text text) {
    uint64_t head = 0;
    Py_ssize_t length = text.length < 8 ? text.length : 8;
    for (Py_ssize_t i = 0; i < length; i++) head |= (uint64_t)text.bytes[i] << (56 - 8 * i);
    return head;
}

/* Between which places the first string lies that is not less than a key with this head. */
static void narrow(const uint64_t *heads, Py_ssize_t count, uint64_t head, Py_ssize_t *low,
                   Py_ssize_t *high) {
    const uint64_t *base = heads;
    for (Py_ssize_t left = count; left > 1;) {
        Py_ssize_t half = left / 2;
        base += base[half - 1] < head ? half : 0;
        left -= half;
    }
    Py_ssize_t first = base - heads;
    if (count && *base < head) first++;
    *low = first ? (first - 1) * HEAD_STEP + 1 : 0;
    while (first < count && heads[first] == head) first++;
    if (first < count) *high = first * HEAD_STEP;
}

Py_ssize_t lower_bound(const Strings *strings, Text key) {
    Py_ssize_t low = 0, high = strings->count;
    narrow(strings->heads, strings->head_count, head_of(key), &low, &high);
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        Text text;
        if (!string_at(strings, middle, &text)) return -1;
        if (compare(text, key) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* The first place in [low, high) whose string is not less than the key, mostly near `low`. */
Py_ssize_t seek(const Strings *strings, Py_ssize_t low, Py_ssize_t high, Text key) {
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

/* The place of a key; `found` says whether it is there. */
Py_ssize_t find(const Strings *strings, Text key, int *found) {
    Py_ssize_t place = lower_bound(strings, key);
    Text text;
    *found = 0;
    if (place < 0 || place == strings->count) return place;
    if (!string_at(strings, place, &text)) return -1;
    *found = same(text, key);
    return place;
}

/* The exact form of a row: where none is kept it is the folded form. */
int form_of(const Vocabulary *vocabulary, Py_ssize_t row, Text *form) {
    if (row < 0 || row >= vocabulary->rows || !string_at(&vocabulary->exact, row, form)) return 0;
    if (form->length) return 1;
    Py_ssize_t low = 0, high = vocabulary->folded.count; /* the last group that begins before it */
    while (high - low > 1) {
        Py_ssize_t middle = (low + high) / 2;
        if ((Py_ssize_t)vocabulary->group_starts[middle] <= row) low = middle;
        else high = middle;
    }
    return high > 0 && string_at(&vocabulary->folded, low, form);
}

/* The first place of `by_form` whose exact form is not less than the key. */
Py_ssize_t forms_bound(const Vocabulary *vocabulary, Text key) {
    Py_ssize_t low = 0, high = vocabulary->rows;
    narrow(vocabulary->form_heads, vocabulary->form_head_count, head_of(key), &low, &high);
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        Text form;
        if (!form_of(vocabulary, vocabulary->by_form[middle], &form)) return -1;
        if (compare(form, key) < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

static int read_strings(Strings *strings, const Py_buffer *arrays) {
    strings->starts = arrays[0].buf;
    strings->data = arrays[1].buf;
    strings->count = arrays[0].len / 4 - 1;
    strings->length = arrays[1].len;
    return strings->count >= 0;
}

static uint64_t *new_heads(Py_ssize_t count, Py_ssize_t *head_count) {
    *head_count = (count + HEAD_STEP - 1) / HEAD_STEP;
    return PyMem_Calloc((size_t)*head_count + 1, sizeof(uint64_t));
}

static int read_heads(Strings *strings) {
    if (!(strings->heads = new_heads(strings->count, &strings->head_count))) return 0;
    for (Py_ssize_t i = 0; i < strings->head_count; i++) {
        Text text;
        if (!string_at(strings, i * HEAD_STEP, &text)) return 0;
        strings->heads[i] = head_of(text);
    }
    return 1;
}

static int read_form_heads(Vocabulary *vocabulary) {
    vocabulary->form_heads = new_heads(vocabulary->rows, &vocabulary->form_head_count);
    if (!vocabulary->form_heads) return 0;
    for (Py_ssize_t i = 0; i < vocabulary->form_head_count; i++) {
        Text form;
        if (!form_of(vocabulary, vocabulary->by_form[i * HEAD_STEP], &form)) return 0;
        vocabulary->form_heads[i] = head_of(form);
    }
    return 1;
}

static int read_keys(KeyTable *table, const Py_buffer *arrays) {
    table->starts = arrays[2].buf;
    table->rows = arrays[3].buf;
    table->row_count = arrays[3].len / 4;
    return read_strings(&table->keys, arrays) && arrays[2].len / 4 == table->keys.count + 1 &&
           read_heads(&table->keys);
}

/* Take a segment's arrays: starts and bytes of the folded forms, where their rows begin, starts and
   bytes of the exact forms, rows in the order of those, stems and translits (starts and bytes of the
   keys, where their rows begin, the rows), and where postings begin in each field. */
int read_vocabulary(Vocabulary *vocabulary, const Py_buffer *arrays) {
    if (!read_strings(&vocabulary->folded, arrays) || !read_strings(&vocabulary->exact, arrays + 3))
        return 0;
    vocabulary->group_starts = arrays[2].buf;
    vocabulary->by_form = arrays[5].buf;
    vocabulary->rows = vocabulary->exact.count;
    if (arrays[2].len / 4 != vocabulary->folded.count + 1 || vocabulary->rows >= 1 << 28 ||
        arrays[5].len / 4 != vocabulary->rows)
        return 0;
    for (int field = 0; field < FIELDS; field++) {
        const Py_buffer *starts = arrays + VOCABULARY_ARRAYS - FIELDS + field;
        vocabulary->starts[field] = starts->buf;
        if (starts->len / 4 != vocabulary->rows + 1) return 0;
    }
    return read_heads(&vocabulary->folded) && read_form_heads(vocabulary) &&
           read_keys(&vocabulary->stems, arrays + 6) && read_keys(&vocabulary->translits, arrays + 10);
}

void free_vocabulary(Vocabulary *vocabulary) {
    PyMem_Free(vocabulary->folded.heads);
    PyMem_Free(vocabulary->form_heads);
    PyMem_Free(vocabulary->stems.keys.heads);
    PyMem_Free(vocabulary->translits.keys.heads);
}
