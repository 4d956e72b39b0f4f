/* attention: softmax(cap(scale * q.k) + bias, over the keys that the query sees) . v, with grouped heads. */
#include "attention.h"

#include <math.h>

/* The weights of the keys in sight, not yet divided by their sum, which is returned. */
static double weigh(
    const hay_call *call, const float *q, size_t head, size_t kv_head, const int32_t *table, hay_sight sight,
    double *weights) {
    const hay_attention_params *p = call->params;
    const float *bias = call->inputs[5], *sinks = call->inputs[6];
    double cap = p->soft_cap, sink = sinks ? (double)sinks[head] : -INFINITY, largest = sink;
    for (int64_t k = sight.first; k < sight.end; k++) {
        size_t key = hay_block_index(p, table, kv_head, (size_t)k) + (size_t)k % HAY_CACHE_BLOCK;
        double score = 0;
        for (size_t i = 0; i < p->head_size; i++) {
            score += (double)q[i] * (double)hay_load(call->inputs[1], key + i * HAY_CACHE_BLOCK, p->cache_type);
        }
        score *= (double)p->scale;
        if (cap != 0) score = cap * tanh(score / cap);
        if (bias) score += (double)hay_bias_at(p, bias, head, k - sight.position);
        weights[k - sight.first] = score;
        if (score > largest) largest = score;
    }
    double sum = exp(sink - largest);
    for (int64_t k = 0; k < sight.end - sight.first; k++) {
        weights[k] = exp(weights[k] - largest);
        sum += weights[k];
    }
    return sum;
}

static void attend(
    const hay_call *call, size_t n, size_t head, size_t kv_head, hay_sight sight, hay_thread *thread) {
    const hay_attention_params *p = call->params;
    const int32_t *table = (const int32_t *)call->inputs[3] + n / p->queries * p->table_stride;
    size_t start = (n * p->heads + head) * p->head_size;
    float *out = (float *)call->output + start;
    size_t count = (size_t)(sight.end - sight.first);
    if (count == 0) {
        memset(out, 0, p->head_size * sizeof(float));
        return;
    }
    double *weights = hay_scratch(thread, (count + p->head_size) * sizeof(double)), *mixed = weights + count;
    double sum = weigh(call, (const float *)call->inputs[0] + start, head, kv_head, table, sight, weights);
    memset(mixed, 0, p->head_size * sizeof(double));
    for (size_t k = 0; k < count; k++) {
        size_t position = (size_t)sight.first + k, place = position % HAY_CACHE_BLOCK;
        size_t value = hay_block_index(p, table, kv_head, position) + place * p->head_size;
        for (size_t i = 0; i < p->head_size; i++) {
            mixed[i] += weights[k] * (double)hay_load(call->inputs[2], value + i, p->cache_type);
        }
    }
    for (size_t i = 0; i < p->head_size; i++) out[i] = (float)(mixed[i] / sum);
}

void hay_scalar_attention(const hay_call *call, hay_tile tile, hay_thread *thread) {
    const hay_attention_params *p = call->params;
    size_t group = p->heads / p->kv_heads;
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        hay_sight sight = hay_sight_of(p, call->inputs[4], n);
        for (size_t kv_head = tile.column; kv_head < (size_t)tile.column + tile.columns; kv_head++) {
            for (size_t i = 0; i < group; i++) attend(call, n, kv_head * group + i, kv_head, sight, thread);
        }
    }
}
