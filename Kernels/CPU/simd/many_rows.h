/* matmul of many rows: panels of sixteen columns of weights, widened and turned so that a vector holds a value of each
 * column, meet the rows, each of which gives one value at a time. See matmul.h.
 *
 * The order of sums is that of the other shapes: what is there a lane of a vector, summed over a block, is here a leaf of a
 * tree, whose branches are added as v_sum4 adds lanes. So the values of a block are taken leaf by leaf. */
enum {
    LEAVES = CHUNK,
    FLOAT_PANELS = 4,    /* panels of a tile whose sums wait in the second cache */
    ROWS_AT_ONCE = 96,   /* their blocks of x fit there too */
    PANEL_FLOATS = HAY_PANEL * (BLOCK + LEAVES),
};

/* The values of a leaf in a block of `count`. */
INLINE size_t steps_of(size_t count) { return (count + CHUNK - 1) / CHUNK; }

/* The floats of a leaf in a panel: a line more than its values, as leaves 4096 bytes apart would drive each other out of
 * the first cache. */
INLINE size_t leaf_floats(size_t steps) { return (steps + 1) * HAY_PANEL; }

/* The leaf that holds a lane's sums of the first (phase 0) or the second vectors. The phases of a lane are added first;
 * in a vector of sixteen lanes then the upper half is added to the lower. */
INLINE size_t leaf_of(size_t phase, size_t lane) {
    size_t place = LANES == 16 ? lane % 8 * 2 + lane / 8 : lane;
    return 2 * place + phase;
}

/* Where value `at` of a chunk goes: bf16 has its even values in the first vector and its odd ones in the second. */
INLINE size_t leaf_of_value(uint32_t type, size_t at) {
    return type == HAY_BF16 ? leaf_of(at % 2, at / 2) : leaf_of(at / LANES, at % LANES);
}

/* MARK: Laying out x */

/* A run of rows, block by block: [leaf][step][row], with zeros to whole chunks. */
INLINE void lay_out_run(const hay_call *call, uint32_t type, size_t row, size_t rows, float *to) {
    size_t inner = ((const hay_matmul_params *)call->params)->inner;
    const float *x = (const float *)call->inputs[0] + row * inner;
    for (size_t block = 0; block < inner; block += BLOCK) {
        size_t count = inner - block < BLOCK ? inner - block : BLOCK, steps = steps_of(count);
        for (size_t i = 0; i < steps; i++) {
            for (size_t at = 0; at < CHUNK; at++) {
                size_t k = i * CHUNK + at;
                float *place = to + (leaf_of_value(type, at) * steps + i) * rows;
                for (size_t r = 0; r < rows; r++) place[r] = k < count ? x[r * inner + block + k] : 0;
            }
        }
        to += steps * CHUNK * rows;
    }
}

static void lay_out_runs(const hay_call *call, uint32_t first, uint32_t count, void *prepared) {
    const hay_matmul_params *p = call->params;
    struct runs runs = runs_of(call->rows);
    for (size_t run = first; run < (size_t)first + count; run++) {
        size_t start = run_start(runs, run), rows = run_rows(runs, run);
        float *to = (float *)prepared + start * padded(p->inner);
        if (p->weight_type == HAY_BF16) lay_out_run(call, HAY_BF16, start, rows, to);
        else lay_out_run(call, HAY_F32, start, rows, to);
    }
}

/* MARK: Laying out weights */

/* Turns eight vectors of eight, of lanes from `first_lane` on: each lane goes to its leaf. */
INLINE void transpose8(__m256 a[8], float *to, size_t leaf_stride, size_t phase, size_t first_lane) {
    __m256 b[8];
    UNROLL for (size_t j = 0; j < 8; j += 2) {
        b[j] = _mm256_unpacklo_ps(a[j], a[j + 1]);
        b[j + 1] = _mm256_unpackhi_ps(a[j], a[j + 1]);
    }
    UNROLL for (size_t j = 0; j < 8; j += 4) {
        a[j] = _mm256_shuffle_ps(b[j], b[j + 2], 0x44);
        a[j + 1] = _mm256_shuffle_ps(b[j], b[j + 2], 0xee);
        a[j + 2] = _mm256_shuffle_ps(b[j + 1], b[j + 3], 0x44);
        a[j + 3] = _mm256_shuffle_ps(b[j + 1], b[j + 3], 0xee);
    }
    UNROLL for (size_t j = 0; j < 4; j++) {
        float *low = to + leaf_of(phase, first_lane + j) * leaf_stride;
        float *high = to + leaf_of(phase, first_lane + j + 4) * leaf_stride;
        _mm256_storeu_ps(low, _mm256_permute2f128_ps(a[j], a[j + 4], 0x20));
        _mm256_storeu_ps(high, _mm256_permute2f128_ps(a[j], a[j + 4], 0x31));
    }
}

/* A chunk of eight columns: widened, then turned into its place of the panel [leaf][step][column]. */
INLINE void fill_chunk(uint32_t type, const unsigned char *w[8], size_t at, size_t steps, float *to) {
    UNROLL for (size_t phase = 0; phase < 2; phase++) {
        _Alignas(64) vector wide[8];
        UNROLL for (size_t c = 0; c < 8; c++) wide[c] = chunk_part(type, w[c] + at, phase);
        UNROLL for (size_t lane = 0; lane < LANES; lane += 8) {
            __m256 eight[8];
            UNROLL for (size_t c = 0; c < 8; c++) eight[c] = v_eight(wide[c], lane / 8);
            transpose8(eight, to, leaf_floats(steps), phase, lane);
        }
    }
}

/* A block of a panel; columns that are not there are the last one again. */
INLINE void fill_panel(
    const struct matmul *m, uint32_t type, size_t block, size_t count, size_t column, size_t columns, float *panel) {
    size_t size = hay_type_size(type), steps = steps_of(count);
    struct last_chunk last[8];
    for (size_t half = 0; half < HAY_PANEL; half += 8) {
        const unsigned char *w[8], *tail[8];
        for (size_t c = 0; c < 8; c++) {
            size_t at = half + c < columns ? half + c : columns - 1;
            w[c] = m->weights + ((column + at) * m->inner + block) * size;
        }
        size_t i = 0;
        for (; (i + 1) * CHUNK <= count; i++) {
            fill_chunk(type, w, i * CHUNK * size, steps, panel + i * HAY_PANEL + half);
        }
        if (i == steps) continue;
        for (size_t c = 0; c < 8; c++) {
            last[c] = last_chunk(w[c] + i * CHUNK * size, count - i * CHUNK, size);
            tail[c] = last[c].bytes;
        }
        fill_chunk(type, tail, 0, steps, panel + i * HAY_PANEL + half);
    }
}

static void fill_panel_of_type(
    const struct matmul *m, size_t block, size_t count, size_t column, size_t columns, float *panel) {
    switch (m->type) {
        case HAY_F32: fill_panel(m, HAY_F32, block, count, column, columns, panel); break;
        case HAY_BF16: fill_panel(m, HAY_BF16, block, count, column, columns, panel); break;
        default: fill_panel(m, HAY_F16, block, count, column, columns, panel); break;
    }
}

/* MARK: Products */

/* A block's products of a run with a panel, added to its totals [rows, HAY_PANEL]. */
INLINE void panel_run(size_t rows, const float *panel, size_t steps, const float *x, float *totals) {
    vector branches[5][RUN_ROWS * PANEL_VECTORS]; /* sums that wait for the other half of their branch */
    for (size_t leaf = 0; leaf < LEAVES; leaf++) {
        vector sums[RUN_ROWS * PANEL_VECTORS];
        UNROLL for (size_t k = 0; k < rows * PANEL_VECTORS; k++) sums[k] = v_zero();
        for (size_t i = 0; i < steps; i++, panel += HAY_PANEL, x += rows) {
            vector w[PANEL_VECTORS];
            UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) w[v] = v_load(panel + v * LANES);
            UNROLL for (size_t r = 0; r < rows; r++) {
                vector value = v_broadcast(x + r);
                UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) {
                    sums[r * PANEL_VECTORS + v] = v_fma(value, w[v], sums[r * PANEL_VECTORS + v]);
                }
            }
        }
        panel += leaf_floats(steps) - steps * HAY_PANEL;
        size_t height = 0;
        for (; leaf >> height & 1; height++) {
            UNROLL for (size_t k = 0; k < rows * PANEL_VECTORS; k++) sums[k] = v_add(branches[height][k], sums[k]);
        }
        if (leaf + 1 < LEAVES) {
            UNROLL for (size_t k = 0; k < rows * PANEL_VECTORS; k++) branches[height][k] = sums[k];
        } else {
            UNROLL for (size_t k = 0; k < rows * PANEL_VECTORS; k++) {
                v_store(totals + k * LANES, v_add(v_load(totals + k * LANES), sums[k]));
            }
        }
    }
}

typedef void (*panel_function)(const float *panel, size_t steps, const float *x, float *totals);

#define PANEL_RUN(rows)                                                                                  \
    static __attribute__((noinline)) void panel_run_##rows(                                              \
        const float *panel, size_t steps, const float *x, float *totals) {                               \
        panel_run(rows, panel, steps, x, totals);                                                        \
    }
PANEL_RUN(1) PANEL_RUN(2) PANEL_RUN(3) PANEL_RUN(4) PANEL_RUN(5) PANEL_RUN(6)
#if LANES == 16
PANEL_RUN(7) PANEL_RUN(8) PANEL_RUN(9) PANEL_RUN(10) PANEL_RUN(11) PANEL_RUN(12)
#endif

static const panel_function panel_functions[RUN_ROWS] = {
    panel_run_1, panel_run_2, panel_run_3, panel_run_4, panel_run_5, panel_run_6,
#if LANES == 16
    panel_run_7, panel_run_8, panel_run_9, panel_run_10, panel_run_11, panel_run_12,
#endif
};

/* Fetches a block of one column: the next panel's while runs go through this one. */
INLINE void fetch_column(const struct matmul *m, size_t block, size_t count, size_t column) {
    size_t size = hay_type_size(m->type);
    const unsigned char *w = m->weights + (column * m->inner + block) * size;
    for (size_t line = 0; line < count * size; line += 64) __builtin_prefetch(w + line, 0, 2);
}

/* The panels of a tile with runs `first` to `last`. */
static void many_rows(
    const struct matmul *m, const float *x, struct runs runs, size_t first, size_t last, hay_tile tile, float *scratch) {
    size_t row = run_start(runs, first), height = run_start(runs, last) - row;
    float *panel = scratch, *totals = scratch + PANEL_FLOATS;
    memset(totals, 0, (tile.columns + HAY_PANEL - 1) / HAY_PANEL * height * HAY_PANEL * sizeof(float));
    for (size_t block = 0; block < m->inner; block += BLOCK) {
        size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
        float *to = totals;
        for (size_t at = 0; at < tile.columns; at += HAY_PANEL, to += height * HAY_PANEL) {
            size_t left = tile.columns - at;
            fill_panel_of_type(m, block, count, tile.column + at, left < HAY_PANEL ? left : HAY_PANEL, panel);
            for (size_t run = first; run < last; run++) {
                size_t start = run_start(runs, run), rows = run_rows(runs, run), next = at + HAY_PANEL + run - first;
                if (next < tile.columns && run - first < HAY_PANEL) fetch_column(m, block, count, tile.column + next);
                const float *values = x + start * padded(m->inner) + block * rows;
                panel_functions[rows - 1](panel, steps_of(count), values, to + (start - row) * HAY_PANEL);
            }
        }
    }
    finish_panels(m, tile, row, height, totals);
}

static void many_rows_all(const struct matmul *m, const hay_call *call, hay_tile tile, hay_thread *thread) {
    struct runs runs = runs_of(call->rows);
    size_t floats = PANEL_FLOATS + HAY_PANEL * FLOAT_PANELS * (ROWS_AT_ONCE + RUN_ROWS);
    float *scratch = hay_scratch(thread, floats * sizeof(float));
    /* In parts of even size, so that no panel is widened for a few rows only. */
    size_t parts = (call->rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, step = (runs.count + parts - 1) / parts;
    uint32_t end = tile.column + tile.columns;
    for (hay_tile part = tile; part.column < end; part.column += part.columns) {
        part.columns = end - part.column < FLOAT_PANELS * HAY_PANEL ? end - part.column : FLOAT_PANELS * HAY_PANEL;
        for (size_t run = 0; run < runs.count; run += step) {
            size_t last = run + step < runs.count ? run + step : runs.count;
            many_rows(m, thread->prepared, runs, run, last, part, scratch);
        }
    }
}
