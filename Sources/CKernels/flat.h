// Loops over flat buffers.
static void FN(adamw)(long count, float *p, const float *g, float *m, float *v, float scale,
                      float beta1, float beta2, float step_size, float root_correction,
                      float epsilon, float decay) {
  for (long i = 0; i < count; i += LANES) {
    const long n = count - i;
    V gradient = LD(g + i, n) * scale;
    V first = LD(m + i, n) * beta1 + gradient * (1.0f - beta1);
    V second = LD(v + i, n) * beta2 + gradient * gradient * (1.0f - beta2);
    ST(m + i, first, n);
    ST(v + i, second, n);
    V root = __builtin_elementwise_sqrt(second) * root_correction + epsilon;
    ST(p + i, LD(p + i, n) * decay - step_size * first / root, n);
  }
}

static double FN(squared_norm)(long count, const float *x) {
  double total = 0;
  for (long start = 0; start < count; start += 4096) {
    const long end = start + 4096 < count ? start + 4096 : count;
    V even = (V)(0.0f), odd = (V)(0.0f);
    for (long i = start; i < end; i += 2 * LANES) {
      V t = LD(x + i, end - i);
      even += t * t;
      if (end - i > LANES) {
        V s = LD(x + i + LANES, end - i - LANES);
        odd += s * s;
      }
    }
    total += FN(sum)(even + odd);
  }
  return total;
}

static void FN(axpy)(long count, float a, const float *x, float *y) {
  for (long i = 0; i < count; i += LANES)
    ST(y + i, LD(y + i, count - i) + LD(x + i, count - i) * a, count - i);
}

static void FN(column_sum)(long rows, long columns, const float *x, long ldx, float *y) {
  for (long r = 0; r < rows; r++, x += ldx)
    for (long i = 0; i < columns; i += LANES)
      ST(y + i, LD(y + i, columns - i) + LD(x + i, columns - i), columns - i);
}

static void FN(add_bias)(long rows, long columns, const float *bias, float *x, long ldx) {
  for (long r = 0; r < rows; r++, x += ldx)
    for (long i = 0; i < columns; i += LANES)
      ST(x + i, LD(x + i, columns - i) + LD(bias + i, columns - i), columns - i);
}
