/* What the kernels share: the form of a kernel function, a thread's scratch memory, and the number types. */
#ifndef HAY_CPU_H
#define HAY_CPU_H

#include <stdint.h>
#include <string.h>

#include "../include/kernels.h"

/* A thread of the pool, as a kernel sees it: memory that it may write on, kept from call to call. */
typedef struct hay_thread {
    void *scratch;
    size_t scratch_bytes;
    uint64_t job;       /* which call it works on, by number */
    uint64_t known_job; /* the last one that hay_is_new_job saw */
    void *prepared;     /* what the call's preparation left for all threads, see hay_preparation */
} hay_thread;

/* At least `bytes` of memory for the kernel that runs on this thread, aligned to 64; what it holds is undefined.
 * Ends the process when memory is out: the sizes asked for are small and do not come from files. */
void *hay_scratch(hay_thread *thread, size_t bytes);

/* Whether a thread asks for the first time in this call; later, its scratch memory still holds what it wrote there,
 * if all tiles of a call ask for as much. */
static inline int hay_is_new_job(hay_thread *thread) {
    int is_new = thread->known_job != thread->job;
    thread->known_job = thread->job;
    return is_new;
}

/* Up to so many rows a matmul does little but read its weights, and up to so many it is a batch's: see simd/matmul.h. */
enum { HAY_MATMUL_FEW_ROWS = 3, HAY_MATMUL_SEVERAL_ROWS = 32 };

/* A step before a call's grid, shared by its threads: the bytes that it writes, in units that stand alone. */
typedef struct hay_preparation {
    size_t bytes; /* 0: nothing to prepare */
    uint32_t units;
    void (*prepare)(const hay_call *call, uint32_t first, uint32_t count, void *prepared);
} hay_preparation;

/* What a call needs before its grid, for an instruction set. */
hay_preparation hay_prepare(const hay_call *call, hay_isa isa);

/* Computes one tile of a call's grid. */
typedef void (*hay_kernel_function)(const hay_call *call, hay_tile tile, hay_thread *thread);

/* The function of a kernel for an instruction set: its own, or that of the nearest one below that has one. */
hay_kernel_function hay_kernel_for(uint32_t kernel, hay_isa isa);

#define HAY_DECLARE(name, columns, rows) \
    void hay_scalar_##name(const hay_call *call, hay_tile tile, hay_thread *thread);
HAY_KERNELS(HAY_DECLARE)
#undef HAY_DECLARE

/* The kernels that have vector versions. */
#define HAY_VECTOR_KERNELS(X) \
    X(embed)                  \
    X(matmul)                 \
    X(rms_norm)               \
    X(layer_norm)             \
    X(rope)                   \
    X(store_kv)               \
    X(attention)              \
    X(add)                    \
    X(activate)               \
    X(gated)                  \
    X(gated_clamped)          \
    X(soft_cap)               \
    X(scale_rows)             \
    X(convert)                \
    X(quantize)               \
    X(expert_matmul)          \
    X(expert_sum)

#if defined(__x86_64__)
#define HAY_DECLARE(name)                                                             \
    void hay_avx2_##name(const hay_call *call, hay_tile tile, hay_thread *thread); \
    void hay_avx512_##name(const hay_call *call, hay_tile tile, hay_thread *thread);
HAY_VECTOR_KERNELS(HAY_DECLARE)
#undef HAY_DECLARE
uint64_t hay_avx2_read(const void *memory, size_t bytes);
hay_preparation hay_avx2_prepare_matmul(const hay_call *call);
hay_preparation hay_avx512_prepare_matmul(const hay_call *call);
hay_preparation hay_avx2_prepare_expert_matmul(const hay_call *call);
hay_preparation hay_avx512_prepare_expert_matmul(const hay_call *call);
uint64_t hay_avx512_read(const void *memory, size_t bytes);
float hay_avx2_multiply_add(uint64_t steps);
float hay_avx512_multiply_add(uint64_t steps);
float hay_avx2_multiply_add_integers(uint64_t steps);
float hay_avx512_multiply_add_integers(uint64_t steps);
#endif

/* Bytes of one value of a hay_type that does not come in blocks. */
static inline size_t hay_type_size(uint32_t type) { return type == HAY_F32 ? 4 : 2; }

/* Weights lie where a file put them, so nothing here assumes alignment: loads and stores go through memcpy. */
static inline float hay_float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static inline uint32_t hay_bits_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

static inline float hay_float_from_bf16(uint16_t half) { return hay_float_from_bits((uint32_t)half << 16); }

static inline float hay_float_from_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, rest = half & 0x7fffu;
    if (rest >= 0x7c00u) { /* infinity, NaN (made quiet) */
        uint32_t quiet = rest > 0x7c00u ? 0x400000u : 0;
        return hay_float_from_bits(sign | 0x7f800000u | quiet | (rest & 0x3ffu) << 13);
    }
    if (rest < 0x400u) { /* subnormal: rest * 2^-24, exact in f32 */
        float value = (float)rest * 0x1p-24f;
        return sign ? -value : value;
    }
    return hay_float_from_bits(sign | ((rest << 13) + (112u << 23)));
}

static inline uint16_t hay_bf16_from_float(float value) {
    uint32_t bits = hay_bits_from_float(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)(bits >> 16 | 0x40u); /* NaN stays one */
    return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}

static inline uint16_t hay_f16_from_float(float value) {
    uint32_t bits = hay_bits_from_float(value);
    uint32_t sign = bits >> 16 & 0x8000u, rest = bits & 0x7fffffffu;
    if (rest > 0x7f800000u) return (uint16_t)(sign | 0x7e00u | (rest >> 13 & 0x3ffu));
    if (rest >= 0x477ff000u) return (uint16_t)(sign | 0x7c00u); /* 65520 and above round to infinity */
    if (rest < 0x38800000u) { /* below 2^-14: the sum's own rounding gives the subnormal's bits */
        float shifted = hay_float_from_bits(rest) + 0.5f;
        return (uint16_t)(sign | (hay_bits_from_float(shifted) - 0x3f000000u));
    }
    return (uint16_t)(sign | ((rest + 0xfffu + (rest >> 13 & 1u) - (112u << 23)) >> 13));
}

/* Value `index` of memory of `type`. */
static inline float hay_load(const void *memory, size_t index, uint32_t type) {
    const unsigned char *at = (const unsigned char *)memory + index * hay_type_size(type);
    if (type == HAY_F32) {
        float value;
        memcpy(&value, at, 4);
        return value;
    }
    uint16_t half;
    memcpy(&half, at, 2);
    return type == HAY_BF16 ? hay_float_from_bf16(half) : hay_float_from_f16(half);
}

static inline void hay_store(void *memory, size_t index, uint32_t type, float value) {
    unsigned char *at = (unsigned char *)memory + index * hay_type_size(type);
    if (type == HAY_F32) {
        memcpy(at, &value, 4);
        return;
    }
    uint16_t half = type == HAY_BF16 ? hay_bf16_from_float(value) : hay_f16_from_float(value);
    memcpy(at, &half, 2);
}

#endif
