/* expert_order: pairs of rows and experts, sorted by expert. */
#include "experts.h"

void hay_scalar_expert_order(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)tile;
    const hay_expert_order_params *p = call->params;
    const int32_t *experts = call->inputs[0];
    struct hay_order order = hay_order_at(call->output, p->experts, p->pairs);
    /* The pairs of each expert, and then the place of its next one. */
    uint32_t *places = hay_scratch(thread, p->experts * sizeof(uint32_t)), begin = 0;
    memset(places, 0, p->experts * sizeof(uint32_t));
    /* As unsigned, a negative expert is past the end too. */
#define EXPERT_OF(pair) ((uint32_t)experts[pair] < p->experts ? (uint32_t)experts[pair] : 0)
    for (size_t pair = 0; pair < p->pairs; pair++) places[EXPERT_OF(pair)]++;
    int32_t active = 0;
    for (uint32_t e = 0; e < p->experts; e++) {
        uint32_t count = places[e];
        places[e] = begin;
        if (count == 0) continue;
        order.experts[active] = (int32_t)e;
        order.starts[active++] = (int32_t)begin;
        begin += count;
    }
    order.starts[active] = (int32_t)begin;
    *order.active = active;
    for (size_t pair = 0; pair < p->pairs; pair++) {
        uint32_t place = places[EXPERT_OF(pair)]++;
        order.pairs[place] = (int32_t)pair;
        order.places[pair] = (int32_t)place;
    }
#undef EXPERT_OF
}
