/* add: out = a + b. */
#include "cpu.h"

void hay_scalar_add(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const float *a = call->inputs[0], *b = call->inputs[1];
    float *out = call->output;
    for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) out[i] = a[i] + b[i];
}
