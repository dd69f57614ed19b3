#pragma once

#include <stdint.h>

// Numbers as model files store them, to floats and back.
//
// The quantised formats are ggml's: blocks of 32 or 256 numbers that share scales of 16 bits. A
// scale has 11 significant bits and is multiplied by a small whole number, so every product is
// exact and a number is rounded once at most: whatever the order, the bits are the same.

// y[0 ..< count] from halves, which need not be aligned.
void ck_widen_f16(long count, const void *x, float *y);
// y[0 ..< count] from bfloat16.
void ck_widen_bf16(long count, const void *x, float *y);
// Halves from floats, rounded to nearest, ties to even; NaN stays NaN.
void ck_narrow_f16(long count, const float *x, void *y);

// y from that many blocks.
void ck_expand_q8_0(long blocks, const void *x, float *y);
void ck_expand_q4_0(long blocks, const void *x, float *y);
void ck_expand_q4_1(long blocks, const void *x, float *y);
void ck_expand_q5_0(long blocks, const void *x, float *y);
void ck_expand_q5_1(long blocks, const void *x, float *y);
void ck_expand_q4_k(long blocks, const void *x, float *y);
void ck_expand_q5_k(long blocks, const void *x, float *y);
void ck_expand_q6_k(long blocks, const void *x, float *y);
void ck_expand_iq4_nl(long blocks, const void *x, float *y);
void ck_expand_iq4_xs(long blocks, const void *x, float *y);

// Blocks of 32 from floats: scale max |x| / 127, halves rounded away from zero.
void ck_quantise_q8_0(long blocks, const float *x, void *y);
