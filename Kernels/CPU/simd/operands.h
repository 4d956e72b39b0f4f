/* What the shapes of matmul share: the operands, and how they are met, chunk by chunk. See matmul.h. */
enum { BLOCK = HAY_MATMUL_BLOCK, CHUNK = 2 * LANES };

struct matmul {
    const float *x, *bias, *residual;
    const unsigned char *weights;
    float *out;
    size_t rows, inner, outer;
    uint32_t type;
    float scale;
    const void *prepared; /* the rows of x as they are met, or null */
    const int32_t *pairs; /* row r of x is pairs[r] / share; null: it is r */
    size_t share;
};

INLINE const float *row_of(const struct matmul *m, size_t row) {
    return m->x + (m->pairs ? (size_t)m->pairs[row] / m->share : row) * m->inner;
}

INLINE float finish(const struct matmul *m, float sum, size_t row, size_t column) {
    float y = m->scale * sum;
    if (m->bias) y += m->bias[column];
    return m->residual ? y + m->residual[row * m->outer + column] : y;
}

/* The first (phase 0) or the second vector (phase 1) of a chunk of weights. */
INLINE vector chunk_part(uint32_t type, const unsigned char *chunk, size_t phase) {
    if (type == HAY_BF16) return phase == 0 ? even_bf16(chunk) : odd_bf16(chunk);
    return v_widen(chunk + phase * LANES * hay_type_size(type), type);
}

/* The first `count` < CHUNK values of a chunk of weights or of x, and zeros. */
struct last_chunk {
    _Alignas(64) unsigned char bytes[CHUNK * sizeof(float)];
};

INLINE struct last_chunk last_chunk(const void *at, size_t count, size_t size) {
    struct last_chunk chunk = {{0}};
    memcpy(chunk.bytes, at, count * size);
    return chunk;
}

/* The values of whole chunks that `count` values take. */
INLINE size_t padded(size_t count) { return (count + CHUNK - 1) / CHUNK * CHUNK; }

/* Lays out a block of some rows of x as it is met: vector by vector, with the rows side by side, padded with zeros. */
static void lay_out_rows(const struct matmul *m, size_t row, size_t rows, size_t block, size_t count, float *to) {
    for (size_t r = 0; r < rows; r++) {
        const float *x = row_of(m, row + r) + block;
        float *at = to + r * LANES;
        for (size_t i = 0; i < count; i += CHUNK, at += rows * CHUNK) {
            struct last_chunk last;
            const float *chunk = x + i;
            if (count - i < CHUNK) {
                last = last_chunk(chunk, count - i, sizeof(float));
                chunk = (const float *)(const void *)last.bytes;
            }
            vector a = v_load(chunk), b = v_load(chunk + LANES);
            v_store(at, m->type == HAY_BF16 ? v_even(a, b) : a);
            v_store(at + rows * LANES, m->type == HAY_BF16 ? v_odd(a, b) : b);
        }
    }
}
