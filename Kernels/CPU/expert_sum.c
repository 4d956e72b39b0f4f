/* expert_sum: out[n] = sum over j of weight[n, j] * y[place of pair (n, j)], and then + residual[n]. */
#include "experts.h"

void hay_scalar_expert_sum(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_expert_sum_params *p = call->params;
    struct hay_order order = hay_order_at(call->inputs[1], p->experts, (size_t)call->rows * p->chosen);
    const float *y = call->inputs[0], *weights = call->inputs[2], *residual = call->inputs[3];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) {
            double sum = 0;
            for (size_t pair = n * p->chosen; pair < (n + 1) * p->chosen; pair++) {
                sum += (double)weights[pair] * (double)y[(size_t)order.places[pair] * p->dim + i];
            }
            /* A residual joins the rounded sum, as with matmul. */
            ((float *)call->output)[n * p->dim + i] = (float)sum + (residual ? residual[n * p->dim + i] : 0);
        }
    }
}
