// Attention of queries over a cache of pages of 16 tokens.
//
// Queries that share pages are multiplied with them together. Every score is a sum in the order of
// the head's numbers and every output a sum in the order of positions, so neither depends on who
// else reads a page.

// scores[r, b * 16 + j] = q[r] · key j of page b, for R queries and P pages.
INLINE void FN(scores_tile)(const int R, const int P, long head_width, const float *q,
                            const float *const *pages, long offset, float *scores, long ld) {
  enum { VECTORS = 16 / LANES };
  V sum[6][4 * VECTORS];
  const float *at[4];
#pragma clang loop unroll(full)
  for (int b = 0; b < P; b++) at[b] = pages[b] + offset;
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int b = 0; b < P * VECTORS; b++) sum[r][b] = (V)(0.0f);
  for (long d = 0; d < head_width; d++) {
    V keys[4 * VECTORS];
#pragma clang loop unroll(full)
    for (int b = 0; b < P; b++)
#pragma clang loop unroll(full)
      for (int j = 0; j < VECTORS; j++)
        keys[b * VECTORS + j] = FN(load)(at[b] + d * 16 + j * LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
      V factor = (V)(q[r * head_width + d]);
#pragma clang loop unroll(full)
      for (int b = 0; b < P * VECTORS; b++) sum[r][b] += factor * keys[b];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int b = 0; b < P * VECTORS; b++) FN(store)(scores + r * ld + b * LANES, sum[r][b]);
}

// y[r] += Σ_j p[r, j] · value j for the positions from ..< to, for R queries and C vectors.
INLINE void FN(values_tile)(const int R, const int C, const int whole, long from, long to,
                            long head_width, const float *p, long ld, const float *const *pages,
                            long offset, float *y, long last) {
  V sum[6][4];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) {
      const float *at = y + r * head_width + c * LANES;
      sum[r][c] = whole ? FN(load)(at) : FN(part)(at, last);
    }
  for (long start = from; start < to;) {
    const long page = start / 16, end = page * 16 + 16 < to ? page * 16 + 16 : to;
    const float *values = pages[page] + offset - page * 16 * head_width;
    for (; start < end; start++) {
      V value[4];
#pragma clang loop unroll(full)
      for (int c = 0; c < C; c++) {
        const float *at = values + start * head_width + c * LANES;
        value[c] = whole ? FN(load)(at) : FN(part)(at, last);
      }
#pragma clang loop unroll(full)
      for (int r = 0; r < R; r++) {
        V factor = (V)(p[r * ld + start]);
#pragma clang loop unroll(full)
        for (int c = 0; c < C; c++) sum[r][c] += factor * value[c];
      }
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int c = 0; c < C; c++) {
      float *at = y + r * head_width + c * LANES;
      if (whole) FN(store)(at, sum[r][c]);
      else FN(put)(at, sum[r][c], last);
    }
}

#define SCORES(R, P)                                                                            \
  case R:                                                                                       \
    FN(scores_tile)(R, P, head_width, q, pages, offset, scores, ld);                            \
    break;
#define SCORES_STRIP(NAME, P)                                                                   \
  static void FN(NAME)(long rows, long head_width, const float *q, const float *const *pages,   \
                       long offset, float *scores, long ld) {                                   \
    switch (rows) {                                                                             \
      SCORES(1, P) SCORES(2, P) SCORES(3, P) SCORES(4, P) SCORES(5, P) SCORES(6, P)             \
    }                                                                                           \
  }
SCORES_STRIP(scores4, 4)
SCORES_STRIP(scores1, 1)

static void FN(page_scores)(long queries, long head_width, const float *q,
                            const float *const *pages, long first, long end, long offset,
                            float *scores, long ld) {
  for (long b = first; b < end;) {
    const long many = end - b >= 4 ? 4 : 1;
    for (long r = 0; r < queries; r += 6) {
      const long rows = queries - r < 6 ? queries - r : 6;
      const float *some = q + r * head_width;
      float *at = scores + r * ld + b * 16;
      if (many == 4) FN(scores4)(rows, head_width, some, pages + b, offset, at, ld);
      else FN(scores1)(rows, head_width, some, pages + b, offset, at, ld);
    }
    b += many;
  }
}

#define VALUES(R, C, WHOLE)                                                                     \
  case R:                                                                                       \
    FN(values_tile)(R, C, WHOLE, from, to, head_width, p, ld, pages, offset, y, last);          \
    break;
#define VALUES_STRIP(NAME, C, WHOLE)                                                            \
  static void FN(NAME)(long rows, long from, long to, long head_width, const float *p, long ld, \
                       const float *const *pages, long offset, float *y, long last) {           \
    switch (rows) {                                                                             \
      VALUES(1, C, WHOLE) VALUES(2, C, WHOLE) VALUES(3, C, WHOLE)                               \
      VALUES(4, C, WHOLE) VALUES(5, C, WHOLE) VALUES(6, C, WHOLE)                               \
    }                                                                                           \
  }
VALUES_STRIP(values4, 4, 1)
VALUES_STRIP(values2, 2, 1)
VALUES_STRIP(values1, 1, 1)
VALUES_STRIP(values_part, 1, 0)

static void FN(page_values)(long queries, long head_width, const float *p, long ld,
                            const float *const *pages, long from, long to, long offset,
                            float *y) {
  for (long d = 0; d < head_width;) {
    const long left = head_width - d;
    const long many = left >= 4 * LANES ? 4 : left >= 2 * LANES ? 2 : 1;
    for (long r = 0; r < queries; r += 6) {
      const long rows = queries - r < 6 ? queries - r : 6;
      const float *some = p + r * ld;
      float *at = y + r * head_width + d;
      const long shift = offset + d;
      if (many == 4) FN(values4)(rows, from, to, head_width, some, ld, pages, shift, at, LANES);
      else if (many == 2)
        FN(values2)(rows, from, to, head_width, some, ld, pages, shift, at, LANES);
      else if (left >= LANES)
        FN(values1)(rows, from, to, head_width, some, ld, pages, shift, at, LANES);
      else FN(values_part)(rows, from, to, head_width, some, ld, pages, shift, at, left);
    }
    d += many * LANES;
  }
}

// Softmax of the first `count` scores in place; the rest of the last 16 becomes 0.
static void FN(page_softmax)(long count, float scale, float *scores) {
  const long reach = (count + 15) / 16 * 16;
  for (long j = count; j < reach; j++) scores[j] = -INFINITY;
  float most;
  const float inverse = 1.0f / FN(exponentials)(reach, scores, scale, scores, &most);
  for (long j = 0; j < reach; j += LANES)
    FN(store)(scores + j, FN(load)(scores + j) * inverse);
}
#undef SCORES
#undef SCORES_STRIP
#undef VALUES
#undef VALUES_STRIP
