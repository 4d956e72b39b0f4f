/* expert_matmul: each expert's products are a matmul of the rows that chose it, in the shape that suits their number.
 * expert_sum.
 *
 * All rows are laid out beforehand, those of an expert side by side: a thread meets many experts in a call. */

/* The operands of the expert in a slot, without its weights. */
INLINE struct matmul expert_operands(const hay_call *call, const struct hay_order *order, size_t slot) {
    const hay_expert_matmul_params *p = call->params;
    size_t start = hay_slot_start(order, slot);
    return (struct matmul){
        .x = (const float *)call->inputs[0] + (p->share ? 0 : start * p->inner),
        .rows = hay_slot_rows(order, slot),
        .inner = p->inner,
        .type = p->weight_type,
        .scale = 1,
        .pairs = p->share ? order->pairs + start : NULL,
        .share = p->share,
    };
}

/* Whether all places have the one row that x has, as when one text grows: then it is laid out once. */
INLINE int is_one_row(const hay_call *call, const struct hay_order *order) {
    const hay_expert_matmul_params *p = call->params;
    return p->share == p->pairs && (uint32_t)*order->active == p->pairs;
}

/* Where the rows of a slot are laid out, in bytes. */
INLINE size_t slot_offset(const hay_call *call, const struct hay_order *order, size_t slot) {
    const hay_expert_matmul_params *p = call->params;
    if (is_one_row(call, order)) return 0;
    return hay_slot_start(order, slot) * prepared_row_bytes(p->weight_type, p->inner);
}

/* Lays out what begins at rows `first` ..< `last` of an expert's: runs of rows, or all of them where they are met whole. */
static void lay_out_slot(const struct matmul *m, size_t first, size_t last, void *to) {
    if (!hay_is_blocks(m->type) && !is_many_rows(m->rows, m->inner)) {
        if (first > 0) return;
        if (m->rows <= HAY_MATMUL_FEW_ROWS) lay_out_rows(m, 0, m->rows, 0, m->inner, to);
        else lay_out_groups(m, 0, m->rows, to);
        return;
    }
    struct runs runs = runs_of(m->rows);
    for (size_t run = 0; run < runs.count; run++) {
        size_t start = run_start(runs, run);
        if (start < first || start >= last) continue;
        if (hay_is_blocks(m->type)) round_runs(m, run, 1, to);
        else lay_out_runs(m, run, 1, to);
    }
}

/* Lays out what begins at places `first` ..< `first + count`. */
static void prepare_places(const hay_call *call, uint32_t first, uint32_t count, void *prepared) {
    const struct hay_order order = hay_order_of(call);
    size_t slot = 0, above = (size_t)*order.active, last = (size_t)first + count;
    while (above - slot > 1) { /* the slot of the first place */
        size_t middle = (slot + above) / 2;
        if (hay_slot_start(&order, middle) <= first) slot = middle;
        else above = middle;
    }
    for (; slot < (size_t)*order.active && hay_slot_start(&order, slot) < last; slot++) {
        const struct matmul m = expert_operands(call, &order, slot);
        size_t start = hay_slot_start(&order, slot), end = start + m.rows;
        unsigned char *to = (unsigned char *)prepared + slot_offset(call, &order, slot);
        lay_out_slot(&m, first > start ? first - start : 0, (last < end ? last : end) - start, to);
    }
}

hay_preparation HAY_VERSION(prepare_expert_matmul)(const hay_call *call) {
    const hay_expert_matmul_params *p = call->params;
    const struct hay_order order = hay_order_of(call);
    uint32_t places = is_one_row(call, &order) ? 1 : p->pairs;
    return (hay_preparation){
        .bytes = places * prepared_row_bytes(p->weight_type, p->inner), .units = places, .prepare = prepare_places,
    };
}

void HAY_VERSION(expert_matmul)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    if (((const hay_expert_matmul_params *)call->params)->inner == 0) {
        hay_scalar_expert_matmul(call, tile, thread);
        return;
    }
    const struct hay_order order = hay_order_of(call);
    struct hay_expert_panels panels = hay_expert_panels(call, &order, tile);
    struct hay_part part;
    for (size_t slot; hay_next_expert_part(call, &order, &panels, &part, &slot);) {
        struct matmul m = expert_operands(call, &order, slot);
        set_part(&m, &part, (const unsigned char *)thread->prepared + slot_offset(call, &order, slot));
        matmul_part(&m, part.tile, thread);
    }
}

void HAY_VERSION(expert_sum)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_expert_sum_params *p = call->params;
    const struct hay_order order = hay_order_at(call->inputs[1], p->experts, (size_t)call->rows * p->chosen);
    const float *y = (const float *)call->inputs[0] + tile.column, *residuals = call->inputs[3];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *weights = (const float *)call->inputs[2] + n * p->chosen;
        const int32_t *places = order.places + n * p->chosen;
        const float *residual = residuals ? residuals + n * p->dim + tile.column : NULL;
        float *out = (float *)call->output + n * p->dim + tile.column;
        for (size_t i = 0; i < tile.columns; i += LANES) {
            size_t count = tile.columns - i < LANES ? tile.columns - i : LANES;
            vector sum = v_zero();
            for (size_t j = 0; j < p->chosen; j++) {
                const float *at = y + (size_t)places[j] * p->dim + i;
                sum = v_fma(v_set(weights[j]), count == LANES ? v_load(at) : v_load_first(at, count), sum);
            }
            if (count == LANES) v_store(out + i, residual ? v_add(sum, v_load(residual + i)) : sum);
            else v_store_first(out + i, count, residual ? v_add(sum, v_load_first(residual + i, count)) : sum);
        }
    }
}
