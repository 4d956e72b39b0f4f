/* quantize: a matrix in blocks, each value near its own. */
#include <math.h>

#include "cpu.h"

/* A product and a sum are never fused: every instruction set gives the same bits. */
#pragma STDC FP_CONTRACT OFF

#define HAY_VERSION(name) hay_scalar_##name
#define INLINE static inline __attribute__((always_inline))

/* What the vector sets have of their own. */
static void widen_run(float *to, const void *from, size_t index, uint32_t type, size_t count, float factor) {
    for (size_t i = 0; i < count; i++) to[i] = factor * hay_load(from, index + i, type);
}

#include "simd/quantize.h"
