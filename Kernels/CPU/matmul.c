/* matmul: out[n, m] = scale * dot(x[n], weight[m]) + bias[m]. */
#include "cpu.h"

static double dot(const float *x, const void *weights, size_t first, size_t count, uint32_t type) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i] * (double)hay_load(weights, first + i, type);
    return sum;
}

void hay_scalar_matmul(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_matmul_params *p = call->params;
    const float *x = call->inputs[0], *bias = call->inputs[2];
    float *out = call->output;
    for (size_t m = tile.column; m < (size_t)tile.column + tile.columns; m++) {
        for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
            double sum = dot(x + n * p->inner, call->inputs[1], m * p->inner, p->inner, p->weight_type);
            out[n * p->outer + m] = (float)((double)p->scale * sum + (bias ? (double)bias[m] : 0));
        }
    }
}
