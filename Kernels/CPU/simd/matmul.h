/* matmul, in two shapes that share their arithmetic bit by bit.
 *
 * The inner side is cut into blocks of BLOCK values. A block's products are summed in one vector, lane by lane in
 * order, its lanes are summed as v_sum4 does, and an output is the sum of its blocks in order. Which blocks, columns
 * and rows are in flight at a time changes nothing in that, so each shape chooses what suits it:
 *  - few rows (a step of generation) are bound by memory: whole columns of weights, eight in flight, which are eight
 *    streams that the processor fetches ahead, meet up to three rows at a time;
 *  - many rows (a prompt) are bound by arithmetic: a panel of weights, widened to f32 in the first cache, meets all
 *    rows, three at a time. */
enum {
    BLOCK = HAY_MATMUL_BLOCK,
    FEW_ROWS = 16, /* up to so many rows the first shape is the faster */
    FEW_COLUMNS = 8,
    TILE_ROWS = 3,
    PANEL = HAY_MATMUL_PANEL, /* columns of weights at a time */
    ROWS_AT_ONCE = 96,        /* their blocks of x fit in the second cache */
};

/* Keeps the compiler from loading the next weights early: three rows by four columns take all of AVX2's registers but
 * one for weights, and a sum that is spilled costs half the speed. */
#define LOADS_STAY_BEHIND() __asm__ volatile("" ::: "memory")

struct matmul {
    const float *x, *bias;
    const unsigned char *weights;
    float *out;
    size_t inner, outer;
    uint32_t type;
    float scale;
};

INLINE float finish(const struct matmul *m, float sum, size_t column) {
    float y = m->scale * sum;
    return m->bias ? y + m->bias[column] : y;
}

/* MARK: Few rows */

/* The sums of a block of `count` values, of `rows` rows of x with each of `columns` columns of weights: column after
 * column in fours, row after row. */
INLINE void few_sums(
    uint32_t type, size_t rows, size_t columns, const float *x, size_t inner, const unsigned char *const *w,
    size_t count, __m128 *sums) {
    size_t size = hay_type_size(type), i = 0;
    vector parts[TILE_ROWS][FEW_COLUMNS], v[TILE_ROWS];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < columns; c++) parts[r][c] = v_zero();
    }
    for (; i + LANES <= count; i += LANES) {
        UNROLL for (size_t r = 0; r < rows; r++) v[r] = v_load(x + r * inner + i);
        UNROLL for (size_t c = 0; c < columns; c++) {
            vector weights = v_widen(w[c] + i * size, type);
            UNROLL for (size_t r = 0; r < rows; r++) parts[r][c] = v_fma(v[r], weights, parts[r][c]);
            if (rows > 1) LOADS_STAY_BEHIND();
        }
    }
    if (i < count) {
        UNROLL for (size_t r = 0; r < rows; r++) v[r] = v_load_first(x + r * inner + i, count - i);
        UNROLL for (size_t c = 0; c < columns; c++) {
            vector weights = v_widen_first(w[c] + i * size, type, count - i);
            UNROLL for (size_t r = 0; r < rows; r++) parts[r][c] = v_fma(v[r], weights, parts[r][c]);
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < columns; c += 4) {
            sums[(r * columns + c) / 4] = v_sum4(parts[r][c], parts[r][c + 1], parts[r][c + 2], parts[r][c + 3]);
        }
    }
}

/* The outputs of `columns` columns from `column` on, of which only those before `end` exist: in place of the others
 * the last is computed again, and not written. */
INLINE void few_rows(
    const struct matmul *m, uint32_t type, size_t rows, size_t columns, size_t row, size_t column, size_t end) {
    size_t inner = m->inner, size = hay_type_size(type);
    const float *x = m->x + row * inner;
    __m128 totals[TILE_ROWS * FEW_COLUMNS / 4], sums[TILE_ROWS * FEW_COLUMNS / 4];
    for (size_t i = 0; i < rows * columns / 4; i++) totals[i] = _mm_setzero_ps();
    for (size_t block = 0; block < inner; block += BLOCK) {
        const unsigned char *w[FEW_COLUMNS];
        for (size_t c = 0; c < columns; c++) {
            w[c] = m->weights + ((column + c < end ? column + c : end - 1) * inner + block) * size;
        }
        few_sums(type, rows, columns, x + block, inner, w, inner - block < BLOCK ? inner - block : BLOCK, sums);
        for (size_t i = 0; i < rows * columns / 4; i++) totals[i] = _mm_add_ps(totals[i], sums[i]);
    }
    for (size_t r = 0; r < rows; r++) {
        float values[FEW_COLUMNS];
        for (size_t c = 0; c < columns; c += 4) _mm_storeu_ps(values + c, totals[(r * columns + c) / 4]);
        float *out = m->out + (row + r) * m->outer;
        for (size_t c = 0; c < columns && column + c < end; c++) out[column + c] = finish(m, values[c], column + c);
    }
}

/* Rows come in threes and twos: one row alone leaves the multipliers waiting. */
INLINE size_t rows_of(size_t left) { return left == 4 ? 2 : left < TILE_ROWS ? left : TILE_ROWS; }

/* The columns meet all rows before the next, so that only the first rows wait for memory. */
INLINE void few_rows_all(const struct matmul *m, uint32_t type, hay_tile tile) {
    size_t end = (size_t)tile.column + tile.columns, last = (size_t)tile.row + tile.rows;
    /* As many columns as there are registers for. */
    size_t columns = tile.rows == 1 || LANES == 16 ? FEW_COLUMNS : 4;
    for (size_t column = tile.column; column < end; column += columns) {
        for (size_t row = tile.row, rows; row < last; row += rows) {
            rows = rows_of(last - row);
            if (rows == 3) few_rows(m, type, 3, LANES == 16 ? FEW_COLUMNS : 4, row, column, end);
            if (rows == 2) few_rows(m, type, 2, LANES == 16 ? FEW_COLUMNS : 4, row, column, end);
            if (rows == 1) few_rows(m, type, 1, FEW_COLUMNS, row, column, end);
        }
    }
}

/* MARK: Many rows */

/* A block of PANEL columns as f32, with zeros where there are fewer columns. */
static void fill_panel(
    const struct matmul *m, float *panel, size_t block, size_t count, size_t column, size_t columns) {
    for (size_t c = 0; c < PANEL; c++) {
        if (c < columns) {
            widen_run(panel + c * BLOCK, m->weights, (column + c) * m->inner + block, m->type, count, 1);
        } else {
            memset(panel + c * BLOCK, 0, count * sizeof(float));
        }
    }
}

/* The sums of a panel's block for `rows` rows of x: sums[r * PANEL / 4 + c / 4]. */
INLINE void tile_sums(size_t rows, const float *x, const float *panel, size_t count, __m128 *sums) {
    vector parts[TILE_ROWS][PANEL], v[TILE_ROWS];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < PANEL; c++) parts[r][c] = v_zero();
    }
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        UNROLL for (size_t r = 0; r < rows; r++) v[r] = v_load(x + r * BLOCK + i);
        UNROLL for (size_t c = 0; c < PANEL; c++) {
            vector weights = v_load(panel + c * BLOCK + i);
            UNROLL for (size_t r = 0; r < rows; r++) parts[r][c] = v_fma(v[r], weights, parts[r][c]);
            LOADS_STAY_BEHIND();
        }
    }
    if (i < count) {
        UNROLL for (size_t r = 0; r < rows; r++) v[r] = v_load_first(x + r * BLOCK + i, count - i);
        UNROLL for (size_t c = 0; c < PANEL; c++) {
            vector weights = v_load_first(panel + c * BLOCK + i, count - i);
            UNROLL for (size_t r = 0; r < rows; r++) parts[r][c] = v_fma(v[r], weights, parts[r][c]);
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < PANEL; c += 4) {
            sums[(r * PANEL + c) / 4] = v_sum4(parts[r][c], parts[r][c + 1], parts[r][c + 2], parts[r][c + 3]);
        }
    }
}

/* Adds a block's sums to the outputs; the first block finds nothing there, the last leaves them finished. */
INLINE void add_sums(
    const struct matmul *m, const __m128 *sums, float *out, size_t column, size_t columns, int is_first, int is_last) {
    if (columns == PANEL) {
        for (size_t c = 0; c < PANEL; c += 4) {
            __m128 total = _mm_add_ps(is_first ? _mm_setzero_ps() : _mm_loadu_ps(out + c), sums[c / 4]);
            if (is_last) total = _mm_mul_ps(_mm_set1_ps(m->scale), total);
            if (is_last && m->bias) total = _mm_add_ps(total, _mm_loadu_ps(m->bias + column + c));
            _mm_storeu_ps(out + c, total);
        }
        return;
    }
    float parts[PANEL];
    for (size_t c = 0; c < PANEL; c += 4) _mm_storeu_ps(parts + c, sums[c / 4]);
    for (size_t c = 0; c < columns; c++) {
        float total = (is_first ? 0 : out[c]) + parts[c];
        out[c] = is_last ? finish(m, total, column + c) : total;
    }
}

INLINE void tile_rows(
    const struct matmul *m, size_t rows, size_t row, const float *x, const float *panel, size_t block, size_t count,
    size_t column, size_t columns) {
    __m128 sums[TILE_ROWS * PANEL / 4];
    tile_sums(rows, x, panel, count, sums);
    for (size_t r = 0; r < rows; r++) {
        float *out = m->out + (row + r) * m->outer + column;
        add_sums(m, sums + r * PANEL / 4, out, column, columns, block == 0, block + count == m->inner);
    }
}

static void many_rows(const struct matmul *m, float *scratch, size_t row, size_t end, hay_tile tile) {
    float *panel = scratch, *x = scratch + PANEL * BLOCK;
    for (size_t block = 0; block < m->inner; block += BLOCK) {
        size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
        /* Side by side: as rows of x lie, a power of two apart, they would share a part of the cache's sets. */
        for (size_t r = row; r < end; r++) {
            memcpy(x + (r - row) * BLOCK, m->x + r * m->inner + block, count * sizeof(float));
        }
        size_t last = (size_t)tile.column + tile.columns;
        for (size_t column = tile.column; column < last; column += PANEL) {
            size_t columns = last - column < PANEL ? last - column : PANEL;
            fill_panel(m, panel, block, count, column, columns);
            for (size_t r = row, rows; r < end; r += rows) {
                rows = rows_of(end - r);
                if (rows == 3) tile_rows(m, 3, r, x + (r - row) * BLOCK, panel, block, count, column, columns);
                if (rows == 2) tile_rows(m, 2, r, x + (r - row) * BLOCK, panel, block, count, column, columns);
                if (rows == 1) tile_rows(m, 1, r, x + (r - row) * BLOCK, panel, block, count, column, columns);
            }
        }
    }
}

void HAY_VERSION(matmul)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    const hay_matmul_params *p = call->params;
    const struct matmul m = {
        call->inputs[0], call->inputs[2], call->inputs[1], call->output, p->inner, p->outer, p->weight_type, p->scale,
    };
    if (tile.rows <= FEW_ROWS) {
        switch (m.type) {
            case HAY_F32: few_rows_all(&m, HAY_F32, tile); break;
            case HAY_BF16: few_rows_all(&m, HAY_BF16, tile); break;
            default: few_rows_all(&m, HAY_F16, tile); break;
        }
        return;
    }
    float *scratch = hay_scratch(thread, sizeof(float) * (PANEL + ROWS_AT_ONCE) * BLOCK);
    /* Parts of even size, so that no panel is widened for a few rows only. */
    size_t parts = (tile.rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
    size_t rows = ((tile.rows + parts - 1) / parts + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    size_t end = (size_t)tile.row + tile.rows;
    for (size_t row = tile.row; row < end; row += rows) {
        many_rows(&m, scratch, row, row + rows < end ? row + rows : end, tile);
    }
}
