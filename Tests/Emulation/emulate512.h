/* The AVX-512 instructions that the kernels use, done with AVX2 or in plain C: for testing those kernels on processors
 * that lack them. Slow, and exact: each gives the bits that the instruction gives, but for NaN's payload. */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

typedef union wide {
    __m256 floats[2];
    __m256i integers[2];
    float f32[16];
    int32_t i32[16];
    uint32_t u32[16];
    uint16_t u16[32];
    int8_t i8[64];
    uint8_t u8[64];
} wide;

#define EMULATED static inline __attribute__((always_inline, target("avx2,fma,f16c")))

/* MARK: Memory */

EMULATED wide wide_load(const void *at) {
    wide r;
    memcpy(&r, at, sizeof r);
    return r;
}
EMULATED void wide_store(void *at, wide a) { memcpy(at, &a, sizeof a); }
EMULATED wide wide_load_masked(uint16_t mask, const void *at) {
    wide r = {.u32 = {0}};
    for (int k = 0; k < 16; k++) {
        if (mask >> k & 1) memcpy(&r.f32[k], (const char *)at + 4 * k, 4);
    }
    return r;
}
EMULATED void wide_store_masked(void *at, uint16_t mask, wide a) {
    for (int k = 0; k < 16; k++) {
        if (mask >> k & 1) memcpy((char *)at + 4 * k, &a.f32[k], 4);
    }
}
EMULATED __m256i halves_load_masked(uint16_t mask, const void *at) {
    uint16_t halves[16] = {0};
    for (int k = 0; k < 16; k++) {
        if (mask >> k & 1) memcpy(halves + k, (const char *)at + 2 * k, 2);
    }
    return _mm256_loadu_si256((const void *)halves);
}
EMULATED void halves_store_masked(void *at, uint16_t mask, __m256i a) {
    uint16_t halves[16];
    _mm256_storeu_si256((void *)halves, a);
    for (int k = 0; k < 16; k++) {
        if (mask >> k & 1) memcpy((char *)at + 2 * k, halves + k, 2);
    }
}

/* MARK: Lane by lane, in two halves */

#define BOTH(part, ...)                      \
    wide r;                                  \
    for (int k = 0; k < 2; k++) {            \
        r.part[k] = __VA_ARGS__;             \
    }                                        \
    return r;

#define FLOATS(name) \
    EMULATED wide wide_##name(wide a, wide b) { BOTH(floats, _mm256_##name(a.floats[k], b.floats[k])) }
#define INTEGERS(name, op) \
    EMULATED wide wide_##name(wide a, wide b) { BOTH(integers, _mm256_##op(a.integers[k], b.integers[k])) }
FLOATS(add_ps) FLOATS(sub_ps) FLOATS(mul_ps) FLOATS(div_ps) FLOATS(max_ps) FLOATS(min_ps) FLOATS(xor_ps)
FLOATS(andnot_ps)
INTEGERS(add_epi32, add_epi32) INTEGERS(add_epi64, add_epi64) INTEGERS(and_si512, and_si256)
INTEGERS(or_si512, or_si256) INTEGERS(xor_si512, xor_si256)

EMULATED wide wide_fmadd(wide a, wide b, wide c) {
    BOTH(floats, _mm256_fmadd_ps(a.floats[k], b.floats[k], c.floats[k]))
}
EMULATED wide wide_fnmadd(wide a, wide b, wide c) {
    BOTH(floats, _mm256_fnmadd_ps(a.floats[k], b.floats[k], c.floats[k]))
}
EMULATED wide wide_set_float(float x) { BOTH(floats, _mm256_set1_ps(x)) }
EMULATED wide wide_set_integer(int32_t x) { BOTH(integers, _mm256_set1_epi32(x)) }
EMULATED wide wide_set_byte(char x) { BOTH(integers, _mm256_set1_epi8(x)) }
EMULATED wide wide_broadcast(__m128 x) { return wide_set_float(_mm_cvtss_f32(x)); }
EMULATED wide wide_zero(void) { return wide_set_integer(0); }
EMULATED wide wide_round(wide a) { BOTH(floats, _mm256_round_ps(a.floats[k], _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)) }
EMULATED wide wide_to_integers(wide a) { BOTH(integers, _mm256_cvtps_epi32(a.floats[k])) }
EMULATED wide wide_to_floats(wide a) { BOTH(floats, _mm256_cvtepi32_ps(a.integers[k])) }

/* MARK: Lane by lane, in plain C */

#define EACH(part, count, ...)               \
    wide r;                                  \
    for (int k = 0; k < (count); k++) {      \
        r.part[k] = __VA_ARGS__;             \
    }                                        \
    return r;

EMULATED wide wide_shift_left(wide a, int n) { EACH(u32, 16, a.u32[k] << n) }
EMULATED wide wide_shift_right(wide a, int n) { EACH(u32, 16, a.u32[k] >> n) }
EMULATED wide wide_shift_halves_right(wide a, int n) { EACH(u16, 32, (uint16_t)(a.u16[k] >> n)) }
EMULATED wide wide_scale(wide a, wide n) { EACH(f32, 16, isnan(n.f32[k]) ? NAN : ldexpf(a.f32[k], (int)floorf(n.f32[k]))) }
EMULATED wide wide_blend(uint16_t mask, wide a, wide b) { EACH(u32, 16, mask >> k & 1 ? b.u32[k] : a.u32[k]) }
EMULATED wide wide_pick(wide a, wide places, wide b) {
    EACH(u32, 16, places.u32[k] & 16 ? b.u32[places.u32[k] & 15] : a.u32[places.u32[k] & 15])
}
EMULATED uint16_t wide_compare(wide a, wide b, int what) {
    uint16_t mask = 0;
    for (int k = 0; k < 16; k++) {
        int is_unordered = isnan(a.f32[k]) || isnan(b.f32[k]);
        int is_true = what == _CMP_LT_OQ ? a.f32[k] < b.f32[k] : is_unordered;
        mask |= (uint16_t)(is_true << k);
    }
    return mask;
}
/* Four products of unsigned and signed bytes, added to each lane. */
EMULATED wide wide_add_products(wide sums, wide a, wide b) {
    for (int k = 0; k < 64; k++) sums.i32[k / 4] += a.u8[k] * b.i8[k];
    return sums;
}
EMULATED int32_t wide_sum(wide a) {
    int32_t sum = 0;
    for (int k = 0; k < 16; k++) sum += a.i32[k];
    return sum;
}

/* MARK: Other widths */

EMULATED wide wide_itself(wide a) { return a; }
EMULATED __m256 wide_lower(wide a) { return a.floats[0]; }
EMULATED __m256 wide_part(wide a, int part) { return a.floats[part]; }
EMULATED wide wide_from_halves(__m256i halves) {
    wide r;
    r.floats[0] = _mm256_cvtph_ps(_mm256_castsi256_si128(halves));
    r.floats[1] = _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1));
    return r;
}
EMULATED __m256i wide_to_halves(wide a) {
    return _mm256_set_m128i(_mm256_cvtps_ph(a.floats[1], 0), _mm256_cvtps_ph(a.floats[0], 0));
}
EMULATED wide wide_from_u16(__m256i halves) {
    uint16_t from[16];
    _mm256_storeu_si256((void *)from, halves);
    EACH(u32, 16, from[k])
}
EMULATED wide wide_from_u8(__m128i bytes) {
    uint8_t from[16];
    _mm_storeu_si128((void *)from, bytes);
    EACH(u32, 16, from[k])
}
EMULATED __m256i wide_to_u16(wide a) {
    uint16_t to[16];
    for (int k = 0; k < 16; k++) to[k] = (uint16_t)a.u32[k];
    return _mm256_loadu_si256((const void *)to);
}
EMULATED __m128i wide_to_i8(wide a) {
    int8_t to[16];
    for (int k = 0; k < 16; k++) to[k] = (int8_t)(a.i32[k] > 127 ? 127 : a.i32[k] < -128 ? -128 : a.i32[k]);
    return _mm_loadu_si128((const void *)to);
}
EMULATED wide wide_of(
    int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, int m, int n, int o, int p) {
    wide r = {.i32 = {a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p}};
    return r;
}

/* MARK: The instructions' names */

#undef _mm512_cmp_ps_mask
#undef _mm512_cvtps_ph
#undef _mm512_roundscale_ps
#define __m512 wide
#define __m512i wide
#define _mm256_mask_storeu_epi16 halves_store_masked
#define _mm256_maskz_loadu_epi16 halves_load_masked
#define _mm512_add_epi32 wide_add_epi32
#define _mm512_add_epi64 wide_add_epi64
#define _mm512_add_ps wide_add_ps
#define _mm512_and_si512 wide_and_si512
#define _mm512_andnot_ps wide_andnot_ps
#define _mm512_broadcastss_ps wide_broadcast
#define _mm512_castps512_ps256 wide_lower
#define _mm512_castps_si512 wide_itself
#define _mm512_castsi512_ps wide_itself
#define _mm512_cmp_ps_mask wide_compare
#define _mm512_cvtepi32_epi16 wide_to_u16
#define _mm512_cvtepi32_ps wide_to_floats
#define _mm512_cvtepu16_epi32 wide_from_u16
#define _mm512_cvtepu8_epi32 wide_from_u8
#define _mm512_cvtph_ps wide_from_halves
#define _mm512_cvtps_epi32 wide_to_integers
#define _mm512_cvtps_ph(a, rounding) wide_to_halves(a)
#define _mm512_cvtsepi32_epi8 wide_to_i8
#define _mm512_div_ps wide_div_ps
#define _mm512_dpbusd_epi32 wide_add_products
#define _mm512_extractf32x8_ps wide_part
#define _mm512_fmadd_ps wide_fmadd
#define _mm512_fnmadd_ps wide_fnmadd
#define _mm512_load_si512 wide_load
#define _mm512_loadu_ps wide_load
#define _mm512_loadu_si512 wide_load
#define _mm512_mask_blend_epi32 wide_blend
#define _mm512_mask_blend_ps wide_blend
#define _mm512_mask_storeu_ps wide_store_masked
#define _mm512_maskz_loadu_ps wide_load_masked
#define _mm512_max_ps wide_max_ps
#define _mm512_min_ps wide_min_ps
#define _mm512_mul_ps wide_mul_ps
#define _mm512_or_si512 wide_or_si512
#define _mm512_permutex2var_ps wide_pick
#define _mm512_reduce_add_epi32 wide_sum
#define _mm512_roundscale_ps(a, rounding) wide_round(a)
#define _mm512_scalef_ps wide_scale
#define _mm512_set1_epi32 wide_set_integer
#define _mm512_set1_epi8 wide_set_byte
#define _mm512_set1_ps wide_set_float
#define _mm512_setr_epi32 wide_of
#define _mm512_setzero_ps wide_zero
#define _mm512_setzero_si512 wide_zero
#define _mm512_slli_epi32 wide_shift_left
#define _mm512_srli_epi16 wide_shift_halves_right
#define _mm512_srli_epi32 wide_shift_right
#define _mm512_store_si512 wide_store
#define _mm512_storeu_ps wide_store
#define _mm512_storeu_si512 wide_store
#define _mm512_sub_ps wide_sub_ps
#define _mm512_xor_ps wide_xor_ps
#define _mm512_xor_si512 wide_xor_si512
