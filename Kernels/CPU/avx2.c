/* The vector kernels for AVX2, FMA, F16C. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "attention.h"
#include "blocks.h"
#include "cpu.h"
#include "experts.h"
#include "matmul.h"
#include "store_kv.h"

/* A product and a sum are fused only where v_fma says so: results must not depend on what a compiler sees fit. */
#pragma STDC FP_CONTRACT OFF

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define HAY_VERSION(name) hay_avx2_##name
#define HAY_MATMUL_BLOCK 1024
#define HAY_MATMUL_COLUMNS 3
#define HAY_ATTENTION_NARROW_ROWS 4
#define HAY_ATTENTION_SUMS 12
#define HAY_MULTIPLY_ADD_CHAINS 12

/* Rows of x that meet a panel of weights at a time: their sums take most of the registers. */
enum { RUN_ROWS = 6 };

/* clang-format off: the later of these use the earlier. */
#include "simd/vector256.h"
#include "simd/rows.h"
#include "simd/functions.h"
#include "simd/elementwise.h"
#include "simd/norms.h"
#include "simd/rowwise.h"
#include "simd/store_kv.h"
#include "simd/operands.h"
#include "simd/runs.h"
#include "simd/integers256.h"
#include "simd/blocks.h"
#include "simd/few_rows.h"
#include "simd/several_rows.h"
#include "simd/many_rows.h"
#include "simd/matmul.h"
#include "simd/expert_matmul.h"
#include "simd/small_product.h"
#include "simd/attention.h"
#include "simd/quantize.h"
#include "simd/measure.h"

#pragma clang attribute pop
#endif
