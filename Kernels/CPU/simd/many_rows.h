/* matmul of many rows: panels of sixteen columns of weights, widened and turned so that a vector holds a value of each
 * column, meet the rows, each of which gives one value at a time. See matmul.h.
 *
 * The order of sums is that of the other shapes: what is there a lane of a vector, summed over a block, is here a leaf of a
 * tree, whose branches are added as v_sum4 adds lanes. So the values of a block are taken leaf by leaf. */
enum {
    LEAVES = CHUNK,
    BOUGHS = 4,                     /* parts of the tree: with one in the first cache, x passes by in the second */
    BOUGH_LEAVES = LEAVES / BOUGHS,
    FLOAT_PANELS = 4,               /* panels that are turned at a time */
    ROWS_AT_ONCE = 192,             /* rows that meet them */
    FETCHED = HAY_PANEL / BOUGHS,   /* columns that are fetched ahead while a bough of a panel meets the rows */
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
INLINE void lay_out_run(const struct matmul *m, uint32_t type, size_t row, size_t rows, float *to) {
    size_t inner = m->inner;
    const float *x[RUN_ROWS];
    for (size_t r = 0; r < rows; r++) x[r] = row_of(m, row + r);
    for (size_t block = 0; block < inner; block += BLOCK) {
        size_t count = inner - block < BLOCK ? inner - block : BLOCK, steps = steps_of(count);
        for (size_t i = 0; i < steps; i++) {
            for (size_t at = 0; at < CHUNK; at++) {
                size_t k = i * CHUNK + at;
                float *place = to + (leaf_of_value(type, at) * steps + i) * rows;
                for (size_t r = 0; r < rows; r++) place[r] = k < count ? x[r][block + k] : 0;
            }
        }
        to += steps * CHUNK * rows;
    }
}

static void lay_out_runs(const struct matmul *m, size_t first, size_t count, void *prepared) {
    struct runs runs = runs_of(m->rows);
    for (size_t run = first; run < first + count; run++) {
        size_t start = run_start(runs, run), rows = run_rows(runs, run);
        float *to = (float *)prepared + start * padded(m->inner);
        if (m->type == HAY_BF16) lay_out_run(m, HAY_BF16, start, rows, to);
        else lay_out_run(m, HAY_F32, start, rows, to);
    }
}

/* MARK: Laying out weights */

/* Turns eight vectors of eight values: to[j] has value j of each. */
INLINE void transpose8(__m256 a[8], __m256 to[8]) {
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
        to[j] = _mm256_permute2f128_ps(a[j], a[j + 4], 0x20);
        to[j + 4] = _mm256_permute2f128_ps(a[j], a[j + 4], 0x31);
    }
}

/* A chunk of eight columns of bf16: turned as pairs of values, then widened into the even and the odd values' leaves. */
INLINE void fill_chunk_bf16(const unsigned char *const w[8], size_t at, size_t stride, float *to) {
    const __m256 odd = _mm256_castsi256_ps(_mm256_set1_epi32((int)0xffff0000));
    UNROLL for (size_t lane = 0; lane < LANES; lane += 8) {
        __m256 pairs[8], turned[8];
        UNROLL for (size_t c = 0; c < 8; c++) pairs[c] = _mm256_loadu_ps((const void *)(w[c] + at + 4 * lane));
        transpose8(pairs, turned);
        UNROLL for (size_t j = 0; j < 8; j++) {
            __m256i even = _mm256_slli_epi32(_mm256_castps_si256(turned[j]), 16);
            _mm256_storeu_ps(to + leaf_of(0, lane + j) * stride, _mm256_castsi256_ps(even));
            _mm256_storeu_ps(to + leaf_of(1, lane + j) * stride, _mm256_and_ps(turned[j], odd));
        }
    }
}

/* A chunk of eight columns: widened and turned into its place of the panel [leaf][step][column]. */
INLINE void fill_chunk(uint32_t type, const unsigned char *const w[8], size_t at, size_t stride, float *to) {
    if (type == HAY_BF16) {
        fill_chunk_bf16(w, at, stride, to);
        return;
    }
    UNROLL for (size_t value = 0; value < CHUNK; value += 8) {
        __m256 wide[8], turned[8];
        UNROLL for (size_t c = 0; c < 8; c++) {
            const void *from = w[c] + at + value * hay_type_size(type);
            wide[c] = type == HAY_F32 ? _mm256_loadu_ps(from) : _mm256_cvtph_ps(_mm_loadu_si128(from));
        }
        transpose8(wide, turned);
        UNROLL for (size_t j = 0; j < 8; j++) {
            _mm256_storeu_ps(to + leaf_of_value(type, value + j) * stride, turned[j]);
        }
    }
}

/* A block of a panel, line by line; columns that are not there are the last one again. */
INLINE void fill_panel(
    const struct matmul *m, uint32_t type, size_t block, size_t count, size_t column, size_t columns, float *panel) {
    size_t size = hay_type_size(type), steps = steps_of(count), stride = leaf_floats(steps);
    const unsigned char *w[HAY_PANEL];
    for (size_t c = 0; c < HAY_PANEL; c++) {
        w[c] = m->weights + ((column + (c < columns ? c : columns - 1)) * m->inner + block) * size;
    }
    size_t i = 0;
    for (; (i + 1) * CHUNK <= count; i++, panel += HAY_PANEL) {
        for (size_t c = 0; c < HAY_PANEL; c += 8) fill_chunk(type, w + c, i * CHUNK * size, stride, panel + c);
    }
    if (i == steps) return;
    struct last_chunk last[HAY_PANEL];
    for (size_t c = 0; c < HAY_PANEL; c++) {
        last[c] = last_chunk(w[c] + i * CHUNK * size, count - i * CHUNK, size);
        w[c] = last[c].bytes;
    }
    for (size_t c = 0; c < HAY_PANEL; c += 8) fill_chunk(type, w + c, 0, stride, panel + c);
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

/* The sums of a panel's outputs [3][rows, HAY_PANEL]: of whole blocks, and of boughs that wait for the others of a block. */
struct panel_sums {
    float *totals, *waiting[2];
};

/* Adds the sums of a bough to those of the boughs before it, as a tree: (0 + 1) + (2 + 3). */
INLINE void add_bough(size_t bough, struct panel_sums to, size_t at, vector sum) {
    switch (bough) {
        case 0: v_store(to.waiting[0] + at, sum); break;
        case 1: v_store(to.waiting[0] + at, v_add(v_load(to.waiting[0] + at), sum)); break;
        case 2: v_store(to.waiting[1] + at, sum); break;
        default:
            sum = v_add(v_load(to.waiting[0] + at), v_add(v_load(to.waiting[1] + at), sum));
            v_store(to.totals + at, v_add(v_load(to.totals + at), sum));
    }
}

/* The products of one value of each row. The first ones of a leaf are no sums, which is faster than zeros to add to. */
INLINE void panel_step(size_t rows, const float *panel, const float *x, int is_first, vector *sums) {
    vector w[PANEL_VECTORS];
    UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) w[v] = v_load(panel + v * LANES);
    UNROLL for (size_t r = 0; r < rows; r++) {
        vector value = v_broadcast(x + r);
        UNROLL for (size_t v = 0; v < PANEL_VECTORS; v++) {
            vector *sum = &sums[r * PANEL_VECTORS + v];
            *sum = is_first ? v_multiply(value, w[v]) : v_fma(value, w[v], *sum);
        }
    }
}

/* A bough's products of a run with a panel. */
INLINE void panel_run(
    size_t rows, const float *panel, size_t steps, const float *x, size_t bough, struct panel_sums to) {
    vector branches[3][RUN_ROWS * PANEL_VECTORS], sums[RUN_ROWS * PANEL_VECTORS];
    UNROLL for (size_t leaf = 0; leaf < BOUGH_LEAVES; leaf++) {
        panel_step(rows, panel, x, 1, sums);
        for (size_t i = 1; i < steps; i++) panel_step(rows, panel + i * HAY_PANEL, x + i * rows, 0, sums);
        x += steps * rows;
        panel += leaf_floats(steps);
        size_t height = 0;
        for (; leaf >> height & 1; height++) {
            UNROLL for (size_t k = 0; k < rows * PANEL_VECTORS; k++) sums[k] = v_add(branches[height][k], sums[k]);
        }
        if (leaf + 1 == BOUGH_LEAVES) break;
        UNROLL for (size_t k = 0; k < rows * PANEL_VECTORS; k++) branches[height][k] = sums[k];
    }
    UNROLL for (size_t k = 0; k < rows * PANEL_VECTORS; k++) add_bough(bough, to, k * LANES, sums[k]);
}

typedef void (*panel_function)(const float *panel, size_t steps, const float *x, size_t bough, struct panel_sums to);

#define PANEL_RUN(rows)                                                                                  \
    static __attribute__((noinline)) void panel_run_##rows(                                              \
        const float *panel, size_t steps, const float *x, size_t bough, struct panel_sums to) {          \
        panel_run(rows, panel, steps, x, bough, to);                                                     \
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

/* Fetches a block of one column. */
INLINE void fetch_column(const struct matmul *m, size_t block, size_t column) {
    if (column >= m->outer) return;
    size_t size = hay_type_size(m->type), count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
    const unsigned char *w = m->weights + (column * m->inner + block) * size;
    for (size_t line = 0; line < count * size; line += 64) __builtin_prefetch(w + line, 0, 2);
}

/* Some turned panels of a block, the runs that meet them, and the columns after them, which are fetched meanwhile. */
struct panels_block {
    const struct matmul *m;
    const float *panels, *x;
    size_t count, block, steps;
    struct runs runs;
    size_t first, last; /* runs */
    size_t next_block, next_column;
};

/* All runs meet one bough of each panel. */
static void panels_bough(const struct panels_block *b, size_t bough, struct panel_sums to) {
    size_t leaf = bough * BOUGH_LEAVES;
    for (size_t p = 0; p < b->count; p++) {
        const float *panel = b->panels + p * PANEL_FLOATS + leaf * leaf_floats(b->steps);
        for (size_t run = b->first; run < b->last; run++) {
            size_t start = run_start(b->runs, run), rows = run_rows(b->runs, run);
            size_t fetched = run - b->first;
            if (fetched < FETCHED) {
                fetch_column(b->m, b->next_block, b->next_column + (p * BOUGHS + bough) * FETCHED + fetched);
            }
            const float *x = b->x + start * padded(b->m->inner) + (b->block + leaf * b->steps) * rows;
            panel_functions[rows - 1](panel, b->steps, x, bough, to);
            to.totals += rows * HAY_PANEL;
            to.waiting[0] += rows * HAY_PANEL;
            to.waiting[1] += rows * HAY_PANEL;
        }
    }
}

/* The panels of a tile with runs `first` to `last`. */
static void many_rows(
    const struct matmul *m, const float *x, struct runs runs, size_t first, size_t last, hay_tile tile, float *scratch) {
    size_t row = run_start(runs, first), height = run_start(runs, last) - row;
    size_t panels = (tile.columns + HAY_PANEL - 1) / HAY_PANEL, sums = panels * height * HAY_PANEL;
    float *totals = scratch + FLOAT_PANELS * PANEL_FLOATS;
    memset(totals, 0, sums * sizeof(float));
    for (size_t block = 0; block < m->inner; block += BLOCK) {
        size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
        int is_last = m->inner - block <= BLOCK;
        for (size_t p = 0; p < panels; p++) {
            size_t at = p * HAY_PANEL, left = tile.columns - at;
            fill_panel_of_type(
                m, block, count, tile.column + at, left < HAY_PANEL ? left : HAY_PANEL, scratch + p * PANEL_FLOATS);
        }
        const struct panels_block part = {
            .m = m, .panels = scratch, .x = x, .count = panels, .block = block, .steps = steps_of(count),
            .runs = runs, .first = first, .last = last,
            .next_block = is_last ? 0 : block + BLOCK,
            .next_column = is_last ? tile.column + tile.columns : tile.column,
        };
        for (size_t bough = 0; bough < BOUGHS; bough++) {
            panels_bough(&part, bough, (struct panel_sums){totals, {totals + sums, totals + 2 * sums}});
        }
    }
    finish_panels(m, tile, row, height, totals);
}

static void many_rows_all(const struct matmul *m, hay_tile tile, hay_thread *thread) {
    struct runs runs = runs_of(m->rows);
    size_t floats = FLOAT_PANELS * (PANEL_FLOATS + 3 * HAY_PANEL * (ROWS_AT_ONCE + RUN_ROWS));
    float *scratch = hay_scratch(thread, floats * sizeof(float));
    /* In parts of even size, so that no panel is turned for a few rows only. */
    size_t parts = (m->rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE, step = (runs.count + parts - 1) / parts;
    uint32_t end = tile.column + tile.columns;
    for (hay_tile part = tile; part.column < end; part.column += part.columns) {
        part.columns = end - part.column < FLOAT_PANELS * HAY_PANEL ? end - part.column : FLOAT_PANELS * HAY_PANEL;
        for (size_t run = 0; run < runs.count; run += step) {
            size_t last = run + step < runs.count ? run + step : runs.count;
            many_rows(m, m->prepared, runs, run, last, part, scratch);
        }
    }
}
