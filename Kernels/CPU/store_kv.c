/* store_kv: writes each new key (or value) into its slot of the block cache. */
#include "store_kv.h"

void hay_scalar_store_kv(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_store_kv_params *p = call->params;
    const int32_t *slots = call->inputs[1];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        for (size_t head = tile.column; head < (size_t)tile.column + tile.columns; head++) {
            const float *x = (const float *)call->inputs[0] + (n * p->kv_heads + head) * p->head_size;
            hay_place place = hay_place_of(p, (uint32_t)slots[n], head);
            for (size_t i = 0; i < p->head_size; i++) {
                float value = p->cache_type == HAY_F16 ? hay_f16_clamped(x[i]) : x[i];
                hay_store(call->output, place.start + i * place.stride, p->cache_type, value);
            }
        }
    }
}
