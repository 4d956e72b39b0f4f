/* exp and the activations, within about one part in a million of their values. */

/* e^x as n and p, x = n ln 2 + r with r in [-ln2 / 2, ln2 / 2] and a polynomial p for e^r (Cephes' expf). */
INLINE vector v_exp_parts(vector x, vector *n) {
    *n = v_round(v_multiply(x, v_set(1.44269504088896341f)));
    vector r = v_fnma(*n, v_set(-2.12194440e-4f), v_fnma(*n, v_set(0.693359375f), x));
    vector p = v_set(1.9875691500e-4f);
    p = v_fma(p, r, v_set(1.3981999507e-3f));
    p = v_fma(p, r, v_set(8.3334519073e-3f));
    p = v_fma(p, r, v_set(4.1665795894e-2f));
    p = v_fma(p, r, v_set(1.6666665459e-1f));
    p = v_fma(p, r, v_set(5.0000001201e-1f));
    return v_add(v_fma(p, v_multiply(r, r), r), v_set(1));
}

INLINE vector v_exp(vector x) {
    /* Past these ends results are zero and infinity. NaN, as second operand, passes. */
    vector n, p = v_exp_parts(v_min(v_set(89), v_max(v_set(-104), x)), &n);
    return v_scale(p, n);
}

/* e^x for x <= 0; e^-86, which is 4e-38, for all that is less. */
INLINE vector v_exp_falling(vector x) {
    vector n, p = v_exp_parts(v_max(v_set(-86), x), &n);
    return v_scale_normal(p, n);
}

/* tanh(x): a polynomial near zero, where the other form would cancel (Cephes' tanhf). */
INLINE vector v_tanh(vector x) {
    vector size = v_abs(x), square = v_multiply(x, x), p = v_set(-5.70498872745e-3f);
    p = v_fma(p, square, v_set(2.06390887954e-2f));
    p = v_fma(p, square, v_set(-5.37397155531e-2f));
    p = v_fma(p, square, v_set(1.33314422036e-1f));
    p = v_fma(p, square, v_set(-3.33332819422e-1f));
    vector near = v_fma(v_multiply(p, square), x, x);
    vector other = v_divide(v_set(2), v_add(v_exp(v_add(size, size)), v_set(1))), far = v_subtract(v_set(1), other);
    return v_where_negative(v_subtract(size, v_set(0.625f)), near, v_where_negative(x, v_negate(far), far));
}

/* cap * tanh(x / cap). */
INLINE vector v_soft_cap(vector x, float cap) {
    return v_multiply(v_set(cap), v_tanh(v_divide(x, v_set(cap))));
}

/* erfc(z) / 2 for z >= 0 (Numerical Recipes' erfccheb: relative error 1.2e-7 where arithmetic is exact). */
INLINE vector v_half_erfc(vector z) {
    static const float coefficients[] = {
        0.17087277f, -0.82215223f, 1.48851587f, -1.13520398f, 0.27886807f,
        -0.18628806f, 0.09678418f, 0.37409196f, 1.00002368f, -1.26551223f,
    };
    vector t = v_divide(v_set(1), v_fma(v_set(0.5f), z, v_set(1))), p = v_set(coefficients[0]);
    for (int i = 1; i < 10; i++) p = v_fma(p, t, v_set(coefficients[i]));
    return v_multiply(v_multiply(v_set(0.5f), t), v_exp(v_fnma(z, z, p)));
}

/* x times the part of the normal distribution below x. */
INLINE vector v_gelu(vector x) {
    vector tail = v_half_erfc(v_multiply(v_abs(x), v_set(0.70710678118654752440f)));
    return v_multiply(x, v_where_negative(x, tail, v_subtract(v_set(1), tail)));
}

/* x / (1 + exp(-a)): silu where a is x; and as 1 + tanh(u) = 2 / (1 + exp(-2 u)), gelu's tanh form too. */
INLINE vector v_times_sigmoid(vector x, vector a) {
    return v_divide(x, v_add(v_set(1), v_exp(v_negate(a))));
}

INLINE vector v_activate(vector x, uint32_t activation) {
    if (activation == HAY_SILU) return v_times_sigmoid(x, x);
    if (activation == HAY_GELU) return v_gelu(x);
    if (activation == HAY_RELU) return v_max(v_zero(), x);
    vector cubic = v_multiply(v_multiply(x, v_set(0.044715f)), v_multiply(x, x));
    return v_times_sigmoid(x, v_multiply(v_set(1.59576912160573071176f), v_add(x, cubic)));
}
