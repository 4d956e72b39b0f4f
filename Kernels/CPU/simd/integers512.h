/* Whole numbers for blocks.h: AVX-512 with VNNI, which sums four products of unsigned and signed bytes at a time. Values of
 * int8 become unsigned by adding 128, which is a zero point to take away. */
enum {
    FEW_BLOCK_ROWS = 3, /* rows that meet weights as they lie */
};

typedef __m512i integers;

/* A value of x takes so many bytes, and this many values of a row stand together. */
INLINE size_t x_bytes(uint32_t type) { return (void)type, 1; }
INLINE size_t x_together(uint32_t type, int is_few) { return (void)type, (void)is_few, 4; }

/* A group of weights as many rows meet it, in bytes. */
INLINE size_t expanded_bytes(uint32_t type) { return (void)type, HAY_PANEL * HAY_GROUP; }

INLINE __m512i together4(const unsigned char *at) {
    int32_t four;
    memcpy(&four, at, 4);
    return _mm512_set1_epi32(four);
}

INLINE vector v_from_integers(integers v) { return _mm512_cvtepi32_ps(v); }
INLINE vector v_scales(const unsigned char *block, size_t v) { return (void)v, from_f16(halves(block)); }
INLINE vector v_zero_points(const unsigned char *block, size_t v) {
    (void)v;
    __m128i eighths = _mm_loadu_si128((const void *)(block + 2 * HAY_PANEL));
    return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(eighths)), _mm512_set1_ps(0.125f));
}

/* Whether the sums of a type need zero * (sum of x) taken away. */
INLINE int has_zero_points(uint32_t type) { return (void)type, 1; }

/* Rounds a group times a factor to whole numbers; their sum. */
INLINE int32_t round_values(const float *x, float factor, signed char *to) {
    vector f = v_set(factor);
    __m512i first = _mm512_cvtps_epi32(v_multiply(v_load(x), f));
    __m512i second = _mm512_cvtps_epi32(v_multiply(v_load(x + LANES), f));
    _mm_storeu_si128((void *)to, _mm512_cvtsepi32_epi8(first));
    _mm_storeu_si128((void *)(to + LANES), _mm512_cvtsepi32_epi8(second));
    return _mm512_reduce_add_epi32(_mm512_add_epi32(first, second));
}

/* Lays out the rounded values of one of `rows` rows: four that stand together, and again past the other rows'. */
INLINE void lay_out_values(uint32_t type, int is_few, size_t rows, const signed char *from, unsigned char *to) {
    (void)type, (void)is_few;
    UNROLL for (size_t i = 0; i < HAY_GROUP / 4; i++) memcpy(to + i * rows * 4, from + i * 4, 4);
}

INLINE __m512i unsigned_bytes(__m512i values) { return _mm512_xor_si512(values, _mm512_set1_epi8(-128)); }

INLINE void few_sums_int8(size_t rows, const unsigned char *values, const unsigned char *x, integers sums[][1]) {
    UNROLL for (size_t r = 0; r < rows; r++) sums[r][0] = _mm512_setzero_si512();
    UNROLL for (size_t q = 0; q < HAY_GROUP / 4; q++) {
        __m512i w = unsigned_bytes(_mm512_loadu_si512(values + q * 64));
        UNROLL for (size_t r = 0; r < rows; r++) {
            sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], w, together4(x + (q * rows + r) * 4));
        }
    }
}

INLINE void few_sums_int4(size_t rows, const unsigned char *values, const unsigned char *x, integers sums[][1]) {
    const __m512i low = _mm512_set1_epi8(15);
    UNROLL for (size_t r = 0; r < rows; r++) sums[r][0] = _mm512_setzero_si512();
    UNROLL for (size_t q = 0; q < HAY_GROUP / 8; q++) {
        __m512i both = _mm512_loadu_si512(values + q * 64);
        __m512i first = _mm512_and_si512(both, low), second = _mm512_and_si512(_mm512_srli_epi16(both, 4), low);
        UNROLL for (size_t r = 0; r < rows; r++) {
            sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], first, together4(x + (q * rows + r) * 4));
            sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], second, together4(x + ((q + 4) * rows + r) * 4));
        }
    }
}

/* Values as unsigned bytes, in the order they lie. */
INLINE void expand_values(uint32_t type, const unsigned char *values, unsigned char *to) {
    if (type == HAY_INT8) {
        for (size_t at = 0; at < 512; at += 64) {
            _mm512_store_si512(to + at, unsigned_bytes(_mm512_loadu_si512(values + at)));
        }
        return;
    }
    const __m512i low = _mm512_set1_epi8(15);
    for (size_t at = 0; at < 256; at += 64) {
        __m512i both = _mm512_loadu_si512(values + at);
        _mm512_store_si512(to + at, _mm512_and_si512(both, low));
        _mm512_store_si512(to + 256 + at, _mm512_and_si512(_mm512_srli_epi16(both, 4), low));
    }
}

/* The sums of an expanded group with `rows` rows. */
INLINE void many_sums(uint32_t type, size_t rows, const unsigned char *w, const unsigned char *x, integers sums[][1]) {
    UNROLL for (size_t r = 0; r < rows; r++) sums[r][0] = _mm512_setzero_si512();
    for (size_t i = 0; i < expanded_bytes(type); i += 64) {
        __m512i values = _mm512_load_si512(w + i);
        UNROLL for (size_t r = 0; r < rows; r++) {
            sums[r][0] = _mm512_dpbusd_epi32(sums[r][0], values, together4(x + i / 16 * rows + r * 4));
        }
    }
}

/* Sums of four products of bytes, as many as there can be at a time: `steps` times sixteen vectors. */
INLINE integers add_products(uint64_t steps) {
    __m512i a = _mm512_set1_epi8(1), sums[16];
    UNROLL for (size_t j = 0; j < 16; j++) sums[j] = _mm512_setzero_si512();
    for (uint64_t i = 0; i < steps; i++) {
        UNROLL for (size_t j = 0; j < 16; j++) sums[j] = _mm512_dpbusd_epi32(sums[j], a, a);
        __asm__ volatile("" : "+v"(a));
    }
    UNROLL for (size_t j = 1; j < 16; j++) sums[0] = _mm512_add_epi32(sums[0], sums[j]);
    return sums[0];
}
