/* What the versions of the experts' kernels share: how an order of pairs is laid down, and how a tile meets the weights. */
#ifndef HAY_EXPERTS_H
#define HAY_EXPERTS_H

#include "matmul.h"

/* An expert_order, as kernels.h lays it down. */
struct hay_order {
    int32_t *active, *experts, *starts, *pairs, *places;
    size_t slots;
};

static inline struct hay_order hay_order_at(const void *memory, size_t experts, size_t pairs) {
    int32_t *at = (int32_t *)(uintptr_t)memory; /* only expert_order writes there */
    size_t slots = experts < pairs ? experts : pairs;
    return (struct hay_order){
        .active = at,
        .experts = at + 1,
        .starts = at + 1 + slots,
        .pairs = at + 2 + 2 * slots,
        .places = at + 2 + 2 * slots + pairs,
        .slots = slots,
    };
}

static inline struct hay_order hay_order_of(const hay_call *call) {
    const hay_expert_matmul_params *p = call->params;
    return hay_order_at(call->inputs[1], p->experts, p->pairs);
}

/* The place of an expert's first row, and how many it has. */
static inline size_t hay_slot_start(const struct hay_order *order, size_t slot) { return (size_t)order->starts[slot]; }
static inline size_t hay_slot_rows(const struct hay_order *order, size_t slot) {
    return hay_slot_start(order, slot + 1) - hay_slot_start(order, slot);
}

/* Where in x the row of a place is. */
static inline const float *hay_expert_row(const hay_call *call, const struct hay_order *order, size_t place) {
    const hay_expert_matmul_params *p = call->params;
    size_t row = p->share ? (size_t)order->pairs[place] / p->share : place;
    return (const float *)call->inputs[0] + row * p->inner;
}

/* Panels of the experts that have rows, one expert after the other, from `panel` to `end`. */
struct hay_expert_panels {
    size_t panel, end, width; /* the panels of an expert */
};

/* A tile's share of them. Tiles share them evenly, so that none is empty because an expert has no rows. */
static inline struct hay_expert_panels hay_expert_panels(
    const hay_call *call, const struct hay_order *order, hay_tile tile) {
    const hay_expert_matmul_params *p = call->params;
    uint64_t first = tile.column / HAY_PANEL, last = ((uint64_t)tile.column + tile.columns) / HAY_PANEL;
    uint64_t active = (uint64_t)*order->active;
    return (struct hay_expert_panels){
        .panel = (size_t)(first * active / order->slots),
        .end = (size_t)(last * active / order->slots),
        .width = hay_panels(p->outer[0]) + hay_panels(p->outer[1]),
    };
}

/* Takes the panels of one weight of one expert from the front: whether there are any, and which. The part's rows begin at
 * the expert's first place. */
static inline int hay_next_expert_part(
    const hay_call *call, const struct hay_order *order, struct hay_expert_panels *panels, struct hay_part *part,
    size_t *slot) {
    const hay_expert_matmul_params *p = call->params;
    if (panels->panel >= panels->end) return 0;
    *slot = panels->panel / panels->width;
    size_t first = panels->panel % panels->width, before = hay_panels(p->outer[0]);
    size_t index = first < before ? 0 : 1, expert = (size_t)order->experts[*slot], outer = p->outer[index];
    size_t border = *slot * panels->width + (index == 0 ? before : panels->width);
    size_t end = border < panels->end ? border : panels->end, column = (first - index * before) * HAY_PANEL;
    size_t columns = (end - panels->panel) * HAY_PANEL;
    const float *biases = call->inputs[2 + HAY_EXPERT_PARTS + index];
    *part = (struct hay_part){
        .weights = (const unsigned char *)call->inputs[2 + index]
            + expert * hay_matrix_bytes(p->weight_type, outer, p->inner),
        .bias = biases ? biases + expert * outer : NULL,
        .out = (float *)call->output + index * p->outer[0] * p->pairs + hay_slot_start(order, *slot) * outer,
        .outer = outer,
        .tile = {
            .column = (uint32_t)column,
            .columns = (uint32_t)(outer - column < columns ? outer - column : columns),
            .rows = (uint32_t)hay_slot_rows(order, *slot),
        },
    };
    panels->panel = end;
    return 1;
}

#endif
