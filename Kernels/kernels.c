/* The list of kernels, paired with the functions that compute them. */
#include "CPU/cpu.h"

_Static_assert(sizeof(hay_attention_params) <= 128, "params fit in Vulkan's push constants");

static const char *const names[] = {
#define HAY_NAME(name, columns, rows) #name,
    HAY_KERNELS(HAY_NAME)
#undef HAY_NAME
};

/* A null says that the instruction set has no version of its own. */
static const hay_kernel_function functions[][HAY_KERNEL_COUNT] = {
    {
#define HAY_FUNCTION(name, columns, rows) [HAY_KERNEL_##name] = hay_scalar_##name,
        HAY_KERNELS(HAY_FUNCTION)
#undef HAY_FUNCTION
    },
#if defined(__x86_64__)
    {
#define HAY_FUNCTION(name) [HAY_KERNEL_##name] = hay_avx2_##name,
        HAY_VECTOR_KERNELS(HAY_FUNCTION)
#undef HAY_FUNCTION
    },
    {
#define HAY_FUNCTION(name) [HAY_KERNEL_##name] = hay_avx512_##name,
        HAY_VECTOR_KERNELS(HAY_FUNCTION)
#undef HAY_FUNCTION
    },
#endif
};

const char *hay_kernel_name(uint32_t kernel) { return kernel < HAY_KERNEL_COUNT ? names[kernel] : ""; }

hay_kernel_function hay_kernel_for(uint32_t kernel, hay_isa isa) {
    for (int i = (int)isa; i > 0; i--) {
        if (functions[i][kernel]) return functions[i][kernel];
    }
    return functions[HAY_ISA_SCALAR][kernel];
}

hay_preparation hay_prepare(const hay_call *call, hay_isa isa) {
#if defined(__x86_64__)
    if (call->kernel == HAY_KERNEL_matmul) {
        if (isa == HAY_ISA_AVX512) return hay_avx512_prepare_matmul(call);
        if (isa == HAY_ISA_AVX2) return hay_avx2_prepare_matmul(call);
    }
    if (call->kernel == HAY_KERNEL_expert_matmul) {
        if (isa == HAY_ISA_AVX512) return hay_avx512_prepare_expert_matmul(call);
        if (isa == HAY_ISA_AVX2) return hay_avx2_prepare_expert_matmul(call);
    }
#endif
    (void)call, (void)isa;
    return (hay_preparation){0, 0, NULL};
}

hay_isa hay_best_isa(void) {
#if defined(__x86_64__)
    /* The compiler's run-time check includes the system's: registers that it does not save do not count. */
    __builtin_cpu_init();
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512vnni");
    if (avx2 && avx512) return HAY_ISA_AVX512;
    if (avx2) return HAY_ISA_AVX2;
#endif
    return HAY_ISA_SCALAR;
}
