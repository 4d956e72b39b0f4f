/* matmul of many rows: a widened panel of weights meets them, three at a time. See matmul.h. */
enum {
    TILE_ROWS = 3,
    PANEL = HAY_MATMUL_PANEL, /* columns of weights at a time */
    ROWS_AT_ONCE = 96,        /* their blocks of x fit in the second cache */
};

/* Keeps the compiler from loading the next weights early: three rows by four columns take all of AVX2's registers but
 * one for weights, and a sum that is spilled costs half the speed. */
#define LOADS_STAY_BEHIND() __asm__ volatile("" ::: "memory")

/* Rows come in threes and twos: one row alone leaves the multipliers waiting. */
INLINE size_t rows_of(size_t left) { return left == 4 ? 2 : left < TILE_ROWS ? left : TILE_ROWS; }

/* A block of PANEL columns as f32, chunk by chunk, with zeros where there are fewer columns. */
INLINE void fill_panel(
    const struct matmul *m, uint32_t type, float *panel, size_t block, size_t count, size_t column, size_t columns) {
    size_t size = hay_type_size(type);
    for (size_t c = 0; c < PANEL; c++) {
        const unsigned char *w = m->weights + ((column + c) * m->inner + block) * size;
        float *to = panel + c * BLOCK;
        if (c >= columns) {
            memset(to, 0, padded(count) * sizeof(float));
            continue;
        }
        size_t i = 0;
        for (; i + CHUNK <= count; i += CHUNK) {
            v_store(to + i, chunk_part(type, w + i * size, 0));
            v_store(to + i + LANES, chunk_part(type, w + i * size, 1));
        }
        if (i < count) {
            struct last_chunk last = last_chunk(w + i * size, count - i, size);
            v_store(to + i, chunk_part(type, last.bytes, 0));
            v_store(to + i + LANES, chunk_part(type, last.bytes, 1));
        }
    }
}

static void fill_panel_of_type(
    const struct matmul *m, float *panel, size_t block, size_t count, size_t column, size_t columns) {
    switch (m->type) {
        case HAY_F32: fill_panel(m, HAY_F32, panel, block, count, column, columns); break;
        case HAY_BF16: fill_panel(m, HAY_BF16, panel, block, count, column, columns); break;
        default: fill_panel(m, HAY_F16, panel, block, count, column, columns); break;
    }
}

/* Sums the first vectors of products (phase 0) or the second ones (phase 1) of a panel's block with `rows` rows. */
INLINE void tile_phase(
    size_t rows, const float *x, const float *panel, size_t count, size_t phase, vector parts[TILE_ROWS][PANEL]) {
    vector v[TILE_ROWS];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < PANEL; c++) parts[r][c] = v_zero();
    }
    for (size_t i = phase * LANES; i < padded(count); i += CHUNK) {
        UNROLL for (size_t r = 0; r < rows; r++) v[r] = v_load(x + i * rows + r * LANES);
        UNROLL for (size_t c = 0; c < PANEL; c++) {
            vector weights = v_load(panel + c * BLOCK + i);
            UNROLL for (size_t r = 0; r < rows; r++) parts[r][c] = v_fma(v[r], weights, parts[r][c]);
            LOADS_STAY_BEHIND();
        }
    }
}

/* The sums of a panel's block for `rows` rows of x: sums[r * PANEL / 4 + c / 4]. */
INLINE void tile_sums(size_t rows, const float *x, const float *panel, size_t count, __m128 *sums) {
    vector even[TILE_ROWS][PANEL], parts[TILE_ROWS][PANEL];
    tile_phase(rows, x, panel, count, 0, parts);
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < PANEL; c++) even[r][c] = parts[r][c];
    }
    LOADS_STAY_BEHIND();
    tile_phase(rows, x, panel, count, 1, parts);
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < PANEL; c++) parts[r][c] = v_add(even[r][c], parts[r][c]);
        UNROLL for (size_t c = 0; c < PANEL; c += 4) {
            sums[(r * PANEL + c) / 4] = v_sum4(parts[r][c], parts[r][c + 1], parts[r][c + 2], parts[r][c + 3]);
        }
    }
}

/* Adds a block's sums to the outputs; the first block finds nothing there, the last leaves them finished. */
INLINE void add_sums(
    const struct matmul *m, const __m128 *sums, size_t row, size_t column, size_t columns, int is_first, int is_last) {
    float *out = m->out + row * m->outer + column;
    if (columns == PANEL) {
        for (size_t c = 0; c < PANEL; c += 4) {
            __m128 total = _mm_add_ps(is_first ? _mm_setzero_ps() : _mm_loadu_ps(out + c), sums[c / 4]);
            if (is_last) total = _mm_mul_ps(_mm_set1_ps(m->scale), total);
            if (is_last && m->bias) total = _mm_add_ps(total, _mm_loadu_ps(m->bias + column + c));
            if (is_last && m->residual) {
                total = _mm_add_ps(total, _mm_loadu_ps(m->residual + row * m->outer + column + c));
            }
            _mm_storeu_ps(out + c, total);
        }
        return;
    }
    float parts[PANEL];
    for (size_t c = 0; c < PANEL; c += 4) _mm_storeu_ps(parts + c, sums[c / 4]);
    for (size_t c = 0; c < columns; c++) {
        float total = (is_first ? 0 : out[c]) + parts[c];
        out[c] = is_last ? finish(m, total, row, column + c) : total;
    }
}

INLINE void tile_rows(
    const struct matmul *m, size_t rows, size_t row, const float *x, const float *panel, size_t block, size_t count,
    size_t column, size_t columns) {
    __m128 sums[TILE_ROWS * PANEL / 4];
    tile_sums(rows, x, panel, count, sums);
    for (size_t r = 0; r < rows; r++) {
        add_sums(m, sums + r * PANEL / 4, row + r, column, columns, block == 0, block + count == m->inner);
    }
}

static void many_rows(const struct matmul *m, float *scratch, size_t row, size_t end, hay_tile tile) {
    float *panel = scratch, *laid_out = scratch + PANEL * BLOCK;
    for (size_t block = 0; block < m->inner; block += BLOCK) {
        size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK, rows;
        for (size_t r = row; r < end; r += rows) {
            rows = rows_of(end - r);
            lay_out_rows(m, r, rows, block, count, laid_out + (r - row) * padded(count));
        }
        size_t last = (size_t)tile.column + tile.columns;
        for (size_t column = tile.column; column < last; column += PANEL) {
            size_t columns = last - column < PANEL ? last - column : PANEL;
            fill_panel_of_type(m, panel, block, count, column, columns);
            for (size_t r = row; r < end; r += rows) {
                const float *x = laid_out + (r - row) * padded(count);
                rows = rows_of(end - r);
                if (rows == 3) tile_rows(m, 3, r, x, panel, block, count, column, columns);
                if (rows == 2) tile_rows(m, 2, r, x, panel, block, count, column, columns);
                if (rows == 1) tile_rows(m, 1, r, x, panel, block, count, column, columns);
            }
        }
    }
}

/* In parts of even size, so that no panel is widened for a few rows only. */
static void many_rows_all(const struct matmul *m, hay_tile tile, hay_thread *thread) {
    float *scratch = hay_scratch(thread, sizeof(float) * (PANEL + ROWS_AT_ONCE) * BLOCK);
    size_t parts = (tile.rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
    size_t rows = ((tile.rows + parts - 1) / parts + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    size_t end = (size_t)tile.row + tile.rows;
    for (size_t row = tile.row; row < end; row += rows) {
        many_rows(m, scratch, row, row + rows < end ? row + rows : end, tile);
    }
}
