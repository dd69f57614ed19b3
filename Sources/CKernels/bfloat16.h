// Products in bfloat16: weights and rows are rounded to 8 significant bits, sums are float32.
//
// Numbers of the sums come in pairs, the later one in the upper half of a word. Of each pair the
// upper product is added first, then the lower, as the processors' dot product does. A product of
// two such numbers is exact, so every instruction set gives the same bits.
typedef uint32_t FN(words) __attribute__((ext_vector_type(LANES)));
typedef uint32_t FN(words_u) __attribute__((ext_vector_type(LANES), aligned(4)));
#define W FN(words)

// The nearest bfloat16 of each float, ties to even, in the upper half of its word.
INLINE W FN(rounded)(V x) {
  W bits, nan;
  memcpy(&bits, &x, sizeof bits);
  nan = bits | 0x00400000u;
  bits += 0x7fffu + (bits >> 16 & 1u);
  return (x == x ? bits : nan) & 0xffff0000u;
}

INLINE V FN(add_pairs)(V sum, W weights, uint32_t factor) {
#ifdef DOT_PAIRS
  return DOT_PAIRS(sum, weights, factor);
#else
  const uint32_t halves[2] = {factor & 0xffff0000u, factor << 16};
  float upper, lower;
  memcpy(&upper, &halves[0], sizeof upper);
  memcpy(&lower, &halves[1], sizeof lower);
  W high = weights & 0xffff0000u, low = weights << 16;
  V first, second;
  memcpy(&first, &high, sizeof first);
  memcpy(&second, &low, sizeof second);
  sum += first * upper;
  return sum + second * lower;
#endif
}

// R rows by one panel; `ahead` is the panel that comes next, fetched during the last rows.
INLINE void FN(pair_tile)(const int R, const int fetch, long pairs, const uint32_t *a, long lda,
                          const uint32_t *b, float *c, long ldc, int accumulate) {
  V sum[TILE > 8 ? TILE : 8][2];
  const uint32_t *ahead = b + pairs * 2 * LANES;
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++) sum[r][0] = sum[r][1] = (V)(0.0f);
  for (long k = 0; k < pairs; k++, b += 2 * LANES, ahead += 2 * LANES) {
    W left = *(const FN(words_u) *)b, right = *(const FN(words_u) *)(b + LANES);
    if (fetch) {
      __builtin_prefetch(ahead, 0, 2);
      __builtin_prefetch(ahead + LANES, 0, 2);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
      sum[r][0] = FN(add_pairs)(sum[r][0], left, a[r * lda + k]);
      sum[r][1] = FN(add_pairs)(sum[r][1], right, a[r * lda + k]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < 2; j++) {
      float *at = c + r * ldc + j * LANES;
      FN(store)(at, accumulate ? sum[r][j] + FN(load)(at) : sum[r][j]);
    }
}

#define CASE(R)                                                                                 \
  case R:                                                                                       \
    if (rows == now) FN(pair_tile)(R, 1, pairs, a, lda, b, c, ldc, accumulate);                 \
    else FN(pair_tile)(R, 0, pairs, a, lda, b, c, ldc, accumulate);                             \
    break;
// All rows of one panel.
static void FN(pair_strip)(long rows, long pairs, const uint32_t *a, long lda, const uint32_t *b,
                           float *c, long ldc, int accumulate) {
  while (rows > 0) {
    const long now = rows < TILE ? rows : TILE;
    switch (now) {
      CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#if TILE > 6
      CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
#endif
    }
    rows -= now;
    a += now * lda;
    c += now * ldc;
  }
}
#undef CASE

static inline void FN(pair_product)(long rows, long columns, long depth, const uint32_t *a, long lda,
                             const uint32_t *packed, float *c, long ldc, int accumulate) {
  const long width = 2 * LANES, pairs = (depth + 1) / 2;
  for (long n = 0; n < columns; n += width)
    FN(pair_strip)(rows, pairs, a, lda, packed + n * pairs, c + n, ldc, accumulate);
}

// Rounds rows of floats to pairs; an odd depth ends in a pair with a zero.
static inline void FN(pair_rows)(long rows, long depth, const float *x, long ldx, uint32_t *y, long ldy) {
  typedef uint16_t half __attribute__((ext_vector_type(LANES)));
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    for (long k = 0; k < depth; k += LANES) {
      const half some = __builtin_convertvector(FN(rounded)(LD(x + k, depth - k)) >> 16, half);
      const long left = (depth - k + 1) / 2, words = left < LANES / 2 ? left : LANES / 2;
      memcpy(y + k / 2, &some, (size_t)words * sizeof(uint32_t));
    }
}

// packed[panel][pair][column in panel] of b (columns, depth), zero-padded.
static inline void FN(pair_pack)(long columns, long depth, const float *b, long ldb, uint32_t *packed) {
  const long width = 2 * LANES, pairs = (depth + 1) / 2;
  for (long n = 0; n < columns; n += width, packed += pairs * width)
    for (long k = 0; k < depth; k += LANES) {
      uint32_t words[2 * LANES][LANES / 2];
      memset(words, 0, sizeof words);
      const long some = columns - n < width ? columns - n : width;
      const long depth_left = depth - k < LANES ? depth - k : LANES;
      FN(pair_rows)(some, depth_left, b + n * ldb + k, ldb, words[0], LANES / 2);
      for (long i = 0; i < (depth_left + 1) / 2; i++)
        for (long j = 0; j < width; j++) packed[(k / 2 + i) * width + j] = words[j][i];
    }
}
#undef W
