/* Rows of x as a matmul of many rows meets them: in runs whose values stand side by side, so that a vector of outputs
 * takes a value of each row in turn. Laid out once a call, for all threads. */
struct runs {
    size_t rows, count;
};

INLINE struct runs runs_of(size_t rows) {
    return (struct runs){.rows = rows, .count = (rows + RUN_ROWS - 1) / RUN_ROWS};
}

/* The first row of a run; runs differ by one row at most, so that none is of a few rows only. */
INLINE size_t run_start(struct runs runs, size_t run) {
    size_t longer = runs.rows % runs.count, least = runs.rows / runs.count;
    return run * least + (run < longer ? run : longer);
}

INLINE size_t run_rows(struct runs runs, size_t run) { return run_start(runs, run + 1) - run_start(runs, run); }

enum { PANEL_VECTORS = HAY_PANEL / LANES }; /* vectors of sums that a panel's outputs take */

/* Outputs of a panel from their sums. */
static void finish_panel(const struct matmul *m, size_t row, size_t column, size_t columns, const float *sums) {
    float *out = m->out + row * m->outer + column;
    const float *residual = m->residual ? m->residual + row * m->outer + column : NULL;
    if (columns < HAY_PANEL) {
        for (size_t c = 0; c < columns; c++) out[c] = finish(m, sums[c], row, column + c);
        return;
    }
    for (size_t c = 0; c < HAY_PANEL; c += LANES) {
        vector y = v_multiply(v_set(m->scale), v_load(sums + c));
        if (m->bias) y = v_add(y, v_load(m->bias + column + c));
        if (residual) y = v_add(y, v_load(residual + c));
        v_store(out + c, y);
    }
}

/* The panels of a tile, from their sums [panels, rows, HAY_PANEL] for rows that begin at `row`; row after row, as the
 * outputs lie. */
static void finish_panels(const struct matmul *m, hay_tile tile, size_t row, size_t rows, const float *sums) {
    for (size_t r = 0; r < rows; r++) {
        const float *panel = sums + r * HAY_PANEL;
        for (size_t at = 0; at < tile.columns; at += HAY_PANEL, panel += rows * HAY_PANEL) {
            size_t left = tile.columns - at, columns = left < HAY_PANEL ? left : HAY_PANEL;
            finish_panel(m, row + r, tile.column + at, columns, panel);
        }
    }
}
