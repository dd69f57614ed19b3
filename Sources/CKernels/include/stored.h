#pragma once

#include <stdbool.h>
#include <stdint.h>

// Products with weights that stay as a model file has them: a few bits a number, 32 numbers to a block.
//
// Panels of 16 columns. A block of a panel is `bits` words for each column, word by word:
// words[word][column]. Word i of a column holds the numbers i * each ..., from its lowest bits up,
// where each = 32 / bits; what is left of 32 after bits * each numbers are two numbers at most, which lie
// bit by bit in the two uppermost bits of the words: 5 * 6 + 2 and 6 * 5 + 2 are 32 as 4 * 8 and 8 * 4 are.
// After the blocks of a panel follow its scales (below).

// How the numbers of a block become weights.
enum ck_stored_kind {
  // d (q - offset): 16 halves d a block.
  CK_STORED_SCALE,
  // d q + m: 16 halves d, 16 halves m a block.
  CK_STORED_MINIMUM,
  // (d s) q - (dmin t): 16 halves d, 16 halves dmin for eight blocks, then 16 bytes s and 16 bytes t a block.
  CK_STORED_SCALES,
  // (d s) (q - offset): 16 halves d for eight blocks, then two times 16 signed bytes a block, for its halves.
  CK_STORED_HALVES,
  // The upper halves of floats.
  CK_STORED_BFLOAT16,
  // Floats of 16 bits.
  CK_STORED_FLOAT16,
};

struct ck_stored {
  // Columns of a product, and numbers of a column, a multiple of 32 (of 256 where scales are).
  long columns, depth;
  int bits;
  enum ck_stored_kind kind;
};

// Columns of a panel.
#define CK_STORED_PANEL 16

// Bytes of a panel.
long ck_stored_panel_bytes(struct ck_stored shape);
// Takes one column of a panel from a row of blocks as ggml lays them: Q4_0, Q5_0 and Q8_0 are scales of 4,
// 5 and 8 bits, Q4_1 and Q5_1 minima, Q4_K and Q5_K scales, Q6_K halves. Where the steps are unequal it is
// IQ4_NL as scales or IQ4_XS as halves, both of 8 bits. What no column was taken for must be zero.
void ck_stored_pack(struct ck_stored shape, bool unequal, long column, const void *row, void *panel);
// c[r, n] (+)= sum over k of a[r, k] b[n, k], each summed in the order of k: the same bits as
// ck_packed_product gives for the same weights as floats. Panels from an even one, two for every 32 columns
// begun; no further columns are written.
void ck_stored_product(struct ck_stored shape, long rows, const float *a, long lda,
                       const void *panels, float *c, long ldc, int accumulate);
// y[k * ldy + column] of 32 columns from an even panel, for k in first ..< end, multiples of 32.
void ck_stored_widen(struct ck_stored shape, const void *panels, long first, long end, float *y,
                     long ldy);
