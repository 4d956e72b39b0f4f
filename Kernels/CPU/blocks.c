/* Weights in blocks, read value by value. */
#include "blocks.h"

/* Results must not depend on what a compiler sees fit to fuse. */
#pragma STDC FP_CONTRACT OFF

/* The scale of output `c`. */
static float scale_of(const unsigned char *block, size_t c) {
    uint16_t half;
    memcpy(&half, block + 2 * c, 2);
    return hay_float_from_f16(half);
}

/* Value `k` of output `c`, before it is scaled. */
static float level_of(const unsigned char *block, uint32_t type, size_t c, size_t k) {
    if (type == HAY_INT8) {
        const unsigned char *values = block + 2 * HAY_PANEL;
        return (float)(int8_t)values[(k / 4 * HAY_PANEL + c) * 4 + k % 4];
    }
    const unsigned char *zeros = block + 2 * HAY_PANEL, *values = zeros + HAY_PANEL;
    size_t pair = k % (HAY_GROUP / 2), shift = k < HAY_GROUP / 2 ? 0 : 4;
    unsigned level = values[(pair / 4 * HAY_PANEL + c) * 4 + pair % 4] >> shift & 15u;
    return (float)level - (float)zeros[c] * 0.125f;
}

void hay_widen_block_row(
    float *out, const void *blocks, size_t row, size_t inner, hay_tile tile, uint32_t type, float factor) {
    size_t block_bytes = type == HAY_INT8 ? HAY_INT8_BLOCK : HAY_INT4_BLOCK, c = row % HAY_PANEL;
    size_t groups = (inner + HAY_GROUP - 1) / HAY_GROUP, end = (size_t)tile.column + tile.columns;
    const unsigned char *panel = (const unsigned char *)blocks + row / HAY_PANEL * groups * block_bytes;
    for (size_t k = tile.column; k < end;) {
        const unsigned char *block = panel + k / HAY_GROUP * block_bytes;
        size_t group_end = (k / HAY_GROUP + 1) * HAY_GROUP < end ? (k / HAY_GROUP + 1) * HAY_GROUP : end;
        float scale = scale_of(block, c);
        for (; k < group_end; k++) out[k] = factor * (scale * level_of(block, type, c, k % HAY_GROUP));
    }
}
