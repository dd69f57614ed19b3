// The vector loops of the engine, each compiled for several instruction sets and chosen once.
//
// All arrays are float32 and row-major. `ld…` is the distance between two rows, in floats. Every
// reduction runs in an order that depends on the sizes alone, never on threads or neighbours.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "blocks.h"
#include "digest.h"
#include "stored.h"

// Name of the chosen set: "avx512", "avx2" or "baseline". It is the widest the processor has, or
// what the environment variable CRUX_KERNELS asks for if the processor has it.
const char *ck_name(void);
// Columns of one panel of a packed matrix.
long ck_panel(void);
// Processors this process may run on.
long ck_processors(void);
// Threads the engine may use; 0 or less sets it back to all processors.
long ck_threads(void);
void ck_set_threads(long count);
// Adds one to the counter and returns what it was; safe from any thread.
long ck_next(long *counter);
// Calls the body for every index below `count`, on this thread and on up to `workers` - 1 others,
// which stay for the next loop. Returns false, with nothing done, while another loop runs.
bool ck_share(long count, long workers, void (*body)(void *context, long index, long worker),
              void *context);

// c[r, n] (+)= Σ_k a[r, k] · b[n, k] for b packed by ck_pack; columns are padded to whole panels,
// and c has room for them. Each c[r, n] is summed in the order of k, whatever `rows` is.
void ck_packed_product(long rows, long columns, long depth, const float *a, long lda,
                       const float *packed, float *c, long ldc, int accumulate);
// c[r, n] (+)= Σ_k a[r, k] · b[k, n], for sums as long as a vocabulary; in parts of 2048 by adding
// the same bits as at once.
void ck_deep_product(long rows, long columns, long depth, const float *a, long lda,
                     const float *b, long ldb, float *c, long ldc, int accumulate);
// dw (outputs, inputs) += Σ_r dy[r, output] · x[r, input], in an order that depends on rows alone.
void ck_weight_gradient(long outputs, long inputs, long rows, const float *dy, long lddy,
                        const float *x, long ldx, float *dw);
// Packs b (columns, depth) into panels: packed[panel][depth][column in panel], zero-padded.
void ck_pack(long columns, long depth, const float *b, long ldb, float *packed);
// The same from b (depth, columns).
void ck_pack_transposed(long columns, long depth, const float *b, long ldb, float *packed);

// Whether the processor multiplies bfloat16 by an instruction; the results are the same either way.
bool ck_has_dot_products(void);
// The product above in bfloat16, for rows from ck_pair_rows and panels from ck_pair_pack; lda counts
// words. Each sum runs in the order of the pairs, the later number of a pair first.
void ck_pair_product(long rows, long columns, long depth, const uint32_t *a, long lda,
                     const uint32_t *packed, float *c, long ldc, int accumulate);
// Rounds rows to bfloat16, two numbers a word, the later one in the upper half.
void ck_pair_rows(long rows, long depth, const float *x, long ldx, uint32_t *y, long ldy);
// Packs b (columns, depth) into panels of pairs: packed[panel][pair][column in panel].
void ck_pair_pack(long columns, long depth, const float *b, long ldb, uint32_t *packed);
// The same of b (depth, columns).
void ck_pair_pack_transposed(long columns, long depth, const float *b, long ldb,
                             uint32_t *packed);
// Rounds rows to bfloat16 and lays every two of them into one of words, the later row in the upper
// halves; columns up to `padded`, a multiple of 32, are written, the further ones zero.
void ck_pair_columns(long rows, long columns, long padded, const float *x, long ldx, uint32_t *y,
                     long ldy);
// c (+)= a b for sums over pairs: the pairs of row r and place k of a lie at a[r * ars + k * acs],
// those of b as ck_pair_columns lays them. Each sum runs in the order of the pairs, 256 at a time.
void ck_paired_product(long rows, long columns, long pairs, const uint32_t *a, long ars, long acs,
                       const uint32_t *b, long ldb, float *c, long ldc, int accumulate);

// y = x · inverse · weight, inverse = 1 / √(mean(x²) + epsilon).
void ck_rmsnorm_forward(long rows, long width, const float *x, long ldx, const float *weight,
                        float epsilon, float *y, long ldy, float *inverse);
// dx (+)= the derivative by x; dweight += the derivative by the weight.
void ck_rmsnorm_backward(long rows, long width, const float *dy, long lddy, const float *x,
                         long ldx, const float *weight, const float *inverse, float *dx,
                         long lddx, float *dweight, int accumulate);
// y = x · inverse · weight with a known inverse.
void ck_rmsnorm_again(long rows, long width, const float *x, long ldx, const float *weight,
                      const float *inverse, float *y, long ldy);

// Rotates the pairs (x[i], x[i + half]) of every head by the angle of the row; direction ±1.
// cosine and sine are (rows, half).
void ck_rope(long rows, long heads, long head_width, float *x, long ldx, const float *cosine,
             const float *sine, float direction);

// y = silu(gate) · up, x = gate ‖ up, (rows, 2 · hidden).
void ck_swiglu_forward(long rows, long hidden, const float *x, long ldx, float *y, long ldy);
// dx from dy; y is written again.
void ck_swiglu_backward(long rows, long hidden, const float *dy, long lddy, const float *x,
                        long ldx, float *dx, long lddx, float *y, long ldy);

// Floats of scratch that the two functions below need for that many tokens.
long ck_attention_scratch(long tokens, long head_width);
// Causal attention of one sequence, the queries of one key head; x = q ‖ k ‖ v, (tokens, (heads + 2 · key heads) · head width).
// y (tokens, heads · head width) and lse (tokens, heads) are written.
void ck_attention_forward(long tokens, long heads, long key_heads, long key_head, long head_width,
                          const float *x, long ldx, float *y, long ldy, float *lse,
                          float *scratch);
// dx of the same layout as x is written, again for one key head and its queries.
void ck_attention_backward(long tokens, long heads, long key_heads, long key_head, long head_width,
                           const float *x, long ldx, const float *y, long ldy, const float *lse,
                           const float *dy, long lddy, float *dx, long lddx, float *scratch);
// The three parts of attention over pages of 16 tokens, for queries (queries, head width) of one
// key head. Keys lie at pages[p] + offset as (head width, 16), values as (16, head width).
// Scores of the pages first ..< end, into scores[query * ld + position].
void ck_page_scores(long queries, long head_width, const float *q, const float *const *pages,
                    long first, long end, long offset, float *scores, long ld);
// Softmax of the first `count` scores in place; what is left of the last 16 becomes 0.
void ck_page_softmax(long count, float scale, float *scores);
// y (queries, head width) += Σ_j p[j] · value j for the positions from ..< to.
void ck_page_values(long queries, long head_width, const float *p, long ld,
                    const float *const *pages, long from, long to, long offset, float *y);
// Stores keys and values of one token at that slot of a page.
void ck_cache_store(long key_heads, long head_width, const float *k, const float *v,
                    float *key_page, float *value_page, long slot);

// Log-probability of the target, entropy and log of the sum of exponentials of every row.
void ck_score(long rows, long vocabulary, const float *logits, long ld, const int32_t *targets,
              float *logprob, float *entropy, float *lse);
// Turns logits into their derivatives, given those by log-probability and entropy.
void ck_score_backward(long rows, long vocabulary, float *logits, long ld, const int32_t *targets,
                       const float *entropy, const float *lse, const float *dlogprob,
                       const float *dentropy);
// y = exp((x − max x) · scale); returns Σ y and sets the maximum.
float ck_exponentials(long count, const float *x, float scale, float *y, float *maximum);
// The first index where the running sum of x passes the threshold; the last positive one otherwise.
long ck_pick(long count, const float *x, float threshold);

// One AdamW step; step_size and root_correction hold the bias corrections.
void ck_adamw(long count, float *p, const float *g, float *m, float *v, float scale, float beta1,
              float beta2, float step_size, float root_correction, float epsilon, float decay);
// Σ x², summed in doubles by blocks.
double ck_squared_norm(long count, const float *x);
// y += a · x.
void ck_axpy(long count, float a, const float *x, float *y);
// y[i] += Σ_r x[r, i].
void ck_column_sum(long rows, long columns, const float *x, long ldx, float *y);
// x[r] += bias for every row.
void ck_add_bias(long rows, long columns, const float *bias, float *x, long ldx);
