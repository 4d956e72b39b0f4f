/* rope: turns the pairs of values of each head by the table's angles; copies the rest. */
#include "cpu.h"

void hay_scalar_rope(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_rope_params *p = call->params;
    /* The second value of pair i is `apart` from the first, which is at i * step. */
    size_t half = p->half, step = p->adjacent ? 2 : 1, apart = p->adjacent ? 1 : half;
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *cosines = (const float *)call->inputs[1] + n * 2 * half, *sines = cosines + half;
        for (size_t head = tile.column; head < (size_t)tile.column + tile.columns; head++) {
            size_t start = (n * p->heads + head) * p->head_size;
            const float *x = (const float *)call->inputs[0] + start;
            float *y = (float *)call->output + start;
            for (size_t i = 0; i < half; i++) {
                size_t first = i * step, second = first + apart;
                double a = x[first], b = x[second], c = cosines[i], s = sines[i];
                y[first] = (float)(a * c - b * s);
                y[second] = (float)(b * c + a * s);
            }
            for (size_t i = 2 * half; i < p->head_size; i++) y[i] = x[i];
        }
    }
}
