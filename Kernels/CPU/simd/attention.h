/* attention, one block of keys at a time with a running softmax (arXiv:2205.14135).
 *
 * The queries of a tile and the heads that share a kv head go through the cache block by block, a few of them at a time
 * against what the registers hold of a block; many meet it widened. What a query does with a block depends on nothing but
 * the query, the block and how much of it is in sight. */
enum {
    KEYS = HAY_CACHE_BLOCK,
    ROWS = 16, /* queries that go through the cache together, so that what they need stays in the second cache */
    MANY_RUNNERS = 3 * MOST_NARROW_ROWS, /* for fewer, widening a block costs more than it saves */
};

/* One query of one head on its way through the blocks. */
struct runner {
    const float *q;
    float *mixed; /* padded to whole vectors */
    float largest;
    float sums[LANES]; /* of the weights */
};

/* What a query sees of the block, and how far the block's first key is from it. */
struct clip {
    size_t first, end;
    int64_t distance;
};

/* A block as products read it: keys [head size, KEYS] and values [KEYS, stride]. */
struct block {
    const unsigned char *keys, *values;
    uint32_t key_type, value_type;
    size_t stride;   /* in values */
    ptrdiff_t ahead; /* from this block to the one that is needed next, in bytes */
};

/* What a thread works on: all of one kv head, and up to ROWS rows of the grid. */
struct attention {
    const hay_call *call;
    const hay_attention_params *p;
    size_t kv_head, group;    /* heads that share the kv head */
    size_t padded;            /* the head size in whole vectors, in floats */
    float *keys, *values;     /* a widened block: [head size, KEYS] and [KEYS, padded] */
    struct runner *runners;   /* [rows, group] */
    size_t first_row, rows;
    hay_sight sights[ROWS];
};

INLINE size_t clamp(int64_t value, size_t least, size_t most) {
    return value < (int64_t)least ? least : value > (int64_t)most ? most : (size_t)value;
}

/* What is added to the scores of the block's keys: part of the head's table, or `own`, filled. */
static const float *biases(const struct attention *a, size_t head, int64_t distance, float *own) {
    const float *bias = a->call->inputs[5];
    int64_t radius = a->p->bias_radius, place = distance + radius;
    const float *table = bias + head * (2 * (size_t)radius + 1);
    if (place >= 0 && place + KEYS <= 2 * radius + 1) return table + place;
    /* Before key `near`, and from key `far` on, the bias is that of the table's ends. */
    size_t near = clamp(-place, 0, KEYS), far = clamp(-place + 2 * radius + 1, near, KEYS);
    for (size_t k = 0; k < near; k++) own[k] = table[0];
    for (size_t k = near; k < far; k++) own[k] = table[place + (int64_t)k];
    for (size_t k = far; k < KEYS; k++) own[k] = table[2 * radius];
    return own;
}

/* Scores become weights, not yet divided by their sum; returns the factor of what older ones gave. */
static float weigh(const struct attention *a, struct runner *runner, size_t head, struct clip clip, float *scores) {
    float own[KEYS];
    const float *bias = a->call->inputs[5] ? biases(a, head, clip.distance, own) : NULL;
    float cap = a->p->soft_cap;
    vector scale = v_set(a->p->scale), all[KEYS / LANES];
    UNROLL for (size_t j = 0; j < KEYS / LANES; j++) {
        all[j] = v_multiply(v_load(scores + j * LANES), scale);
        if (cap != 0) all[j] = v_soft_cap(all[j], cap);
        if (bias) all[j] = v_add(all[j], v_load(bias + j * LANES));
    }
    if (clip.end - clip.first < KEYS) {
        UNROLL for (size_t j = 0; j < KEYS / LANES; j++) v_store(scores + j * LANES, all[j]);
        for (size_t k = 0; k < clip.first; k++) scores[k] = -INFINITY;
        for (size_t k = clip.end; k < KEYS; k++) scores[k] = -INFINITY;
        UNROLL for (size_t j = 0; j < KEYS / LANES; j++) all[j] = v_load(scores + j * LANES);
    }
    vector top = all[0];
    UNROLL for (size_t j = 1; j < KEYS / LANES; j++) top = v_max(top, all[j]);
    float largest = v_largest(top), before = runner->largest;
    if (largest < before) largest = before;
    vector shift = v_set(largest), sums = v_zero();
    UNROLL for (size_t j = 0; j < KEYS / LANES; j++) {
        vector weights = v_exp_falling(v_subtract(all[j], shift));
        v_store(scores + j * LANES, weights);
        sums = v_add(sums, weights);
    }
    runner->largest = largest;
    vector decay = v_exp_falling(v_set(before - largest));
    v_store(runner->sums, v_fma(v_load(runner->sums), decay, sums));
    float factor[LANES];
    v_store(factor, decay);
    return factor[0];
}

/* Takes `count` runners, from number `first` on, through what they all see alike of the block. */
static void run_block(
    const struct attention *a, const struct block *block, size_t first, size_t count, const struct clip *clips) {
    float scores[MOST_ROWS][KEYS];
    size_t size = hay_type_size(block->value_type), seen = clips->first;
    struct product keys = {
        .b = block->keys,
        .length = a->p->head_size,
        .stride = KEYS * hay_type_size(block->key_type),
        .ahead = block->ahead,
    };
    for (size_t i = 0; i < count; i++) {
        keys.a[i] = a->runners[first + i].q;
        keys.c[i] = scores[i];
    }
    multiply(&keys, count, block->key_type, KEYS);
    struct product values = {
        .adds = 1,
        .b = block->values + seen * block->stride * size,
        .length = clips->end - seen,
        .stride = block->stride * size,
        .ahead = block->stride == a->p->head_size ? block->ahead : 0,
    };
    for (size_t i = 0; i < count; i++) {
        struct runner *runner = &a->runners[first + i];
        size_t head = a->kv_head * a->group + (first + i) % a->group;
        values.decay[i] = weigh(a, runner, head, clips[(first + i) / a->group - first / a->group], scores[i]);
        values.a[i] = scores[i] + seen;
        values.c[i] = runner->mixed;
    }
    multiply(&values, count, block->value_type, a->padded);
}

/* MARK: Blocks */

static const int32_t *table_of(const struct attention *a, size_t row) {
    const hay_attention_params *p = a->p;
    return (const int32_t *)a->call->inputs[3] + (a->first_row + row) / p->queries * p->table_stride;
}

/* What row `row` sees of the block that starts at position `start`. */
static struct clip clip_of(const struct attention *a, size_t row, size_t start) {
    hay_sight sight = a->sights[row];
    return (struct clip){
        .first = clamp(sight.first - (int64_t)start, 0, KEYS),
        .end = clamp(sight.end - (int64_t)start, 0, KEYS),
        .distance = (int64_t)start - sight.position,
    };
}

/* Where the block of row `row` at position `start` begins, in bytes. */
static size_t offset_of(const struct attention *a, size_t row, size_t start) {
    return hay_block_index(a->p, table_of(a, row), a->kv_head, start) * hay_type_size(a->p->cache_type);
}

/* Widens the first `end` values of a block, each to whole vectors. */
static void widen_values(const struct attention *a, struct block *block, size_t end) {
    size_t head_size = a->p->head_size;
    for (size_t k = 0; k < end; k++) {
        widen_run(a->values + k * a->padded, block->values, k * head_size, a->p->cache_type, head_size, 1);
        for (size_t i = head_size; i < a->padded; i++) a->values[k * a->padded + i] = 0;
    }
    block->values = (const void *)a->values;
    block->value_type = HAY_F32;
    block->stride = a->padded;
}

/* The block of row `row` at position `start`, of which `end` keys are there and which so many runners meet. */
static struct block open_block(const struct attention *a, size_t row, size_t start, size_t end, size_t runners) {
    const hay_attention_params *p = a->p;
    size_t at = offset_of(a, row, start);
    struct block block = {
        .keys = (const unsigned char *)a->call->inputs[1] + at,
        .values = (const unsigned char *)a->call->inputs[2] + at,
        .key_type = p->cache_type,
        .value_type = p->cache_type,
        .stride = p->head_size,
    };
    int widens = p->cache_type != HAY_F32 && runners >= MANY_RUNNERS;
    if (!widens && (int64_t)start + KEYS < a->sights[row].end) {
        block.ahead = (ptrdiff_t)offset_of(a, row, start + KEYS) - (ptrdiff_t)at;
    }
    if (widens) {
        widen_run(a->keys, block.keys, 0, p->cache_type, (size_t)p->head_size * KEYS, 1);
        block.keys = (const void *)a->keys;
        block.key_type = HAY_F32;
    }
    if (widens || a->padded != p->head_size) widen_values(a, &block, end);
    return block;
}

/* How many runners, from `first` up to but without `end`, go next: whole sets, then two sets alike. */
static size_t next_count(size_t first, size_t end, uint32_t type) {
    size_t left = end - first, most = type == HAY_F32 ? MOST_ROWS : MOST_NARROW_ROWS;
    return left <= most ? left : left < 2 * most ? (left + 1) / 2 : most;
}

/* Takes rows `row` up to `end`, which read the same block, through it. */
static void meet_block(const struct attention *a, size_t row, size_t end, size_t start, const struct clip *clips) {
    size_t keys = 0;
    for (size_t r = row; r < end; r++) keys = clips[r].end > keys ? clips[r].end : keys;
    struct block block = open_block(a, row, start, keys, (end - row) * a->group);
    while (row < end) {
        size_t alike = row + 1;
        while (alike < end && clips[alike].first == clips[row].first && clips[alike].end == clips[row].end) alike++;
        for (size_t i = row * a->group, count; i < alike * a->group; i += count) {
            count = next_count(i, alike * a->group, block.key_type);
            run_block(a, &block, i, count, clips + i / a->group);
            block.ahead = 0;
        }
        row = alike;
    }
}

/* Takes all rows through the blocks at position `start` of their texts; texts may share blocks. */
static void meet_blocks(const struct attention *a, size_t start) {
    struct clip clips[ROWS];
    for (size_t r = 0; r < a->rows; r++) clips[r] = clip_of(a, r, start);
    for (size_t row = 0, end; row < a->rows; row = end) {
        end = row + 1;
        if (clips[row].first >= clips[row].end) continue;
        int32_t number = table_of(a, row)[start / KEYS];
        while (end < a->rows && clips[end].first < clips[end].end && table_of(a, end)[start / KEYS] == number) end++;
        meet_block(a, row, end, start, clips);
    }
}

/* MARK: Rows */

static void begin(struct attention *a) {
    const hay_attention_params *p = a->p;
    const float *sinks = a->call->inputs[6];
    for (size_t r = 0; r < a->rows; r++) a->sights[r] = hay_sight_of(p, a->call->inputs[4], a->first_row + r);
    for (size_t i = 0; i < a->rows * a->group; i++) {
        size_t head = a->kv_head * a->group + i % a->group;
        struct runner *runner = &a->runners[i];
        size_t start = ((a->first_row + i / a->group) * p->heads + head) * p->head_size;
        runner->q = (const float *)a->call->inputs[0] + start;
        memset(runner->mixed, 0, a->padded * sizeof(float));
        /* A sink is a key that was met already, of weight e^0 and without a value. */
        runner->largest = sinks ? sinks[head] : -INFINITY;
        v_store(runner->sums, v_zero());
        if (sinks) runner->sums[0] = 1;
    }
}

static void finish_rows(const struct attention *a) {
    const hay_attention_params *p = a->p;
    for (size_t i = 0; i < a->rows * a->group; i++) {
        size_t head = a->kv_head * a->group + i % a->group;
        const struct runner *runner = &a->runners[i];
        float *out = (float *)a->call->output + ((a->first_row + i / a->group) * p->heads + head) * p->head_size;
        /* A query that saw nothing has a sum of zero, and gives zeros. */
        float sum = v_sum(v_load(runner->sums)), factor = sum == 0 ? 0 : 1 / sum;
        for (size_t j = 0; j < p->head_size; j++) out[j] = runner->mixed[j] * factor;
    }
}

static void attend_rows(struct attention *a) {
    begin(a);
    int64_t first = INT64_MAX, end = 0;
    for (size_t r = 0; r < a->rows; r++) {
        if (a->sights[r].first >= a->sights[r].end) continue;
        if (a->sights[r].first < first) first = a->sights[r].first;
        if (a->sights[r].end > end) end = a->sights[r].end;
    }
    for (int64_t start = first / KEYS * KEYS; start < end; start += KEYS) meet_blocks(a, (size_t)start);
    finish_rows(a);
}

/* Divides the thread's scratch memory. */
static void lay_out(struct attention *a, size_t rows, hay_thread *thread) {
    size_t count = rows * a->group, runners = (count * sizeof(struct runner) + 63) / 64 * 64;
    size_t keys = KEYS * (size_t)a->p->head_size, values = KEYS * a->padded;
    unsigned char *at = hay_scratch(thread, runners + (keys + values + count * a->padded) * sizeof(float));
    a->runners = (void *)at;
    a->keys = (float *)(void *)(at + runners);
    a->values = a->keys + keys;
    for (size_t i = 0; i < count; i++) a->runners[i].mixed = a->values + values + i * a->padded;
}

void HAY_VERSION(attention)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    const hay_attention_params *p = call->params;
    struct attention a = {
        .call = call,
        .p = p,
        .group = p->heads / p->kv_heads,
        .padded = ((size_t)p->head_size + LANES - 1) / LANES * LANES,
    };
    lay_out(&a, tile.rows < ROWS ? tile.rows : ROWS, thread);
    size_t end = (size_t)tile.row + tile.rows;
    for (size_t column = 0; column < tile.columns; column++) {
        a.kv_head = tile.column + column;
        for (a.first_row = tile.row; a.first_row < end; a.first_row += a.rows) {
            a.rows = end - a.first_row < ROWS ? end - a.first_row : ROWS;
            attend_rows(&a);
        }
    }
}
