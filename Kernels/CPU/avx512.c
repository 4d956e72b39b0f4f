/* The vector kernels for AVX-512. */
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

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx512vnni,avx2,fma,f16c"))), \
    apply_to = function)

#define HAY_VERSION(name) hay_avx512_##name
#define HAY_MATMUL_BLOCK 1024
#define HAY_MATMUL_COLUMNS 6
#define HAY_ATTENTION_NARROW_ROWS 6
#define HAY_ATTENTION_SUMS 24
#define HAY_MULTIPLY_ADD_CHAINS 16

/* Rows of x that meet a panel of weights at a time: their sums take most of the registers. */
enum { RUN_ROWS = 12 };

/* clang-format off: the later of these use the earlier. */
#include "simd/vector512.h"
#include "simd/rows.h"
#include "simd/functions.h"
#include "simd/elementwise.h"
#include "simd/norms.h"
#include "simd/rowwise.h"
#include "simd/store_kv.h"
#include "simd/operands.h"
#include "simd/runs.h"
#include "simd/integers512.h"
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
