// Products with weights of a few bits; the layout is told in include/stored.h.
typedef uint32_t FN(q) __attribute__((ext_vector_type(LANES)));
typedef uint32_t FN(q_u) __attribute__((ext_vector_type(LANES), aligned(4)));
typedef uint8_t FN(q8) __attribute__((ext_vector_type(LANES), aligned(1)));
typedef int8_t FN(s8) __attribute__((ext_vector_type(LANES), aligned(1)));
typedef uint16_t FN(q16) __attribute__((ext_vector_type(LANES), aligned(2)));
#define Q FN(q)
// Vectors of one panel, and of the two that are computed side by side.
#define OF_PANEL (CK_STORED_PANEL / LANES)
#define OF_PAIR (2 * OF_PANEL)

INLINE V FN(as_float)(Q bits) {
  V x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

// Floats of 16 bits; every one that is not infinite.
INLINE V FN(from_halves)(Q h) {
  V size = FN(as_float)((h & 0x7fffu) << 13) * 0x1p112f;
  Q bits;
  memcpy(&bits, &size, sizeof bits);
  return FN(as_float)(bits | (h & 0x8000u) << 16);
}
INLINE V FN(halves_at)(const uint8_t *p) {
#ifdef HALVES_AT
  return HALVES_AT(p);
#else
  return FN(from_halves)(__builtin_convertvector(*(const FN(q16) *)p, Q));
#endif
}
INLINE V FN(bytes_at)(const uint8_t *p) {
  return __builtin_convertvector(__builtin_convertvector(*(const FN(q8) *)p, Q), V);
}
INLINE V FN(signed_at)(const uint8_t *p) {
  typedef int FN(wide) __attribute__((ext_vector_type(LANES)));
  return __builtin_convertvector(__builtin_convertvector(*(const FN(s8) *)p, FN(wide)), V);
}

// Scale of the two halves of a block and what is added, for the columns of one vector.
struct FN(scales) {
  V first, second, minimum;
};

INLINE struct FN(scales) FN(scales_of)(const int kind, const uint8_t *at, long block, long lane) {
  struct FN(scales) s;
  switch (kind) {
    case CK_STORED_SCALE:
      s.first = s.second = FN(halves_at)(at + block * 32 + 2 * lane);
      s.minimum = (V)(0.0f);
      break;
    case CK_STORED_MINIMUM:
      s.first = s.second = FN(halves_at)(at + block * 64 + 2 * lane);
      s.minimum = FN(halves_at)(at + block * 64 + 32 + 2 * lane);
      break;
    case CK_STORED_SCALES:
      at += block / 8 * (64 + 8 * 32);
      s.first = FN(halves_at)(at + 2 * lane) * FN(bytes_at)(at + 64 + block % 8 * 32 + lane);
      s.second = s.first;
      s.minimum =
          -FN(halves_at)(at + 32 + 2 * lane) * FN(bytes_at)(at + 80 + block % 8 * 32 + lane);
      break;
    default:
      at += block / 8 * (32 + 8 * 32);
      s.first = FN(halves_at)(at + 2 * lane) * FN(signed_at)(at + 32 + block % 8 * 32 + lane);
      s.second = FN(halves_at)(at + 2 * lane) * FN(signed_at)(at + 48 + block % 8 * 32 + lane);
      s.minimum = (V)(0.0f);
  }
  return s;
}

// Number n of a block in the uppermost bits of a float's fraction: 2^bits + q.
INLINE V FN(number)(const int bits, const uint8_t *words, const int n) {
  const int each = 32 / bits, up = 23 - bits;
  const uint32_t mask = ((1u << bits) - 1) << up, one = (127u + (uint32_t)bits) << 23;
  if (n < each * bits) {
    const int shift = up - n % each * bits;
    Q word = *(const FN(q_u) *)(words + 4 * (n / each) * CK_STORED_PANEL);
    return FN(as_float)(((shift < 0 ? word >> (-shift & 31) : word << (shift & 31)) & mask) | one);
  }
  const int top = 30 + n % 2;
  Q gathered = (Q)(one);
#pragma clang loop unroll(full)
  for (int i = 0; i < bits; i++) {
    Q word = *(const FN(q_u) *)(words + 4 * i * CK_STORED_PANEL);
    gathered |= word >> (top - up - i) & 1u << (up + i);
  }
  return FN(as_float)(gathered);
}

// Weight n of a block for the columns of one vector.
//
// Where the processor fuses multiplication and addition, one step less gives the same numbers, but that
// a negative zero becomes a positive one; sums do not see that.
INLINE V FN(weight)(const int bits, const int kind, const uint8_t *words, const int n,
                    struct FN(scales) s, const int fused) {
  if (kind == CK_STORED_FLOAT16) return FN(halves_at)(words + 2 * n * CK_STORED_PANEL);
  if (kind == CK_STORED_BFLOAT16) {
    const FN(q16) *upper = (const FN(q16) *)(words + 2 * n * CK_STORED_PANEL);
    return FN(as_float)(__builtin_convertvector(*upper, Q) << 16);
  }
  const float whole = (float)(1 << bits), offset = whole + whole / 2;
  V q = FN(number)(bits, words, n);
  if (kind == CK_STORED_SCALE || kind == CK_STORED_HALVES) {
    V scale = kind == CK_STORED_SCALE || n < 16 ? s.first : s.second;
    return fused ? __builtin_elementwise_fma(q, scale, scale * -offset) : (q - offset) * scale;
  }
  return (q - whole) * s.first + s.minimum;
}

// A few rows: weights are widened in registers.
INLINE void FN(stored_few)(const int R, const int bits, const int kind, struct ck_stored shape,
                           const float *a, long lda, const uint8_t *panels, long panel, float *c,
                           long ldc, int accumulate, long columns) {
  const long blocks = shape.depth / 32, block = (long)bits * 4 * CK_STORED_PANEL;
  const long size = kind == CK_STORED_FLOAT16 || kind == CK_STORED_BFLOAT16 ? 2 : 4;
  const uint8_t *scales = panels + blocks * block;
  V sum[4][OF_PAIR];
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < OF_PAIR; j++) sum[r][j] = (V)(0.0f);
  for (long b = 0; b < blocks; b++) {
    struct FN(scales) s[OF_PAIR];
    const uint8_t *words[OF_PAIR];
#pragma clang loop unroll(full)
    for (int j = 0; j < OF_PAIR; j++) {
      const long lane = j % OF_PANEL * LANES;
      s[j] = FN(scales_of)(kind, scales + j / OF_PANEL * panel, b, lane);
      words[j] = panels + j / OF_PANEL * panel + b * block + size * lane;
    }
#pragma clang loop unroll(full)
    for (int n = 0; n < 32; n++)
#pragma clang loop unroll(full)
      for (int j = 0; j < OF_PAIR; j++) {
        V w = FN(weight)(bits, kind, words[j], n, s[j], FUSED);
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++) sum[r][j] += w * a[r * lda + 32 * b + n];
      }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
    for (int j = 0; j < OF_PAIR; j++) {
      float *at = c + r * ldc + j * LANES;
      const long left = columns - j * LANES;
      if (left > 0) ST(at, accumulate ? sum[r][j] + LD(at, left) : sum[r][j], left);
    }
}

// Blocks first ..< end of two panels as floats, y[k * ldy + column].
INLINE void FN(widen_blocks)(const int bits, const int kind, struct ck_stored shape,
                             const uint8_t *panels, long panel, long first, long end, float *y,
                             long ldy) {
  const long blocks = shape.depth / 32, block = (long)bits * 4 * CK_STORED_PANEL;
  const long size = kind == CK_STORED_FLOAT16 || kind == CK_STORED_BFLOAT16 ? 2 : 4;
  const uint8_t *scales = panels + blocks * block;
  for (long b = first; b < end; b++, y += 32 * ldy)
#pragma clang loop unroll(full)
    for (int j = 0; j < OF_PAIR; j++) {
      const long lane = j % OF_PANEL * LANES;
      struct FN(scales) s = FN(scales_of)(kind, scales + j / OF_PANEL * panel, b, lane);
      const uint8_t *words = panels + j / OF_PANEL * panel + b * block + size * lane;
#pragma clang loop unroll(full)
      for (int n = 0; n < 32; n++)
        FN(store)(y + n * ldy + j * LANES, FN(weight)(bits, kind, words, n, s, 0));
    }
}

// Rows and blocks at a time, so that sums and widened weights stay in the first cache.
#define SOME_ROWS 96
#define SOME_BLOCKS 4

INLINE void FN(stored_many)(const int bits, const int kind, struct ck_stored shape, long rows,
                            const float *a, long lda, const uint8_t *panels, long panel, float *c,
                            long ldc, int accumulate, long columns) {
  const long blocks = shape.depth / 32, width = 2 * CK_STORED_PANEL;
  float weights[SOME_BLOCKS * 32 * 2 * CK_STORED_PANEL], sums[SOME_ROWS * 2 * CK_STORED_PANEL];
  for (long b = 0; b < blocks; b += SOME_BLOCKS) {
    const long end = b + SOME_BLOCKS < blocks ? b + SOME_BLOCKS : blocks;
    FN(widen_blocks)(bits, kind, shape, panels, panel, b, end, weights, width);
    for (long n = 0; n < width; n += 2 * LANES)
      FN(strip2)(rows, (end - b) * 32, a + 32 * b, lda, 1, weights + n, 0, width, sums + n, width,
                 b ? CONTINUE : 0, LANES);
  }
  for (long r = 0; r < rows; r++)
    for (long n = 0; n < columns; n += LANES) {
      float *at = c + r * ldc + n;
      V sum = FN(load)(sums + r * width + n);
      ST(at, accumulate ? sum + LD(at, columns - n) : sum, columns - n);
    }
}

INLINE void FN(stored_pair)(const int bits, const int kind, struct ck_stored shape, long rows,
                            const float *a, long lda, const uint8_t *panels, long panel, float *c,
                            long ldc, int accumulate, long columns) {
  switch (rows) {
    case 1:
      return FN(stored_few)(1, bits, kind, shape, a, lda, panels, panel, c, ldc, accumulate, columns);
    case 2:
      return FN(stored_few)(2, bits, kind, shape, a, lda, panels, panel, c, ldc, accumulate, columns);
    case 3:
      return FN(stored_few)(3, bits, kind, shape, a, lda, panels, panel, c, ldc, accumulate, columns);
    default:
      return FN(stored_many)(bits, kind, shape, rows, a, lda, panels, panel, c, ldc, accumulate,
                             columns);
  }
}

#define STORED(NAME, BITS, KIND)                                                                \
  static void FN(product_##NAME)(struct ck_stored shape, long rows, const float *a, long lda,   \
                                 const uint8_t *panels, long panel, float *c, long ldc,         \
                                 int accumulate, long columns) {                                \
    FN(stored_pair)(BITS, KIND, shape, rows, a, lda, panels, panel, c, ldc, accumulate, columns); \
  }                                                                                             \
  static void FN(widen_##NAME)(struct ck_stored shape, const uint8_t *panels, long panel,       \
                               long first, long end, float *y, long ldy) {                      \
    FN(widen_blocks)(BITS, KIND, shape, panels, panel, first, end, y, ldy);                     \
  }
STORED(scale4, 4, CK_STORED_SCALE)
STORED(scale5, 5, CK_STORED_SCALE)
STORED(scale8, 8, CK_STORED_SCALE)
STORED(minimum4, 4, CK_STORED_MINIMUM)
STORED(minimum5, 5, CK_STORED_MINIMUM)
STORED(scales4, 4, CK_STORED_SCALES)
STORED(scales5, 5, CK_STORED_SCALES)
STORED(halves6, 6, CK_STORED_HALVES)
STORED(halves8, 8, CK_STORED_HALVES)
STORED(bfloat16, 16, CK_STORED_BFLOAT16)
STORED(float16, 16, CK_STORED_FLOAT16)
#undef STORED

#define PICK(NAME)                                                                              \
  switch (shape.kind) {                                                                         \
    case CK_STORED_SCALE:                                                                       \
      return shape.bits == 4   ? FN(NAME##_scale4)                                              \
             : shape.bits == 5 ? FN(NAME##_scale5)                                              \
                               : FN(NAME##_scale8);                                             \
    case CK_STORED_MINIMUM: return shape.bits == 4 ? FN(NAME##_minimum4) : FN(NAME##_minimum5); \
    case CK_STORED_SCALES: return shape.bits == 4 ? FN(NAME##_scales4) : FN(NAME##_scales5);    \
    case CK_STORED_HALVES: return shape.bits == 6 ? FN(NAME##_halves6) : FN(NAME##_halves8);    \
    case CK_STORED_BFLOAT16: return FN(NAME##_bfloat16);                                        \
    default: return FN(NAME##_float16);                                                         \
  }
typedef void (*FN(product_of))(struct ck_stored, long, const float *, long, const uint8_t *, long,
                               float *, long, int, long);
typedef void (*FN(widen_of))(struct ck_stored, const uint8_t *, long, long, long, float *, long);
static FN(product_of) FN(pick_product)(struct ck_stored shape) { PICK(product) }
static FN(widen_of) FN(pick_widen)(struct ck_stored shape) { PICK(widen) }
#undef PICK

static void FN(stored_product)(struct ck_stored shape, long rows, const float *a, long lda,
                               const uint8_t *panels, float *c, long ldc, int accumulate) {
  const FN(product_of) product = FN(pick_product)(shape);
  const long panel = ck_stored_panel_bytes(shape), width = 2 * CK_STORED_PANEL;
  for (long first = 0; first < rows; first += SOME_ROWS) {
    const long some = rows - first < SOME_ROWS ? rows - first : SOME_ROWS;
    for (long n = 0; n < shape.columns; n += width)
      product(shape, some, a + first * lda, lda, panels + n / CK_STORED_PANEL * panel, panel,
              c + first * ldc + n, ldc, accumulate,
              shape.columns - n < width ? shape.columns - n : width);
  }
}

static void FN(stored_widen)(struct ck_stored shape, const uint8_t *panels, long first, long end,
                             float *y, long ldy) {
  FN(pick_widen)(shape)(shape, panels, ck_stored_panel_bytes(shape), first / 32, end / 32, y, ldy);
}
#undef Q
#undef OF_PANEL
#undef OF_PAIR
#undef SOME_ROWS
#undef SOME_BLOCKS
