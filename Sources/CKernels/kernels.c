#include "ckernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Queries of a block of the backward pass of attention, a multiple of every TILE.
#define ATTENTION_ROWS 96

// One instruction set's loops.
struct kernels {
  const char *name;
  long panel;
  void (*packed_product)(long rows, long columns, long depth, const float *a, long lda,
    const float *packed, float *c, long ldc, int accumulate);
  void (*deep_product)(long rows, long columns, long depth, const float *a, long lda,
    const float *b, long ldb, float *c, long ldc, int accumulate);
  void (*weight_gradient)(long outputs, long inputs, long rows, const float *dy, long lddy,
    const float *x, long ldx, float *dw);
  void (*pack)(long columns, long depth, const float *b, long ldb, float *packed);
  void (*pack_transposed)(long columns, long depth, const float *b, long ldb, float *packed);
  void (*rmsnorm_forward)(long rows, long width, const float *x, long ldx, const float *weight,
    float epsilon, float *y, long ldy, float *inverse);
  void (*rmsnorm_backward)(long rows, long width, const float *dy, long lddy, const float *x,
    long ldx, const float *weight, const float *inverse, float *dx, long lddx, float *dweight,
    int accumulate);
  void (*rmsnorm_again)(long rows, long width, const float *x, long ldx, const float *weight,
    const float *inverse, float *y, long ldy);
  void (*rope)(long rows, long heads, long head_width, float *x, long ldx, const float *cosine,
    const float *sine, float direction);
  void (*swiglu_forward)(long rows, long hidden, const float *x, long ldx, float *y, long ldy);
  void (*swiglu_backward)(long rows, long hidden, const float *dy, long lddy, const float *x,
    long ldx, float *dx, long lddx, float *y, long ldy);
  void (*attention_forward)(long tokens, long heads, long key_heads, long key_head,
    long head_width, const float *x, long ldx, float *y, long ldy, float *lse, float *scratch);
  void (*attention_backward)(long tokens, long heads, long key_heads, long key_head,
    long head_width, const float *x, long ldx, const float *y, long ldy, const float *lse, const float *dy,
    long lddy, float *dx, long lddx, float *scratch);
  void (*page_scores)(long queries, long head_width, const float *q, const float *const *pages,
    long first, long end, long offset, float *scores, long ld);
  void (*page_softmax)(long count, float scale, float *scores);
  void (*page_values)(long queries, long head_width, const float *p, long ld,
    const float *const *pages, long from, long to, long offset, float *y);
  void (*score)(long rows, long vocabulary, const float *logits, long ld, const int32_t *targets,
    float *logprob, float *entropy, float *lse);
  void (*score_backward)(long rows, long vocabulary, float *logits, long ld,
    const int32_t *targets, const float *entropy, const float *lse, const float *dlogprob,
    const float *dentropy);
  float (*exponentials)(long count, const float *x, float scale, float *y, float *maximum);
  void (*adamw)(long count, float *p, const float *g, float *m, float *v, float scale, float beta1,
    float beta2, float step_size, float root_correction, float epsilon, float decay);
  double (*squared_norm)(long count, const float *x);
  void (*axpy)(long count, float a, const float *x, float *y);
  void (*column_sum)(long rows, long columns, const float *x, long ldx, float *y);
  void (*add_bias)(long rows, long columns, const float *bias, float *x, long ldx);
  void (*pair_product)(long rows, long columns, long depth, const uint32_t *a, long lda,
    const uint32_t *packed, float *c, long ldc, int accumulate);
  void (*pair_rows)(long rows, long depth, const float *x, long ldx, uint32_t *y, long ldy);
  void (*pair_pack)(long columns, long depth, const float *b, long ldb, uint32_t *packed);
  void (*paired_product)(long rows, long columns, long pairs, const uint32_t *a, long ars,
    long acs, const uint32_t *b, long ldb, float *c, long ldc, int accumulate);
  void (*pair_columns)(long rows, long columns, long padded, const float *x, long ldx,
    uint32_t *y, long ldy);
  void (*pair_pack_transposed)(long columns, long depth, const float *b, long ldb,
    uint32_t *packed);
  void (*stored_product)(struct ck_stored shape, long rows, const float *a, long lda,
    const uint8_t *panels, float *c, long ldc, int accumulate);
  void (*stored_widen)(struct ck_stored shape, const uint8_t *panels, long first, long end, float *y,
    long ldy);
};

#if defined(__x86_64__)

// Calls between functions of one set pass vectors in that set's registers.
#pragma clang diagnostic ignored "-Wpsabi"

#pragma clang attribute push(                                                                   \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,f16c"),                       \
                   min_vector_width(512))),                                                     \
    apply_to = function)
#define FN(name) avx512_##name
#define SET_NAME "avx512"
#define LANES 16
#define TILE 12
#define FEW 4
#define FUSED 1
#define OWN_PARTS
typedef float avx512_w __attribute__((ext_vector_type(16)));
static inline __attribute__((always_inline)) avx512_w avx512_part(const float *p, long n) {
  return (avx512_w)_mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
static inline __attribute__((always_inline)) void avx512_put(float *p, avx512_w x, long n) {
  _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), (__m512)x);
}
#define HALVES_AT(p) (V)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p)))
#include "set.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#define FN(name) avx2_##name
#define SET_NAME "avx2"
#define LANES 8
#define TILE 6
#define FEW 2
#define FUSED 1
#define OWN_PARTS
typedef float avx2_w __attribute__((ext_vector_type(8)));
static const int32_t avx2_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
static inline __attribute__((always_inline)) __m256i avx2_mask(long n) {
  return _mm256_loadu_si256((const __m256i *)(avx2_masks + 8 - n));
}
static inline __attribute__((always_inline)) avx2_w avx2_part(const float *p, long n) {
  return (avx2_w)_mm256_maskload_ps(p, avx2_mask(n));
}
static inline __attribute__((always_inline)) void avx2_put(float *p, avx2_w x, long n) {
  _mm256_maskstore_ps(p, avx2_mask(n), (__m256)x);
}
#define HALVES_AT(p) (V)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p)))
#include "set.h"
#pragma clang attribute pop

#endif

#define FN(name) baseline_##name
#define SET_NAME "baseline"
#define LANES 4
#define TILE 6
#define FEW 2
#define FUSED 0
#include "set.h"

#if defined(__x86_64__)
// The products in bfloat16 once more, for processors with the instruction.
#pragma clang attribute push(                                                                   \
    __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,avx512bf16,avx2,fma"),            \
                   min_vector_width(512))),                                                     \
    apply_to = function)
#define FN(name) dot_##name
#define LANES 16
#define TILE 12
#define FEW 4
#define OWN_PARTS
#define dot_part avx512_part
#define dot_put avx512_put
#define DOT_PAIRS(sum, weights, factor)                                                         \
  (V)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(weights), (__m512bh)_mm512_set1_epi32((int)(factor)))
#include "vectors.h"

#include "bfloat16.h"
#include "unset.h"
#undef DOT_PAIRS
#pragma clang attribute pop
#endif

static const struct kernels *chosen = &baseline_table;
static int has_dot_products;

__attribute__((constructor)) static void choose(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  const char *wish = getenv("CRUX_KERNELS");
  if (wish && !strcmp(wish, "baseline")) return;
  const int fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                  __builtin_cpu_supports("f16c");
  const int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (fma) chosen = &avx2_table;
  if (fma && wide && !(wish && !strcmp(wish, "avx2"))) chosen = &avx512_table;
  has_dot_products = chosen == &avx512_table && __builtin_cpu_supports("avx512bf16");
#endif
}

const char *ck_name(void) { return chosen->name; }
long ck_panel(void) { return chosen->panel; }

long ck_attention_scratch(long tokens, long head_width) {
  const long padded = (tokens + 15) / 16 * 16;
  return 2 * head_width * padded + 2 * ATTENTION_ROWS * padded;
}

long ck_pick(long count, const float *x, float threshold) {
  float sum = 0;
  long last = 0;
  for (long i = 0; i < count; i++) {
    sum += x[i];
    if (x[i] > 0) last = i;
    if (sum > threshold) return last;
  }
  return last;
}

void ck_cache_store(long key_heads, long head_width, const float *k, const float *v,
                    float *key_page, float *value_page, long slot) {
  for (long i = 0; i < key_heads * head_width; i++) key_page[i * 16 + slot] = k[i];
  for (long h = 0; h < key_heads; h++)
    memcpy(value_page + (h * 16 + slot) * head_width, v + h * head_width,
           (size_t)head_width * sizeof(float));
}

void ck_packed_product(long rows, long columns, long depth, const float *a, long lda,
    const float *packed, float *c, long ldc, int accumulate) {
  chosen->packed_product(rows, columns, depth, a, lda, packed, c, ldc, accumulate);
}
void ck_deep_product(long rows, long columns, long depth, const float *a, long lda,
    const float *b, long ldb, float *c, long ldc, int accumulate) {
  chosen->deep_product(rows, columns, depth, a, lda, b, ldb, c, ldc, accumulate);
}
void ck_weight_gradient(long outputs, long inputs, long rows, const float *dy, long lddy,
    const float *x, long ldx, float *dw) {
  chosen->weight_gradient(outputs, inputs, rows, dy, lddy, x, ldx, dw);
}
void ck_pack(long columns, long depth, const float *b, long ldb, float *packed) {
  chosen->pack(columns, depth, b, ldb, packed);
}
void ck_pack_transposed(long columns, long depth, const float *b, long ldb, float *packed) {
  chosen->pack_transposed(columns, depth, b, ldb, packed);
}
void ck_rmsnorm_forward(long rows, long width, const float *x, long ldx, const float *weight,
    float epsilon, float *y, long ldy, float *inverse) {
  chosen->rmsnorm_forward(rows, width, x, ldx, weight, epsilon, y, ldy, inverse);
}
void ck_rmsnorm_backward(long rows, long width, const float *dy, long lddy, const float *x,
    long ldx, const float *weight, const float *inverse, float *dx, long lddx, float *dweight,
    int accumulate) {
  chosen->rmsnorm_backward(rows, width, dy, lddy, x, ldx, weight, inverse, dx, lddx, dweight,
    accumulate);
}
void ck_rmsnorm_again(long rows, long width, const float *x, long ldx, const float *weight,
    const float *inverse, float *y, long ldy) {
  chosen->rmsnorm_again(rows, width, x, ldx, weight, inverse, y, ldy);
}
void ck_rope(long rows, long heads, long head_width, float *x, long ldx, const float *cosine,
    const float *sine, float direction) {
  chosen->rope(rows, heads, head_width, x, ldx, cosine, sine, direction);
}
void ck_swiglu_forward(long rows, long hidden, const float *x, long ldx, float *y, long ldy) {
  chosen->swiglu_forward(rows, hidden, x, ldx, y, ldy);
}
void ck_swiglu_backward(long rows, long hidden, const float *dy, long lddy, const float *x,
    long ldx, float *dx, long lddx, float *y, long ldy) {
  chosen->swiglu_backward(rows, hidden, dy, lddy, x, ldx, dx, lddx, y, ldy);
}
void ck_attention_forward(long tokens, long heads, long key_heads, long key_head, long head_width,
    const float *x, long ldx, float *y, long ldy, float *lse, float *scratch) {
  chosen->attention_forward(tokens, heads, key_heads, key_head, head_width, x, ldx, y, ldy, lse,
    scratch);
}
void ck_attention_backward(long tokens, long heads, long key_heads, long key_head, long head_width,
    const float *x, long ldx, const float *y, long ldy, const float *lse, const float *dy,
    long lddy, float *dx, long lddx, float *scratch) {
  chosen->attention_backward(tokens, heads, key_heads, key_head, head_width, x, ldx, y, ldy, lse,
    dy, lddy, dx, lddx, scratch);
}
void ck_page_scores(long queries, long head_width, const float *q, const float *const *pages,
    long first, long end, long offset, float *scores, long ld) {
  chosen->page_scores(queries, head_width, q, pages, first, end, offset, scores, ld);
}
void ck_page_softmax(long count, float scale, float *scores) {
  chosen->page_softmax(count, scale, scores);
}
void ck_page_values(long queries, long head_width, const float *p, long ld,
    const float *const *pages, long from, long to, long offset, float *y) {
  chosen->page_values(queries, head_width, p, ld, pages, from, to, offset, y);
}
void ck_score(long rows, long vocabulary, const float *logits, long ld, const int32_t *targets,
    float *logprob, float *entropy, float *lse) {
  chosen->score(rows, vocabulary, logits, ld, targets, logprob, entropy, lse);
}
void ck_score_backward(long rows, long vocabulary, float *logits, long ld, const int32_t *targets,
    const float *entropy, const float *lse, const float *dlogprob, const float *dentropy) {
  chosen->score_backward(rows, vocabulary, logits, ld, targets, entropy, lse, dlogprob, dentropy);
}
float ck_exponentials(long count, const float *x, float scale, float *y, float *maximum) {
  return chosen->exponentials(count, x, scale, y, maximum);
}
void ck_adamw(long count, float *p, const float *g, float *m, float *v, float scale, float beta1,
    float beta2, float step_size, float root_correction, float epsilon, float decay) {
  chosen->adamw(count, p, g, m, v, scale, beta1, beta2, step_size, root_correction, epsilon,
    decay);
}
double ck_squared_norm(long count, const float *x) {
  return chosen->squared_norm(count, x);
}
void ck_axpy(long count, float a, const float *x, float *y) {
  chosen->axpy(count, a, x, y);
}
void ck_column_sum(long rows, long columns, const float *x, long ldx, float *y) {
  chosen->column_sum(rows, columns, x, ldx, y);
}
void ck_add_bias(long rows, long columns, const float *bias, float *x, long ldx) {
  chosen->add_bias(rows, columns, bias, x, ldx);
}
bool ck_has_dot_products(void) { return has_dot_products; }
void ck_pair_product(long rows, long columns, long depth, const uint32_t *a, long lda,
    const uint32_t *packed, float *c, long ldc, int accumulate) {
#if defined(__x86_64__)
  if (has_dot_products)
    return dot_pair_product(rows, columns, depth, a, lda, packed, c, ldc, accumulate);
#endif
  chosen->pair_product(rows, columns, depth, a, lda, packed, c, ldc, accumulate);
}
void ck_pair_rows(long rows, long depth, const float *x, long ldx, uint32_t *y, long ldy) {
  chosen->pair_rows(rows, depth, x, ldx, y, ldy);
}
void ck_pair_pack(long columns, long depth, const float *b, long ldb, uint32_t *packed) {
  chosen->pair_pack(columns, depth, b, ldb, packed);
}
void ck_paired_product(long rows, long columns, long pairs, const uint32_t *a, long ars, long acs,
    const uint32_t *b, long ldb, float *c, long ldc, int accumulate) {
#if defined(__x86_64__)
  if (has_dot_products)
    return dot_paired_product(rows, columns, pairs, a, ars, acs, b, ldb, c, ldc, accumulate);
#endif
  chosen->paired_product(rows, columns, pairs, a, ars, acs, b, ldb, c, ldc, accumulate);
}
void ck_pair_columns(long rows, long columns, long padded, const float *x, long ldx, uint32_t *y,
    long ldy) {
  chosen->pair_columns(rows, columns, padded, x, ldx, y, ldy);
}
void ck_pair_pack_transposed(long columns, long depth, const float *b, long ldb,
    uint32_t *packed) {
  chosen->pair_pack_transposed(columns, depth, b, ldb, packed);
}

void ck_stored_product(struct ck_stored shape, long rows, const float *a, long lda,
    const void *panels, float *c, long ldc, int accumulate) {
  chosen->stored_product(shape, rows, a, lda, panels, c, ldc, accumulate);
}
void ck_stored_widen(struct ck_stored shape, const void *panels, long first, long end, float *y,
    long ldy) {
  chosen->stored_widen(shape, panels, first, end, y, ldy);
}
