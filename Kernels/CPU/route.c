/* route: the experts of each row, and their weights. In double, and the same for all instruction sets: a row has a few
 * hundred logits, and what is chosen must not depend on rounding. */
#include <math.h>

#include "cpu.h"

/* NaN is larger than any number. */
static int is_larger(float a, float b) { return a > b || (isnan(a) && !isnan(b)); }

/* The `chosen` experts with the largest logits, in falling order. */
static void choose(const float *logits, size_t experts, size_t chosen, int32_t *to) {
    size_t count = 0;
    for (size_t e = 0; e < experts; e++) {
        if (count == chosen && !is_larger(logits[e], logits[to[count - 1]])) continue;
        size_t place = count < chosen ? count++ : count - 1;
        for (; place > 0 && is_larger(logits[e], logits[to[place - 1]]); place--) to[place] = to[place - 1];
        to[place] = (int32_t)e;
    }
}

/* The sum of the softmax's numerators over all logits; `top` is the largest. */
static double sum_of_exponentials(const float *logits, size_t experts, double top) {
    double sum = 0;
    for (size_t e = 0; e < experts; e++) sum += exp((double)logits[e] - top);
    return sum;
}

static void weigh(const hay_route_params *p, const float *logits, const int32_t *chosen, float *to) {
    double top = (double)logits[chosen[0]], sum = p->scoring == HAY_SIGMOID ? 1e-20 : 0;
    for (size_t j = 0; j < p->chosen; j++) {
        double logit = (double)logits[chosen[j]];
        sum += p->scoring == HAY_SIGMOID ? 1 / (1 + exp(-logit)) : exp(logit - top);
    }
    if (!p->is_normalized) sum = p->scoring == HAY_SIGMOID ? 1 : sum_of_exponentials(logits, p->experts, top);
    for (size_t j = 0; j < p->chosen; j++) {
        double logit = (double)logits[chosen[j]];
        double score = p->scoring == HAY_SIGMOID ? 1 / (1 + exp(-logit)) : exp(logit - top);
        to[j] = (float)((double)p->factor * score / sum);
    }
}

void hay_scalar_route(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_route_params *p = call->params;
    int32_t *experts = call->output;
    float *weights = (float *)call->output + (size_t)call->rows * p->chosen;
    for (size_t n = tile.row; n < (size_t)tile.row + tile.rows; n++) {
        const float *logits = (const float *)call->inputs[0] + n * p->experts;
        choose(logits, p->experts, p->chosen, experts + n * p->chosen);
        weigh(p, logits, experts + n * p->chosen, weights + n * p->chosen);
    }
}
