/* matmul with weights in blocks: int8 and int4. What an output is, is said in kernels.h; sums of groups are exact, so only
 * the order of the groups matters, and every shape keeps it.
 *
 * The rows of x are rounded once a call, for all threads. A few rows meet the weights as they lie, block after block as
 * one stream. More rows meet them expanded to what the multipliers take, some groups at a time in the first cache, with
 * the sums of a tile's outputs waiting in the second. */
#define STEP_GROUPS 8 /* groups of a panel that are expanded at a time */

enum {
    TOTAL_PANELS = 4,            /* panels whose sums wait in the second cache, */
    ROWS_TOGETHER = 96,          /* of rows that go through them together, */
    X_CHUNK_BYTES = 192 << 10,   /* so many bytes of them at a time, which stay in the second cache */
    BLOCKS_AHEAD = 1536,         /* how far weights are fetched ahead, in bytes, */
    FEW_BLOCKS_AHEAD = 4096,     /* and for a few rows, see few_rows.h; int8 comes fast enough by itself there */
    EXPANDED_GROUP = 128 + 1024, /* scales, zero points, and values at most */
};

/* Where the rounded rows lie: in runs of rows, group by group; a group has the scales of the run's rows, the sums of
 * their values, and the values. */
struct rounded_rows {
    const unsigned char *memory;
    uint32_t type;
    int is_few;
    size_t groups;
    struct runs runs;
};

INLINE struct rounded_rows rounded_rows(const struct matmul *m) {
    return (struct rounded_rows){
        .memory = m->prepared,
        .type = m->type,
        .is_few = m->rows <= FEW_BLOCK_ROWS,
        .groups = (m->inner + HAY_GROUP - 1) / HAY_GROUP,
        .runs = runs_of(m->rows),
    };
}

/* Bytes of a group of one row. */
INLINE size_t row_bytes(uint32_t type) { return 2 * sizeof(float) + HAY_GROUP * x_bytes(type); }

INLINE const unsigned char *run_memory(const struct rounded_rows *x, size_t run) {
    return x->memory + run_start(x->runs, run) * x->groups * row_bytes(x->type);
}

/* The largest magnitude of a group; NaN if it has one. Compared as integers, where NaN is above infinity. */
INLINE float largest_magnitude(const float *x) {
    const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
    __m256i top = _mm256_setzero_si256();
    UNROLL for (size_t i = 0; i < HAY_GROUP; i += 8) {
        __m256i bits = _mm256_loadu_si256((const void *)(x + i));
        top = _mm256_max_epi32(top, _mm256_and_si256(bits, magnitude));
    }
    __m128i four = _mm_max_epi32(_mm256_castsi256_si128(top), _mm256_extracti128_si256(top, 1));
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return hay_float_from_bits((uint32_t)_mm_cvtsi128_si32(four));
}

/* Rounds one group of a row; type, form and, where it is one, the number of rows are constants. */
INLINE void round_group(
    uint32_t type, int is_few, const float *from, size_t count, unsigned char *to, size_t rows, size_t place) {
    float padded[HAY_GROUP];
    signed char rounded[HAY_GROUP];
    if (count < HAY_GROUP) {
        memset(padded, 0, sizeof padded);
        memcpy(padded, from, count * sizeof(float));
        from = padded;
    }
    float scale = largest_magnitude(from) / 127, factor = scale == 0 ? 0 : 1 / scale;
    float sum = (float)round_values(from, factor, rounded);
    memcpy(to + place * sizeof(float), &scale, sizeof(float));
    memcpy(to + (rows + place) * sizeof(float), &sum, sizeof(float));
    size_t together = x_bytes(type) * x_together(type, is_few);
    lay_out_values(type, is_few, rows, rounded, to + 2 * rows * sizeof(float) + place * together);
}

INLINE void round_row(
    uint32_t type, int is_few, const float *x, size_t inner, unsigned char *to, size_t rows, size_t place) {
    for (size_t k = 0; k < inner; k += HAY_GROUP, to += rows * row_bytes(type)) {
        round_group(type, is_few, x + k, inner - k < HAY_GROUP ? inner - k : HAY_GROUP, to, rows, place);
    }
}

INLINE void round_runs_of(
    uint32_t type, const struct matmul *m, const struct rounded_rows *x, size_t first, size_t count, void *prepared) {
    size_t inner = m->inner;
    for (size_t run = first; run < first + count; run++) {
        size_t start = run_start(x->runs, run), rows = run_rows(x->runs, run);
        unsigned char *to = (unsigned char *)prepared + start * x->groups * row_bytes(type);
        for (size_t r = 0; r < rows; r++) {
            const float *from = row_of(m, start + r);
            if (x->is_few && rows == 1) round_row(type, 1, from, inner, to, 1, 0);
            else if (x->is_few) round_row(type, 1, from, inner, to, rows, r);
            else round_row(type, 0, from, inner, to, rows, r);
        }
    }
}

static void round_runs(const struct matmul *m, size_t first, size_t count, void *prepared) {
    struct rounded_rows x = rounded_rows(m);
    if (x.type == HAY_INT8) round_runs_of(HAY_INT8, m, &x, first, count, prepared);
    else round_runs_of(HAY_INT4, m, &x, first, count, prepared);
}

/* Adds a group's sums, in whole numbers, to the outputs so far. `scales` are those of the panel. */
INLINE void add_group(
    uint32_t type, size_t rows, integers sums[][PANEL_VECTORS], const vector *scales, const vector *zeros,
    const unsigned char *x, vector *totals) {
    UNROLL for (size_t r = 0; r < rows; r++) {
        vector scale = v_broadcast(x + r * sizeof(float)), sum = v_broadcast(x + (rows + r) * sizeof(float));
        UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) {
            vector whole = v_from_integers(sums[r][v]);
            if (has_zero_points(type)) whole = v_fnma(zeros[v], sum, whole);
            totals[r * PANEL_VECTORS + v] =
                v_fma(whole, v_multiply(scales[v], scale), totals[r * PANEL_VECTORS + v]);
        }
    }
}

/* MARK: A few rows */

INLINE void few_blocks(
    const struct matmul *m, uint32_t type, size_t rows, const struct rounded_rows *x, hay_tile tile) {
    size_t block_bytes = hay_block_bytes(type), end = (size_t)tile.column + tile.columns;
    const unsigned char *block = m->weights + tile.column / HAY_PANEL * x->groups * block_bytes;
    for (size_t line = 0; line < FEW_BLOCKS_AHEAD; line += 64) __builtin_prefetch(block + line);
    for (size_t column = tile.column; column < end; column += HAY_PANEL) {
        const unsigned char *at = x->memory;
        vector totals[FEW_BLOCK_ROWS * PANEL_VECTORS];
        UNROLL for (size_t i = 0; i < rows * PANEL_VECTORS; i++) totals[i] = v_zero();
        for (size_t g = 0; g < x->groups; g++, block += block_bytes, at += rows * row_bytes(type)) {
            UNROLL for (size_t line = 0; type != HAY_INT8 && line < block_bytes; line += 64) {
                __builtin_prefetch(block + FEW_BLOCKS_AHEAD + line);
            }
            integers sums[FEW_BLOCK_ROWS][PANEL_VECTORS];
            vector scales[PANEL_VECTORS], zeros[PANEL_VECTORS];
            const unsigned char *values = block + hay_block_values(type), *x_values = at + 2 * rows * sizeof(float);
            if (type == HAY_INT8) few_sums_int8(rows, values, x_values, sums);
            else few_sums_int4(rows, values, x_values, sums);
            UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) {
                scales[v] = v_scales(block, v);
                zeros[v] = type == HAY_INT4 ? v_zero_points(block, v) : v_set(128);
            }
            add_group(type, rows, sums, scales, zeros, at, totals);
        }
        size_t columns = end - column < HAY_PANEL ? end - column : HAY_PANEL;
        UNROLL for (size_t r = 0; r < rows; r++) {
            finish_panel(m, r, column, columns, (const float *)(totals + r * PANEL_VECTORS));
        }
    }
}

#define FEW_BLOCKS(type, rows)                                                                               \
    static __attribute__((noinline)) void few_blocks_##type##_##rows(                                        \
        const struct matmul *m, const struct rounded_rows *x, hay_tile tile) {                               \
        few_blocks(m, type, rows, x, tile);                                                                  \
    }
#define FEW_BLOCKS_OF(rows) FEW_BLOCKS(HAY_INT8, rows) FEW_BLOCKS(HAY_INT4, rows)
FEW_BLOCKS_OF(1) FEW_BLOCKS_OF(2) FEW_BLOCKS_OF(3)

typedef void (*few_blocks_function)(const struct matmul *m, const struct rounded_rows *x, hay_tile tile);

static const few_blocks_function few_blocks_functions[2][FEW_BLOCK_ROWS] = {
    {few_blocks_HAY_INT8_1, few_blocks_HAY_INT8_2, few_blocks_HAY_INT8_3},
    {few_blocks_HAY_INT4_1, few_blocks_HAY_INT4_2, few_blocks_HAY_INT4_3},
};

/* MARK: More rows */

/* One run of rows through the expanded groups of a step: adds to their sums [rows, HAY_PANEL]. */
INLINE void step_run(
    uint32_t type, size_t rows, const unsigned char *expanded, size_t groups, const unsigned char *x, float *totals) {
    for (size_t g = 0; g < groups; g++) {
        integers sums[RUN_ROWS][PANEL_VECTORS];
        vector scales[PANEL_VECTORS], zeros[PANEL_VECTORS], run[RUN_ROWS * PANEL_VECTORS];
        const float *numbers = (const float *)(const void *)expanded;
        many_sums(type, rows, expanded + 128, x + 2 * rows * sizeof(float), sums);
        UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) {
            scales[v] = v_load(numbers + v * LANES);
            zeros[v] = v_load(numbers + HAY_PANEL + v * LANES);
        }
        UNROLL for (size_t i = 0; i < rows * PANEL_VECTORS; i++) run[i] = v_load(totals + i * LANES);
        add_group(type, rows, sums, scales, zeros, x, run);
        UNROLL for (size_t i = 0; i < rows * PANEL_VECTORS; i++) v_store(totals + i * LANES, run[i]);
        expanded += EXPANDED_GROUP;
        x += rows * row_bytes(type);
    }
}

typedef void (*step_function)(const unsigned char *expanded, size_t groups, const unsigned char *x, float *totals);

#define STEP(type, rows)                                                                                     \
    static __attribute__((noinline)) void step_##type##_##rows(                                              \
        const unsigned char *expanded, size_t groups, const unsigned char *x, float *totals) {               \
        step_run(type, rows, expanded, groups, x, totals);                                                   \
    }
#define STEPS_OF(rows) STEP(HAY_INT8, rows) STEP(HAY_INT4, rows)
STEPS_OF(1) STEPS_OF(2) STEPS_OF(3) STEPS_OF(4) STEPS_OF(5) STEPS_OF(6)
#if LANES == 16
STEPS_OF(7) STEPS_OF(8) STEPS_OF(9) STEPS_OF(10) STEPS_OF(11) STEPS_OF(12)
#endif

#define STEP_NAME(type, rows) step_##type##_##rows,
#define STEPS_TO_6(type) \
    STEP_NAME(type, 1) STEP_NAME(type, 2) STEP_NAME(type, 3) STEP_NAME(type, 4) STEP_NAME(type, 5) STEP_NAME(type, 6)
#if LANES == 16
#define STEPS_TO_12(type)                                                                                      \
    STEPS_TO_6(type) STEP_NAME(type, 7) STEP_NAME(type, 8) STEP_NAME(type, 9) STEP_NAME(type, 10)              \
    STEP_NAME(type, 11) STEP_NAME(type, 12)
static const step_function step_functions[2][RUN_ROWS] = {{STEPS_TO_12(HAY_INT8)}, {STEPS_TO_12(HAY_INT4)}};
#else
static const step_function step_functions[2][RUN_ROWS] = {{STEPS_TO_6(HAY_INT8)}, {STEPS_TO_6(HAY_INT4)}};
#endif

INLINE void expand_groups(uint32_t type, const unsigned char *block, size_t groups, unsigned char *to) {
    for (size_t g = 0; g < groups; g++, block += hay_block_bytes(type), to += EXPANDED_GROUP) {
        float *numbers = (float *)(void *)to;
        for (size_t line = 0; line < hay_block_bytes(type); line += 64) __builtin_prefetch(block + BLOCKS_AHEAD + line);
        UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) {
            v_store(numbers + v * LANES, v_scales(block, v));
            v_store(numbers + HAY_PANEL + v * LANES, type == HAY_INT4 ? v_zero_points(block, v) : v_set(128));
        }
        expand_values(type, block + hay_block_values(type), to + 128);
    }
}

/* The panels of a tile with the rows of some runs: groups `first` to `last`. */
static void chunk_of_groups(
    const struct matmul *m, const struct rounded_rows *x, hay_tile tile, size_t first_run, size_t last_run,
    size_t first, size_t last, unsigned char *expanded, float *totals) {
    uint32_t type = x->type;
    size_t first_row = run_start(x->runs, first_run), height = run_start(x->runs, last_run) - first_row;
    for (size_t at = 0; at < tile.columns; at += HAY_PANEL, totals += height * HAY_PANEL) {
        const unsigned char *panel = m->weights + (tile.column + at) / HAY_PANEL * x->groups * hay_block_bytes(type);
        for (size_t g = first; g < last; g += STEP_GROUPS) {
            size_t groups = last - g < STEP_GROUPS ? last - g : STEP_GROUPS;
            if (type == HAY_INT8) expand_groups(HAY_INT8, panel + g * HAY_INT8_BLOCK, groups, expanded);
            else expand_groups(HAY_INT4, panel + g * HAY_INT4_BLOCK, groups, expanded);
            for (size_t run = first_run; run < last_run; run++) {
                size_t start = run_start(x->runs, run), rows = run_rows(x->runs, run);
                const unsigned char *values = run_memory(x, run) + g * rows * row_bytes(type);
                step_functions[type - HAY_INT8][rows - 1](
                    expanded, groups, values, totals + (start - first_row) * HAY_PANEL);
            }
        }
    }
}

static void many_blocks(const struct matmul *m, const struct rounded_rows *x, hay_tile tile, hay_thread *thread) {
    size_t runs = ROWS_TOGETHER / RUN_ROWS, panels = (tile.columns + HAY_PANEL - 1) / HAY_PANEL;
    size_t total_bytes = TOTAL_PANELS * ROWS_TOGETHER * HAY_PANEL * sizeof(float);
    unsigned char *expanded = hay_scratch(thread, STEP_GROUPS * EXPANDED_GROUP + total_bytes);
    float *totals = (float *)(void *)(expanded + STEP_GROUPS * EXPANDED_GROUP);
    for (size_t run = 0; run < x->runs.count; run += runs) {
        size_t last = run + runs < x->runs.count ? run + runs : x->runs.count;
        size_t row = run_start(x->runs, run), height = run_start(x->runs, last) - row;
        size_t chunk = X_CHUNK_BYTES / (height * row_bytes(x->type)) / STEP_GROUPS * STEP_GROUPS;
        if (chunk < STEP_GROUPS) chunk = STEP_GROUPS;
        memset(totals, 0, panels * height * HAY_PANEL * sizeof(float));
        for (size_t g = 0; g < x->groups; g += chunk) {
            size_t end = g + chunk < x->groups ? g + chunk : x->groups;
            chunk_of_groups(m, x, tile, run, last, g, end, expanded, totals);
        }
        finish_panels(m, tile, row, height, totals);
    }
}

static void blocks_all(const struct matmul *m, hay_tile tile, hay_thread *thread) {
    struct rounded_rows x = rounded_rows(m);
    if (x.is_few) {
        few_blocks_functions[x.type - HAY_INT8][x.runs.rows - 1](m, &x, tile);
        return;
    }
    uint32_t end = tile.column + tile.columns;
    for (hay_tile part = tile; part.column < end; part.column += part.columns) {
        part.columns = end - part.column < TOTAL_PANELS * HAY_PANEL ? end - part.column : TOTAL_PANELS * HAY_PANEL;
        many_blocks(m, &x, part, thread);
    }
}
