/* BLAKE2b (RFC 7693) of eight bytes, without a key. */

#include "building.h"

static const uint64_t START[8] = {
    0x6A09E667F3BCC908u, 0xBB67AE8584CAA73Bu, 0x3C6EF372FE94F82Bu, 0xA54FF53A5F1D36F1u,
    0x510E527FADE682D1u, 0x9B05688C2B3E6C1Fu, 0x1F83D9ABFB41BD6Bu, 0x5BE0CD19137E2179u,
};
static const uint8_t ORDER[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

enum { BLOCK = 128, ROUNDS = 12, BYTES = 8 };

static inline uint64_t turned(uint64_t value, int bits) { return value >> bits | value << (64 - bits); }

static uint64_t word_at(const uint8_t *bytes) {
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--) word = word << 8 | bytes[i];
    return word;
}

#define MIX(a, b, c, d, x, y)                                     \
    do {                                                          \
        v[a] += v[b] + m[x], v[d] = turned(v[d] ^ v[a], 32);      \
        v[c] += v[d], v[b] = turned(v[b] ^ v[c], 24);             \
        v[a] += v[b] + m[y], v[d] = turned(v[d] ^ v[a], 16);      \
        v[c] += v[d], v[b] = turned(v[b] ^ v[c], 63);             \
    } while (0)

static void compress(uint64_t state[8], const uint8_t *block, uint64_t read, int last) {
    uint64_t v[16], m[16];
    for (int i = 0; i < 8; i++) v[i] = state[i], v[i + 8] = START[i];
    for (int i = 0; i < 16; i++) m[i] = word_at(block + 8 * i);
    v[12] ^= read;
    if (last) v[14] = ~v[14];
    for (int round = 0; round < ROUNDS; round++) {
        const uint8_t *s = ORDER[round % 10];
        MIX(0, 4, 8, 12, s[0], s[1]);
        MIX(1, 5, 9, 13, s[2], s[3]);
        MIX(2, 6, 10, 14, s[4], s[5]);
        MIX(3, 7, 11, 15, s[6], s[7]);
        MIX(0, 5, 10, 15, s[8], s[9]);
        MIX(1, 6, 11, 12, s[10], s[11]);
        MIX(2, 7, 8, 13, s[12], s[13]);
        MIX(3, 4, 9, 14, s[14], s[15]);
    }
    for (int i = 0; i < 8; i++) state[i] ^= v[i] ^ v[i + 8];
}

uint64_t form_hash(const uint8_t *key, size_t length) {
    uint64_t state[8];
    memcpy(state, START, sizeof state);
    state[0] ^= 0x01010000u ^ BYTES;
    uint64_t read = 0;
    for (; length - read > BLOCK && length > read; read += BLOCK) compress(state, key + read, read + BLOCK, 0);
    uint8_t rest[BLOCK] = {0};
    if (length > read) memcpy(rest, key + read, length - read);
    compress(state, rest, length, 1);
    return state[0] ? state[0] : 1;
}
