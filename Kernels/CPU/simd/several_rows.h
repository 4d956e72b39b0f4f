/* matmul of several rows: a strip of columns meets them while the next one is fetched. See matmul.h. */
enum {
    SEVERAL_VALUES = 1 << 19, /* of x, which several rows lay out whole */
    GROUP_ROWS = 4,
    GROUP_COLUMNS = HAY_MATMUL_COLUMNS,
    GROUP_SUMS = GROUP_ROWS * GROUP_COLUMNS,
    STRIP_COLUMNS = 2 * GROUP_COLUMNS, /* nobody has fetched a tile's first strip, so strips are short */
};

/* What one pass over a block needs: a group of rows and GROUP_COLUMNS columns. */
struct pass {
    const float *x; /* as lay_out_rows leaves it */
    const unsigned char *weights[GROUP_COLUMNS];
    size_t count;
    const unsigned char *ahead; /* what to fetch meanwhile, */
    size_t step;                /* and how many bytes of it for each value of the block */
};

/* Sums the first vectors of products (phase 0) or the second ones (phase 1). */
INLINE void sum_phase(
    uint32_t type, size_t rows, const struct pass *pass, size_t phase, vector parts[GROUP_ROWS][GROUP_COLUMNS]) {
    size_t size = hay_type_size(type), count = pass->count, step = pass->step, i = 0;
    const float *x = pass->x + phase * LANES * rows;
    const unsigned char *ahead = pass->ahead + phase * LANES * step, *w[GROUP_COLUMNS];
    vector weights[GROUP_COLUMNS];
    UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) w[c] = pass->weights[c];
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) parts[r][c] = v_zero();
    }
    for (; i + CHUNK <= count; i += CHUNK) {
        UNROLL for (size_t line = 0; line < GROUP_COLUMNS * LANES * size; line += 64) {
            __builtin_prefetch(ahead + i * step + line, 0, 2);
        }
        UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) weights[c] = chunk_part(type, w[c] + i * size, phase);
        UNROLL for (size_t r = 0; r < rows; r++) {
            vector v = v_load(x + i * rows + r * LANES);
            UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) parts[r][c] = v_fma(v, weights[c], parts[r][c]);
        }
    }
    if (i < count) {
        UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) {
            struct last_chunk last = last_chunk(w[c] + i * size, count - i, size);
            weights[c] = chunk_part(type, last.bytes, phase);
        }
        UNROLL for (size_t r = 0; r < rows; r++) {
            vector v = v_load(x + i * rows + r * LANES);
            UNROLL for (size_t c = 0; c < GROUP_COLUMNS; c++) parts[r][c] = v_fma(v, weights[c], parts[r][c]);
        }
    }
}

/* Adds a block's sums to the totals of a group; the first block finds nothing there. The sums of one phase take nearly
 * all of AVX2's registers, so those of the first wait in memory, and a compiler that sees both phases at once would
 * spill them. */
INLINE void add_pass(uint32_t type, size_t rows, const struct pass *pass, int is_first, float *totals) {
    vector parts[GROUP_ROWS][GROUP_COLUMNS], first[GROUP_SUMS], sums[GROUP_SUMS];
    size_t count = rows * GROUP_COLUMNS;
    sum_phase(type, rows, pass, 0, parts);
    UNROLL for (size_t k = 0; k < count; k++) first[k] = parts[k / GROUP_COLUMNS][k % GROUP_COLUMNS];
    __asm__ volatile("" : : "r"(first) : "memory");
    sum_phase(type, rows, pass, 1, parts);
    UNROLL for (size_t k = 0; k < count; k++) {
        sums[k] = v_add(first[k], parts[k / GROUP_COLUMNS][k % GROUP_COLUMNS]);
    }
    UNROLL for (size_t k = 0; k < count; k += 4) {
        vector four[4];
        UNROLL for (size_t j = 0; j < 4; j++) four[j] = sums[k + j < count ? k + j : k]; /* a last four may be less */
        __m128 total = is_first ? _mm_setzero_ps() : _mm_loadu_ps(totals + k);
        _mm_storeu_ps(totals + k, _mm_add_ps(total, v_sum4(four[0], four[1], four[2], four[3])));
    }
}

/* A function for each type and number of rows, out of line. */
typedef void (*pass_function)(const struct pass *pass, int is_first, float *totals);

#define PASS(name, type, rows)                                                                             \
    static __attribute__((noinline)) void name##_##rows(const struct pass *pass, int is_first, float *totals) { \
        add_pass(type, rows, pass, is_first, totals);                                                      \
    }
#define PASSES(name, type) PASS(name, type, 2) PASS(name, type, 3) PASS(name, type, 4)
PASSES(pass_f32, HAY_F32)
PASSES(pass_bf16, HAY_BF16)
PASSES(pass_f16, HAY_F16)

static const pass_function pass_functions[3][3] = {
    [HAY_F32] = {pass_f32_2, pass_f32_3, pass_f32_4},
    [HAY_BF16] = {pass_bf16_2, pass_bf16_3, pass_bf16_4},
    [HAY_F16] = {pass_f16_2, pass_f16_3, pass_f16_4},
};

/* Groups of two to four rows; four or more come here, so none is left alone. */
INLINE size_t group_of(size_t left) { return left == 5 || left == 6 ? 3 : left < GROUP_ROWS ? left : GROUP_ROWS; }

/* Lays out a part of the rows whole: block by block, group by group. */
static void lay_out_groups(const struct matmul *m, size_t row, size_t end, float *to) {
    for (size_t block = 0; block < m->inner; block += BLOCK) {
        size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
        for (size_t at = row, rows; at < end; at += rows, to += rows * padded(count)) {
            rows = group_of(end - at);
            lay_out_rows(m, at, rows, block, count, to);
        }
    }
}

INLINE void write_outputs(
    const struct matmul *m, size_t row, size_t rows, size_t column, size_t columns, const float *totals) {
    for (size_t r = 0; r < rows; r++) {
        float *out = m->out + (row + r) * m->outer + column;
        for (size_t c = 0; c < columns; c++) out[c] = finish(m, totals[r * GROUP_COLUMNS + c], row + r, column + c);
    }
}

static void several_rows(const struct matmul *m, const float *x, hay_tile tile) {
    size_t size = hay_type_size(m->type), column_bytes = m->inner * size;
    size_t end = (size_t)tile.column + tile.columns, last_row = (size_t)tile.row + tile.rows;
    float totals[STRIP_COLUMNS / GROUP_COLUMNS][(HAY_MATMUL_SEVERAL_ROWS + 1) / 2][GROUP_SUMS];
    size_t groups = 0;
    for (size_t row = tile.row; row < last_row; row += group_of(last_row - row)) groups++;

    for (size_t first = tile.column, last; first < end; first = last) {
        last = end - first < STRIP_COLUMNS ? end : first + STRIP_COLUMNS;
        const unsigned char *ahead = m->weights + last * column_bytes;
        int is_fetching = last < end;
        for (size_t block = 0; block < m->inner; block += BLOCK) {
            size_t count = m->inner - block < BLOCK ? m->inner - block : BLOCK;
            for (size_t column = first; column < last; column += GROUP_COLUMNS) {
                size_t columns = last - column < GROUP_COLUMNS ? last - column : GROUP_COLUMNS;
                struct pass pass = {.x = x + block * tile.rows, .count = count};
                for (size_t c = 0; c < GROUP_COLUMNS; c++) { /* columns that are not there are the last one again */
                    size_t at = column + (c < columns ? c : columns - 1);
                    pass.weights[c] = m->weights + at * column_bytes + block * size;
                }
                pass.step = is_fetching ? (columns * size + groups - 1) / groups : 0;
                float(*group)[GROUP_SUMS] = totals[(column - first) / GROUP_COLUMNS];
                for (size_t row = tile.row, rows; row < last_row; row += rows, group++) {
                    rows = group_of(last_row - row);
                    pass.ahead = is_fetching ? ahead : pass.weights[0];
                    pass_functions[m->type][rows - 2](&pass, block == 0, *group);
                    pass.x += rows * padded(count);
                    if (block + count == m->inner) write_outputs(m, row, rows, column, columns, *group);
                    ahead += pass.step * count;
                }
            }
        }
    }
}

static void several_rows_all(const struct matmul *m, hay_tile tile, hay_thread *thread) {
    const float *x = m->prepared;
    if (!x) {
        float *own = hay_scratch(thread, sizeof(float) * padded(m->inner) * tile.rows);
        if (hay_is_new_job(thread)) lay_out_groups(m, tile.row, (size_t)tile.row + tile.rows, own);
        x = own;
    }
    several_rows(m, x, tile);
}
