/* layer_norm: y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * weight + bias. */
#include <math.h>

#include "cpu.h"

static void normalize(const hay_layer_norm_params *p, const float *x, const float *weight, const float *bias, float *y) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < p->dim; i++) mean += (double)x[i];
    mean /= p->dim;
    for (size_t i = 0; i < p->dim; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    double factor = 1 / sqrt(squares / p->dim + (double)p->epsilon);
    for (size_t i = 0; i < p->dim; i++) {
        double value = ((double)x[i] - mean) * factor;
        if (weight) value *= (double)weight[i];
        if (bias) value += (double)bias[i];
        y[i] = (float)value;
    }
}

void hay_scalar_layer_norm(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_layer_norm_params *p = call->params;
    const float *x = call->inputs[0], *weight = call->inputs[1], *bias = call->inputs[2];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        size_t start = n * p->dim, head = n % p->heads * p->dim;
        float *y = (float *)call->output + start;
        normalize(p, x + start, weight ? weight + head : NULL, bias ? bias + head : NULL, y);
    }
}
