/* Weights in blocks, as kernels.h lays them down, read value by value. */
#ifndef HAY_BLOCKS_H
#define HAY_BLOCKS_H

#include "cpu.h"

/* Values tile.column ... of row `row` of a matrix in blocks, whose rows have `inner` values, times `factor`. */
void hay_widen_block_row(
    float *out, const void *blocks, size_t row, size_t inner, hay_tile tile, uint32_t type, float factor);

#endif
