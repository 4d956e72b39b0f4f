/* What the versions of matmul share: how a tile of the grid meets the weights. */
#ifndef HAY_MATMUL_H
#define HAY_MATMUL_H

#include "cpu.h"

/* A row of x times a column of weights, summed in double. */
double hay_plain_product(const float *x, const void *weights, size_t column, size_t inner, uint32_t type);

/* One weight of a matmul, and the part of a tile that lies in its columns. */
struct hay_part {
    const void *weights;
    const float *bias, *residual;
    float *out;
    size_t outer;
    hay_tile tile;
};

/* Panels that so many columns take. */
static inline size_t hay_panels(size_t columns) { return (columns + HAY_PANEL - 1) / HAY_PANEL; }

/* Whether a tile has columns of weight `index`, and which. */
static inline int hay_part_of(const hay_call *call, hay_tile tile, uint32_t index, struct hay_part *part) {
    const hay_matmul_params *p = call->params;
    uint32_t start = 0;
    size_t before = 0;
    for (uint32_t i = 0; i < index; i++) {
        start += (p->outer[i] + HAY_PANEL - 1) / HAY_PANEL * HAY_PANEL;
        before += p->outer[i];
    }
    uint32_t first = tile.column > start ? tile.column - start : 0;
    uint32_t last = tile.column + tile.columns > start ? tile.column + tile.columns - start : 0;
    if (last > p->outer[index]) last = p->outer[index];
    if (first >= last) return 0;
    *part = (struct hay_part){
        .weights = call->inputs[1 + index],
        .bias = call->inputs[1 + HAY_MATMUL_PARTS + index],
        .residual = call->inputs[1 + 2 * HAY_MATMUL_PARTS],
        .out = (float *)call->output + before * call->rows,
        .outer = p->outer[index],
        .tile = {.column = first, .columns = last - first, .row = tile.row, .rows = tile.rows},
    };
    return 1;
}

#endif
