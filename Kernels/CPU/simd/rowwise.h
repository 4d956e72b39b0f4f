/* embed, rms_norm, rope: kernels that work on one row after another. */

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

static float sum_of_squares(const float *x, size_t count) {
    vector sums[4] = {v_zero(), v_zero(), v_zero(), v_zero()};
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        for (size_t j = 0; j < 4; j++) {
            vector v = v_load(x + i + j * LANES);
            sums[j] = v_fma(v, v, sums[j]);
        }
    }
    for (; i < count; i += LANES) {
        vector v = count - i < LANES ? v_load_first(x + i, count - i) : v_load(x + i);
        sums[0] = v_fma(v, v, sums[0]);
    }
    return v_sum(v_add(v_add(sums[0], sums[1]), v_add(sums[2], sums[3])));
}

void HAY_VERSION(rms_norm)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_rms_norm_params *p = call->params;
    const float *weight = call->inputs[1];
    size_t dim = p->dim;
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *x = (const float *)call->inputs[0] + n * dim;
        float *y = (float *)call->output + n * dim;
        float mean = sum_of_squares(x, dim) / (float)dim;
        vector factor = v_set(1 / sqrtf(mean + p->epsilon));
        size_t i = 0;
        for (; i + LANES <= dim; i += LANES) {
            v_store(y + i, v_multiply(v_multiply(v_load(x + i), factor), v_load(weight + i)));
        }
        if (i < dim) {
            vector last = v_multiply(v_load_first(x + i, dim - i), factor);
            v_store_first(y + i, dim - i, v_multiply(last, v_load_first(weight + i, dim - i)));
        }
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
            turn(y, x, cosines, sines, half);
            if (y != x) memcpy(y + turned, x + turned, (p->head_size - turned) * sizeof(float));
        }
    }
}
