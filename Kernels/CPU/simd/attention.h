/* attention, one block of keys at a time with a running softmax (arXiv:2205.14135).
 *
 * The queries of a tile and the heads that share a kv head go through a block of keys together, so that the block is
 * widened to f32 once. Blocks lie at multiples of KEYS, and what a query does with one depends on nothing but the
 * query and its sight. */
enum { KEYS = 32 }; /* widened, keys and values of head size 128 fit in the first cache */

/* One query of one head on its way through the blocks. */
struct runner {
    float *q, *mixed; /* padded with zeros to whole vectors */
    float largest, sum;
};

/* What a thread works on: all of one kv head, and of one row of the batch. */
struct attention {
    const hay_call *call;
    const hay_attention_params *p;
    size_t kv_head, group;   /* heads that share the kv head */
    size_t padded;           /* the head size in whole vectors, in floats */
    float *keys, *values;    /* [KEYS, padded] */
    struct runner *runners;  /* [rows, group] */
    size_t first_row, rows;
};

/* The scores of keys `first` to `end` of the block, eight at a time; up to seven after them become garbage. */
static void score(const struct attention *a, const float *q, size_t first, size_t end, float *scores) {
    for (size_t k = first; k < end; k += 8) {
        const float *keys[8];
        vector sums[8];
        UNROLL for (size_t j = 0; j < 8; j++) {
            keys[j] = a->keys + (k + j < end ? k + j : end - 1) * a->padded;
            sums[j] = v_zero();
        }
        for (size_t i = 0; i < a->padded; i += LANES) {
            vector v = v_load(q + i);
            UNROLL for (size_t j = 0; j < 8; j++) sums[j] = v_fma(v, v_load(keys[j] + i), sums[j]);
        }
        _mm_storeu_ps(scores + k, v_sum4(sums[0], sums[1], sums[2], sums[3]));
        _mm_storeu_ps(scores + k + 4, v_sum4(sums[4], sums[5], sums[6], sums[7]));
    }
}

INLINE size_t clamp(int64_t value, size_t least, size_t most) {
    return value < (int64_t)least ? least : value > (int64_t)most ? most : (size_t)value;
}

/* Scaled and biased scores, and minus infinity for keys out of sight. `distance` is that of the block's first key. */
static void mask(
    const struct attention *a, size_t head, int64_t distance, size_t first, size_t end, float *scores) {
    const float *bias = a->call->inputs[5];
    float scale = a->p->scale;
    if (bias) {
        /* Before key `near`, and from key `far` on, the bias is that of the table's ends. */
        int64_t radius = a->p->bias_radius, place = distance + radius;
        const float *table = bias + head * (2 * (size_t)radius + 1);
        size_t near = clamp(-place, first, end), far = clamp(-place + 2 * radius + 1, first, end);
        float before = table[0], after = table[2 * radius];
        for (size_t k = first; k < near; k++) scores[k] = scores[k] * scale + before;
        for (size_t k = near; k < far; k++) scores[k] = scores[k] * scale + table[place + (int64_t)k];
        for (size_t k = far; k < end; k++) scores[k] = scores[k] * scale + after;
    } else {
        for (size_t k = first; k < end; k++) scores[k] *= scale;
    }
    for (size_t k = 0; k < first; k++) scores[k] = -INFINITY;
    for (size_t k = end; k < KEYS; k++) scores[k] = -INFINITY;
}

/* mixed = mixed * decay + the values, each times its weight, for `count` vectors of a head. */
INLINE void mix(
    float *mixed, float decay, const float *weights, const float *values, size_t padded, size_t first, size_t end,
    size_t count) {
    vector sums[8], factor = v_set(decay);
    UNROLL for (size_t j = 0; j < count; j++) sums[j] = v_multiply(v_load(mixed + j * LANES), factor);
    for (size_t k = first; k < end; k++) {
        vector weight = v_set(weights[k]);
        UNROLL for (size_t j = 0; j < count; j++) {
            sums[j] = v_fma(weight, v_load(values + k * padded + j * LANES), sums[j]);
        }
    }
    UNROLL for (size_t j = 0; j < count; j++) v_store(mixed + j * LANES, sums[j]);
}

static void mix_all(
    const struct attention *a, float *mixed, float decay, const float *weights, size_t first, size_t end) {
    size_t i = 0;
    for (; i + 8 * LANES <= a->padded; i += 8 * LANES) {
        mix(mixed + i, decay, weights, a->values + i, a->padded, first, end, 8);
    }
    for (; i + 4 * LANES <= a->padded; i += 4 * LANES) {
        mix(mixed + i, decay, weights, a->values + i, a->padded, first, end, 4);
    }
    for (; i < a->padded; i += LANES) mix(mixed + i, decay, weights, a->values + i, a->padded, first, end, 1);
}

/* Takes one query through keys `first` to `end` of the block. */
static void run_block(
    const struct attention *a, struct runner *runner, size_t head, int64_t distance, size_t first, size_t end) {
    float scores[KEYS + 8];
    score(a, runner->q, first, end, scores);
    mask(a, head, distance, first, end, scores);
    vector top = v_load(scores);
    for (size_t k = LANES; k < KEYS; k += LANES) top = v_max(top, v_load(scores + k));
    float largest = v_largest(top);
    if (largest < runner->largest) largest = runner->largest;
    vector shift = v_set(largest), sums = v_zero();
    for (size_t k = 0; k < KEYS; k += LANES) {
        vector weights = v_exp(v_subtract(v_load(scores + k), shift));
        v_store(scores + k, weights);
        sums = v_add(sums, weights);
    }
    float decay[LANES];
    v_store(decay, v_exp(v_set(runner->largest - largest)));
    runner->sum = runner->sum * decay[0] + v_sum(sums);
    runner->largest = largest;
    mix_all(a, runner->mixed, decay[0], scores, first, end);
}

/* Widens keys and values `first` to `end` of the block that starts at position `start`. */
static void load_block(const struct attention *a, size_t start, size_t first, size_t end) {
    const hay_attention_params *p = a->p;
    const int32_t *table = (const int32_t *)a->call->inputs[3] + a->first_row / p->queries * p->table_stride;
    for (size_t k = first; k < end; k++) {
        size_t index = hay_cache_index(p, table, a->kv_head, start + k), at = k * a->padded;
        widen_run(a->keys + at, a->call->inputs[1], index, p->cache_type, p->head_size, 1);
        widen_run(a->values + at, a->call->inputs[2], index, p->cache_type, p->head_size, 1);
        for (size_t i = p->head_size; i < a->padded; i++) a->keys[at + i] = a->values[at + i] = 0;
    }
}

static size_t clip(int64_t position, size_t start) { return clamp(position - (int64_t)start, 0, KEYS); }

static void begin(const struct attention *a) {
    const hay_attention_params *p = a->p;
    for (size_t i = 0; i < a->rows * a->group; i++) {
        size_t head = a->kv_head * a->group + i % a->group;
        struct runner *runner = &a->runners[i];
        size_t start = ((a->first_row + i / a->group) * p->heads + head) * p->head_size;
        const float *q = (const float *)a->call->inputs[0] + start;
        memset(runner->q, 0, a->padded * sizeof(float));
        memset(runner->mixed, 0, a->padded * sizeof(float));
        memcpy(runner->q, q, p->head_size * sizeof(float));
        runner->largest = -INFINITY;
        runner->sum = 0;
    }
}

static void finish_rows(const struct attention *a) {
    const hay_attention_params *p = a->p;
    for (size_t i = 0; i < a->rows * a->group; i++) {
        size_t head = a->kv_head * a->group + i % a->group;
        const struct runner *runner = &a->runners[i];
        float *out = (float *)a->call->output + ((a->first_row + i / a->group) * p->heads + head) * p->head_size;
        /* A query that saw nothing has a sum of zero, and gives zeros. */
        float factor = runner->sum == 0 ? 0 : 1 / runner->sum;
        for (size_t j = 0; j < p->head_size; j++) out[j] = runner->mixed[j] * factor;
    }
}

/* All rows of `a`, which are of one row of the batch. */
static void attend_rows(const struct attention *a) {
    const hay_attention_params *p = a->p;
    hay_sight top = hay_sight_of(p, a->call->inputs[4], a->first_row);
    hay_sight bottom = hay_sight_of(p, a->call->inputs[4], a->first_row + a->rows - 1);
    begin(a);
    for (size_t start = (size_t)top.first / KEYS * KEYS; (int64_t)start < bottom.end; start += KEYS) {
        load_block(a, start, clip(top.first, start), clip(bottom.end, start));
        for (size_t r = 0; r < a->rows; r++) {
            hay_sight sight = hay_sight_of(p, a->call->inputs[4], a->first_row + r);
            size_t first = clip(sight.first, start), end = clip(sight.end, start);
            if (first >= end) continue;
            for (size_t i = 0; i < a->group; i++) {
                struct runner *runner = &a->runners[r * a->group + i];
                run_block(a, runner, a->kv_head * a->group + i, (int64_t)start - sight.position, first, end);
            }
        }
    }
    finish_rows(a);
}

/* Divides the thread's scratch memory. */
static void lay_out(struct attention *a, size_t rows, hay_thread *thread) {
    size_t count = rows * a->group, block = KEYS * a->padded, runners = (count * sizeof(struct runner) + 63) / 64 * 64;
    unsigned char *at = hay_scratch(thread, runners + (2 * block + 2 * count * a->padded) * sizeof(float));
    a->runners = (void *)at;
    a->keys = (float *)(void *)(at + runners);
    a->values = a->keys + block;
    for (size_t i = 0; i < count; i++) {
        a->runners[i].q = a->values + block + 2 * i * a->padded;
        a->runners[i].mixed = a->runners[i].q + a->padded;
    }
}

void HAY_VERSION(attention)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    const hay_attention_params *p = call->params;
    struct attention a = {
        .call = call,
        .p = p,
        .group = p->heads / p->kv_heads,
        .padded = ((size_t)p->head_size + LANES - 1) / LANES * LANES,
    };
    lay_out(&a, tile.rows, thread);
    size_t end = (size_t)tile.row + tile.rows;
    for (size_t column = 0; column < tile.columns; column++) {
        a.kv_head = tile.column + column;
        for (a.first_row = tile.row; a.first_row < end; a.first_row += a.rows) {
            /* As far as this row of the batch goes. */
            size_t left = p->queries - a.first_row % p->queries;
            a.rows = left < end - a.first_row ? left : end - a.first_row;
            attend_rows(&a);
        }
    }
}
