/* rms_norm and layer_norm. */

/* The sum of (x - center)^2; with a center of 0 the sum of squares, to the bit. */
static float sum_of_squares(const float *x, size_t count, float center) {
    vector sums[4] = {v_zero(), v_zero(), v_zero(), v_zero()}, middle = v_set(center);
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        for (size_t j = 0; j < 4; j++) {
            vector v = v_subtract(v_load(x + i + j * LANES), middle);
            sums[j] = v_fma(v, v, sums[j]);
        }
    }
    float centers[LANES];
    v_store(centers, middle);
    for (; i < count; i += LANES) {
        /* Lanes past the end are 0 - 0. */
        size_t rest = count - i;
        vector v = rest < LANES ? v_subtract(v_load_first(x + i, rest), v_load_first(centers, rest))
                                : v_subtract(v_load(x + i), middle);
        sums[0] = v_fma(v, v, sums[0]);
    }
    return v_sum(v_add(v_add(sums[0], sums[1]), v_add(sums[2], sums[3])));
}

static float sum_of(const float *x, size_t count) {
    vector sums[4] = {v_zero(), v_zero(), v_zero(), v_zero()};
    size_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        for (size_t j = 0; j < 4; j++) sums[j] = v_add(v_load(x + i + j * LANES), sums[j]);
    }
    for (; i < count; i += LANES) {
        sums[0] = v_add(count - i < LANES ? v_load_first(x + i, count - i) : v_load(x + i), sums[0]);
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
        float mean = sum_of_squares(x, dim, 0) / (float)dim;
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

/* A row of layer_norm; weight and bias may be null. */
static void normalize(const hay_layer_norm_params *p, const float *x, const float *weight, const float *bias, float *y) {
    size_t dim = p->dim, i = 0;
    float mean = sum_of(x, dim) / (float)dim, variance = sum_of_squares(x, dim, mean) / (float)dim;
    vector center = v_set(mean), factor = v_set(1 / sqrtf(variance + p->epsilon));
    for (; i + LANES <= dim; i += LANES) {
        vector v = v_multiply(v_subtract(v_load(x + i), center), factor);
        if (weight) v = v_multiply(v, v_load(weight + i));
        v_store(y + i, bias ? v_add(v, v_load(bias + i)) : v);
    }
    size_t rest = dim - i;
    if (rest == 0) return;
    vector v = v_multiply(v_subtract(v_load_first(x + i, rest), center), factor);
    if (weight) v = v_multiply(v, v_load_first(weight + i, rest));
    v_store_first(y + i, rest, bias ? v_add(v, v_load_first(bias + i, rest)) : v);
}

void HAY_VERSION(layer_norm)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_layer_norm_params *p = call->params;
    const float *x = call->inputs[0], *weight = call->inputs[1], *bias = call->inputs[2];
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        size_t start = n * p->dim, head = n % p->heads * p->dim;
        float *y = (float *)call->output + start;
        normalize(p, x + start, weight ? weight + head : NULL, bias ? bias + head : NULL, y);
    }
}
