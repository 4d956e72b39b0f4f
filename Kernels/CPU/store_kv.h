/* Where a key or value goes, and what becomes of one that is too large: what every version of store_kv agrees on. */
#ifndef HAY_STORE_KV_H
#define HAY_STORE_KV_H

#include "cpu.h"

/* Where the cache has the values of a slot: the index of the first, and how far apart they are. */
typedef struct hay_place {
    size_t start, stride;
} hay_place;

static inline hay_place hay_place_of(const hay_store_kv_params *p, uint32_t slot, size_t head) {
    size_t start = (slot / HAY_CACHE_BLOCK * p->kv_heads + head) * HAY_CACHE_BLOCK * p->head_size;
    size_t at = slot % HAY_CACHE_BLOCK;
    return p->is_keys ? (hay_place){start + at, HAY_CACHE_BLOCK} : (hay_place){start + at * p->head_size, 1};
}

#define HAY_F16_LARGEST 65504.0f

/* The nearest number that f16 has; NaN stays NaN. */
static inline float hay_f16_clamped(float x) {
    return x > HAY_F16_LARGEST ? HAY_F16_LARGEST : x < -HAY_F16_LARGEST ? -HAY_F16_LARGEST : x;
}

#endif
