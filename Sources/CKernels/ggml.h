// Parts of ggml's blocks that are read in more than one place.
#pragma once
#include <stdint.h>
#include <string.h>

// Two bytes, which need not be aligned.
static inline uint16_t ggml_short(const uint8_t *p) {
  uint16_t bits;
  memcpy(&bits, p, sizeof bits);
  return bits;
}

// The fifth bits of 32 numbers, and their four others in 16 bytes: number j in the low half of byte j,
// number j + 16 in its high half.
static inline void ggml_five_bits(const uint8_t *high, const uint8_t *low, int *q) {
  uint32_t bits;
  memcpy(&bits, high, sizeof bits);
  for (int j = 0; j < 16; j++) {
    q[j] = (low[j] & 15) | (int)(bits >> j & 1) << 4;
    q[j + 16] = low[j] >> 4 | (int)(bits >> (j + 16) & 1) << 4;
  }
}

// Scale and minimum, six bits each, of the j-th of eight groups of 32 numbers.
static inline void ggml_six_bits(const uint8_t *s, int j, int *scale, int *minimum) {
  if (j < 4) {
    *scale = s[j] & 63;
    *minimum = s[j + 4] & 63;
  } else {
    *scale = (s[j + 4] & 15) | (s[j - 4] >> 6) << 4;
    *minimum = s[j + 4] >> 4 | (s[j] >> 6) << 4;
  }
}

// Group g of a block of 256 numbers of four bits, and of a fifth bit where `high` is given: two groups in
// each 32 bytes; bit g of byte l of the fifth ones belongs to number l of group g.
static inline void ggml_group(const uint8_t *high, const uint8_t *low, int g, int *q) {
  low += g / 2 * 32;
  for (int l = 0; l < 32; l++) {
    q[l] = g % 2 ? low[l] >> 4 : low[l] & 15;
    if (high) q[l] |= (high[l] >> g & 1) << 4;
  }
}

// Group g of a block of 256 numbers of six bits, 32 too large: 128 bytes of low halves and 64 of pairs of
// bits, of which byte l completes the numbers l, l + 32, l + 64 and l + 96 of its half of the block.
static inline void ggml_six_bit_group(const uint8_t *p, int g, int *q) {
  const uint8_t *low = p + 64 * (g / 4) + 32 * (g % 2), *high = p + 128 + 32 * (g / 4);
  for (int l = 0; l < 32; l++) {
    const int four = g % 4 < 2 ? low[l] & 15 : low[l] >> 4;
    q[l] = four | (high[l] >> 2 * (g % 4) & 3) << 4;
  }
}

// What the sixteen values of four bits stand for in the IQ4 formats: closer together around 0, where most
// weights are.
static const int8_t ggml_unequal[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                        1,    13,   25,  38,  53,  69,  89,  113};

// Scale of group g of a block of 256 numbers in IQ4_XS: four low bits in the bytes `low`, two upper ones in
// the word `high`, 32 too large.
static inline int ggml_unequal_scale(uint16_t high, const uint8_t *low, int g) {
  return ((low[g / 2] >> 4 * (g % 2) & 15) | (high >> 2 * g & 3) << 4) - 32;
}
