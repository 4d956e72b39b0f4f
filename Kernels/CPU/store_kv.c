/* store_kv: writes each new key (or value) into its slot of the block cache. */
#include "cpu.h"

void hay_scalar_store_kv(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_store_kv_params *p = call->params;
    const int32_t *slots = call->inputs[1];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        size_t block = (uint32_t)slots[n] / p->block_size, place = (uint32_t)slots[n] % p->block_size;
        for (size_t head = tile.column; head < (size_t)tile.column + tile.columns; head++) {
            const float *x = (const float *)call->inputs[0] + (n * p->kv_heads + head) * p->head_size;
            size_t start = ((block * p->kv_heads + head) * p->block_size + place) * p->head_size;
            for (size_t i = 0; i < p->head_size; i++) hay_store(call->output, start + i, p->cache_type, x[i]);
        }
    }
}
