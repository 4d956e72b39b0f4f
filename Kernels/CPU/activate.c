/* activate: out = activation(x). gated: out = activation(gate) * up. */
#include <math.h>

#include "cpu.h"

static double activation(double x, uint32_t which) {
    switch (which) {
        case HAY_SILU: return x / (1 + exp(-x));
        case HAY_GELU: return 0.5 * x * erfc(-x * 0.70710678118654752440); /* erfc: exact where 1 + erf cancels */
        case HAY_GELU_TANH: return 0.5 * x * (1 + tanh(0.79788456080286535588 * (x + 0.044715 * x * x * x)));
        default: return x < 0 ? 0 : x;
    }
}

void hay_scalar_activate(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_activate_params *p = call->params;
    const float *x = call->inputs[0];
    float *out = call->output;
    for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) {
        out[i] = (float)activation((double)x[i], p->activation);
    }
}

void hay_scalar_gated(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_gated_params *p = call->params;
    const float *gate = call->inputs[0], *up = call->inputs[1];
    float *out = call->output;
    for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) {
        out[i] = (float)(activation((double)gate[i], p->activation) * (double)up[i]);
    }
}
