/* expert_matmul: out[p][i, m] = dot(x[row of i], weight[p][e, m]) + bias[p][e, m]. */
#include "experts.h"

void hay_scalar_expert_matmul(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_expert_matmul_params *p = call->params;
    struct hay_order order = hay_order_of(call);
    struct hay_expert_panels panels = hay_expert_panels(call, &order, tile);
    struct hay_part part;
    for (size_t slot; hay_next_expert_part(call, &order, &panels, &part, &slot);) {
        for (size_t m = part.tile.column; m < (size_t)part.tile.column + part.tile.columns; m++) {
            for (size_t row = 0; row < part.tile.rows; row++) {
                const float *x = hay_expert_row(call, &order, hay_slot_start(&order, slot) + row);
                double sum = hay_plain_product(x, part.weights, m, p->inner, p->weight_type);
                part.out[row * part.outer + m] = (float)(sum + (part.bias ? (double)part.bias[m] : 0));
            }
        }
    }
}
