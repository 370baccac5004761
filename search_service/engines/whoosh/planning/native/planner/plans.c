/* The rows of a segment that meet a word, joined to runs, and the runs as entries of a plan. */

#include "planner.h"

int add_span(Planner *planner, const Vocabulary *vocabulary, int64_t low, int64_t high,
                    int level) {
    if (low >= high) return 1;
    if (low < 0 || high > vocabulary->rows) return 0;
    return push(&planner->spans, low << 32 | high << 3 | level);
}

static int add_groups(Planner *planner, const Vocabulary *vocabulary, Py_ssize_t first,
                      Py_ssize_t last, int level) {
    return add_span(planner, vocabulary, vocabulary->group_starts[first],
                    vocabulary->group_starts[last], level);
}

/* The forms that begin as a form does, [low, high), among those that begin with fewer of its letters:
   each beginning narrows what the next one, and the form itself, is looked for in. */
static int add_similar(Planner *planner, const Vocabulary *vocabulary, const Key *key, Py_ssize_t *low,
                       Py_ssize_t *high) {
    const Strings *folded = &vocabulary->folded;
    uint8_t bytes[4 * MOST_SIMILAR + 1];
    for (int i = 0; i < SIMILAR && key->similar[i]; i++) {
        Py_ssize_t length = key->similar[i];
        Text prefix = {key->text.bytes, length}, behind = {bytes, length + 1};
        memcpy(bytes, prefix.bytes, (size_t)length);
        bytes[length] = 0xff; /* in no UTF-8, so behind all that begin so */
        *low = i ? seek(folded, *low, *high, prefix) : lower_bound(folded, prefix);
        if (*low < 0 || (*high = seek(folded, *low, *high, behind)) < 0 ||
            !add_groups(planner, vocabulary, *low, *high, planner->similar_levels[i]))
            return 0;
    }
    return 1;
}

/* The rows of a folded form, those of them whose exact form is asked, and those that are similar. */
static int add_form(Planner *planner, const Vocabulary *vocabulary, const Key *key, const Keys *keys) {
    const Strings *folded = &vocabulary->folded;
    Py_ssize_t place = 0, end = folded->count;
    if (!add_similar(planner, vocabulary, key, &place, &end)) return 0;
    place = key->similar[0] ? seek(folded, place, end, key->text) : lower_bound(folded, key->text);
    Text form = {NULL, 0};
    if (place < 0 || (place < end && !string_at(folded, place, &form))) return 0;
    if (place == end || !same(form, key->text)) return 1;
    if (key->level && !add_groups(planner, vocabulary, place, place + 1, key->level)) return 0;
    if (key->table != FORM) return 1;
    Py_ssize_t low = vocabulary->group_starts[place], high = vocabulary->group_starts[place + 1];
    for (Py_ssize_t row = low; row < high; row++) {
        if (row >= vocabulary->rows || !string_at(&vocabulary->exact, row, &form)) return 0;
        if (!form.length) form = key->text;
        for (Py_ssize_t i = 0; i < keys->count; i++)
            if (keys->keys[i].table == EXACT && same(keys->keys[i].text, form)) {
                if (!add_span(planner, vocabulary, row, row + 1, planner->exactly)) return 0;
                break;
            }
    }
    return 1;
}

/* Rows as spans of neighbours: 3 4 5 9 is [3, 6) and [9, 10). */
int add_rows(Planner *planner, const Vocabulary *vocabulary, const int32_t *rows,
                    Py_ssize_t count, int level) {
    for (Py_ssize_t i = 0; i < count;) {
        Py_ssize_t first = i++;
        while (i < count && rows[i] == (int64_t)rows[i - 1] + 1) i++;
        if (!add_span(planner, vocabulary, rows[first], (int64_t)rows[i - 1] + 1, level)) return 0;
    }
    return 1;
}

static int add_keyed(Planner *planner, const Vocabulary *vocabulary, const KeyTable *table, Text key,
                     int level) {
    int found;
    Py_ssize_t place = find(&table->keys, key, &found);
    if (place < 0 || !found) return place >= 0;
    Py_ssize_t low = table->starts[place], high = table->starts[place + 1];
    if (low > high || high > table->row_count) return 0;
    return add_rows(planner, vocabulary, table->rows + low, high - low, level);
}

int add_spans(Planner *planner, const Vocabulary *vocabulary, const Keys *keys) {
    int sound = 1;
    for (Py_ssize_t i = 0; i < keys->count && sound; i++) {
        const Key *key = keys->keys + i;
        if (key->table == STEM)
            sound = add_keyed(planner, vocabulary, &vocabulary->stems, key->text, key->level);
        else if (key->table == TRANSLIT)
            sound = add_keyed(planner, vocabulary, &vocabulary->translits, key->text, key->level);
        else if (key->table != EXACT) sound = add_form(planner, vocabulary, key, keys);
    }
    return sound;
}

static int ascending(const void *one, const void *other) {
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
    return (a > b) - (a < b);
}

static void sort(int64_t *values, Py_ssize_t count) {
    if (count > 64) {
        qsort(values, (size_t)count, sizeof(int64_t), ascending);
        return;
    }
    for (Py_ssize_t i = 1; i < count; i++) {
        int64_t value = values[i];
        Py_ssize_t j = i;
        for (; j && values[j - 1] > value; j--) values[j] = values[j - 1];
        values[j] = value;
    }
}

static inline Py_ssize_t first_row(int64_t span) { return (Py_ssize_t)(span >> 32); }
static inline Py_ssize_t end_row(int64_t span) { return (Py_ssize_t)(span >> 3 & 0x1fffffff); }

static uint8_t *new_levels(Planner *planner, Py_ssize_t count) {
    if (planner->level_count + count > planner->level_room) {
        Py_ssize_t room = planner->level_count + count + planner->level_room + 1024;
        uint8_t *levels = PyMem_Realloc(planner->levels, (size_t)room);
        if (!levels) return (uint8_t *)PyErr_NoMemory();
        planner->levels = levels;
        planner->level_room = room;
    }
    uint8_t *levels = planner->levels + planner->level_count;
    planner->level_count += count;
    return memset(levels, 0, (size_t)count);
}

void begin(Planner *planner) {
    planner->spans.count = planner->entries.count = 0;
    planner->level_count = planner->postings = 0;
    planner->single = 1;
}

/* Join the spans of a segment that overlap or touch; a row has the best level of its spans. Then the
   joined run is an entry for each field in which its rows have postings. */
int finish_segment(Planner *planner, Py_ssize_t number, const Sources *sources) {
    const Vocabulary *vocabulary = planner->segments + number;
    int64_t *spans = planner->spans.values;
    Py_ssize_t count = planner->spans.count, lists = 0;
    planner->spans.count = 0;
    sort(spans, count);
    for (Py_ssize_t i = 0; i < count;) {
        Py_ssize_t low = first_row(spans[i]), high = end_row(spans[i]), next = i + 1;
        for (; next < count && first_row(spans[next]) <= high; next++)
            if (end_row(spans[next]) > high) high = end_row(spans[next]);
        Py_ssize_t offset = planner->level_count;
        uint8_t *levels = new_levels(planner, high - low);
        if (!levels) return 0;
        for (; i < next; i++) {
            uint8_t level = spans[i] & 7;
            for (Py_ssize_t row = first_row(spans[i]) - low; row < end_row(spans[i]) - low; row++)
                levels[row] = levels[row] < level ? level : levels[row];
        }
        for (int s = 0; s < sources->count; s++) {
            int field = sources->fields[s];
            int64_t starts = vocabulary->starts[field][low], ends = vocabulary->starts[field][high];
            if (starts == ends) continue;
            if (!make_room(&planner->entries, ENTRY)) return 0;
            int64_t *entry = planner->entries.values + planner->entries.count;
            planner->entries.count += ENTRY;
            entry[0] = number * FIELDS + field;
            entry[1] = low;
            entry[2] = high;
            entry[3] = vocabulary->bases[field];
            entry[4] = sources->factors[s];
            entry[5] = offset;
            planner->postings += ends - starts;
            lists += high - low;
        }
    }
    planner->single = planner->single && lists <= 1;
    return 1;
}

