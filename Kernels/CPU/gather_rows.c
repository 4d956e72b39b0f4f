/* gather_rows: out[n] = x[indices[n]]. */
#include "cpu.h"

void hay_scalar_gather_rows(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_gather_rows_params *p = call->params;
    const int32_t *indices = call->inputs[1];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *x = (const float *)call->inputs[0] + (size_t)indices[n] * p->dim + tile.column;
        memcpy((float *)call->output + n * p->dim + tile.column, x, tile.columns * sizeof(float));
    }
}
