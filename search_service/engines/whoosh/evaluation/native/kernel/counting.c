/* Sets of passages counted 64 at a time. */

#include "index.h"

/* Add up how many passages a set has, and how many documents have any of them. The set's words are
   [first, first + words) of the index; it begins and ends with a document.

   Documents are runs of bits, each up to its last passage. To the other bits of a run, all of them 1,
   its passages are added: where there is any, that carries over to the bit of the last passage. A run
   that goes on in the next word carries out of this one. */
WITH_WIDE_VECTORS
void count_set(const Index *index, const uint64_t *set, Py_ssize_t first, Py_ssize_t words,
               Py_ssize_t *passages, Py_ssize_t *documents) {
    const uint64_t *lasts = index->last_passages + first;
    Py_ssize_t all = 0, having = 0;
    uint64_t carry = 0;
    for (Py_ssize_t w = 0; w < words; w++) {
        uint64_t bits = set[w], others = ~lasts[w], run = bits | carry;
        uint64_t sums = (run & others) + others;
        all += __builtin_popcountll(bits);
        having += __builtin_popcountll((sums | run) & lasts[w]);
        carry = sums < others;
    }
    *passages += all;
    *documents += having;
}
