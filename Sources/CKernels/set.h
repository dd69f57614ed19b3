// All loops of one instruction set; included once for each, with FN, LANES, TILE and FEW defined.
#include "vectors.h"

#include "products.h"

#include "rows.h"

#include "attention.h"

#include "cached.h"

#include "flat.h"

#include "bfloat16.h"

#include "stored.h"

static const struct kernels FN(table) = {
    .name = SET_NAME,
    .panel = 2 * LANES,
    .packed_product = FN(packed_product),
    .deep_product = FN(deep_product),
    .weight_gradient = FN(weight_gradient),
    .pack = FN(pack),
    .pack_transposed = FN(pack_transposed),
    .rmsnorm_forward = FN(rmsnorm_forward),
    .rmsnorm_backward = FN(rmsnorm_backward),
    .rmsnorm_again = FN(rmsnorm_again),
    .rope = FN(rope),
    .swiglu_forward = FN(swiglu_forward),
    .swiglu_backward = FN(swiglu_backward),
    .attention_forward = FN(attention_forward),
    .attention_backward = FN(attention_backward),
    .page_scores = FN(page_scores),
    .page_softmax = FN(page_softmax),
    .page_values = FN(page_values),
    .score = FN(score),
    .score_backward = FN(score_backward),
    .exponentials = FN(exponentials),
    .adamw = FN(adamw),
    .squared_norm = FN(squared_norm),
    .axpy = FN(axpy),
    .column_sum = FN(column_sum),
    .add_bias = FN(add_bias),
    .pair_product = FN(pair_product),
    .pair_rows = FN(pair_rows),
    .pair_pack = FN(pair_pack),
    .paired_product = FN(paired_product),
    .pair_columns = FN(pair_columns),
    .pair_pack_transposed = FN(pair_pack_transposed),
    .stored_product = FN(stored_product),
    .stored_widen = FN(stored_widen),
};

#include "unset.h"
#undef SET_NAME
