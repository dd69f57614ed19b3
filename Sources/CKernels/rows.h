// Loops over rows: norm, rotation, gate, scores.
static void FN(rmsnorm_again)(long rows, long width, const float *x, long ldx,
                              const float *weight, const float *inverse, float *y, long ldy) {
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    for (long i = 0; i < width; i += LANES)
      ST(y + i, LD(x + i, width - i) * inverse[r] * LD(weight + i, width - i), width - i);
}

static void FN(rmsnorm_forward)(long rows, long width, const float *x, long ldx,
                                const float *weight, float epsilon, float *y, long ldy,
                                float *inverse) {
  for (long r = 0; r < rows; r++, x += ldx, y += ldy) {
    V squares = (V)(0.0f);
    for (long i = 0; i < width; i += LANES) {
      V t = LD(x + i, width - i);
      squares += t * t;
    }
    float scale = 1.0f / sqrtf(FN(sum)(squares) / (float)width + epsilon);
    inverse[r] = scale;
    for (long i = 0; i < width; i += LANES)
      ST(y + i, LD(x + i, width - i) * scale * LD(weight + i, width - i), width - i);
  }
}

static void FN(rmsnorm_backward)(long rows, long width, const float *dy, long lddy,
                                 const float *x, long ldx, const float *weight,
                                 const float *inverse, float *dx, long lddx, float *dweight,
                                 int accumulate) {
  for (long r = 0; r < rows; r++, dy += lddy, x += ldx, dx += lddx) {
    const float scale = inverse[r];
    V dots = (V)(0.0f);
    for (long i = 0; i < width; i += LANES) {
      const long n = width - i;
      V g = LD(dy + i, n), unit = LD(x + i, n) * scale;
      dots += g * LD(weight + i, n) * unit;
      ST(dweight + i, LD(dweight + i, n) + g * unit, n);
    }
    const float mean = FN(sum)(dots) / (float)width;
    for (long i = 0; i < width; i += LANES) {
      const long n = width - i;
      V unit = LD(x + i, n) * scale;
      V d = (LD(dy + i, n) * LD(weight + i, n) - unit * mean) * scale;
      ST(dx + i, accumulate ? LD(dx + i, n) + d : d, n);
    }
  }
}

static void FN(rope)(long rows, long heads, long head_width, float *x, long ldx,
                     const float *cosine, const float *sine, float direction) {
  const long half = head_width / 2;
  for (long r = 0; r < rows; r++, x += ldx, cosine += half, sine += half)
    for (long h = 0; h < heads; h++) {
      float *first = x + h * head_width, *second = first + half;
      for (long i = 0; i < half; i += LANES) {
        const long n = half - i;
        V a = LD(first + i, n), b = LD(second + i, n);
        V c = LD(cosine + i, n), s = LD(sine + i, n) * direction;
        ST(first + i, a * c - b * s, n);
        ST(second + i, b * c + a * s, n);
      }
    }
}

static void FN(swiglu_forward)(long rows, long hidden, const float *x, long ldx, float *y,
                               long ldy) {
  for (long r = 0; r < rows; r++, x += ldx, y += ldy)
    for (long i = 0; i < hidden; i += LANES) {
      const long n = hidden - i;
      V gate = LD(x + i, n), up = LD(x + hidden + i, n);
      ST(y + i, gate / (1.0f + FN(exp)(-gate)) * up, n);
    }
}

static void FN(swiglu_backward)(long rows, long hidden, const float *dy, long lddy,
                                const float *x, long ldx, float *dx, long lddx, float *y,
                                long ldy) {
  for (long r = 0; r < rows; r++, dy += lddy, x += ldx, dx += lddx, y += ldy)
    for (long i = 0; i < hidden; i += LANES) {
      const long n = hidden - i;
      V gate = LD(x + i, n), up = LD(x + hidden + i, n), d = LD(dy + i, n);
      V s = 1.0f / (1.0f + FN(exp)(-gate));
      V silu = gate * s;
      ST(y + i, silu * up, n);
      ST(dx + i, d * up * (s + silu * (1.0f - s)), n);
      ST(dx + hidden + i, d * silu, n);
    }
}

INLINE float FN(maximum)(long count, const float *x) {
  if (count < LANES) {
    float most = x[0];
    for (long i = 1; i < count; i++) most = x[i] > most ? x[i] : most;
    return most;
  }
  V m = FN(load)(x + count - LANES);
  for (long i = 0; i + LANES <= count; i += LANES) {
    V t = FN(load)(x + i);
    m = t > m ? t : m;
  }
  return FN(top)(m);
}

static float FN(exponentials)(long count, const float *x, float scale, float *y,
                              float *maximum) {
  const float most = FN(maximum)(count, x);
  V total = (V)(0.0f);
  for (long i = 0; i < count; i += LANES) {
    const long n = count - i;
    V e = FN(exp)((LD(x + i, n) - most) * scale);
    ST(y + i, e, n);
    total += n >= LANES ? e : LD(y + i, n);
  }
  *maximum = most;
  return FN(sum)(total);
}

static void FN(score)(long rows, long vocabulary, const float *logits, long ld,
                      const int32_t *targets, float *logprob, float *entropy, float *lse) {
  for (long r = 0; r < rows; r++, logits += ld) {
    const float most = FN(maximum)(vocabulary, logits);
    V total = (V)(0.0f), moment = (V)(0.0f);
    for (long i = 0; i < vocabulary; i += LANES) {
      const long n = vocabulary - i;
      V t = LD(logits + i, n) - most;
      V e = FN(exp)(t);
      if (n < LANES) {
        float kept[LANES];
        FN(store)(kept, e);
        e = FN(part)(kept, n);
      }
      total += e;
      moment += e > (V)(0.0f) ? e * t : (V)(0.0f);
    }
    const float z = FN(sum)(total), log_z = logf(z);
    lse[r] = most + log_z;
    logprob[r] = (logits[targets[r]] - most) - log_z;
    entropy[r] = log_z - FN(sum)(moment) / z;
  }
}

static void FN(score_backward)(long rows, long vocabulary, float *logits, long ld,
                               const int32_t *targets, const float *entropy, const float *lse,
                               const float *dlogprob, const float *dentropy) {
  for (long r = 0; r < rows; r++, logits += ld) {
    const float by_logprob = dlogprob[r], by_entropy = dentropy[r];
    for (long i = 0; i < vocabulary; i += LANES) {
      const long n = vocabulary - i;
      V t = LD(logits + i, n) - lse[r];
      V p = FN(exp)(t);
      V surprise = p > (V)(0.0f) ? t + entropy[r] : (V)(0.0f);
      ST(logits + i, -p * (by_logprob + by_entropy * surprise), n);
    }
    logits[targets[r]] += by_logprob;
  }
}
