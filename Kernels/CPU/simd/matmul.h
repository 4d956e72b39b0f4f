/* matmul, in shapes that share their arithmetic bit by bit. This is about weights of floats; blocks.h has the others.
 *
 * The inner side is cut into blocks of BLOCK values, and a block into chunks of two vectors. The products of the first
 * vectors are summed in one vector and those of the second ones in another, which are added; the lanes of that are
 * summed as v_sum4 does, and an output is the sum of its blocks in order. In bf16 the two vectors of a chunk are its
 * even and its odd values, which are had from memory by a shift and a mask; x is laid out to match. Which columns and
 * rows are in flight at a time changes nothing in that, so each shape chooses what suits it:
 *  - few rows (one text that grows) are bound by memory: columns of weights one after the other, as they lie, so that
 *    memory is read as one stream and fetched ahead; several streams at once are slower the shorter the columns are;
 *  - several rows (a batch of texts) have to compute while they read: a strip of columns meets all rows while the next
 *    one is fetched, as one stream again, a little with each step;
 *  - many rows (a prompt) are bound by arithmetic: a panel of weights, widened and turned, meets runs of rows, and what
 *    are lanes elsewhere are branches of a tree of sums. */

/* Whether so many rows are bound by arithmetic; of columns too long to be laid out for several rows, four are. */
INLINE int is_many_rows(size_t rows, size_t inner) {
    if (rows <= HAY_MATMUL_FEW_ROWS) return 0;
    return rows > HAY_MATMUL_SEVERAL_ROWS || (inner + LANES) * HAY_MATMUL_SEVERAL_ROWS > SEVERAL_VALUES;
}

static void matmul_part(const struct matmul *m, hay_tile tile, hay_thread *thread) {
    if (hay_is_blocks(m->type)) {
        blocks_all(m, tile, thread);
        return;
    }
    if (m->rows <= HAY_MATMUL_FEW_ROWS) {
        switch (m->type) {
            case HAY_F32: few_rows_all(m, HAY_F32, tile, thread); break;
            case HAY_BF16: few_rows_all(m, HAY_BF16, tile, thread); break;
            default: few_rows_all(m, HAY_F16, tile, thread); break;
        }
        return;
    }
    if (is_many_rows(m->rows, m->inner)) many_rows_all(m, tile, thread);
    else several_rows_all(m, tile, thread);
}

/* The operands of a call without its weights. */
INLINE struct matmul matmul_of(const hay_call *call) {
    const hay_matmul_params *p = call->params;
    return (struct matmul){
        .x = call->inputs[0], .rows = call->rows, .inner = p->inner, .type = p->weight_type, .scale = p->scale,
    };
}

INLINE void set_part(struct matmul *m, const struct hay_part *part, const void *prepared) {
    m->weights = part->weights;
    m->bias = part->bias;
    m->residual = part->residual;
    m->out = part->out;
    m->outer = part->outer;
    m->prepared = prepared;
}

void HAY_VERSION(matmul)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    struct matmul m = matmul_of(call);
    if (m.inner == 0) {
        hay_scalar_matmul(call, tile, thread);
        return;
    }
    for (uint32_t index = 0; index < HAY_MATMUL_PARTS; index++) {
        struct hay_part part;
        if (!hay_part_of(call, tile, index, &part)) continue;
        set_part(&m, &part, thread->prepared);
        matmul_part(&m, part.tile, thread);
    }
}

/* Bytes of a row of x that is laid out beforehand. */
INLINE size_t prepared_row_bytes(uint32_t type, size_t inner) {
    if (hay_is_blocks(type)) return (inner + HAY_GROUP - 1) / HAY_GROUP * row_bytes(type);
    return padded(inner) * sizeof(float);
}

static void prepare_runs(const hay_call *call, uint32_t first, uint32_t count, void *prepared) {
    const struct matmul m = matmul_of(call);
    if (hay_is_blocks(m.type)) round_runs(&m, first, count, prepared);
    else lay_out_runs(&m, first, count, prepared);
}

hay_preparation HAY_VERSION(prepare_matmul)(const hay_call *call) {
    const struct matmul m = matmul_of(call);
    hay_preparation preparation = {.units = (uint32_t)runs_of(m.rows).count, .prepare = prepare_runs};
    if (m.inner > 0 && (hay_is_blocks(m.type) || is_many_rows(m.rows, m.inner))) {
        preparation.bytes = m.rows * prepared_row_bytes(m.type, m.inner);
    }
    return preparation;
}
