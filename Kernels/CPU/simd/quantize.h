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

/* A scale and a zero point for each output, which become such as blocks can hold. */
struct fit {
    panel_floats scale, zero;
};

INLINE void make_storable(struct fit *fit) {
    panel_floats scale = fit->scale, eighths = fit->zero * 8 + 0.5f;
    panel_integers bits = (panel_integers)scale;
    bits = (bits + 0xfff + (bits >> 13 & 1)) & ~0x1fff; /* the nearest f16, even of two */
    panel_floats small = scale + 0.5f - 0.5f;           /* the steps below 2^-14 are those of f32 from 1/2 to 1 */
    scale = scale < 65520 ? scale : (panel_floats)INFINITY;
    scale = scale < 65520 ? (panel_floats)bits : scale;
    fit->scale = fit->scale < 0x1p-14f ? small : scale;
    eighths = eighths < 255 ? eighths : 255;
    eighths = eighths > 0 ? eighths : 0;
    fit->zero = TO_FLOATS(TO_INTEGERS(eighths)) * 0.125f;
}

/* The levels, 0 to 15, that are nearest to x. */
INLINE void find_levels(
    panel_floats *levels, const panel_floats *x, const panel_floats *inverse, const panel_floats *zero) {
    panel_floats level = *x * *inverse + (*zero + 0.5f); /* what follows cuts off */
    level = level < 15 ? level : 15;
    level = level > 0 ? level : 0;
    *levels = TO_FLOATS(TO_INTEGERS(level));
}

/* What is known of a group, and the best fit so far. */
struct search {
    panel_floats low, high, sum, squares, flaw; /* low and high: the range with zero in it; flaw: 0, or NaN */
    panel_floats error;
    struct fit best;
};

static void begin_search(struct search *s, const struct group *group) {
    panel_floats low = 0, high = 0, flaw = 0, sum = 0, squares = 0;
    for (size_t k = 0; k < HAY_GROUP; k++) {
        panel_floats x = group->values[k];
        low = x < low ? x : low;
        high = x > high ? x : high;
        flaw += x * 0; /* NaN where x is not finite */
        sum += x;
        squares += x * x;
    }
    s->low = low;
    s->high = high;
    s->flaw = flaw;
    s->sum = sum;
    s->squares = squares;
    s->error = squares > 0 ? (panel_floats)INFINITY : 0;
    s->best.scale = (high - low) / 15;
    s->best.zero = s->best.scale > 0 ? -low / s->best.scale : 0;
    make_storable(&s->best);
}

/* Finds the levels of a fit, and the fit that suits these levels best: the least squares of x = scale * (level - zero),
 * whose error follows from the sums. The best one so far is kept. */
INLINE void try_fit(struct search *s, const struct group *group, struct fit fit) {
    panel_floats inverse = fit.scale > 0 ? 1 / fit.scale : 0, q = 0, qq = 0, qx = 0;
    float n = (float)group->count;
    for (size_t k = 0; k < group->count; k++) {
        panel_floats level;
        find_levels(&level, &group->values[k], &inverse, &fit.zero);
        q += level;
        qq += level * level;
        qx += level * group->values[k];
    }
    panel_floats slope = n * qx - q * s->sum, offset = q * qx - qq * s->sum; /* a line, times one determinant */
    fit.zero = slope > 0 ? offset / slope : fit.zero;
    make_storable(&fit);
    panel_floats product = qx - fit.zero * s->sum, square = qq - 2 * fit.zero * q + n * fit.zero * fit.zero;
    fit.scale = square > 0 && product > 0 ? product / square : fit.scale; /* of the zero point as it is stored */
    make_storable(&fit);
    panel_floats error = s->squares - fit.scale * (2 * product - fit.scale * square);
    error = error > 1e-6f * s->squares ? error : 0; /* the rest is rounding */
    panel_integers is_better = error < s->error;
    s->error = is_better ? error : s->error;
    s->best.scale = is_better ? fit.scale : s->best.scale;
    s->best.zero = is_better ? fit.zero : s->best.zero;
}

/* Least squares find the nearest hollow, so they begin at several scales about the range's, and phases of levels. */
static void find_fit(struct search *s, const struct group *group) {
    begin_search(s, group);
    for (int step = -2; step <= 1; step++) {
        for (int phase = -3; phase <= 3; phase += 2) {
            struct fit fit;
            fit.scale = (s->high - s->low) * (1 + 0.05f * (float)step) / 15;
            fit.zero = fit.scale > 0 ? -s->low / fit.scale + 0.125f * (float)phase : 0;
            try_fit(s, group, fit);
        }
    }
    for (int i = 0; i < 2; i++) try_fit(s, group, s->best);
}

static void quantize_int4(unsigned char *block, const struct group *group) {
    struct search search;
    find_fit(&search, group);
    panel_floats scale = search.best.scale + search.flaw, zero = search.best.zero;
    store_scales(block, &scale);
    panel_floats inverse = scale > 0 ? 1 / scale : 0;
    for (size_t c = 0; c < HAY_PANEL; c++) block[2 * HAY_PANEL + c] = (unsigned char)(zero[c] * 8);
    for (size_t q = 0; q < HAY_GROUP / 8; q++) {
        panel_integers word = 0;
        for (size_t i = 0; i < 8; i++) {
            size_t k = 4 * q + i % 4 + i / 4 * (HAY_GROUP / 2);
            if (k >= group->count) continue;
            panel_floats level;
            find_levels(&level, &group->values[k], &inverse, &zero);
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
