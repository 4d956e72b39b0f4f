/* What a query sees, and where a key lies: what every version of attention agrees on. */
#ifndef HAY_ATTENTION_H
#define HAY_ATTENTION_H

#include "cpu.h"

/* The keys that a query sees, from `first` up to but without `end`, and the position that it stands at. */
typedef struct hay_sight {
    int64_t first, end, position;
} hay_sight;

/* The sight of query `n` of the grid; `first` is `end` when it sees nothing. */
static inline hay_sight hay_sight_of(const hay_attention_params *p, const int32_t *lengths, size_t n) {
    int64_t length = lengths[n / p->queries], t = (int64_t)(n % p->queries);
    if (!p->causal) return (hay_sight){0, length, t};
    hay_sight sight = {.position = length - (int64_t)p->queries + t};
    sight.end = sight.position + 1;
    if (p->window != 0 && sight.end > (int64_t)p->window) sight.first = sight.end - (int64_t)p->window;
    if (sight.end < sight.first) sight.end = sight.first;
    return sight;
}

/* Where the cache has the block of positions that `position` is in: the index of its first element. */
static inline size_t hay_block_index(
    const hay_attention_params *p, const int32_t *table, size_t kv_head, size_t position) {
    size_t block = (size_t)table[position / HAY_CACHE_BLOCK];
    return (block * p->kv_heads + kv_head) * HAY_CACHE_BLOCK * p->head_size;
}

/* What is added to the score of a key at distance k - p. */
static inline float hay_bias_at(const hay_attention_params *p, const float *bias, size_t head, int64_t distance) {
    int64_t radius = p->bias_radius;
    int64_t place = distance < -radius ? 0 : distance > radius ? 2 * radius : distance + radius;
    return bias[head * (2 * (size_t)radius + 1) + (size_t)place];
}

#endif
