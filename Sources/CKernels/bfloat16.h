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

// R rows by C vectors of columns; of the last vector `last` columns are written unless it is whole.
// `ahead` is what comes next, fetched during the last rows of a panel.
INLINE void FN(pair_tile)(const int R, const int C, const int whole, const int fetch, long pairs,
                          const uint32_t *a, long ars, long acs, const uint32_t *b, long ldb,
                          float *c, long ldc, int accumulate, long last) {
  V sum[TILE > 8 ? TILE : 8][2];
  const uint32_t *ahead = b + pairs * ldb;
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++) sum[r][0] = sum[r][1] = (V)(0.0f);
  for (long k = 0; k < pairs; k++, b += ldb, ahead += ldb) {
    W column[2];
#pragma clang loop unroll(full)
    for (int j = 0; j < C; j++) {
      column[j] = *(const FN(words_u) *)(b + j * LANES);
      if (fetch) __builtin_prefetch(ahead + j * LANES, 0, 2);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
      for (int j = 0; j < C; j++)
        sum[r][j] = FN(add_pairs)(sum[r][j], column[j], a[r * ars + k * acs]);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < C; j++) {
      float *at = c + r * ldc + j * LANES;
      if (whole || j < C - 1) {
        FN(store)(at, accumulate ? sum[r][j] + FN(load)(at) : sum[r][j]);
      } else {
        FN(put)(at, accumulate ? sum[r][j] + FN(part)(at, last) : sum[r][j], last);
      }
    }
}

#define CASE(R, C, WHOLE, FETCH)                                                                \
  case R:                                                                                       \
    if (FETCH && rows == now)                                                                   \
      FN(pair_tile)(R, C, WHOLE, 1, pairs, a, ars, acs, b, ldb, c, ldc, accumulate, last);     \
    else                                                                                        \
      FN(pair_tile)(R, C, WHOLE, 0, pairs, a, ars, acs, b, ldb, c, ldc, accumulate, last);     \
    break;
#if TILE > 6
#define CASES(C, WHOLE, FETCH)                                                                  \
  CASE(1, C, WHOLE, FETCH) CASE(2, C, WHOLE, FETCH) CASE(3, C, WHOLE, FETCH)                   \
  CASE(4, C, WHOLE, FETCH) CASE(5, C, WHOLE, FETCH) CASE(6, C, WHOLE, FETCH)                   \
  CASE(7, C, WHOLE, FETCH) CASE(8, C, WHOLE, FETCH) CASE(9, C, WHOLE, FETCH)                   \
  CASE(10, C, WHOLE, FETCH) CASE(11, C, WHOLE, FETCH) CASE(12, C, WHOLE, FETCH)
#else
#define CASES(C, WHOLE, FETCH)                                                                  \
  CASE(1, C, WHOLE, FETCH) CASE(2, C, WHOLE, FETCH) CASE(3, C, WHOLE, FETCH)                   \
  CASE(4, C, WHOLE, FETCH) CASE(5, C, WHOLE, FETCH) CASE(6, C, WHOLE, FETCH)
#endif
// All rows of one or two vectors of columns.
#define STRIP(NAME, C, WHOLE, FETCH)                                                            \
  static void FN(NAME)(long rows, long pairs, const uint32_t *a, long ars, long acs,           \
                       const uint32_t *b, long ldb, float *c, long ldc, int accumulate,        \
                       long last) {                                                             \
    while (rows > 0) {                                                                          \
      const long now = rows < TILE ? rows : TILE;                                               \
      switch (now) { CASES(C, WHOLE, FETCH) }                                                   \
      rows -= now;                                                                              \
      a += now * ars;                                                                           \
      c += now * ldc;                                                                           \
    }                                                                                           \
  }
STRIP(pair_panel, 2, 1, 1)
STRIP(pair_strip2, 2, 1, 0)
STRIP(pair_strip1, 1, 1, 0)
STRIP(pair_strip1_part, 1, 0, 0)
#undef CASE
#undef CASES
#undef STRIP

static inline void FN(pair_product)(long rows, long columns, long depth, const uint32_t *a, long lda,
                             const uint32_t *packed, float *c, long ldc, int accumulate) {
  const long width = 2 * LANES, pairs = (depth + 1) / 2;
  for (long n = 0; n < columns; n += width)
    FN(pair_panel)(rows, pairs, a, lda, 1, packed + n * pairs, width, c + n, ldc, accumulate, LANES);
}

// c (+)= a b straight from paired rows of b, by stretches of pairs that stay in the second cache.
static inline void FN(paired_product)(long rows, long columns, long pairs, const uint32_t *a, long ars,
                               long acs, const uint32_t *b, long ldb, float *c, long ldc,
                               int accumulate) {
  const long stretch = 256;
  for (; pairs > 0; pairs -= stretch, a += stretch * acs, b += stretch * ldb, accumulate = 1) {
    const long some = pairs < stretch ? pairs : stretch;
    long n = 0;
    for (; n + 2 * LANES <= columns; n += 2 * LANES)
      FN(pair_strip2)(rows, some, a, ars, acs, b + n, ldb, c + n, ldc, accumulate, LANES);
    for (; n + LANES <= columns; n += LANES)
      FN(pair_strip1)(rows, some, a, ars, acs, b + n, ldb, c + n, ldc, accumulate, LANES);
    if (n < columns)
      FN(pair_strip1_part)(rows, some, a, ars, acs, b + n, ldb, c + n, ldc, accumulate, columns - n);
  }
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

// Rounds rows of floats and lays every two of them into one of words, the later row in the upper
// halves; columns up to `padded`, whole vectors, are written, the further ones zero.
static inline void FN(pair_columns)(long rows, long columns, long padded, const float *x, long ldx,
                             uint32_t *y, long ldy) {
  for (long r = 0; r < rows; r += 2, x += 2 * ldx, y += ldy)
    for (long j = 0; j < padded; j += LANES) {
      const long left = columns - j;
      W word = {0};
      if (left > 0) word = FN(rounded)(LD(x + j, left)) >> 16;
      if (left > 0 && r + 1 < rows) word |= FN(rounded)(LD(x + ldx + j, left));
      *(FN(words_u) *)(y + j) = word;
    }
}

// packed[panel][pair][column in panel] of b (depth, columns), zero-padded.
static inline void FN(pair_pack_transposed)(long columns, long depth, const float *b, long ldb,
                                     uint32_t *packed) {
  const long width = 2 * LANES, pairs = (depth + 1) / 2;
  for (long n = 0; n < columns; n += width, packed += pairs * width)
    FN(pair_columns)(depth, columns - n < width ? columns - n : width, width, b + n, ldb, packed,
                     width);
}
#undef W
