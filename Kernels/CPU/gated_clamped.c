/* gated_clamped: out = (clamp(up, -limit, limit) + 1) * g * sigmoid(alpha * g), g = min(gate, limit). NaN stays NaN. */
#include <math.h>

#include "cpu.h"

void hay_scalar_gated_clamped(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_gated_clamped_params *p = call->params;
    const float *gate = call->inputs[0], *up = call->inputs[1];
    float *out = call->output, limit = p->limit;
    for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) {
        double g = gate[i] > limit ? limit : gate[i];
        double u = up[i] > limit ? limit : up[i] < -limit ? -limit : up[i];
        out[i] = (float)((u + 1) * g / (1 + exp(-(double)p->alpha * g)));
    }
}
