/* Weights in blocks, read value by value. */
#include "blocks.h"

/* Results must not depend on what a compiler sees fit to fuse. */
#pragma STDC FP_CONTRACT OFF

void hay_widen_block_row(
    float *out, const void *blocks, size_t row, size_t inner, hay_tile tile, uint32_t type, float factor) {
    size_t block_bytes = hay_block_bytes(type), c = row % HAY_PANEL;
    size_t groups = (inner + HAY_GROUP - 1) / HAY_GROUP, end = (size_t)tile.column + tile.columns;
    const unsigned char *panel = (const unsigned char *)blocks + row / HAY_PANEL * groups * block_bytes;
    for (size_t k = tile.column; k < end;) {
        const unsigned char *block = panel + k / HAY_GROUP * block_bytes;
        size_t group_end = (k / HAY_GROUP + 1) * HAY_GROUP < end ? (k / HAY_GROUP + 1) * HAY_GROUP : end;
        float scale = hay_block_scale(block, c), zero = hay_block_zero(type, block, c);
        for (; k < group_end; k++) {
            out[k] = factor * (scale * ((float)hay_block_value(type, block, c, k % HAY_GROUP) - zero));
        }
    }
}
