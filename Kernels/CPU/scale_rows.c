/* scale_rows: out[n] = scales[n] * x[n]. */
#include "cpu.h"

void hay_scalar_scale_rows(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_scale_rows_params *p = call->params;
    const float *scales = call->inputs[1];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        size_t start = n * p->dim + tile.column;
        const float *x = (const float *)call->inputs[0] + start;
        float *out = (float *)call->output + start;
        for (size_t i = 0; i < tile.columns; i++) out[i] = x[i] * scales[n];
    }
}
