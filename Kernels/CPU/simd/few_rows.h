/* matmul of a row or a few: one column of weights after the other. See matmul.h. */

/* How far narrow weights are fetched ahead, in bytes: a page, as what the processor fetches by itself ends where a page
 * does. f32 comes fast enough. */
enum { AHEAD = 4096 };

/* Adds the products of each row of x with a chunk of a column of weights to the sums of each row. */
INLINE void add_chunk(
    uint32_t type, size_t rows, const float *x, const unsigned char *chunk, vector *first, vector *second) {
    vector a = chunk_part(type, chunk, 0), b = chunk_part(type, chunk, 1);
    UNROLL for (size_t r = 0; r < rows; r++) first[r] = v_fma(v_load(x + r * LANES), a, first[r]);
    UNROLL for (size_t r = 0; r < rows; r++) second[r] = v_fma(v_load(x + (rows + r) * LANES), b, second[r]);
}

/* The sums of a block of `count` values, of `rows` rows of x with one column of weights. */
INLINE void block_sums(
    uint32_t type, size_t rows, const float *x, const unsigned char *w, size_t count, float *sums) {
    size_t size = hay_type_size(type), i = 0;
    vector first[HAY_MATMUL_FEW_ROWS], second[HAY_MATMUL_FEW_ROWS];
    UNROLL for (size_t r = 0; r < rows; r++) first[r] = second[r] = v_zero();
    for (; i + CHUNK <= count; i += CHUNK) {
        if (type != HAY_F32) __builtin_prefetch(w + i * size + AHEAD);
        add_chunk(type, rows, x + i * rows, w + i * size, first, second);
    }
    if (i < count) {
        struct last_chunk last = last_chunk(w + i * size, count - i, size);
        add_chunk(type, rows, x + i * rows, last.bytes, first, second);
    }
    UNROLL for (size_t r = 0; r < rows; r++) sums[r] = v_sum(v_add(first[r], second[r]));
}

/* The outputs of one column. */
INLINE void few_rows(const struct matmul *m, uint32_t type, size_t rows, size_t row, const float *x, size_t column) {
    size_t inner = m->inner, size = hay_type_size(type);
    const unsigned char *w = m->weights + column * inner * size;
    float totals[HAY_MATMUL_FEW_ROWS] = {0}, sums[HAY_MATMUL_FEW_ROWS];
    for (size_t block = 0; block < inner; block += BLOCK) {
        size_t count = inner - block < BLOCK ? inner - block : BLOCK;
        block_sums(type, rows, x + block * rows, w + block * size, count, sums);
        UNROLL for (size_t r = 0; r < rows; r++) totals[r] += sums[r];
    }
    UNROLL for (size_t r = 0; r < rows; r++) m->out[(row + r) * m->outer + column] = finish(m, totals[r], row + r, column);
}

INLINE void few_rows_all(const struct matmul *m, uint32_t type, hay_tile tile, hay_thread *thread) {
    size_t end = (size_t)tile.column + tile.columns, width = padded(m->inner);
    const float *x = m->prepared;
    const unsigned char *w = m->weights + tile.column * m->inner * hay_type_size(type);
    for (size_t line = 0; line < AHEAD; line += 64) __builtin_prefetch(w + line);
    if (!x) {
        float *own = hay_scratch(thread, sizeof(float) * width * tile.rows);
        if (hay_is_new_job(thread)) lay_out_rows(m, tile.row, tile.rows, 0, m->inner, own);
        x = own;
    }
    for (size_t column = tile.column; column < end; column++) {
        if (tile.rows == 3) few_rows(m, type, 3, tile.row, x, column);
        if (tile.rows == 2) few_rows(m, type, 2, tile.row, x, column);
        if (tile.rows == 1) few_rows(m, type, 1, tile.row, x, column);
    }
}
