// Causal attention of whole sequences.
#define BLOCK TILE

// y (head width, padded) = x (tokens, head width) transposed; columns beyond are zero.
static void FN(transpose)(long tokens, long head_width, long padded, const float *x, long ldx,
                          float *y) {
  for (long i = 0; i < head_width; i++)
    for (long t = tokens; t < padded; t++) y[i * padded + t] = 0.0f;
  for (long t = 0; t < tokens; t += 16) {
    const long end = t + 16 < tokens ? t + 16 : tokens;
    for (long i = 0; i < head_width; i++)
      for (long s = t; s < end; s++) y[i * padded + s] = x[s * ldx + i];
  }
}

// The queries of one key head.
static void FN(attention_forward)(long tokens, long heads, long key_heads, long key_head,
                                  long head_width, const float *x, long ldx, float *y, long ldy,
                                  float *lse, float *scratch) {
  const long padded = (tokens + 15) / 16 * 16, group = heads / key_heads;
  const float scale = 1.0f / sqrtf((float)head_width);
  float *keys = scratch, *scores = scratch + head_width * padded;
  const float *k = x + (heads + key_head) * head_width;
  const float *v = x + (heads + key_heads + key_head) * head_width;
  FN(transpose)(tokens, head_width, padded, k, ldx, keys);
  for (long h = key_head * group; h < (key_head + 1) * group; h++)
    for (long start = 0; start < tokens; start += BLOCK) {
      const long end = start + BLOCK < tokens ? start + BLOCK : tokens;
      const long reach = (end + 15) / 16 * 16;
      FN(product)(end - start, reach, head_width, x + start * ldx + h * head_width, ldx, 1, keys,
                  padded, scores, padded, 0);
      for (long i = start; i < end; i++) {
        float *row = scores + (i - start) * padded;
        float most;
        for (long j = i + 1; j < reach; j++) row[j] = -INFINITY;
        const float z = FN(exponentials)(reach, row, scale, row, &most);
        lse[i * heads + h] = most * scale + logf(z);
        const float inverse = 1.0f / z;
        for (long j = 0; j < reach; j += LANES)
          FN(store)(row + j, FN(load)(row + j) * inverse);
      }
      FN(product)(end - start, head_width, end, scores, padded, 1, v, ldx,
                  y + start * ldy + h * head_width, ldy, 0);
    }
}

// p and ds of the rows start ..< end against the keys before `end`.
static void FN(attention_rows)(long start, long end, long heads, long h, long head_width,
                               long padded, const float *q, long ldx, const float *o, long ldy,
                               const float *lse, const float *dout, long lddy, const float *keys,
                               const float *values, float *p, float *ds) {
  const float scale = 1.0f / sqrtf((float)head_width);
  const long reach = (end + 15) / 16 * 16;
  FN(product)(end - start, reach, head_width, q + start * ldx, ldx, 1, keys, padded, p, padded, 0);
  FN(product)(end - start, reach, head_width, dout + start * lddy, lddy, 1, values, padded, ds,
              padded, 0);
  for (long i = start; i < end; i++, p += padded, ds += padded) {
    V dots = (V)(0.0f);
    for (long d = 0; d < head_width; d += LANES)
      dots += LD(o + i * ldy + d, head_width - d) * LD(dout + i * lddy + d, head_width - d);
    const float delta = FN(sum)(dots), norm = lse[i * heads + h];
    for (long j = i + 1; j < reach; j++) p[j] = -INFINITY;
    for (long j = 0; j < reach; j += LANES) {
      V e = FN(exp)(FN(load)(p + j) * scale - norm);
      FN(store)(p + j, e);
      FN(store)(ds + j, e * (FN(load)(ds + j) - delta) * scale);
    }
  }
}

// By blocks of queries, so that p and ds of a block stay in the second cache.
static void FN(attention_backward)(long tokens, long heads, long key_heads, long key_head,
                                   long head_width, const float *x, long ldx, const float *y,
                                   long ldy, const float *lse, const float *dy, long lddy,
                                   float *dx, long lddx, float *scratch) {
  const long padded = (tokens + 15) / 16 * 16, group = heads / key_heads;
  const long many = ATTENTION_ROWS / BLOCK * BLOCK;
  const long key = (heads + key_head) * head_width;
  const long value = (heads + key_heads + key_head) * head_width;
  float *keys = scratch, *values = keys + head_width * padded;
  float *p = values + head_width * padded, *ds = p + ATTENTION_ROWS * padded;
  FN(transpose)(tokens, head_width, padded, x + key, ldx, keys);
  FN(transpose)(tokens, head_width, padded, x + value, ldx, values);
  for (long h = key_head * group; h < (key_head + 1) * group; h++) {
    const long at = h * head_width;
    for (long first = 0; first < tokens; first += many) {
      const long last = first + many < tokens ? first + many : tokens;
      for (long start = first; start < last; start += BLOCK) {
        const long end = start + BLOCK < last ? start + BLOCK : last;
        const long from = (start - first) * padded;
        FN(attention_rows)(start, end, heads, h, head_width, padded, x + at, ldx, y + at, ldy,
                           lse, dy + at, lddy, keys, values, p + from, ds + from);
        FN(product)(end - start, head_width, end, ds + from, padded, 1, x + key, ldx,
                    dx + start * lddx + at, lddx, 0);
      }
      for (long start = 0; start < last; start += BLOCK) {
        const long end = start + BLOCK < last ? start + BLOCK : last;
        // Queries before a key do not see it; those of its own block hold zeros there.
        const long block = start > first ? start : first;
        const long from = (block - first) * padded + start;
        const int more = start < first || h > key_head * group;
        FN(product)(end - start, head_width, last - block, ds + from, 1, padded,
                    x + block * ldx + at, ldx, dx + start * lddx + key, lddx, more);
        FN(product)(end - start, head_width, last - block, p + from, 1, padded,
                    dy + block * lddy + at, lddy, dx + start * lddx + value, lddx, more);
      }
    }
  }
}
#undef BLOCK
