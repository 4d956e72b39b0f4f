/* A vector of sixteen floats: AVX-512 F, BW, VL, DQ. The kernels are written once, over these names. */
#define LANES 16

typedef __m512 vector;

#define INLINE static inline __attribute__((always_inline))

/* Before a short loop over an array of vectors: unrolled whole, or the array would not live in registers. */
#define UNROLL _Pragma("clang loop unroll(full)")

/* MARK: Memory, with no alignment asked for. `first` forms touch only the first `count` < LANES values: the others
 * load as zero and are not stored. */

INLINE __mmask16 first_lanes(size_t count) { return (__mmask16)((1u << count) - 1); }

INLINE vector v_load(const void *at) { return _mm512_loadu_ps(at); }
INLINE vector v_broadcast(const void *at) { return _mm512_broadcastss_ps(_mm_load_ss(at)); }
INLINE vector v_load_first(const void *at, size_t count) { return _mm512_maskz_loadu_ps(first_lanes(count), at); }
INLINE void v_store(void *at, vector v) { _mm512_storeu_ps(at, v); }
INLINE void v_store_first(void *at, size_t count, vector v) { _mm512_mask_storeu_ps(at, first_lanes(count), v); }

INLINE __m256i halves(const void *at) { return _mm256_loadu_si256(at); }
INLINE __m256i halves_first(const void *at, size_t count) {
    return _mm256_maskz_loadu_epi16(first_lanes(count), at);
}

INLINE vector from_bf16(__m256i half) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}
INLINE vector from_f16(__m256i half) { return _mm512_cvtph_ps(half); }

/* The even or the odd ones of 2 * LANES values of bf16. */
INLINE vector even_bf16(const void *at) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(at), 16));
}
INLINE vector odd_bf16(const void *at) {
    return _mm512_castsi512_ps(_mm512_and_si512(_mm512_loadu_si512(at), _mm512_set1_epi32((int)0xffff0000)));
}

/* By integers, as vcvtneps2bf16 flushes subnormals. */
INLINE __m256i to_bf16(vector v) {
    __m512i bits = _mm512_castps_si512(v), high = _mm512_srli_epi32(bits, 16);
    __m512i odd = _mm512_and_si512(high, _mm512_set1_epi32(1));
    __m512i rounded = _mm512_srli_epi32(
        _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff))), 16);
    __m512i quiet = _mm512_or_si512(high, _mm512_set1_epi32(0x40));
    __mmask16 is_nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    return _mm512_cvtepi32_epi16(_mm512_mask_blend_epi32(is_nan, rounded, quiet));
}
INLINE __m256i to_f16(vector v) { return _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

INLINE void store_halves(void *at, __m256i half) { _mm256_storeu_si256(at, half); }
INLINE void store_halves_first(void *at, size_t count, __m256i half) {
    _mm256_mask_storeu_epi16(at, first_lanes(count), half);
}

/* MARK: Arithmetic */

INLINE vector v_zero(void) { return _mm512_setzero_ps(); }
INLINE vector v_set(float x) { return _mm512_set1_ps(x); }
INLINE vector v_add(vector a, vector b) { return _mm512_add_ps(a, b); }
INLINE vector v_subtract(vector a, vector b) { return _mm512_sub_ps(a, b); }
INLINE vector v_multiply(vector a, vector b) { return _mm512_mul_ps(a, b); }
INLINE vector v_divide(vector a, vector b) { return _mm512_div_ps(a, b); }
INLINE vector v_fma(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }  /* a b + c */
INLINE vector v_fnma(vector a, vector b, vector c) { return _mm512_fnmadd_ps(a, b, c); } /* c - a b */
/* The second operand where either is NaN. */
INLINE vector v_max(vector a, vector b) { return _mm512_max_ps(a, b); }
INLINE vector v_min(vector a, vector b) { return _mm512_min_ps(a, b); }
INLINE vector v_negate(vector a) { return _mm512_xor_ps(a, _mm512_set1_ps(-0.0f)); }
INLINE vector v_abs(vector a) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a); }
INLINE vector v_round(vector a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/* x where a < 0, y elsewhere. */
INLINE vector v_where_negative(vector a, vector x, vector y) {
    return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_LT_OQ), y, x);
}

/* The even or the odd ones of the values of a and then b. */
INLINE vector v_even(vector a, vector b) {
    const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    return _mm512_permutex2var_ps(a, even, b);
}
INLINE vector v_odd(vector a, vector b) {
    const __m512i odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    return _mm512_permutex2var_ps(a, odd, b);
}

/* The values of a and b by turns, a's first: those of the lower and of the upper halves. */
INLINE vector v_alternate_low(vector a, vector b) {
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    return _mm512_permutex2var_ps(a, low, b);
}
INLINE vector v_alternate_high(vector a, vector b) {
    const __m512i high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    return _mm512_permutex2var_ps(a, high, b);
}

/* a * 2^n for a whole n; results may be subnormal or infinite. */
INLINE vector v_scale(vector a, vector n) { return _mm512_scalef_ps(a, n); }
INLINE vector v_scale_normal(vector a, vector n) { return _mm512_scalef_ps(a, n); }

/* The sums of the lanes of four vectors: the upper half on the lower, then ((0+1)+(2+3)) + ((4+5)+(6+7)). */
INLINE __m256 fold(vector a) { return _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1)); }

INLINE __m128 v_sum4(vector a, vector b, vector c, vector d) {
    __m256 sums = _mm256_hadd_ps(_mm256_hadd_ps(fold(a), fold(b)), _mm256_hadd_ps(fold(c), fold(d)));
    return _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1));
}

INLINE float v_sum(vector a) { return _mm_cvtss_f32(v_sum4(a, a, a, a)); }

INLINE float v_largest(vector a) {
    __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

/* The sum of `count` 64-bit words; `count` is a multiple of 64. */
INLINE uint64_t v_sum_words(const void *at, size_t count) {
    __m512i sums[8];
    for (int j = 0; j < 8; j++) sums[j] = _mm512_setzero_si512();
    const unsigned char *words = at;
    for (size_t i = 0; i < count / 8; i += 8) {
        for (size_t j = 0; j < 8; j++) sums[j] = _mm512_add_epi64(sums[j], _mm512_loadu_si512(words + (i + j) * 64));
    }
    for (int j = 1; j < 8; j++) sums[0] = _mm512_add_epi64(sums[0], sums[j]);
    uint64_t parts[8], sum = 0;
    _mm512_storeu_si512(parts, sums[0]);
    for (int j = 0; j < 8; j++) sum += parts[j];
    return sum;
}
