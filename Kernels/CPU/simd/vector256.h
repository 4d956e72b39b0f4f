/* A vector of eight floats: AVX2, FMA, F16C. The kernels are written once, over these names. */
#define LANES 8

typedef __m256 vector;

#define INLINE static inline __attribute__((always_inline))

/* Before a short loop over an array of vectors: unrolled whole, or the array would not live in registers. */
#define UNROLL _Pragma("clang loop unroll(full)")

/* MARK: Memory, with no alignment asked for. `first` forms touch only the first `count` < LANES values: the others
 * load as zero and are not stored. */

INLINE __m256i first_lanes(size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

INLINE vector v_load(const void *at) { return _mm256_loadu_ps(at); }
INLINE vector v_broadcast(const void *at) { return _mm256_broadcast_ss(at); }
INLINE vector v_load_first(const void *at, size_t count) { return _mm256_maskload_ps(at, first_lanes(count)); }
INLINE void v_store(void *at, vector v) { _mm256_storeu_ps(at, v); }
INLINE void v_store_first(void *at, size_t count, vector v) { _mm256_maskstore_ps(at, first_lanes(count), v); }

INLINE __m128i halves(const void *at) { return _mm_loadu_si128(at); }
INLINE __m128i halves_first(const void *at, size_t count) {
    uint16_t copy[LANES] = {0};
    memcpy(copy, at, count * 2);
    return _mm_loadu_si128((const void *)copy);
}

/* A load that fills both halves, and one shuffle. */
INLINE vector from_bf16(__m128i half) {
    const __m256i upper = _mm256_setr_epi8(
        -1, -1, 0, 1, -1, -1, 2, 3, -1, -1, 4, 5, -1, -1, 6, 7,
        -1, -1, 8, 9, -1, -1, 10, 11, -1, -1, 12, 13, -1, -1, 14, 15);
    return _mm256_castsi256_ps(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(half), upper));
}
INLINE vector from_f16(__m128i half) { return _mm256_cvtph_ps(half); }

/* The even or the odd ones of 2 * LANES values of bf16: no shuffle, which would take a place of a multiply-add. */
INLINE vector even_bf16(const void *at) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_loadu_si256(at), 16));
}
INLINE vector odd_bf16(const void *at) {
    return _mm256_castsi256_ps(_mm256_and_si256(_mm256_loadu_si256(at), _mm256_set1_epi32((int)0xffff0000)));
}

INLINE __m128i to_bf16(vector v) {
    __m256i bits = _mm256_castps_si256(v), high = _mm256_srli_epi32(bits, 16);
    __m256i odd = _mm256_and_si256(high, _mm256_set1_epi32(1));
    __m256i rounded = _mm256_srli_epi32(
        _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
    __m256i quiet = _mm256_or_si256(high, _mm256_set1_epi32(0x40));
    __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    __m256i words = _mm256_blendv_epi8(rounded, quiet, is_nan);
    __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(words, words), 0x08);
    return _mm256_castsi256_si128(packed);
}
INLINE __m128i to_f16(vector v) { return _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

INLINE void store_halves(void *at, __m128i half) { _mm_storeu_si128(at, half); }
INLINE void store_halves_first(void *at, size_t count, __m128i half) { memcpy(at, &half, count * 2); }

/* MARK: Arithmetic */

INLINE vector v_zero(void) { return _mm256_setzero_ps(); }
INLINE vector v_set(float x) { return _mm256_set1_ps(x); }
INLINE vector v_add(vector a, vector b) { return _mm256_add_ps(a, b); }
INLINE vector v_subtract(vector a, vector b) { return _mm256_sub_ps(a, b); }
INLINE vector v_multiply(vector a, vector b) { return _mm256_mul_ps(a, b); }
INLINE vector v_divide(vector a, vector b) { return _mm256_div_ps(a, b); }
INLINE vector v_fma(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }  /* a b + c */
INLINE vector v_fnma(vector a, vector b, vector c) { return _mm256_fnmadd_ps(a, b, c); } /* c - a b */
/* The second operand where either is NaN. */
INLINE vector v_max(vector a, vector b) { return _mm256_max_ps(a, b); }
INLINE vector v_min(vector a, vector b) { return _mm256_min_ps(a, b); }
INLINE vector v_negate(vector a) { return _mm256_xor_ps(a, _mm256_set1_ps(-0.0f)); }
INLINE vector v_abs(vector a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
INLINE vector v_round(vector a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/* x where a < 0, y elsewhere. */
INLINE vector v_where_negative(vector a, vector x, vector y) {
    return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_LT_OQ));
}

/* The even or the odd ones of the values of a and then b. */
INLINE vector v_even(vector a, vector b) {
    __m256d pairs = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0x88)); /* a, b, a, b */
    return _mm256_castpd_ps(_mm256_permute4x64_pd(pairs, 0xd8));
}
INLINE vector v_odd(vector a, vector b) {
    __m256d pairs = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0xdd));
    return _mm256_castpd_ps(_mm256_permute4x64_pd(pairs, 0xd8));
}

/* The values of a and b by turns, a's first: those of the lower and of the upper halves. */
INLINE vector v_alternate_low(vector a, vector b) {
    return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x20);
}
INLINE vector v_alternate_high(vector a, vector b) {
    return _mm256_permute2f128_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b), 0x31);
}

/* a * 2^n for a whole n from -160 to 129, in two steps, so that results may be subnormal or infinite. */
INLINE vector v_scale(vector a, vector n) {
    __m256i whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1), bias = _mm256_set1_epi32(127);
    __m256i one = _mm256_slli_epi32(_mm256_add_epi32(half, bias), 23);
    __m256i other = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(whole, half), bias), 23);
    return _mm256_mul_ps(_mm256_mul_ps(a, _mm256_castsi256_ps(one)), _mm256_castsi256_ps(other));
}

/* The same where a and the result are normal numbers. */
INLINE vector v_scale_normal(vector a, vector n) {
    __m256i exponent = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), exponent));
}

/* The sums of the lanes of four vectors, each ((0+1)+(2+3)) + ((4+5)+(6+7)). */
INLINE __m128 v_sum4(vector a, vector b, vector c, vector d) {
    __m256 sums = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    return _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
}

INLINE float v_sum(vector a) { return _mm_cvtss_f32(v_sum4(a, a, a, a)); }

INLINE float v_largest(vector a) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

/* The sum of `count` 64-bit words; `count` is a multiple of 64. */
INLINE uint64_t v_sum_words(const void *at, size_t count) {
    __m256i sums[8];
    for (int j = 0; j < 8; j++) sums[j] = _mm256_setzero_si256();
    const unsigned char *words = at;
    for (size_t i = 0; i < count / 4; i += 8) {
        for (size_t j = 0; j < 8; j++) {
            const void *word = words + (i + j) * 32;
            sums[j] = _mm256_add_epi64(sums[j], _mm256_loadu_si256(word));
        }
    }
    for (int j = 1; j < 8; j++) sums[0] = _mm256_add_epi64(sums[0], sums[j]);
    uint64_t parts[4];
    _mm256_storeu_si256((__m256i *)parts, sums[0]);
    return parts[0] + parts[1] + parts[2] + parts[3];
}
