/* embed, scale_rows and rope: kernels that work on one row after another. */

void HAY_VERSION(embed)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_embed_params *p = call->params;
    const int32_t *ids = call->inputs[0];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        /* As unsigned, a negative id is past the end too. */
        size_t id = (uint32_t)ids[n] < p->vocabulary ? (uint32_t)ids[n] : 0;
        float *row = (float *)call->output + n * p->dim, *out = row + tile.column;
        if (p->table_type >= HAY_INT8) {
            hay_widen_block_row(row, call->inputs[1], id, p->dim, tile, p->table_type, p->scale);
            continue;
        }
        widen_run(out, call->inputs[1], id * p->dim + tile.column, p->table_type, tile.columns, p->scale);
    }
}

void HAY_VERSION(scale_rows)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_scale_rows_params *p = call->params;
    const float *scales = call->inputs[1];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        size_t start = n * p->dim + tile.column;
        widen_run((float *)call->output + start, call->inputs[0], start, HAY_F32, tile.columns, scales[n]);
    }
}

static void turn(float *y, const float *x, const float *cosines, const float *sines, size_t half) {
    size_t i = 0;
    for (; i + LANES <= half; i += LANES) {
        vector a = v_load(x + i), b = v_load(x + half + i), c = v_load(cosines + i), s = v_load(sines + i);
        v_store(y + i, v_fnma(b, s, v_multiply(a, c)));
        v_store(y + half + i, v_fma(a, s, v_multiply(b, c)));
    }
    if (i < half) {
        size_t rest = half - i;
        vector a = v_load_first(x + i, rest), b = v_load_first(x + half + i, rest);
        vector c = v_load_first(cosines + i, rest), s = v_load_first(sines + i, rest);
        v_store_first(y + i, rest, v_fnma(b, s, v_multiply(a, c)));
        v_store_first(y + half + i, rest, v_fma(a, s, v_multiply(b, c)));
    }
}

/* The same for LANES pairs of values that lie side by side. */
INLINE void turn_pairs(float *y, const float *x, vector cosines, vector sines) {
    vector first = v_load(x), second = v_load(x + LANES), a = v_even(first, second), b = v_odd(first, second);
    vector c = v_fnma(b, sines, v_multiply(a, cosines)), d = v_fma(a, sines, v_multiply(b, cosines));
    v_store(y, v_alternate_low(c, d));
    v_store(y + LANES, v_alternate_high(c, d));
}

static void turn_adjacent(float *y, const float *x, const float *cosines, const float *sines, size_t half) {
    size_t i = 0;
    for (; i + LANES <= half; i += LANES) turn_pairs(y + 2 * i, x + 2 * i, v_load(cosines + i), v_load(sines + i));
    if (i < half) {
        size_t rest = half - i;
        float pairs[2 * LANES] = {0};
        memcpy(pairs, x + 2 * i, rest * 2 * sizeof(float));
        turn_pairs(pairs, pairs, v_load_first(cosines + i, rest), v_load_first(sines + i, rest));
        memcpy(y + 2 * i, pairs, rest * 2 * sizeof(float));
    }
}

void HAY_VERSION(rope)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_rope_params *p = call->params;
    size_t half = p->half, turned = 2 * half;
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *cosines = (const float *)call->inputs[1] + n * turned, *sines = cosines + half;
        for (size_t head = tile.column; head < (size_t)tile.column + tile.columns; head++) {
            size_t start = (n * p->heads + head) * p->head_size;
            const float *x = (const float *)call->inputs[0] + start;
            float *y = (float *)call->output + start;
            if (p->adjacent) {
                turn_adjacent(y, x, cosines, sines, half);
            } else {
                turn(y, x, cosines, sines, half);
            }
            if (y != x) memcpy(y + turned, x + turned, (p->head_size - turned) * sizeof(float));
        }
    }
}
