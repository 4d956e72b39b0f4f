/* store_kv: writes each new key (or value) into its slot of the block cache. */

/* to[i] = from[i] in f16, where larger numbers become the largest; NaN, as second operand, passes. */
static void narrow_clamped(unsigned char *to, const float *from, size_t count) {
    vector most = v_set(HAY_F16_LARGEST), least = v_set(-HAY_F16_LARGEST);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        v_narrow(to + 2 * i, HAY_F16, v_min(most, v_max(least, v_load(from + i))));
    }
    if (i < count) {
        vector last = v_min(most, v_max(least, v_load_first(from + i, count - i)));
        v_narrow_first(to + 2 * i, HAY_F16, count - i, last);
    }
}

static void narrow_for_cache(unsigned char *to, uint32_t type, const float *from, size_t count) {
    if (type == HAY_F16) narrow_clamped(to, from, count);
    else narrow_run(to, 0, type, from, count);
}

/* Values of `size` bytes, from one after the other to `stride` bytes apart. */
INLINE void scatter(unsigned char *to, size_t stride, const unsigned char *from, size_t size, size_t count) {
    for (size_t i = 0; i < count; i++) memcpy(to + i * stride, from + i * size, size);
}

void HAY_VERSION(store_kv)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    const hay_store_kv_params *p = call->params;
    const int32_t *slots = call->inputs[1];
    size_t size = hay_type_size(p->cache_type);
    unsigned char *narrow = hay_scratch(thread, p->head_size * size);
    for (size_t head = tile.column; head < (size_t)tile.column + tile.columns; head++) {
        for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
            const float *x = (const float *)call->inputs[0] + (n * p->kv_heads + head) * p->head_size;
            hay_place place = hay_place_of(p, (uint32_t)slots[n], head);
            unsigned char *to = (unsigned char *)call->output + place.start * size;
            if (place.stride == 1) {
                narrow_for_cache(to, p->cache_type, x, p->head_size);
                continue;
            }
            narrow_for_cache(narrow, p->cache_type, x, p->head_size);
            if (size == 2) scatter(to, place.stride * 2, narrow, 2, p->head_size);
            else scatter(to, place.stride * 4, narrow, 4, p->head_size);
        }
    }
}
