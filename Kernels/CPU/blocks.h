/* Weights in blocks, as kernels.h lays them down, read value by value. */
#ifndef HAY_BLOCKS_H
#define HAY_BLOCKS_H

#include "cpu.h"

/* Whether weights of a type come in blocks. */
static inline int hay_is_blocks(uint32_t type) { return type >= HAY_INT8; }

/* Bytes of a block, and where in it the values begin. */
static inline size_t hay_block_bytes(uint32_t type) { return type == HAY_INT8 ? HAY_INT8_BLOCK : HAY_INT4_BLOCK; }
static inline size_t hay_block_values(uint32_t type) { return type == HAY_INT8 ? 2 * HAY_PANEL : 3 * HAY_PANEL; }

/* Of output `c` of a block: its scale, its zero point, and value `k` as the whole number that is stored. */
static inline float hay_block_scale(const unsigned char *block, size_t c) { return hay_load(block, c, HAY_F16); }
static inline float hay_block_zero(uint32_t type, const unsigned char *block, size_t c) {
    return type == HAY_INT4 ? (float)block[2 * HAY_PANEL + c] * 0.125f : 0;
}
static inline int32_t hay_block_value(uint32_t type, const unsigned char *block, size_t c, size_t k) {
    const unsigned char *values = block + hay_block_values(type);
    if (type == HAY_INT8) return (int8_t)values[(k / 4 * HAY_PANEL + c) * 4 + k % 4];
    size_t pair = k % (HAY_GROUP / 2), shift = k < HAY_GROUP / 2 ? 0 : 4;
    return values[(pair / 4 * HAY_PANEL + c) * 4 + pair % 4] >> shift & 15;
}

/* Values tile.column ... of row `row` of a matrix in blocks, whose rows have `inner` values, times `factor`. */
void hay_widen_block_row(
    float *out, const void *blocks, size_t row, size_t inner, hay_tile tile, uint32_t type, float factor);

#endif
