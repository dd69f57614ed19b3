#include "blocks.h"
#include "ggml.h"

#include <math.h>
#include <string.h>

static inline float from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float widened(uint16_t half) {
  const uint32_t rest = (uint32_t)(half & 0x7fff) << 13;
  // 2^112 moves the exponent from a half's bias to a float's, subnormal numbers included.
  uint32_t bits = bits_of(from_bits(rest) * 0x1p112f);
  // Infinity and NaN.
  bits |= rest >= 0x0f800000 ? 0x7f800000 : 0;
  return from_bits(bits | (uint32_t)(half & 0x8000) << 16);
}

static inline uint16_t narrowed(float x) {
  const uint32_t bits = bits_of(x), sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
  if (size > 0x7f800000) return (uint16_t)(sign | 0x7e00 | (size >> 13 & 0x3ff));
  if (size >= 0x477ff000) return (uint16_t)(sign | 0x7c00);
  if (size < 0x38800000) {
    // Adding 0.5 leaves as many bits as a subnormal half has, rounded by the processor.
    const float sum = from_bits(size) + 0.5f;
    return (uint16_t)(sign | (bits_of(sum) - 0x3f000000));
  }
  const uint32_t odd = size >> 13 & 1;
  return (uint16_t)(sign | ((size - 0x38000000 + 0xfff + odd) >> 13));
}

static inline float half_at(const uint8_t *p) { return widened(ggml_short(p)); }

void ck_widen_f16(long count, const void *x, float *y) {
  const uint8_t *p = x;
  for (long i = 0; i < count; i++) y[i] = widened(ggml_short(p + 2 * i));
}

void ck_widen_bf16(long count, const void *x, float *y) {
  const uint8_t *p = x;
  for (long i = 0; i < count; i++) y[i] = from_bits((uint32_t)ggml_short(p + 2 * i) << 16);
}

void ck_narrow_f16(long count, const float *x, void *y) {
  uint8_t *p = y;
  for (long i = 0; i < count; i++) {
    const uint16_t half = narrowed(x[i]);
    memcpy(p + 2 * i, &half, sizeof half);
  }
}

// d, 32 signed bytes.
void ck_expand_q8_0(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 34, y += 32) {
    const float d = half_at(p);
    for (int j = 0; j < 32; j++) y[j] = d * (float)(int8_t)p[2 + j];
  }
}

// d, 16 bytes with number j in the low and j + 16 in the high half, 8 too large.
void ck_expand_q4_0(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 18, y += 32) {
    const float d = half_at(p);
    for (int j = 0; j < 16; j++) y[j] = d * (float)((p[2 + j] & 15) - 8);
    for (int j = 0; j < 16; j++) y[j + 16] = d * (float)((p[2 + j] >> 4) - 8);
  }
}

// d, minimum, 16 bytes as above.
void ck_expand_q4_1(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 20, y += 32) {
    const float d = half_at(p), m = half_at(p + 2);
    for (int j = 0; j < 16; j++) y[j] = d * (float)(p[4 + j] & 15) + m;
    for (int j = 0; j < 16; j++) y[j + 16] = d * (float)(p[4 + j] >> 4) + m;
  }
}

void ck_expand_q5_0(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 22, y += 32) {
    const float d = half_at(p);
    int q[32];
    ggml_five_bits(p + 2, p + 6, q);
    for (int j = 0; j < 32; j++) y[j] = d * (float)(q[j] - 16);
  }
}

void ck_expand_q5_1(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 24, y += 32) {
    const float d = half_at(p), m = half_at(p + 2);
    int q[32];
    ggml_five_bits(p + 4, p + 8, q);
    for (int j = 0; j < 32; j++) y[j] = d * (float)q[j] + m;
  }
}

// Blocks of 256: d, dmin, 12 bytes of scales and minima; where there is a fifth bit, 32 bytes of
// these; 128 bytes.
static inline void groups(const uint8_t *p, const uint8_t *high, const uint8_t *low, float *y) {
  const float d = half_at(p), dmin = half_at(p + 2);
  for (int g = 0; g < 8; g++, y += 32) {
    int scale, minimum, q[32];
    ggml_six_bits(p + 4, g, &scale, &minimum);
    ggml_group(high, low, g, q);
    const float a = d * (float)scale, m = dmin * (float)minimum;
    for (int l = 0; l < 32; l++) y[l] = a * (float)q[l] - m;
  }
}

void ck_expand_q4_k(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 144, y += 256) groups(p, 0, p + 16, y);
}

void ck_expand_q5_k(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 176, y += 256) groups(p, p + 16, p + 48, y);
}

// 192 bytes of numbers, 16 signed scales, d.
void ck_expand_q6_k(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 210) {
    const float d = half_at(p + 208);
    const int8_t *scales = (const int8_t *)p + 192;
    for (int g = 0; g < 8; g++, y += 32) {
      int q[32];
      ggml_six_bit_group(p, g, q);
      for (int l = 0; l < 32; l++)
        y[l] = d * (float)scales[2 * g + l / 16] * (float)(q[l] - 32);
    }
  }
}

// d, 16 bytes as of Q4_0.
void ck_expand_iq4_nl(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 18, y += 32) {
    const float d = half_at(p);
    for (int j = 0; j < 16; j++) {
      y[j] = d * (float)ggml_unequal[p[2 + j] & 15];
      y[j + 16] = d * (float)ggml_unequal[p[2 + j] >> 4];
    }
  }
}

// d, two bytes and four bytes of scales, 128 bytes: 16 of each group.
void ck_expand_iq4_xs(long blocks, const void *x, float *y) {
  const uint8_t *p = x;
  for (long b = 0; b < blocks; b++, p += 136) {
    const float d = half_at(p);
    for (int g = 0; g < 8; g++, y += 32) {
      const float a = d * (float)ggml_unequal_scale(ggml_short(p + 2), p + 4, g);
      const uint8_t *q = p + 8 + 16 * g;
      for (int j = 0; j < 16; j++) {
        y[j] = a * (float)ggml_unequal[q[j] & 15];
        y[j + 16] = a * (float)ggml_unequal[q[j] >> 4];
      }
    }
  }
}

void ck_quantise_q8_0(long blocks, const float *x, void *y) {
  uint8_t *p = y;
  for (long b = 0; b < blocks; b++, p += 34, x += 32) {
    float largest = 0;
    for (int j = 0; j < 32; j++) largest = fmaxf(largest, fabsf(x[j]));
    const float d = largest / 127, inverse = d == 0 ? 0 : 1 / d;
    const uint16_t scale = narrowed(d);
    memcpy(p, &scale, sizeof scale);
    for (int j = 0; j < 32; j++) p[2 + j] = (uint8_t)(int8_t)roundf(x[j] * inverse);
  }
}
