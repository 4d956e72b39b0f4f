/* The vector forms of what measure.c measures. */

uint64_t HAY_VERSION(read)(const void *memory, size_t bytes) { return v_sum_words(memory, bytes / 8); }

/* Enough chains to hide the latency of a multiply-add, few enough to stay in registers; they tend to 1. */
float HAY_VERSION(multiply_add)(uint64_t steps) {
    vector sums[HAY_MULTIPLY_ADD_CHAINS], half = v_set(0.5f);
    for (int j = 0; j < HAY_MULTIPLY_ADD_CHAINS; j++) sums[j] = v_set((float)j);
    for (uint64_t i = 0; i < steps; i++) {
        for (int j = 0; j < HAY_MULTIPLY_ADD_CHAINS; j++) sums[j] = v_fma(sums[j], half, half);
    }
    float total = 0;
    for (int j = 0; j < HAY_MULTIPLY_ADD_CHAINS; j++) total += v_sum(sums[j]);
    return total;
}

/* The sum of a few integers, in whatever way the set multiplies bytes best; see integers256.h and integers512.h. */
float HAY_VERSION(multiply_add_integers)(uint64_t steps) { return v_sum(v_from_integers(add_products(steps))); }
