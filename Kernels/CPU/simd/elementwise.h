/* add, activate, gated, gated_clamped, soft_cap, convert. */

void HAY_VERSION(add)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const float *a = (const float *)call->inputs[0] + tile.column, *b = (const float *)call->inputs[1] + tile.column;
    float *out = (float *)call->output + tile.column;
    size_t count = tile.columns, i = 0;
    for (; i + LANES <= count; i += LANES) v_store(out + i, v_add(v_load(a + i), v_load(b + i)));
    if (i < count) {
        v_store_first(out + i, count - i, v_add(v_load_first(a + i, count - i), v_load_first(b + i, count - i)));
    }
}

/* out = activation(x), times `up` where there is one; a constant `activation` makes one loop. */
INLINE void activate_run(float *out, const float *x, const float *up, size_t count, uint32_t activation) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vector y = v_activate(v_load(x + i), activation);
        v_store(out + i, up ? v_multiply(y, v_load(up + i)) : y);
    }
    if (i < count) {
        vector y = v_activate(v_load_first(x + i, count - i), activation);
        v_store_first(out + i, count - i, up ? v_multiply(y, v_load_first(up + i, count - i)) : y);
    }
}

static void activate_any(float *out, const float *x, const float *up, size_t count, uint32_t activation) {
    switch (activation) {
        case HAY_RELU: activate_run(out, x, up, count, HAY_RELU); break;
        case HAY_SILU: activate_run(out, x, up, count, HAY_SILU); break;
        case HAY_GELU: activate_run(out, x, up, count, HAY_GELU); break;
        default: activate_run(out, x, up, count, HAY_GELU_TANH); break;
    }
}

void HAY_VERSION(activate)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_activate_params *p = call->params;
    const float *x = (const float *)call->inputs[0] + tile.column;
    activate_any((float *)call->output + tile.column, x, NULL, tile.columns, p->activation);
}

void HAY_VERSION(gated)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_gated_params *p = call->params;
    const float *gate = (const float *)call->inputs[0] + tile.column;
    const float *up = (const float *)call->inputs[1] + tile.column;
    activate_any((float *)call->output + tile.column, gate, up, tile.columns, p->activation);
}

INLINE vector gate_clamped(const hay_gated_clamped_params *p, vector gate, vector up) {
    /* NaN, as second operand, passes. */
    vector limit = v_set(p->limit), g = v_min(limit, gate);
    vector u = v_max(v_negate(limit), v_min(limit, up));
    return v_multiply(v_add(u, v_set(1)), v_times_sigmoid(g, v_multiply(v_set(p->alpha), g)));
}

void HAY_VERSION(gated_clamped)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_gated_clamped_params *p = call->params;
    const float *gate = (const float *)call->inputs[0] + tile.column;
    const float *up = (const float *)call->inputs[1] + tile.column;
    float *out = (float *)call->output + tile.column;
    size_t count = tile.columns, i = 0;
    for (; i + LANES <= count; i += LANES) v_store(out + i, gate_clamped(p, v_load(gate + i), v_load(up + i)));
    if (i < count) {
        vector last = gate_clamped(p, v_load_first(gate + i, count - i), v_load_first(up + i, count - i));
        v_store_first(out + i, count - i, last);
    }
}

void HAY_VERSION(soft_cap)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    float cap = ((const hay_soft_cap_params *)call->params)->cap;
    const float *x = (const float *)call->inputs[0] + tile.column;
    float *out = (float *)call->output + tile.column;
    size_t count = tile.columns, i = 0;
    for (; i + LANES <= count; i += LANES) v_store(out + i, v_soft_cap(v_load(x + i), cap));
    if (i < count) v_store_first(out + i, count - i, v_soft_cap(v_load_first(x + i, count - i), cap));
}

void HAY_VERSION(convert)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_convert_params *p = call->params;
    size_t first = tile.column;
    if (p->from_type == HAY_F32) {
        const float *x = (const float *)call->inputs[0] + first;
        narrow_run(call->output, first, p->to_type, x, tile.columns);
        return;
    }
    if (p->to_type == HAY_F32) {
        widen_run((float *)call->output + first, call->inputs[0], first, p->from_type, tile.columns, 1);
        return;
    }
    /* Between narrow types, by way of a run of f32. */
    float run[1024];
    for (size_t done = 0; done < tile.columns; done += 1024) {
        size_t count = tile.columns - done < 1024 ? tile.columns - done : 1024;
        widen_run(run, call->inputs[0], first + done, p->from_type, count, 1);
        narrow_run(call->output, first + done, p->to_type, run, count);
    }
}
