/* convert: out[i] = x[i] in another type, rounded to nearest even. */
#include "cpu.h"

void hay_scalar_convert(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_convert_params *p = call->params;
    for (size_t i = tile.column; i < (size_t)tile.column + tile.columns; i++) {
        hay_store(call->output, i, p->to_type, hay_load(call->inputs[0], i, p->from_type));
    }
}
