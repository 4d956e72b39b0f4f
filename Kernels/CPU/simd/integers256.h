/* Whole numbers for blocks.h: AVX2. There is no sum of four products of bytes here, so values of int8 are widened to 16
 * bits and multiplied in pairs, exactly; halves of int4 stay bytes, and the eight sums of a group fit 16 bits. */
enum {
    FEW_BLOCK_ROWS = 3, /* rows that meet weights as they lie */
};

typedef __m256i integers;

/* A value of x takes so many bytes, and this many values of a row stand together. */
INLINE size_t x_bytes(uint32_t type) { return type == HAY_INT8 ? 2 : 1; }
INLINE size_t x_together(uint32_t type, int is_few) { return type == HAY_INT8 && !is_few ? 2 : 4; }

/* A group of weights as many rows meet it, in bytes. */
INLINE size_t expanded_bytes(uint32_t type) { return HAY_PANEL * HAY_GROUP * x_bytes(type); }

INLINE __m256i together2(const unsigned char *at) { return _mm256_castps_si256(_mm256_broadcast_ss((const void *)at)); }
INLINE __m256i together4(const unsigned char *at) {
    return _mm256_castpd_si256(_mm256_broadcast_sd((const void *)at));
}

INLINE vector v_from_integers(integers v) { return _mm256_cvtepi32_ps(v); }
INLINE vector v_scales(const unsigned char *block, size_t v) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const void *)(block + v * 16)));
}
INLINE vector v_zero_points(const unsigned char *block, size_t v) {
    __m128i eighths = _mm_loadl_epi64((const void *)(block + 2 * HAY_PANEL + v * 8));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eighths)), _mm256_set1_ps(0.125f));
}

/* Whether the sums of a type need zero * (sum of x) taken away. */
INLINE int has_zero_points(uint32_t type) { return type == HAY_INT4; }

/* Rounds a group times a factor to whole numbers; their sum. */
INLINE int32_t round_values(const float *x, float factor, signed char *to) {
    __m256i parts[4];
    vector f = v_set(factor);
    UNROLL for (size_t j = 0; j < 4; j++) parts[j] = _mm256_cvtps_epi32(v_multiply(v_load(x + j * 8), f));
    __m256i words = _mm256_packs_epi16(
        _mm256_packs_epi32(parts[0], parts[1]), _mm256_packs_epi32(parts[2], parts[3]));
    words = _mm256_permutevar8x32_epi32(words, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((void *)to, words);
    __m256i sums = _mm256_add_epi32(_mm256_add_epi32(parts[0], parts[1]), _mm256_add_epi32(parts[2], parts[3]));
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1)));
}

/* Lays out the rounded values of one of `rows` rows: those that stand together, and again past the other rows'. */
INLINE void lay_out_values(uint32_t type, int is_few, size_t rows, const signed char *from, unsigned char *to) {
    size_t bytes = x_bytes(type) * x_together(type, is_few);
    _Alignas(32) unsigned char wide[2 * HAY_GROUP];
    const unsigned char *at = (const unsigned char *)from;
    if (type == HAY_INT8) {
        for (size_t j = 0; j < 2; j++) {
            __m128i half = _mm_loadu_si128((const void *)(from + j * 16));
            _mm256_store_si256((void *)(wide + j * 32), _mm256_cvtepi8_epi16(half));
        }
        at = wide;
    }
    size_t count = HAY_GROUP * x_bytes(type) / bytes;
    UNROLL for (size_t i = 0; i < count; i++) memcpy(to + i * rows * bytes, at + i * bytes, bytes);
}

/* The sums of a group of int8 with few rows. Four outputs' values, widened, fill a vector, whose sums come in pairs. */
INLINE void few_sums_int8(size_t rows, const unsigned char *values, const unsigned char *x, integers sums[][2]) {
    __m256i pairs[FEW_BLOCK_ROWS][4];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t j = 0; j < 4; j++) pairs[r][j] = _mm256_setzero_si256();
    }
    UNROLL for (size_t q = 0; q < HAY_GROUP / 4; q++) {
        UNROLL for (size_t j = 0; j < 4; j++) {
            __m256i w = _mm256_cvtepi8_epi16(_mm_loadu_si128((const void *)(values + q * 64 + j * 16)));
            UNROLL for (size_t r = 0; r < rows; r++) {
                __m256i products = _mm256_madd_epi16(w, together4(x + (q * rows + r) * 8));
                pairs[r][j] = _mm256_add_epi32(pairs[r][j], products);
            }
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t v = 0; v < 2; v++) {
            __m256i whole = _mm256_hadd_epi32(pairs[r][2 * v], pairs[r][2 * v + 1]);
            sums[r][v] = _mm256_permute4x64_epi64(whole, 0xd8);
        }
    }
}

/* The sums of eight products of 15 * 127 * 2 at most stay below 2^15. */
INLINE void few_sums_int4(size_t rows, const unsigned char *values, const unsigned char *x, integers sums[][2]) {
    const __m256i low = _mm256_set1_epi8(15), ones = _mm256_set1_epi16(1);
    UNROLL for (size_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
    UNROLL for (size_t q = 0; q < HAY_GROUP / 8; q++) {
        UNROLL for (size_t v = 0; v < 2; v++) {
            __m256i both = _mm256_loadu_si256((const void *)(values + q * 64 + v * 32));
            __m256i first = _mm256_and_si256(both, low);
            __m256i second = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
            UNROLL for (size_t r = 0; r < rows; r++) {
                __m256i a = _mm256_maddubs_epi16(first, together2(x + (q * rows + r) * 4));
                __m256i b = _mm256_maddubs_epi16(second, together2(x + ((q + 4) * rows + r) * 4));
                sums[r][v] = _mm256_add_epi16(sums[r][v], _mm256_add_epi16(a, b));
            }
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t v = 0; v < 2; v++) sums[r][v] = _mm256_madd_epi16(sums[r][v], ones);
    }
}

/* int8: pairs of an output's values, widened, for eight outputs; int4: halves as bytes. */
INLINE void expand_values(uint32_t type, const unsigned char *values, unsigned char *to) {
    if (type == HAY_INT8) {
        const __m256i first = _mm256_setr_epi8(
            -1, 0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13,
            -1, 0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13);
        const __m256i upper = _mm256_set1_epi32((int)0xff000000), lower = _mm256_set1_epi32(0xff00);
        for (size_t q = 0; q < HAY_GROUP / 4; q++) {
            for (size_t v = 0; v < 2; v++) {
                __m256i quads = _mm256_loadu_si256((const void *)(values + q * 64 + v * 32));
                __m256i a = _mm256_shuffle_epi8(quads, first);
                __m256i b = _mm256_or_si256(
                    _mm256_and_si256(quads, upper), _mm256_and_si256(_mm256_srli_epi32(quads, 8), lower));
                _mm256_store_si256((void *)(to + q * 128 + v * 32), _mm256_srai_epi16(a, 8));
                _mm256_store_si256((void *)(to + q * 128 + 64 + v * 32), _mm256_srai_epi16(b, 8));
            }
        }
        return;
    }
    const __m256i low = _mm256_set1_epi8(15);
    for (size_t at = 0; at < 256; at += 32) {
        __m256i both = _mm256_loadu_si256((const void *)(values + at));
        _mm256_store_si256((void *)(to + at), _mm256_and_si256(both, low));
        _mm256_store_si256((void *)(to + 256 + at), _mm256_and_si256(_mm256_srli_epi16(both, 4), low));
    }
}

/* Sums of a step's products: of pairs of int8 in 32 bits, of pairs of int4 in 16. */
INLINE integers step_products(uint32_t type, integers w, integers x) {
    return type == HAY_INT8 ? _mm256_madd_epi16(w, x) : _mm256_maddubs_epi16(w, x);
}
INLINE integers step_add(uint32_t type, integers a, integers b) {
    return type == HAY_INT8 ? _mm256_add_epi32(a, b) : _mm256_add_epi16(a, b);
}

/* The sums of an expanded group with `rows` rows. */
INLINE void many_sums(uint32_t type, size_t rows, const unsigned char *w, const unsigned char *x, integers sums[][2]) {
    for (size_t i = 0; i < expanded_bytes(type); i += 64) {
        __m256i a = _mm256_load_si256((const void *)(w + i)), b = _mm256_load_si256((const void *)(w + i + 32));
        UNROLL for (size_t r = 0; r < rows; r++) {
            __m256i v = together2(x + i / 16 * rows + r * 4);
            integers first = step_products(type, a, v), second = step_products(type, b, v);
            sums[r][0] = i == 0 ? first : step_add(type, sums[r][0], first);
            sums[r][1] = i == 0 ? second : step_add(type, sums[r][1], second);
        }
    }
    if (type == HAY_INT8) return;
    const __m256i ones = _mm256_set1_epi16(1);
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t v = 0; v < 2; v++) sums[r][v] = _mm256_madd_epi16(sums[r][v], ones);
    }
}

/* Products of 16 bits, added, as many as there can be at a time: `steps` times twelve vectors. */
INLINE integers add_products(uint64_t steps) {
    __m256i a[2] = {_mm256_set1_epi16(1), _mm256_set1_epi16(-1)}, b[6], sums[12];
    UNROLL for (size_t j = 0; j < 6; j++) b[j] = _mm256_set1_epi16((short)j);
    UNROLL for (size_t j = 0; j < 12; j++) sums[j] = _mm256_setzero_si256();
    for (uint64_t i = 0; i < steps; i++) {
        UNROLL for (size_t j = 0; j < 12; j++) {
            sums[j] = _mm256_add_epi32(sums[j], _mm256_madd_epi16(a[j % 2], b[j / 2]));
        }
        /* The products are new ones each time, and half of their factors come from memory, as registers are few. */
        __asm__ volatile("" : "+x"(a[0]), "+x"(a[1]) : "r"(b) : "memory");
    }
    UNROLL for (size_t j = 1; j < 12; j++) sums[0] = _mm256_add_epi32(sums[0], sums[j]);
    return sums[0];
}
