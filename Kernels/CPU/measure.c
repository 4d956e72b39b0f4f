/* What the machine can do at most: reading memory, and multiply-adds in registers. */
#include <stdatomic.h>

#include "cpu.h"

/* A part of the memory that one task reads: some 2 MiB pages, so that threads keep out of each other's way. */
enum { PART_BYTES = 4 << 20 };

struct reading {
    const unsigned char *memory;
    size_t bytes;
    hay_isa isa;
    _Atomic uint64_t sum;
};

static uint64_t scalar_read(const void *memory, size_t bytes) {
    const unsigned char *at = memory;
    uint64_t sums[4] = {0, 0, 0, 0}, words[4];
    size_t i = 0;
    for (; i + 32 <= bytes; i += 32) {
        memcpy(words, at + i, 32);
        for (int j = 0; j < 4; j++) sums[j] += words[j];
    }
    for (; i < bytes; i += 8) {
        words[0] = 0;
        memcpy(words, at + i, bytes - i < 8 ? bytes - i : 8);
        sums[0] += words[0];
    }
    return sums[0] + sums[1] + sums[2] + sums[3];
}

static void read_part(void *context, uint32_t index) {
    struct reading *reading = context;
    size_t start = (size_t)index * PART_BYTES, left = reading->bytes - start;
    size_t bytes = left < PART_BYTES ? left : PART_BYTES;
    const unsigned char *memory = reading->memory + start;
    size_t whole = bytes / 512 * 512; /* what the vector forms read */
    uint64_t sum;
    switch (reading->isa) {
#if defined(__x86_64__)
        case HAY_ISA_AVX512: sum = hay_avx512_read(memory, whole); break;
        case HAY_ISA_AVX2: sum = hay_avx2_read(memory, whole); break;
#endif
        default: sum = scalar_read(memory, whole);
    }
    sum += scalar_read(memory + whole, bytes - whole);
    atomic_fetch_add(&reading->sum, sum);
}

uint64_t hay_cpu_read(hay_cpu *cpu, const void *memory, size_t bytes) {
    struct reading reading = {.memory = memory, .bytes = bytes, .isa = hay_cpu_isa(cpu)};
    hay_cpu_parallel(cpu, (uint32_t)((bytes + PART_BYTES - 1) / PART_BYTES), read_part, &reading);
    return atomic_load(&reading.sum);
}

struct adding {
    uint64_t steps;
    int is_integer;
    hay_isa isa;
    _Atomic uint32_t finite; /* keeps the sums needed, and with them the arithmetic */
};

/* Eight chains, as the latency of a multiply-add asks; they tend to 1 and never overflow. */
static float scalar_multiply_add(uint64_t steps) {
    float sums[8] = {0, 1, 2, 3, 4, 5, 6, 7}, total = 0;
    for (uint64_t i = 0; i < steps; i++) {
        for (int j = 0; j < 8; j++) sums[j] = sums[j] * 0.5f + 0.5f;
    }
    for (int j = 0; j < 8; j++) total += sums[j];
    return total;
}

static void add_part(void *context, uint32_t index) {
    (void)index;
    struct adding *adding = context;
    float total = 0;
    switch (adding->isa) {
#if defined(__x86_64__)
        case HAY_ISA_AVX512:
            total = (adding->is_integer ? hay_avx512_multiply_add_integers : hay_avx512_multiply_add)(adding->steps);
            break;
        case HAY_ISA_AVX2:
            total = (adding->is_integer ? hay_avx2_multiply_add_integers : hay_avx2_multiply_add)(adding->steps);
            break;
#endif
        default: total = scalar_multiply_add(adding->steps);
    }
    if (total < 1e9f) atomic_fetch_add(&adding->finite, 1);
}

/* A step is this many multiply-adds: eight scalars, or twelve or sixteen vectors; of integers twelve vectors of sixteen, or
 * sixteen of 64. */
static uint64_t multiply_adds_of_step(hay_isa isa, int is_integer) {
    if (isa == HAY_ISA_AVX512) return is_integer ? 16 * 64 : 16 * 16;
    if (isa == HAY_ISA_AVX2) return is_integer ? 12 * 16 : 12 * 8;
    return 8;
}

uint64_t hay_cpu_multiply_add(hay_cpu *cpu, uint32_t type, uint64_t steps) {
    struct adding adding = {.steps = steps, .is_integer = type == HAY_INT8, .isa = hay_cpu_isa(cpu)};
    uint32_t threads = hay_cpu_threads(cpu);
    hay_cpu_parallel(cpu, threads, add_part, &adding);
    return 2 * steps * threads * multiply_adds_of_step(adding.isa, adding.is_integer);
}
