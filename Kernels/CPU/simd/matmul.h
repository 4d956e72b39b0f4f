/* matmul, in three shapes that share their arithmetic bit by bit.
 *
 * The inner side is cut into blocks of BLOCK values. A block's products are summed in two vectors, the even and the odd
 * ones in turn, which are added; the lanes of that are summed as v_sum4 does, and an output is the sum of its blocks in
 * order. Which columns and rows are in flight at a time changes nothing in that, so each shape chooses what suits it:
 *  - few rows (one text that grows) are bound by memory: columns of weights one after the other, as they lie, so that
 *    memory is read as one stream and fetched ahead; several streams at once are slower the shorter the columns are;
 *  - several rows (a batch of texts) have to compute while they read: a strip of columns meets all rows while the next
 *    one is fetched, as one stream again, a little with each step;
 *  - many rows (a prompt) are bound by arithmetic: a panel of weights, widened to f32 in the first cache, meets all
 *    rows, three at a time. */
enum {
    BLOCK = HAY_MATMUL_BLOCK,
    AHEAD = 1536, /* how far narrow weights are fetched ahead, in bytes; f32 comes fast enough by itself */
    SEVERAL_ROWS = 32, /* at a time; f32 weights meet more of them in two parts */
    SEVERAL_VALUES = 1 << 19, /* of x, which several rows lay out whole */
    GROUP_ROWS = 4,
    GROUP_COLUMNS = HAY_MATMUL_COLUMNS,
    GROUP_SUMS = GROUP_ROWS * GROUP_COLUMNS,
    STRIP_BYTES = 32768, /* the strip that is met and the one that is fetched fit beside x in the second cache */
    STRIP_COLUMNS = 48,  /* at most */
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

/* Adds `count` <= LANES products of each row of x with a column of weights to a vector of sums for each row. */
INLINE void add_products(
    uint32_t type, size_t rows, const float *x, size_t inner, const unsigned char *w, size_t count, vector *sums) {
    vector weights = count == LANES ? v_widen(w, type) : v_widen_first(w, type, count);
    UNROLL for (size_t r = 0; r < rows; r++) {
        const float *at = x + r * inner;
        sums[r] = v_fma(count == LANES ? v_load(at) : v_load_first(at, count), weights, sums[r]);
    }
}

/* The sums of a block of `count` values, of `rows` rows of x with one column of weights. */
INLINE void block_sums(
    uint32_t type, size_t rows, const float *x, size_t inner, const unsigned char *w, size_t count, float *sums) {
    size_t size = hay_type_size(type), i = 0;
    vector even[TILE_ROWS], odd[TILE_ROWS];
    UNROLL for (size_t r = 0; r < rows; r++) even[r] = odd[r] = v_zero();
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        if (type != HAY_F32) __builtin_prefetch(w + i * size + AHEAD);
        add_products(type, rows, x + i, inner, w + i * size, LANES, even);
        add_products(type, rows, x + i + LANES, inner, w + (i + LANES) * size, LANES, odd);
    }
    if (i + LANES <= count) {
        add_products(type, rows, x + i, inner, w + i * size, LANES, even);
        i += LANES;
        if (i < count) add_products(type, rows, x + i, inner, w + i * size, count - i, odd);
    } else if (i < count) {
        add_products(type, rows, x + i, inner, w + i * size, count - i, even);
    }
    UNROLL for (size_t r = 0; r < rows; r++) sums[r] = v_sum(v_add(even[r], odd[r]));
}

/* The outputs of one column. */
INLINE void few_rows(const struct matmul *m, uint32_t type, size_t rows, size_t row, size_t column) {
    size_t inner = m->inner, size = hay_type_size(type);
    const float *x = m->x + row * inner;
    const unsigned char *w = m->weights + column * inner * size;
    float totals[TILE_ROWS] = {0}, sums[TILE_ROWS];
    for (size_t block = 0; block < inner; block += BLOCK) {
        size_t count = inner - block < BLOCK ? inner - block : BLOCK;
        block_sums(type, rows, x + block, inner, w + block * size, count, sums);
        UNROLL for (size_t r = 0; r < rows; r++) totals[r] += sums[r];
    }
    UNROLL for (size_t r = 0; r < rows; r++) m->out[(row + r) * m->outer + column] = finish(m, totals[r], column);
}

/* Rows come in threes and twos: one row alone leaves the multipliers waiting. */
INLINE size_t rows_of(size_t left) { return left == 4 ? 2 : left < TILE_ROWS ? left : TILE_ROWS; }

/* A column meets all rows before the next, so that only the first rows wait for memory. */
INLINE void few_rows_all(const struct matmul *m, uint32_t type, hay_tile tile) {
    size_t end = (size_t)tile.column + tile.columns, last = (size_t)tile.row + tile.rows;
    for (size_t column = tile.column; column < end; column++) {
        for (size_t row = tile.row, rows; row < last; row += rows) {
            rows = rows_of(last - row);
            if (rows == 3) few_rows(m, type, 3, row, column);
            if (rows == 2) few_rows(m, type, 2, row, column);
            if (rows == 1) few_rows(m, type, 1, row, column);
        }
    }
}

/* MARK: Several rows */

/* What one pass over a block needs: a group of rows and GROUP_COLUMNS columns. */
struct pass {
    const float *x; /* as lay_out_rows leaves it */
    const unsigned char *weights[GROUP_COLUMNS];
    size_t count;
    const unsigned char *ahead; /* what to fetch meanwhile, */
    size_t step;                /* and how many bytes of it for each value of the block */
};

/* Lays out a block of some rows of x as it is met: vector by vector, with the rows side by side. */
static void lay_out_rows(const struct matmul *m, size_t row, size_t rows, size_t block, size_t count, float *to) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = m->x + (row + r) * m->inner + block;
        float *at = to + r * LANES;
        size_t i = 0;
        for (; i + LANES <= count; i += LANES, at += rows * LANES) v_store(at, v_load(x + i));
        if (i < count) v_store(at, v_load_first(x + i, count - i));
    }
}

/* Sums the even vectors of products (phase 0) or the odd ones (phase 1). */
INLINE void sum_phase(uint32_t type, size_t rows, const struct pass *pass, size_t phase, vector *sums) {
    size_t size = hay_type_size(type), count = pass->count, step = pass->step, i = phase * LANES;
    const float *x = pass->x;
    const unsigned char *ahead = pass->ahead, *w[GROUP_COLUMNS];
    vector parts[GROUP_ROWS][GROUP_COLUMNS], weights[GROUP_COLUMNS];
    UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) w[c] = pass->weights[c];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) parts[r][c] = v_zero();
    }
    for (; i + LANES <= count; i += 2 * LANES) {
        UNROLL for (size_t line = 0; line < GROUP_COLUMNS * LANES * size; line += 64) {
            __builtin_prefetch(ahead + i * step + line, 0, 2);
        }
        UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) weights[c] = v_widen(w[c] + i * size, type);
        UNROLL for (size_t r = 0; r < rows; r++) {
            vector v = v_load(x + i * rows + r * LANES);
            UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) parts[r][c] = v_fma(v, weights[c], parts[r][c]);
        }
    }
    if (i < count) {
        UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) weights[c] = v_widen_first(w[c] + i * size, type, count - i);
        UNROLL for (size_t r = 0; r < rows; r++) {
            vector v = v_load(x + i * rows + r * LANES);
            UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) parts[r][c] = v_fma(v, weights[c], parts[r][c]);
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) sums[r * GROUP_COLUMNS + c] = parts[r][c];
    }
}

/* A function for each type and number of rows, kept out of line: the sums take nearly all of AVX2's registers, and a
 * compiler that sees both phases at once spills them. */
typedef void (*phase_function)(const struct pass *pass, size_t phase, vector *sums);

#define PHASE(name, type, rows)                                                                           \
    static __attribute__((noinline)) void name##_##rows(const struct pass *pass, size_t phase, vector *sums) { \
        sum_phase(type, rows, pass, phase, sums);                                                         \
    }
#define PHASES(name, type) PHASE(name, type, 2) PHASE(name, type, 3) PHASE(name, type, 4)
PHASES(sum_f32, HAY_F32)
PHASES(sum_bf16, HAY_BF16)
PHASES(sum_f16, HAY_F16)

static const phase_function phase_functions[3][3] = {
    [HAY_F32] = {sum_f32_2, sum_f32_3, sum_f32_4},
    [HAY_BF16] = {sum_bf16_2, sum_bf16_3, sum_bf16_4},
    [HAY_F16] = {sum_f16_2, sum_f16_3, sum_f16_4},
};

/* Groups of two to four rows; four or more come here, so none is left alone. */
INLINE size_t group_of(size_t left) { return left == 5 || left == 6 ? 3 : left < GROUP_ROWS ? left : GROUP_ROWS; }

/* Adds a block's sums to the totals of a group; the first block finds nothing there. */
INLINE void add_pass(const struct matmul *m, size_t rows, const struct pass *pass, int is_first, float *totals) {
    vector even[GROUP_SUMS], odd[GROUP_SUMS];
    phase_function sum = phase_functions[m->type][rows - 2];
    sum(pass, 0, even);
    sum(pass, 1, odd);
    size_t sums = rows * GROUP_COLUMNS;
    for (size_t k = 0; k < sums; k += 4) {
        vector parts[4];
        UNROLL for (size_t j = 0; j < 4; j++) {
            size_t at = k + j < sums ? k + j : k; /* a last four that is not full sums its first again */
            parts[j] = v_add(even[at], odd[at]);
        }
        __m128 total = is_first ? _mm_setzero_ps() : _mm_loadu_ps(totals + k);
        _mm_storeu_ps(totals + k, _mm_add_ps(total, v_sum4(parts[0], parts[1], parts[2], parts[3])));
    }
}

INLINE void write_outputs(
    const struct matmul *m, size_t row, size_t rows, size_t column, size_t columns, const float *totals) {
    for (size_t r = 0; r < rows; r++) {
        float *out = m->out + (row + r) * m->outer + column;
        for (size_t c = 0; c < columns; c++) out[c] = finish(m, totals[r * GROUP_COLUMNS + c], column + c);
    }
}

static void several_rows(const struct matmul *m, float *scratch, hay_tile tile) {
    size_t size = hay_type_size(m->type), column_bytes = m->inner * size;
    size_t end = (size_t)tile.column + tile.columns, last_row = (size_t)tile.row + tile.rows;
    size_t strip = STRIP_BYTES / column_bytes < STRIP_COLUMNS ? STRIP_BYTES / column_bytes : STRIP_COLUMNS - 1;
    strip = (strip / GROUP_COLUMNS + 1) * GROUP_COLUMNS;
    float totals[STRIP_COLUMNS / GROUP_COLUMNS][(SEVERAL_ROWS + 1) / 2][GROUP_SUMS];
    size_t groups = 0;
    for (size_t row = tile.row; row < last_row; row += group_of(last_row - row)) groups++;

    for (size_t first = tile.column, last; first < end; first = last) {
        last = end - first < strip ? end : first + strip;
        const unsigned char *ahead = m->weights + last * column_bytes;
        int is_fetching = last < end;
        for (size_t block = 0; block < m->inner; block += BLOCK) {
            size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
            size_t width = (count + LANES - 1) / LANES * LANES;
            for (size_t column = first; column < last; column += GROUP_COLUMNS) {
                size_t columns = last - column < GROUP_COLUMNS ? last - column : GROUP_COLUMNS;
                struct pass pass = {.x = scratch + block * tile.rows, .count = count};
                for (size_t c = 0; c < GROUP_COLUMNS; c++) { /* columns that are not there are the last one again */
                    size_t at = column + (c < columns ? c : columns - 1);
                    pass.weights[c] = m->weights + at * column_bytes + block * size;
                }
                pass.step = is_fetching ? (columns * size + groups - 1) / groups : 0;
                float(*group)[GROUP_SUMS] = totals[(column - first) / GROUP_COLUMNS];
                for (size_t row = tile.row, rows; row < last_row; row += rows, group++) {
                    rows = group_of(last_row - row);
                    float *x = scratch + block * tile.rows + (row - tile.row) * width;
                    if (first == tile.column && column == first) lay_out_rows(m, row, rows, block, count, x);
                    pass.x = x;
                    pass.ahead = is_fetching ? ahead : pass.weights[0];
                    add_pass(m, rows, &pass, block == 0, *group);
                    if (block + count == m->inner) write_outputs(m, row, rows, column, columns, *group);
                    ahead += pass.step * count;
                }
            }
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

/* Sums the even vectors of products (phase 0) or the odd ones (phase 1) of a panel's block with `rows` rows of x. */
INLINE void tile_phase(
    size_t rows, const float *x, const float *panel, size_t count, size_t phase, vector parts[TILE_ROWS][PANEL]) {
    vector v[TILE_ROWS];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < PANEL; c++) parts[r][c] = v_zero();
    }
    size_t i = phase * LANES;
    for (; i + LANES <= count; i += 2 * LANES) {
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
    if (tile.rows <= HAY_MATMUL_FEW_ROWS || m.inner == 0) {
        switch (m.type) {
            case HAY_F32: few_rows_all(&m, HAY_F32, tile); break;
            case HAY_BF16: few_rows_all(&m, HAY_BF16, tile); break;
            default: few_rows_all(&m, HAY_F16, tile); break;
        }
        return;
    }
    uint32_t several_at_most = m.type == HAY_F32 ? HAY_MATMUL_SEVERAL_ROWS : SEVERAL_ROWS;
    if (tile.rows <= several_at_most && (m.inner + LANES) * SEVERAL_ROWS <= SEVERAL_VALUES) {
        float *several = hay_scratch(thread, sizeof(float) * SEVERAL_VALUES);
        uint32_t parts = (tile.rows + SEVERAL_ROWS - 1) / SEVERAL_ROWS, rows = (tile.rows + parts - 1) / parts;
        uint32_t end = tile.row + tile.rows;
        for (hay_tile part = tile; part.row < end; part.row += rows) {
            part.rows = end - part.row < rows ? end - part.row : rows;
            several_rows(&m, several, part);
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
