/* Products of a few rows with a block of keys or values: c = a . b, or c = decay * c + a . b.
 *
 * b lies in rows of the same length, narrow as the cache has it or widened; a value of c is summed from the first row of b
 * to the last, in one chain, whatever is computed beside it. */

/* How many rows of a go together, and how many vectors of theirs: their sums, one value of each row of a and a vector of
 * b stay in registers. What is widened on its way costs so much that it is worth it for few rows only. */
enum { MOST_ROWS = 6, MOST_NARROW_ROWS = HAY_ATTENTION_NARROW_ROWS, MOST_VECTORS = 4 };

struct product {
    const float *a[MOST_ROWS];
    float *c[MOST_ROWS];
    float decay[MOST_ROWS]; /* what c is multiplied by first; not read where `adds` is zero */
    int adds;
    const unsigned char *b;
    size_t length, stride; /* the rows of b, and the bytes from one to the next */
    ptrdiff_t ahead;       /* how far from b lies what is needed next, which is fetched meanwhile; or 0 */
};

/* `count` vectors of `rows` rows, from column `first` on. Constant counts and a constant type make one loop. */
INLINE void multiply_part(const struct product *p, size_t rows, size_t count, uint32_t type, size_t first) {
    vector sums[MOST_ROWS][MOST_VECTORS];
    const unsigned char *b = p->b + first * hay_type_size(type);
    UNROLL for (size_t r = 0; r < rows; r++) {
        vector decay = v_set(p->decay[r]);
        UNROLL for (size_t j = 0; j < count; j++) {
            sums[r][j] = p->adds ? v_multiply(v_load(p->c[r] + first + j * LANES), decay) : v_zero();
        }
    }
    ptrdiff_t ahead = p->ahead;
    for (size_t i = 0, length = p->length, stride = p->stride; i < length; i++, b += stride) {
        UNROLL for (size_t at = 0; at < count * LANES * hay_type_size(type); at += 64) {
            __builtin_prefetch(b + at + ahead);
        }
        vector v[MOST_VECTORS];
        UNROLL for (size_t j = 0; j < count; j++) v[j] = v_widen(b + j * LANES * hay_type_size(type), type);
        UNROLL for (size_t r = 0; r < rows; r++) {
            vector a = v_set(p->a[r][i]);
            UNROLL for (size_t j = 0; j < count; j++) sums[r][j] = v_fma(a, v[j], sums[r][j]);
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t j = 0; j < count; j++) v_store(p->c[r] + first + j * LANES, sums[r][j]);
    }
}

INLINE void multiply_rows(const struct product *p, size_t rows, uint32_t type, size_t width) {
    size_t i = 0;
    if (rows * 4 <= HAY_ATTENTION_SUMS) {
        for (; i + 4 * LANES <= width; i += 4 * LANES) multiply_part(p, rows, 4, type, i);
    }
    for (; i + 2 * LANES <= width; i += 2 * LANES) multiply_part(p, rows, 2, type, i);
    for (; i < width; i += LANES) multiply_part(p, rows, 1, type, i);
}

INLINE void multiply_typed(const struct product *p, size_t rows, uint32_t type, size_t width) {
    switch (rows) {
        case 1: multiply_rows(p, 1, type, width); break;
        case 2: multiply_rows(p, 2, type, width); break;
        case 3: multiply_rows(p, 3, type, width); break;
        case 4: multiply_rows(p, 4, type, width); break;
        case 5: multiply_rows(p, 5, type, width); break;
        default: multiply_rows(p, 6, type, width); break;
    }
}

/* `rows` rows with a b of `type`, `width` values wide: a multiple of LANES. */
static void multiply(const struct product *p, size_t rows, uint32_t type, size_t width) {
    switch (type) {
        case HAY_F32: multiply_typed(p, rows, HAY_F32, width); break;
        case HAY_BF16: multiply_typed(p, rows, HAY_BF16, width); break;
        default: multiply_typed(p, rows, HAY_F16, width); break;
    }
}
