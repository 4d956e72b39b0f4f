/* matmul, in two shapes that share their arithmetic bit by bit.
 *
 * The inner side is cut into blocks of BLOCK values. A block's products are summed in one vector, lane by lane in
 * order, its lanes are summed as v_sum4 does, and an output is the sum of its blocks in order. Which blocks, columns
 * and rows are in flight at a time changes nothing in that, so each shape chooses what suits it:
 *  - few rows (a step of generation) read each weight once and are bound by memory: four blocks in flight;
 *  - many rows (a prompt) are bound by arithmetic: a panel of weights, widened to f32 in the first cache, meets
 *    TILE_ROWS rows at a time in registers. */
enum {
    BLOCK = HAY_MATMUL_BLOCK,
    FEW_ROWS = 3,
    TILE_ROWS = 3,
    PANEL = HAY_MATMUL_PANEL, /* columns of weights at a time */
    ROWS_AT_ONCE = 128,       /* their blocks of x fit in the second cache */
};

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

/* Adds to `sums` the products of `rows` rows of x with four blocks of `count` weights. Block j starts `w_step` values
 * after block j - 1, and meets x `x_step` further. */
INLINE void four_blocks(
    uint32_t type, size_t rows, const float *x, size_t inner, size_t x_step, const unsigned char *w, size_t w_step,
    size_t count, __m128 *sums) {
    size_t size = hay_type_size(type), i = 0;
    vector parts[FEW_ROWS][4];
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < 4; j++) parts[r][j] = v_zero();
    }
    for (; i + LANES <= count; i += LANES) {
        for (size_t j = 0; j < 4; j++) {
            vector weights = v_widen(w + (j * w_step + i) * size, type);
            for (size_t r = 0; r < rows; r++) {
                parts[r][j] = v_fma(v_load(x + r * inner + j * x_step + i), weights, parts[r][j]);
            }
        }
    }
    if (i < count) {
        for (size_t j = 0; j < 4; j++) {
            vector weights = v_widen_first(w + (j * w_step + i) * size, type, count - i);
            for (size_t r = 0; r < rows; r++) {
                vector v = v_load_first(x + r * inner + j * x_step + i, count - i);
                parts[r][j] = v_fma(v, weights, parts[r][j]);
            }
        }
    }
    for (size_t r = 0; r < rows; r++) sums[r] = v_sum4(parts[r][0], parts[r][1], parts[r][2], parts[r][3]);
}

/* The outputs of `columns` (at most four) columns for `rows` rows of x. */
INLINE void few_rows(
    const struct matmul *m, uint32_t type, size_t rows, size_t first_row, size_t column, size_t columns) {
    size_t inner = m->inner, size = hay_type_size(type), block = 0;
    const float *x = m->x + first_row * inner;
    const unsigned char *w = m->weights + column * inner * size;
    float totals[FEW_ROWS][4] = {{0}}, parts[4];
    __m128 sums[FEW_ROWS];
    /* Four blocks of one column, column after column: a row of weights is read as one stream. */
    for (; block + 4 * BLOCK <= inner; block += 4 * BLOCK) {
        for (size_t c = 0; c < columns; c++) {
            four_blocks(type, rows, x + block, inner, BLOCK, w + (c * inner + block) * size, BLOCK, BLOCK, sums);
            for (size_t r = 0; r < rows; r++) {
                _mm_storeu_ps(parts, sums[r]);
                for (size_t j = 0; j < 4; j++) totals[r][c] += parts[j];
            }
        }
    }
    /* What is left of each column: a block of four columns; where there are fewer, the first is computed often. */
    for (; block < inner; block += BLOCK) {
        size_t count = inner - block < BLOCK ? inner - block : BLOCK;
        for (size_t c = 0; c < columns; c += columns == 4 ? 4 : 1) {
            size_t step = columns == 4 ? inner : 0;
            four_blocks(type, rows, x + block, inner, 0, w + (c * inner + block) * size, step, count, sums);
            for (size_t r = 0; r < rows; r++) {
                _mm_storeu_ps(parts, sums[r]);
                for (size_t j = 0; j < (columns == 4 ? 4 : 1); j++) totals[r][c + j] += parts[j];
            }
        }
    }
    for (size_t r = 0; r < rows; r++) {
        float *out = m->out + (first_row + r) * m->outer + column;
        for (size_t c = 0; c < columns; c++) out[c] = finish(m, totals[r][c], column + c);
    }
}

INLINE void few_rows_of(const struct matmul *m, uint32_t type, size_t rows, hay_tile tile) {
    size_t end = (size_t)tile.column + tile.columns;
    for (size_t column = tile.column; column < end; column += 4) {
        few_rows(m, type, rows, tile.row, column, end - column < 4 ? end - column : 4);
    }
}

INLINE void few_rows_any(const struct matmul *m, uint32_t type, hay_tile tile) {
    switch (tile.rows) {
        case 1: few_rows_of(m, type, 1, tile); break;
        case 2: few_rows_of(m, type, 2, tile); break;
        default: few_rows_of(m, type, 3, tile); break;
    }
}

/* MARK: Many rows */

/* A block of PANEL columns as f32, with zeros where there are fewer columns. */
static void fill_panel(const struct matmul *m, float *panel, size_t block, size_t count, size_t column, size_t columns) {
    for (size_t c = 0; c < PANEL; c++) {
        if (c < columns) {
            widen_run(panel + c * BLOCK, m->weights, (column + c) * m->inner + block, m->type, count, 1);
        } else {
            memset(panel + c * BLOCK, 0, count * sizeof(float));
        }
    }
}

/* The sums of a panel's block for `rows` rows of x: sums[r * PANEL / 4 + c / 4]. */
INLINE void tile_sums(size_t rows, const float *x, size_t inner, const float *panel, size_t count, __m128 *sums) {
    vector parts[TILE_ROWS][PANEL], v[TILE_ROWS];
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < PANEL; c++) parts[r][c] = v_zero();
    }
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (size_t r = 0; r < rows; r++) v[r] = v_load(x + r * inner + i);
        for (size_t c = 0; c < PANEL; c++) {
            vector weights = v_load(panel + c * BLOCK + i);
            for (size_t r = 0; r < rows; r++) parts[r][c] = v_fma(v[r], weights, parts[r][c]);
        }
    }
    if (i < count) {
        for (size_t r = 0; r < rows; r++) v[r] = v_load_first(x + r * inner + i, count - i);
        for (size_t c = 0; c < PANEL; c++) {
            vector weights = v_load_first(panel + c * BLOCK + i, count - i);
            for (size_t r = 0; r < rows; r++) parts[r][c] = v_fma(v[r], weights, parts[r][c]);
        }
    }
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < PANEL; c += 4) {
            sums[(r * PANEL + c) / 4] = v_sum4(parts[r][c], parts[r][c + 1], parts[r][c + 2], parts[r][c + 3]);
        }
    }
}

/* Adds a block's sums to the outputs; the first block finds nothing there, the last leaves them finished. */
INLINE void add_sums(
    const struct matmul *m, const __m128 *sums, float *out, size_t column, size_t columns, int is_first, int is_last) {
    float parts[PANEL];
    for (size_t c = 0; c < PANEL; c += 4) _mm_storeu_ps(parts + c, sums[c / 4]);
    for (size_t c = 0; c < columns; c++) {
        float total = (is_first ? 0 : out[c]) + parts[c];
        out[c] = is_last ? finish(m, total, column + c) : total;
    }
}

INLINE void tile_rows(
    const struct matmul *m, size_t rows, size_t row, const float *panel, size_t block, size_t count, size_t column,
    size_t columns) {
    __m128 sums[TILE_ROWS * PANEL / 4];
    tile_sums(rows, m->x + row * m->inner + block, m->inner, panel, count, sums);
    for (size_t r = 0; r < rows; r++) {
        float *out = m->out + (row + r) * m->outer + column;
        add_sums(m, sums + r * PANEL / 4, out, column, columns, block == 0, block + count == m->inner);
    }
}

static void many_rows(const struct matmul *m, float *panel, size_t row, size_t end, hay_tile tile) {
    for (size_t block = 0; block < m->inner; block += BLOCK) {
        size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
        size_t last = (size_t)tile.column + tile.columns;
        for (size_t column = tile.column; column < last; column += PANEL) {
            size_t columns = last - column < PANEL ? last - column : PANEL, r = row;
            fill_panel(m, panel, block, count, column, columns);
            for (; r + 3 <= end; r += 3) tile_rows(m, 3, r, panel, block, count, column, columns);
            if (end - r == 2) tile_rows(m, 2, r, panel, block, count, column, columns);
            if (end - r == 1) tile_rows(m, 1, r, panel, block, count, column, columns);
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
            case HAY_F32: few_rows_any(&m, HAY_F32, tile); break;
            case HAY_BF16: few_rows_any(&m, HAY_BF16, tile); break;
            default: few_rows_any(&m, HAY_F16, tile); break;
        }
        return;
    }
    float *panel = hay_scratch(thread, sizeof(float) * PANEL * BLOCK);
    /* Parts of even size, so that no panel is widened for a few rows only. */
    size_t parts = (tile.rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
    size_t rows = ((tile.rows + parts - 1) / parts + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    size_t end = (size_t)tile.row + tile.rows;
    for (size_t row = tile.row; row < end; row += rows) {
        many_rows(&m, panel, row, row + rows < end ? row + rows : end, tile);
    }
}
