/* matmul: out[p][n, m] = scale * dot(x[n], weight[p][m]) + bias[p][m] (+ residual[n, m]). */
#include <math.h>

#include "blocks.h"
#include "matmul.h"

static double plain_dot(const float *x, const void *weights, size_t first, size_t count, uint32_t type) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)x[i] * (double)hay_load(weights, first + i, type);
    return sum;
}

/* A group of x in whole numbers; zeros where there are no values. */
struct rounded {
    float scale;
    int32_t values[HAY_GROUP], sum;
};

static struct rounded round_group(const float *x, size_t count) {
    struct rounded group = {0};
    float largest = 0;
    for (size_t i = 0; i < count; i++) {
        float magnitude = fabsf(x[i]);
        if (magnitude > largest || isnan(magnitude)) largest = magnitude; /* NaN stays: nothing is above it */
    }
    group.scale = largest / 127;
    float factor = group.scale == 0 ? 0 : 1 / group.scale;
    for (size_t i = 0; i < count; i++) {
        float value = nearbyintf(x[i] * factor);
        group.values[i] = value >= -128 && value <= 128 ? (int32_t)value : 0; /* not NaN */
        group.sum += group.values[i];
    }
    return group;
}

static double block_dot(const float *x, const void *weights, size_t column, size_t inner, uint32_t type) {
    size_t groups = (inner + HAY_GROUP - 1) / HAY_GROUP, output = column % HAY_PANEL;
    const unsigned char *panel = (const unsigned char *)weights + column / HAY_PANEL * groups * hay_block_bytes(type);
    double total = 0;
    for (size_t g = 0; g < groups; g++) {
        const unsigned char *block = panel + g * hay_block_bytes(type);
        size_t left = inner - g * HAY_GROUP;
        struct rounded rounded = round_group(x + g * HAY_GROUP, left < HAY_GROUP ? left : HAY_GROUP);
        int32_t sum = 0;
        for (size_t k = 0; k < HAY_GROUP; k++) {
            sum += rounded.values[k] * hay_block_value(type, block, output, k);
        }
        double scale = (double)hay_block_scale(block, output) * (double)rounded.scale;
        total += scale * (sum - (double)hay_block_zero(type, block, output) * rounded.sum);
    }
    return total;
}

double hay_plain_product(const float *x, const void *weights, size_t column, size_t inner, uint32_t type) {
    if (hay_is_blocks(type)) return block_dot(x, weights, column, inner, type);
    return plain_dot(x, weights, column * inner, inner, type);
}

void hay_scalar_matmul(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_matmul_params *p = call->params;
    struct hay_part part;
    for (uint32_t index = 0; index < HAY_MATMUL_PARTS; index++) {
        if (!hay_part_of(call, tile, index, &part)) continue;
        for (size_t m = part.tile.column; m < (size_t)part.tile.column + part.tile.columns; m++) {
            for (size_t n = part.tile.row; n < (size_t)part.tile.row + part.tile.rows; n++) {
                const float *x = (const float *)call->inputs[0] + n * p->inner;
                double sum = hay_plain_product(x, part.weights, m, p->inner, p->weight_type);
                double y = (double)p->scale * sum + (part.bias ? (double)part.bias[m] : 0);
                /* A residual joins the rounded product, as if it were added by itself. */
                float residual = part.residual ? part.residual[n * part.outer + m] : 0;
                part.out[n * part.outer + m] = (float)y + residual;
            }
        }
    }
}
