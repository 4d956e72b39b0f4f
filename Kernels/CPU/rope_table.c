/* rope_table: the cosines, then the sines, of positions[n] * frequencies[i], each times scale. */
#include <math.h>

#include "cpu.h"

/* The one version: a table is computed once a step and serves every layer. Cosine and sine are taken in double, so
 * that large angles lose nothing more than the rounding of the product. */
void hay_scalar_rope_table(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_rope_table_params *p = call->params;
    const int32_t *positions = call->inputs[0];
    const float *frequencies = call->inputs[1];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        float *cosines = (float *)call->output + n * 2 * p->half, *sines = cosines + p->half;
        for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) {
            float angle = (float)positions[n] * frequencies[i];
            cosines[i] = (float)cos((double)angle) * p->scale;
            sines[i] = (float)sin((double)angle) * p->scale;
        }
    }
}
