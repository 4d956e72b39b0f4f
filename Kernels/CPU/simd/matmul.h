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

static void matmul_part(const struct matmul *m, const hay_call *call, hay_tile tile, hay_thread *thread) {
    if (hay_is_blocks(m->type)) {
        blocks_all(m, call, tile, thread);
        return;
    }
    if (tile.rows <= HAY_MATMUL_FEW_ROWS) {
        switch (m->type) {
            case HAY_F32: few_rows_all(m, HAY_F32, tile, thread); break;
            case HAY_BF16: few_rows_all(m, HAY_BF16, tile, thread); break;
            default: few_rows_all(m, HAY_F16, tile, thread); break;
        }
        return;
    }
    if (is_many_rows(tile.rows, m->inner)) many_rows_all(m, call, tile, thread);
    else several_rows_all(m, tile, thread);
}

void HAY_VERSION(matmul)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    const hay_matmul_params *p = call->params;
    if (p->inner == 0) {
        hay_scalar_matmul(call, tile, thread);
        return;
    }
    for (uint32_t index = 0; index < HAY_MATMUL_PARTS; index++) {
        struct hay_part part;
        if (!hay_part_of(call, tile, index, &part)) continue;
        const struct matmul m = {
            call->inputs[0], part.bias, part.residual, part.weights, part.out, p->inner, part.outer, p->weight_type,
            p->scale,
        };
        matmul_part(&m, call, part.tile, thread);
    }
}

hay_preparation HAY_VERSION(prepare_matmul)(const hay_call *call) {
    const hay_matmul_params *p = call->params;
    hay_preparation preparation = {.units = (uint32_t)runs_of(call->rows).count};
    if (p->inner == 0) return preparation;
    if (hay_is_blocks(p->weight_type)) {
        struct rounded_rows x = rounded_rows(call, NULL);
        preparation.bytes = call->rows * x.groups * row_bytes(x.type);
        preparation.prepare = round_runs;
    } else if (is_many_rows(call->rows, p->inner)) {
        preparation.bytes = call->rows * padded(p->inner) * sizeof(float);
        preparation.prepare = lay_out_runs;
    }
    return preparation;
}
