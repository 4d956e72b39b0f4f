/* quantize, for every instruction set: the sixteen outputs of a block stand side by side in a vector, so that each finds
 * a scale of its own and no sum crosses them. */
typedef float panel_floats __attribute__((ext_vector_type(HAY_PANEL)));
typedef int32_t panel_integers __attribute__((ext_vector_type(HAY_PANEL)));

/* No function takes or returns such a vector: one wider than a set's registers has no settled way to be passed. */
#define TO_INTEGERS(v) __builtin_convertvector(v, panel_integers)
#define TO_FLOATS(v) __builtin_convertvector(v, panel_floats)

/* A group of values of a panel, value by value, zeros past the sides of the matrix. */
struct group {
    panel_floats values[HAY_GROUP];
    size_t outputs, count; /* within the matrix */
};

static void read_group(struct group *group, const hay_call *call, size_t output, size_t first) {
    const hay_quantize_params *p = call->params;
    float row[HAY_GROUP], *values = (float *)group->values;
    group->outputs = p->outer - output < HAY_PANEL ? p->outer - output : HAY_PANEL;
    group->count = p->inner - first < HAY_GROUP ? p->inner - first : HAY_GROUP;
    if (group->outputs < HAY_PANEL || group->count < HAY_GROUP) memset(group->values, 0, sizeof group->values);
    for (size_t c = 0; c < group->outputs; c++) {
        widen_run(row, call->inputs[0], (output + c) * p->inner + first, p->from_type, group->count, 1);
        for (size_t k = 0; k < group->count; k++) values[k * HAY_PANEL + c] = row[k];
    }
}

/* Writes the nearest f16 at least as large of each scale, infinity beyond the largest, and makes the scale that. */
static void store_scales(unsigned char *block, panel_floats *scale) {
    float *scales = (float *)scale;
    for (size_t c = 0; c < HAY_PANEL; c++) {
        uint16_t half = hay_f16_from_float(scales[c]);
        if (hay_float_from_f16(half) < scales[c]) half++;
        memcpy(block + 2 * c, &half, 2);
        scales[c] = hay_float_from_f16(half);
    }
}

static void quantize_int8(unsigned char *block, const struct group *group) {
    panel_floats most = 0, flaw = 0;
    for (size_t k = 0; k < HAY_GROUP; k++) {
        panel_floats x = group->values[k], distance = x < 0 ? -x : x;
        most = distance > most ? distance : most;
        flaw += x * 0; /* NaN where x is not finite */
    }
    panel_floats scale = most / 127 + flaw;
    store_scales(block, &scale);
    panel_floats inverse = scale > 0 ? 1 / scale : 0;
    for (size_t q = 0; q < HAY_GROUP / 4; q++) {
        panel_integers word = 0;
        for (size_t i = 0; i < 4; i++) {
            panel_floats x = group->values[4 * q + i] * inverse;
            x += x > 0 ? (panel_floats)0.5f : (panel_floats)-0.5f; /* what follows cuts off */
            x = x < 127 ? x : 127;
            x = x > -127 ? x : -127;
            word |= (TO_INTEGERS(x) & 255) << (int)(8 * i);
        }
        memcpy(block + 2 * HAY_PANEL + q * sizeof word, &word, sizeof word);
    }
}

static void quantize_int4(unsigned char *block, const struct group *group) {
    panel_floats low = 0, high = 0, flaw = 0;
    for (size_t k = 0; k < HAY_GROUP; k++) {
        panel_floats x = group->values[k];
        low = x < low ? x : low;
        high = x > high ? x : high;
        flaw += x * 0;
    }
    panel_floats scale = (high - low) / 15 + flaw;
    store_scales(block, &scale);
    panel_floats inverse = scale > 0 ? 1 / scale : 0;
    panel_floats eighths = low * inverse * -8 + 0.5f;
    panel_integers zeros = TO_INTEGERS(eighths < 255 ? eighths : 255);
    for (size_t c = 0; c < HAY_PANEL; c++) block[2 * HAY_PANEL + c] = (unsigned char)zeros[c];
    panel_floats zero = TO_FLOATS(zeros) * 0.125f;
    for (size_t q = 0; q < HAY_GROUP / 8; q++) {
        panel_integers word = 0;
        for (size_t i = 0; i < 8; i++) {
            size_t k = 4 * q + i % 4 + i / 4 * (HAY_GROUP / 2);
            panel_floats level = group->values[k] * inverse + zero + 0.5f;
            level = level < 15 ? level : 15;
            level = level > 0 ? level : 0;
            if (k >= group->count) level = 0;
            word |= TO_INTEGERS(level) << (int)(8 * (i % 4) + i / 4 * 4);
        }
        memcpy(block + 3 * HAY_PANEL + q * sizeof word, &word, sizeof word);
    }
}

void HAY_VERSION(quantize)(const hay_call *call, hay_tile tile, hay_thread *thread) {
    (void)thread;
    const hay_quantize_params *p = call->params;
    size_t groups = ((size_t)p->inner + HAY_GROUP - 1) / HAY_GROUP, end = (size_t)tile.column + tile.columns;
    size_t bytes = p->to_type == HAY_INT8 ? HAY_INT8_BLOCK : HAY_INT4_BLOCK;
    unsigned char *block = (unsigned char *)call->output + tile.column / HAY_PANEL * groups * bytes;
    struct group group;
    for (size_t output = tile.column; output < end; output += HAY_PANEL) {
        for (size_t g = 0; g < groups; g++, block += bytes) {
            read_group(&group, call, output, g * HAY_GROUP);
            if (p->to_type == HAY_INT8) quantize_int8(block, &group);
            else quantize_int4(block, &group);
        }
    }
}
