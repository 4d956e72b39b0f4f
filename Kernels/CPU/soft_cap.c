/* soft_cap: out = cap * tanh(x / cap). */
#include <math.h>

#include "cpu.h"

void hay_scalar_soft_cap(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_soft_cap_params *p = call->params;
    const float *x = call->inputs[0];
    float *out = call->output;
    double cap = p->cap;
    for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) out[i] = (float)(cap * tanh(x[i] / cap));
}
