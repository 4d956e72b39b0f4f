/* embed: out[n] = scale * table[ids[n]]. */
#include "blocks.h"
#include "cpu.h"

void hay_scalar_embed(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_embed_params *p = call->params;
    const int32_t *ids = call->inputs[0];
    float *out = call->output;
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        /* As unsigned, a negative id is past the end too. */
        size_t id = (uint32_t)ids[n] < p->vocabulary ? (uint32_t)ids[n] : 0;
        if (p->table_type >= HAY_INT8) {
            hay_widen_block_row(out + n * p->dim, call->inputs[1], id, p->dim, tile, p->table_type, p->scale);
            continue;
        }
        for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) {
            out[n * p->dim + i] = p->scale * hay_load(call->inputs[1], id * p->dim + i, p->table_type);
        }
    }
}
