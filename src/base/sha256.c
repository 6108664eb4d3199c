// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/sha256.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, WORDS = 16, ROUNDS = 64, LENGTH_AT = BLOCK - 8 };

static const uint32_t round_constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t sha256_turn(uint32_t word, int by)
{
    return word >> by | word << (32 - by);
}

// Spreads a block's 16 words over the 64 rounds.
static void sha256_schedule(const unsigned char *block, uint32_t schedule[ROUNDS])
{
    for (size_t i = 0; i < WORDS; i++)
        schedule[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
                      (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = WORDS; i < ROUNDS; i++) {
        uint32_t early = schedule[i - 15], late = schedule[i - 2];
        uint32_t low = sha256_turn(early, 7) ^ sha256_turn(early, 18) ^ early >> 3;
        uint32_t high = sha256_turn(late, 17) ^ sha256_turn(late, 19) ^ late >> 10;
        schedule[i] = schedule[i - 16] + low + schedule[i - 7] + high;
    }
}

static void sha256_add_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t schedule[ROUNDS], s[8];
    sha256_schedule(block, schedule);
    memcpy(s, state, sizeof s);
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t high = sha256_turn(s[4], 6) ^ sha256_turn(s[4], 11) ^ sha256_turn(s[4], 25);
        uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
        uint32_t one = s[7] + high + choice + round_constants[i] + schedule[i];
        uint32_t low = sha256_turn(s[0], 2) ^ sha256_turn(s[0], 13) ^ sha256_turn(s[0], 22);
        uint32_t two = low + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] += one;
        s[0] = one + two;
    }
    for (int i = 0; i < 8; i++)
        state[i] += s[i];
}

// The last block or two: what is left, a 1 bit, zeros, and the length in bits.
static void sha256_add_end(uint32_t state[8], const char *rest, size_t left, size_t length)
{
    unsigned char block[2 * BLOCK] = {0};
    size_t size = left < LENGTH_AT ? BLOCK : 2 * BLOCK;
    memcpy(block, rest, left);
    block[left] = 0x80;
    for (int i = 0; i < 8; i++)
        block[size - 1 - (size_t)i] = (unsigned char)((uint64_t)length * 8 >> 8 * i);
    for (size_t at = 0; at < size; at += BLOCK)
        sha256_add_block(state, block + at);
}

void sha256_hex(const char *bytes, size_t length, char digits[SHA256_DIGITS])
{
    uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    size_t whole = length / BLOCK * BLOCK;
    for (size_t at = 0; at < whole; at += BLOCK)
        sha256_add_block(state, (const unsigned char *)bytes + at);
    sha256_add_end(state, bytes + whole, length - whole, length);
    for (int i = 0; i < SHA256_DIGITS - 1; i++)
        digits[i] = "0123456789abcdef"[state[i / 8] >> (28 - 4 * (i % 8)) & 15];
    digits[SHA256_DIGITS - 1] = '\0';
}
