/* The kernels: one calling convention, one params struct each, one list.
 *
 * A kernel reads up to HAY_INPUT_COUNT buffers and one params struct, writes one output buffer, and computes a grid
 * of columns x rows. Rectangles of the grid can be computed alone and in any order, which is how the grid is
 * divided among threads here and among workgroups on a GPU; the list says of what size they are multiples. A params struct is at most 128 bytes, the push-constant
 * size that Vulkan guarantees, and holds only 4-byte fields, so that C and GLSL agree on its layout.
 *
 * Activations are f32, token ids, positions and tables i32; weights and caches are f32, bf16 or f16, weights int8 or
 * int4 too.
 * Sizes are in elements. Tensors are row-major and contiguous.
 */
#ifndef HAY_KERNELS_H
#define HAY_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define HAY_INPUT_COUNT 8

/* The last two are weights in blocks, see below. */
typedef enum hay_type { HAY_F32 = 0, HAY_BF16 = 1, HAY_F16 = 2, HAY_INT8 = 3, HAY_INT4 = 4 } hay_type;

/* Weights in blocks: a matrix [M, K] is cut into panels of HAY_PANEL outputs and groups of HAY_GROUP values of each, and
 * lies panel by panel, group by group. A block starts with the scales of its outputs, f16 [16], and in int4 their zero
 * points in eighths, u8 [16]. Its values follow, four of an output side by side, since that is what the instructions
 * multiply at a time:
 *  - int8, 544 bytes: i8 [8][16][4]; value 4 q + i of output c is scale[c] * v[q][c][i], and v is never -128;
 *  - int4, 304 bytes: u8 [4][16][4]; the low half of v[q][c][i] is value 4 q + i, the high half value 16 + 4 q + i, and
 *    a value is scale[c] * (half - zero[c] / 8).
 * Outputs and values past the matrix's sides are there, with scales and values of zero. */
enum { HAY_PANEL = 16, HAY_GROUP = 32, HAY_INT8_BLOCK = 544, HAY_INT4_BLOCK = 304 };

/* Bytes of a matrix [rows, columns] of a hay_type. */
static inline size_t hay_matrix_bytes(uint32_t type, size_t rows, size_t columns) {
    if (type < HAY_INT8) return rows * columns * (type == HAY_F32 ? 4 : 2);
    size_t blocks = ((rows + HAY_PANEL - 1) / HAY_PANEL) * ((columns + HAY_GROUP - 1) / HAY_GROUP);
    return blocks * (type == HAY_INT8 ? HAY_INT8_BLOCK : HAY_INT4_BLOCK);
}

typedef enum hay_activation { HAY_RELU = 0, HAY_SILU = 1, HAY_GELU = 2, HAY_GELU_TANH = 3 } hay_activation;

/* name, tile columns, tile rows: the smallest rectangle worth handing to a thread. A tile of 0 is the whole side. */
#define HAY_KERNELS(X)        \
    X(embed, 0, 16)           \
    X(matmul, 16, 0)          \
    X(rms_norm, 0, 8)         \
    X(layer_norm, 0, 8)       \
    X(rope_table, 0, 16)      \
    X(rope, 0, 8)             \
    X(store_kv, 0, 8)         \
    X(attention, 1, 16)       \
    X(add, 16384, 1)          \
    X(activate, 4096, 1)      \
    X(gated, 4096, 1)         \
    X(gated_clamped, 4096, 1) \
    X(soft_cap, 4096, 1)      \
    X(scale_rows, 0, 16)      \
    X(gather_rows, 0, 16)     \
    X(convert, 65536, 1)      \
    X(quantize, 16, 0)        \
    X(route, 0, 8)            \
    X(expert_order, 0, 0)     \
    X(expert_matmul, 16, 0)   \
    X(expert_sum, 1024, 8)

typedef enum hay_kernel {
#define HAY_NAME(name, columns, rows) HAY_KERNEL_##name,
    HAY_KERNELS(HAY_NAME)
#undef HAY_NAME
    HAY_KERNEL_COUNT
} hay_kernel;

/* embed: out[n] = scale * table[ids[n]].
 * Inputs: ids i32 [N], table [V, dim] of table_type, blocks too. Output f32 [N, dim]. Grid: dim x N.
 * An id outside 0 ..< vocabulary reads row 0: ids are checked before they come here, memory safety is checked twice. */
typedef struct hay_embed_params {
    uint32_t dim, vocabulary, table_type;
    float scale;
} hay_embed_params;

/* matmul: out[p][n, m] = scale * dot(x[n], weight[p][m]) + bias[p][m], of one x with up to three weights p, as the
 * projections to queries, keys and values have it; with one weight, + residual[n, m] last.
 * Inputs: x f32 [N, inner], three weights [outer[p], inner] of weight_type, three biases f32 [outer[p]] or null,
 * residual f32 [N, outer[0]] or null. Output: f32 [N, outer[p]] one after the other. Grid: columns x N, with the columns
 * of each weight rounded up to whole panels.
 * With weights in blocks x is rounded too, in groups of HAY_GROUP values: a group's scale is its largest magnitude / 127
 * and its values are whole numbers. The products of a group are summed as integers, exactly, and an output is the sum of
 * its groups in order, each a multiply-add of the sum with scale times scale.
 * Each output is summed in one order whatever the grid, so a row's result does not depend on the rows beside it. */
enum { HAY_MATMUL_PARTS = 3 };

typedef struct hay_matmul_params {
    uint32_t inner, weight_type;
    uint32_t outer[HAY_MATMUL_PARTS]; /* the row lengths of the outputs; 0 where there is no weight */
    float scale;
} hay_matmul_params;

/* rms_norm: y = x / sqrt(mean(x^2) + epsilon) * weight, row by row (arXiv:1910.07467).
 * Inputs: x f32 [N, dim], weight f32 [dim]. Output f32 [N, dim]. Grid: dim x N; a tile has whole rows. */
typedef struct hay_rms_norm_params {
    uint32_t dim;
    float epsilon;
} hay_rms_norm_params;

/* layer_norm: y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * weight + bias, row by row (arXiv:1607.06450).
 * Inputs: x f32 [N, dim], weight f32 [heads, dim] or null, bias f32 [heads, dim] or null; row n has those of head
 * n % heads. Output f32 [N, dim]. Grid: dim x N; a tile has whole rows. */
typedef struct hay_layer_norm_params {
    uint32_t dim, heads;
    float epsilon;
} hay_layer_norm_params;

/* rope_table: the cosines, then the sines, of positions[n] * frequencies[i], each times scale.
 * Inputs: positions i32 [N], frequencies f32 [half]. Output f32 [N, 2 * half]. Grid: half x N.
 * The angle is the product rounded to f32, as the reference implementations compute it. */
typedef struct hay_rope_table_params {
    uint32_t half;
    float scale;
} hay_rope_table_params;

/* rope: turns the pairs of the first 2 * half values of each head by the table's angles; copies the rest
 * (arXiv:2104.09864). A pair is (x[i], x[i + half]), as most checkpoints of Hugging Face have it, or (x[2 i], x[2 i + 1])
 * where `adjacent` is not 0.
 * Inputs: x f32 [N, heads, head_size], table f32 [N, 2 * half]. Output f32 [N, heads, head_size].
 * Grid: heads x N. */
typedef struct hay_rope_params {
    uint32_t heads, head_size, half, adjacent;
} hay_rope_params;

/* The positions of a block of the cache. */
enum { HAY_CACHE_BLOCK = 32 };

/* store_kv: writes each new key (or value) into its slot of the block cache.
 * Slot s is position s % HAY_CACHE_BLOCK of block s / HAY_CACHE_BLOCK. Values lie as [blocks, kv_heads, HAY_CACHE_BLOCK,
 * head_size] of cache_type; keys, which is what `is_keys` says, as [blocks, kv_heads, head_size, HAY_CACHE_BLOCK]: side by
 * side are the keys of a block, so that a vector holds the scores of as many keys. In f16, what is larger than its
 * largest number becomes that number: one infinity would make the whole text's attention NaN.
 * Inputs: x f32 [N, kv_heads, head_size], slots i32 [N]. Output: the cache. Grid: kv_heads x N. */
typedef struct hay_store_kv_params {
    uint32_t kv_heads, head_size, cache_type, is_keys;
} hay_store_kv_params;

/* attention: softmax(cap(scale * q.k) + bias, over the keys that the query sees) . v, with grouped heads, where cap(s) is
 * soft_cap * tanh(s / soft_cap), or s when soft_cap is 0.
 * Inputs: q f32 [N, heads, head_size], keys and values (block caches as in store_kv), table i32 [B, table_stride] of
 * block numbers, lengths i32 [B] of cached positions (the new ones included), bias f32 [heads, 2 * bias_radius + 1]
 * or null, sinks f32 [heads] or null. Output f32 [N, heads, head_size]. N = B * queries; query t of row b stands at position
 * lengths[b] - queries + t when causal. It sees keys 0 ... its position, only the last `window` of them when window
 * is not 0; without causal it sees all lengths[b] keys, and stands at position t.
 * The bias of head h for a key at position k and a query at p is bias[h, clamp(k - p, -radius, radius) + radius].
 * The sink of a head is one more score in the sum that its softmax divides by, and has no value.
 * Query head h reads kv head h / (heads / kv_heads). Grid: kv_heads x N.
 * A query's result does not depend on the other queries of the grid. */
typedef struct hay_attention_params {
    uint32_t queries, heads, kv_heads, head_size, table_stride, cache_type;
    uint32_t causal, window, bias_radius;
    float scale, soft_cap;
} hay_attention_params;

/* add: out = a + b. Inputs: a, b f32 [count]. Grid: count x 1. */
typedef struct hay_add_params {
    uint32_t count;
} hay_add_params;

/* activate: out = activation(x). Inputs: x f32 [count]. Grid: count x 1. */
typedef struct hay_activate_params {
    uint32_t count, activation;
} hay_activate_params;

/* gated: out = activation(gate) * up. Inputs: gate, up f32 [count]. Grid: count x 1. */
typedef struct hay_gated_params {
    uint32_t count, activation;
} hay_gated_params;

/* gated_clamped: out = (clamp(up, -limit, limit) + 1) * g / (1 + exp(-alpha * g)) with g = min(gate, limit), the gated unit
 * of gpt-oss. Inputs: gate, up f32 [count]. Grid: count x 1. */
typedef struct hay_gated_clamped_params {
    uint32_t count;
    float alpha, limit;
} hay_gated_clamped_params;

/* soft_cap: out = cap * tanh(x / cap). Inputs: x f32 [count]. Grid: count x 1. */
typedef struct hay_soft_cap_params {
    uint32_t count;
    float cap;
} hay_soft_cap_params;

/* scale_rows: out[n] = scales[n] * x[n]. Inputs: x f32 [N, dim], scales f32 [N]. Output f32 [N, dim]. Grid: dim x N. */
typedef struct hay_scale_rows_params {
    uint32_t dim;
} hay_scale_rows_params;

/* gather_rows: out[n] = x[indices[n]]. Inputs: x f32 [R, dim], indices i32 [N]. Output f32 [N, dim]. Grid: dim x N. */
typedef struct hay_gather_rows_params {
    uint32_t dim;
} hay_gather_rows_params;

/* convert: out[i] = x[i] in another type, rounded to nearest even. Grid: count x 1. */
typedef struct hay_convert_params {
    uint32_t count, from_type, to_type;
} hay_convert_params;

/* quantize: a matrix in blocks of to_type, each value near its own.
 * Inputs: weight [outer, inner] of from_type, which is no block type. Output: the blocks. Grid: outer x inner; a tile
 * has whole panels. An output's values of a group that are not all finite, or too large for its scale, get a scale that
 * is not finite. Every instruction set gives the same bits. */
typedef struct hay_quantize_params {
    uint32_t inner, outer, from_type, to_type;
} hay_quantize_params;

/* A mixture of experts (arXiv:1701.06538): a router chooses `chosen` of `experts` experts for each of N rows, and a row's
 * result is a weighted sum of theirs. A row with one of its experts is a pair, n * chosen + j; all pairs are computed
 * expert by expert, so that a weight is read once for all rows that chose it.
 *
 * route: the chosen experts of each row, those with the largest logits in falling order, of equal ones the lower expert
 * first, and their weights: factor * score. NaN counts as larger than any number.
 * Inputs: logits f32 [N, experts]. Output: experts i32 [N, chosen], then weights f32 [N, chosen]. Grid: experts x N.
 * Scores are softmax over all logits or sigmoid of each; normalized, they are divided by the sum of the chosen ones
 * (plus 1e-20 with sigmoid, as arXiv:2412.19437's authors do), which with softmax is softmax over the chosen logits. */
typedef enum hay_scoring { HAY_SOFTMAX = 0, HAY_SIGMOID = 1 } hay_scoring;

typedef struct hay_route_params {
    uint32_t experts, chosen, scoring, is_normalized;
    float factor;
} hay_route_params;

/* expert_order: the pairs expert by expert, those of one expert in order.
 * Inputs: experts i32 [pairs]. Output, all i32, with S = min(experts, pairs) slots: how many experts have pairs, A; [S] the
 * first A are these experts, in order; [S + 1] the first A + 1 are where the pairs of each begin, and their end;
 * [pairs] the pair at each place; [pairs] the place of each pair. Grid: pairs x 1.
 * An expert outside 0 ..< experts counts as 0: memory safety is checked here. */
typedef struct hay_expert_order_params {
    uint32_t experts, pairs;
} hay_expert_order_params;

enum { HAY_EXPERT_PARTS = 2 };

/* expert_matmul: out[p][i, m] = dot(x[row of i], weight[p][e, m]) + bias[p][e, m] for each place i of an expert_order, whose
 * pair has expert e, with up to two weights p, as a gated MLP has them.
 * Inputs: x f32, an expert_order, two weights [experts, outer[p], inner] of weight_type, of which each matrix has panels of
 * its own, two biases f32 [experts, outer[p]] or null. Output: f32 [pairs, outer[p]] one after the other.
 * The row of a place is its pair / `share` in x [pairs / share, inner], or where that is 0 the place itself in
 * x [pairs, inner].
 * Grid: S times the columns of both weights, rounded up to whole panels, x 1. The A experts that have pairs share it
 * evenly, each with a part as wide as the others'. Sums are those of matmul, bit by bit. */
typedef struct hay_expert_matmul_params {
    uint32_t inner, weight_type;
    uint32_t outer[HAY_EXPERT_PARTS]; /* 0 where there is no weight */
    uint32_t experts, pairs, share;
} hay_expert_matmul_params;

/* expert_sum: out[n] = sum over j of weight[n, j] * y[place of pair (n, j)], in order, and then + residual[n].
 * Inputs: y f32 [pairs, dim], an expert_order, weights f32 [N, chosen], residual f32 [N, dim] or null.
 * Output f32 [N, dim]. Grid: dim x N. */
typedef struct hay_expert_sum_params {
    uint32_t dim, experts, chosen;
} hay_expert_sum_params;

/* A call: which kernel, over which grid, on what. Unused inputs are null. */
typedef struct hay_call {
    uint32_t kernel, columns, rows;
    const void *inputs[HAY_INPUT_COUNT];
    void *output;
    const void *params;
} hay_call;

/* The rectangle of a grid that one invocation computes. */
typedef struct hay_tile {
    uint32_t column, columns, row, rows; /* first column and how many; first row and how many */
} hay_tile;

/* Instruction sets, each including those before it. */
typedef enum hay_isa {
    HAY_ISA_SCALAR = 0, /* plain C that accumulates in double: the reference */
    HAY_ISA_AVX2 = 1,   /* AVX2, FMA, F16C */
    HAY_ISA_AVX512 = 2  /* AVX-512 F, BW, VL, DQ, BF16, VNNI */
} hay_isa;

/* The best instruction set of this processor. */
hay_isa hay_best_isa(void);

/* The processors that this process may run on, which taskset or a container's quota of time can make fewer than there
 * are: at least 1. */
uint32_t hay_usable_processors(void);

/* The processors' worth of time that control groups leave a process, rounded up: the least of its group and those above,
 * UINT32_MAX without a limit. `groups` is the file that names its groups, /proc/self/cgroup, and `root` the folder where they
 * are, /sys/fs/cgroup; both versions of control groups are read, and what is not there or not understood is no limit. */
uint32_t hay_quota_processors(const char *groups, const char *root);

/* The kernels' names, in the order of the list. */
const char *hay_kernel_name(uint32_t kernel);

/* A processor as the kernels see it: an instruction set and a pool of threads that live as long as it does.
 * A thread without work spins for a moment, then parks, so that calls in quick succession cost about a microsecond
 * and an idle pool costs nothing. The calling thread is one of the `threads`. */
typedef struct hay_cpu hay_cpu;

/* Null when memory cannot be had. isa is lowered to what the processor has, threads to what the system gives. */
hay_cpu *hay_cpu_create(uint32_t threads, hay_isa isa);
void hay_cpu_destroy(hay_cpu *cpu);
uint32_t hay_cpu_threads(const hay_cpu *cpu);
hay_isa hay_cpu_isa(const hay_cpu *cpu);

/* Runs a call and returns when its whole grid is computed. Calls from several threads take turns. */
void hay_cpu_run(hay_cpu *cpu, const hay_call *call);

/* Runs task(context, 0) ... task(context, count - 1) on the pool's threads and returns when all are done. */
typedef void (*hay_task)(void *context, uint32_t index);
void hay_cpu_parallel(hay_cpu *cpu, uint32_t count, hay_task task, void *context);

/* Sums `bytes` of memory read as 64-bit words, in parts that the pool's threads share: what a read costs at least. */
uint64_t hay_cpu_read(hay_cpu *cpu, const void *memory, size_t bytes);

/* Multiply-adds that stay in registers, `steps` for each of the pool's threads: what arithmetic costs at least. `type` is
 * HAY_INT8 for products of bytes summed exactly, as fast as the instruction set has them, else f32.
 * Returns the count of operations done (two a multiply-add). */
uint64_t hay_cpu_multiply_add(hay_cpu *cpu, uint32_t type, uint64_t steps);

#endif
