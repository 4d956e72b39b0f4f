/* Runs of values between f32 and the narrow types. */

INLINE vector v_widen(const unsigned char *at, uint32_t type) {
    return type == HAY_F32 ? v_load(at) : type == HAY_BF16 ? from_bf16(halves(at)) : from_f16(halves(at));
}

INLINE vector v_widen_first(const unsigned char *at, uint32_t type, size_t count) {
    if (type == HAY_F32) return v_load_first(at, count);
    return type == HAY_BF16 ? from_bf16(halves_first(at, count)) : from_f16(halves_first(at, count));
}

INLINE void v_narrow(unsigned char *at, uint32_t type, vector v) {
    if (type == HAY_F32) {
        v_store(at, v);
    } else {
        store_halves(at, type == HAY_BF16 ? to_bf16(v) : to_f16(v));
    }
}

INLINE void v_narrow_first(unsigned char *at, uint32_t type, size_t count, vector v) {
    if (type == HAY_F32) {
        v_store_first(at, count, v);
    } else {
        store_halves_first(at, count, type == HAY_BF16 ? to_bf16(v) : to_f16(v));
    }
}

/* to[i] = factor * from[i]; a constant `from_type` and `to_type` make one loop. */
INLINE void convert_run(
    unsigned char *to, uint32_t to_type, const unsigned char *from, uint32_t from_type, size_t count, vector factor) {
    size_t to_size = hay_type_size(to_type), from_size = hay_type_size(from_type), i = 0;
    for (; i + LANES <= count; i += LANES) {
        v_narrow(to + i * to_size, to_type, v_multiply(factor, v_widen(from + i * from_size, from_type)));
    }
    if (i < count) {
        vector last = v_multiply(factor, v_widen_first(from + i * from_size, from_type, count - i));
        v_narrow_first(to + i * to_size, to_type, count - i, last);
    }
}

/* to[i] = factor * from[i], from memory of `type` from value `index` on. */
static void widen_run(float *to, const void *from, size_t index, uint32_t type, size_t count, float factor) {
    const unsigned char *at = (const unsigned char *)from + index * hay_type_size(type);
    switch (type) {
        case HAY_F32: convert_run((void *)to, HAY_F32, at, HAY_F32, count, v_set(factor)); break;
        case HAY_BF16: convert_run((void *)to, HAY_F32, at, HAY_BF16, count, v_set(factor)); break;
        default: convert_run((void *)to, HAY_F32, at, HAY_F16, count, v_set(factor)); break;
    }
}

/* Memory of `type`, from value `index` on, becomes from[0], from[1], ... */
static void narrow_run(void *to, size_t index, uint32_t type, const float *from, size_t count) {
    unsigned char *at = (unsigned char *)to + index * hay_type_size(type);
    switch (type) {
        case HAY_F32: memcpy(at, from, count * sizeof(float)); break;
        case HAY_BF16: convert_run(at, HAY_BF16, (const void *)from, HAY_F32, count, v_set(1)); break;
        default: convert_run(at, HAY_F16, (const void *)from, HAY_F32, count, v_set(1)); break;
    }
}
