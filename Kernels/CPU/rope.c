/* rope: turns the pairs (x[i], x[i + half]) of each head by the table's angles; copies the rest. */
#include "cpu.h"

void hay_scalar_rope(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_rope_params *p = call->params;
    size_t half = p->half;
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *cosines = (const float *)call->inputs[1] + n * 2 * half, *sines = cosines + half;
        for (size_t head = tile.column; head < (size_t)tile.column + tile.columns; head++) {
            size_t start = (n * p->heads + head) * p->head_size;
            const float *x = (const float *)call->inputs[0] + start;
            float *y = (float *)call->output + start;
            for (size_t i = 0; i < half; i++) {
                double a = x[i], b = x[i + half], c = cosines[i], s = sines[i];
                y[i] = (float)(a * c - b * s);
                y[i + half] = (float)(b * c + a * s);
            }
            for (size_t i = 2 * half; i < p->head_size; i++) y[i] = x[i];
        }
    }
}
