/* rms_norm: y = x / sqrt(mean(x^2) + epsilon) * weight. */
#include <math.h>

#include "cpu.h"

void hay_scalar_rms_norm(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_rms_norm_params *p = call->params;
    const float *weight = call->inputs[1];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *x = (const float *)call->inputs[0] + n * p->dim;
        float *y = (float *)call->output + n * p->dim;
        double squares = 0;
        for (size_t i = 0; i < p->dim; i++) squares += (double)x[i] * (double)x[i];
        double factor = 1 / sqrt(squares / p->dim + (double)p->epsilon);
        for (size_t i = 0; i < p->dim; i++) y[i] = (float)((double)x[i] * factor * (double)weight[i]);
    }
}
