// What a tile does with c beside writing it: 1 adds to it, CONTINUE goes on with its sums.
#define CONTINUE 2
// One tile of a product: R rows by C vectors of columns, accumulators in registers.
INLINE void FN(tile)(const int R, const int C, const int whole, long depth, const float *a,
                     long ars, long acs, const float *b, long panel, long ldb, float *c, long ldc,
                     int accumulate, long last) {
  V sum[TILE > 8 ? TILE : 8][8];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < C; j++)
      sum[r][j] = accumulate != CONTINUE ? (V)(0.0f)
                  : whole || j < C - 1   ? FN(load)(c + r * ldc + j * LANES)
                                         : FN(part)(c + r * ldc + j * LANES, last);
  for (long k = 0; k < depth; k++) {
    V column[8];
#pragma clang loop unroll(full)
    for (int j = 0; j < C; j++) {
      const float *at = b + (j / 2) * panel + (j % 2) * LANES + k * ldb;
      column[j] = whole || j < C - 1 ? FN(load)(at) : FN(part)(at, last);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
      V factor = (V)(a[r * ars + k * acs]);
#pragma clang loop unroll(full)
      for (int j = 0; j < C; j++) sum[r][j] += factor * column[j];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < C; j++) {
      float *at = c + r * ldc + j * LANES;
      if (whole || j < C - 1) {
        FN(store)(at, accumulate == 1 ? sum[r][j] + FN(load)(at) : sum[r][j]);
      } else {
        FN(put)(at, accumulate == 1 ? sum[r][j] + FN(part)(at, last) : sum[r][j], last);
      }
    }
}

#define CASE(R, C, WHOLE)                                                                       \
  case R:                                                                                       \
    FN(tile)(R, C, WHOLE, depth, a, ars, acs, b, panel, ldb, c, ldc, accumulate, last);        \
    break;
#if TILE > 6
#define CASES(C, WHOLE)                                                                         \
  CASE(1, C, WHOLE) CASE(2, C, WHOLE) CASE(3, C, WHOLE) CASE(4, C, WHOLE) CASE(5, C, WHOLE)    \
  CASE(6, C, WHOLE) CASE(7, C, WHOLE) CASE(8, C, WHOLE) CASE(9, C, WHOLE) CASE(10, C, WHOLE)   \
  CASE(11, C, WHOLE) CASE(12, C, WHOLE)
#else
#define CASES(C, WHOLE)                                                                         \
  CASE(1, C, WHOLE) CASE(2, C, WHOLE) CASE(3, C, WHOLE) CASE(4, C, WHOLE) CASE(5, C, WHOLE)    \
  CASE(6, C, WHOLE)
#endif
// All rows of one or two vectors of columns.
#define STRIP(NAME, C, WHOLE)                                                                   \
  static void FN(NAME)(long rows, long depth, const float *a, long ars, long acs,              \
                       const float *b, long panel, long ldb, float *c, long ldc,               \
                       int accumulate, long last) {                                             \
    while (rows > 0) {                                                                          \
      long now = rows < TILE ? rows : TILE;                                                     \
      switch (now) { CASES(C, WHOLE) }                                                          \
      rows -= now;                                                                              \
      a += now * ars;                                                                           \
      c += now * ldc;                                                                           \
    }                                                                                           \
  }
STRIP(strip2, 2, 1)
STRIP(strip1, 1, 1)
STRIP(strip1_part, 1, 0)

// Few rows: several panels at once, so that enough sums are under way.
static void FN(few_rows)(long rows, long depth, const float *a, long ars, const float *b,
                         long panel, float *c, long ldc, int accumulate) {
  const long acs = 1, ldb = 2 * LANES, last = LANES;
  switch (rows) {
    CASE(1, 2 * FEW, 1) CASE(2, 2 * FEW, 1) CASE(3, 2 * FEW, 1)
  }
}

static void FN(packed_product)(long rows, long columns, long depth, const float *a, long lda,
                               const float *packed, float *c, long ldc, int accumulate) {
  const long width = 2 * LANES, panel = depth * width;
  const long padded = (columns + width - 1) / width * width;
  long n = 0;
  if (rows <= 3)
    for (; n + FEW * width <= padded; n += FEW * width)
      FN(few_rows)(rows, depth, a, lda, packed + n * depth, panel, c + n, ldc, accumulate);
  for (; n < columns; n += width)
    FN(strip2)(rows, depth, a, lda, 1, packed + n * depth, 0, width, c + n, ldc, accumulate,
               LANES);
}

static void FN(pack)(long columns, long depth, const float *b, long ldb, float *packed) {
  const long width = 2 * LANES;
  for (long n = 0; n < columns; n += width, packed += depth * width)
    for (long j = 0; j < width; j++)
      for (long k = 0; k < depth; k++)
        packed[k * width + j] = n + j < columns ? b[(n + j) * ldb + k] : 0.0f;
}

static void FN(pack_transposed)(long columns, long depth, const float *b, long ldb,
                                float *packed) {
  const long width = 2 * LANES;
  for (long n = 0; n < columns; n += width, packed += depth * width)
    for (long k = 0; k < depth; k++)
      for (long j = 0; j < width; j += LANES) {
        long left = columns - n - j;
        FN(store)(packed + k * width + j, left > 0 ? LD(b + k * ldb + n + j, left) : (V)(0.0f));
      }
}

static void FN(product)(long rows, long columns, long depth, const float *a, long ars, long acs,
                        const float *b, long ldb, float *c, long ldc, int accumulate) {
  long n = 0;
  for (; n + 2 * LANES <= columns; n += 2 * LANES)
    FN(strip2)(rows, depth, a, ars, acs, b + n, 0, ldb, c + n, ldc, accumulate, LANES);
  for (; n + LANES <= columns; n += LANES)
    FN(strip1)(rows, depth, a, ars, acs, b + n, 0, ldb, c + n, ldc, accumulate, LANES);
  if (n < columns)
    FN(strip1_part)(rows, depth, a, ars, acs, b + n, 0, ldb, c + n, ldc, accumulate, columns - n);
}

// c (+)= a b straight from b (depth, columns), by stretches of depth that stay in the second cache.
// For a depth of a whole vocabulary as fast as packing it first, without the packing.
static void FN(deep_product)(long rows, long columns, long depth, const float *a, long lda,
                             const float *b, long ldb, float *c, long ldc, int accumulate) {
  const long stretch = 2048;
  for (long k = 0; k < depth; k += stretch)
    FN(product)(rows, columns, depth - k < stretch ? depth - k : stretch, a + k, lda, 1,
                b + k * ldb, ldb, c, ldc, accumulate || k > 0);
}

// Rows whose products are summed before they are added to the gradient; bits depend on it.
#define GRADIENT_ROWS 256
// Outputs whose factors are laid together; with the columns they stay in the nearer caches.
#define GRADIENT_OUTPUTS (16 * TILE)

// Outputs of some rows, tile by tile: y[tile][row][output in tile].
static void FN(lay_factors)(long outputs, long rows, const float *dy, long lddy, float *y) {
  for (long o = 0; o < outputs; o += TILE, y += GRADIENT_ROWS * TILE) {
    const long some = outputs - o < TILE ? outputs - o : TILE;
    for (long r = 0; r < rows; r++)
      memcpy(y + r * TILE, dy + r * lddy + o, (size_t)some * sizeof(float));
  }
}

// dw (outputs, inputs) += dyᵀ x. Both factors are laid together first: read where they lie, rows of a
// power of two fall on the same few lines of the first cache. The copies change no bit.
static void FN(weight_gradient)(long outputs, long inputs, long rows, const float *dy, long lddy,
                                const float *x, long ldx, float *dw) {
  const long width = 2 * LANES;
  float factors[GRADIENT_ROWS * GRADIENT_OUTPUTS], columns[GRADIENT_ROWS * 2 * LANES];
  for (; rows > 0; rows -= GRADIENT_ROWS, dy += GRADIENT_ROWS * lddy, x += GRADIENT_ROWS * ldx) {
    const long some = rows < GRADIENT_ROWS ? rows : GRADIENT_ROWS;
    for (long o = 0; o < outputs; o += GRADIENT_OUTPUTS) {
      const long now = outputs - o < GRADIENT_OUTPUTS ? outputs - o : GRADIENT_OUTPUTS;
      FN(lay_factors)(now, some, dy + o, lddy, factors);
      long n = 0;
      for (; n + width <= inputs; n += width) {
        for (long r = 0; r < some; r++)
          for (long j = 0; j < width; j += LANES)
            FN(store)(columns + r * width + j, FN(load)(x + r * ldx + n + j));
        for (long t = 0; t < now; t += TILE)
          FN(strip2)(now - t < TILE ? now - t : TILE, some, factors + t * GRADIENT_ROWS, 1, TILE,
                     columns, 0, width, dw + (o + t) * inputs + n, inputs, 1, LANES);
      }
      if (n < inputs)
        FN(product)(now, inputs - n, some, dy + o, 1, lddy, x + n, ldx, dw + o * inputs + n, inputs,
                    1);
    }
  }
}
#undef GRADIENT_ROWS
#undef GRADIENT_OUTPUTS
#undef CASE
#undef CASES
#undef STRIP
