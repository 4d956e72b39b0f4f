/* The pool of threads, and the division of a call's grid among them.
 *
 * A job is a count of tasks. Threads take runs of tasks from one counter, long ones first and single ones at the end:
 * long runs read memory in order, and short ones at the end let all threads finish together, also when the system
 * holds one of them back. The caller takes part, and waits only for tasks that were taken: a thread that wakes too
 * late finds the counter at zero and goes back to wait. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

#include "cpu.h"

/* How long a thread spins for its next job before it parks, and when there are more threads than processors. */
enum { SPIN_NANOSECONDS = 2000000, SPIN_NANOSECONDS_CROWDED = 20000, PAUSES_PER_LOOK = 64 };

/* Below so many multiply-adds or values a call is done before another thread has begun. */
enum { SMALL_WORK = 16384 };

/* Does the tasks first ... first + count - 1. */
typedef void (*pool_task)(void *context, uint32_t first, uint32_t count, hay_thread *thread);

struct hay_cpu {
    uint32_t threads;
    hay_isa isa;
    uint64_t spin_nanoseconds;
    pthread_mutex_t turn; /* held by the caller whose job it is */

    /* The job. Written by the caller while `remaining` is zero, read by a thread after it took a task. */
    pool_task task;
    void *context;
    uint32_t count;
    uint64_t number; /* from 1 on */

    /* Each counter has a cache line of its own. */
    _Alignas(64) _Atomic uint32_t remaining;  /* tasks not yet taken */
    _Alignas(64) _Atomic uint32_t unfinished; /* tasks not yet done */
    _Alignas(64) _Atomic uint32_t jobs;       /* how many jobs there were: what parked threads wait on */
    _Atomic uint32_t parked;
    _Atomic uint32_t closing;
#if !defined(__linux__)
    pthread_mutex_t park_mutex;
    pthread_cond_t park_condition;
#endif
    struct pool_worker *workers; /* one for each thread; the first is the caller's */
    void *prepared;              /* what the call's preparation left */
    size_t prepared_bytes;
};

struct pool_worker {
    _Alignas(64) hay_thread thread;
    hay_cpu *cpu;
    pthread_t handle;
};

/* MARK: Waiting */

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Sleeps until `jobs` is no longer `seen`; may return early. */
static void park(hay_cpu *cpu, uint32_t seen) {
#if defined(__linux__)
    syscall(SYS_futex, &cpu->jobs, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
#else
    pthread_mutex_lock(&cpu->park_mutex);
    while (atomic_load(&cpu->jobs) == seen) pthread_cond_wait(&cpu->park_condition, &cpu->park_mutex);
    pthread_mutex_unlock(&cpu->park_mutex);
#endif
}

/* Wakes up to `count` parked threads, after `jobs` has changed. */
static void unpark(hay_cpu *cpu, uint32_t count) {
#if defined(__linux__)
    syscall(SYS_futex, &cpu->jobs, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
#else
    (void)count;
    pthread_mutex_lock(&cpu->park_mutex);
    pthread_cond_broadcast(&cpu->park_condition);
    pthread_mutex_unlock(&cpu->park_mutex);
#endif
}

/* MARK: Working */

/* Takes tasks until none remain. The job's fields are read after a task was taken: until that task is done, the
 * caller does not return and nobody can change them. */
static void work(hay_cpu *cpu, hay_thread *thread) {
    uint32_t remaining = atomic_load_explicit(&cpu->remaining, memory_order_relaxed);
    while (remaining != 0) {
        uint32_t share = remaining / (2 * cpu->threads), taken = share > 1 ? share : 1;
        if (!atomic_compare_exchange_weak_explicit(
                &cpu->remaining, &remaining, remaining - taken, memory_order_acquire, memory_order_relaxed)) {
            continue;
        }
        thread->job = cpu->number;
        cpu->task(cpu->context, cpu->count - remaining, taken, thread);
        atomic_fetch_sub_explicit(&cpu->unfinished, taken, memory_order_release);
        remaining = atomic_load_explicit(&cpu->remaining, memory_order_relaxed);
    }
}

/* Whether work came within the time to spin. */
static int spin_for_work(hay_cpu *cpu) {
    uint64_t start = nanoseconds();
    do {
        for (int i = 0; i < PAUSES_PER_LOOK; i++) {
            if (atomic_load_explicit(&cpu->remaining, memory_order_relaxed) != 0) return 1;
            if (atomic_load_explicit(&cpu->closing, memory_order_relaxed)) return 1;
            pause_briefly();
        }
    } while (nanoseconds() - start < cpu->spin_nanoseconds);
    return 0;
}

static void *worker_main(void *argument) {
    struct pool_worker *worker = argument;
    hay_cpu *cpu = worker->cpu;
    while (!atomic_load(&cpu->closing)) {
        work(cpu, &worker->thread);
        if (spin_for_work(cpu)) continue;
        /* Announce first, then look once more: a caller that missed the announcement has changed `jobs` before this
         * look or will find it changed. */
        atomic_fetch_add(&cpu->parked, 1);
        uint32_t seen = atomic_load(&cpu->jobs);
        if (atomic_load(&cpu->remaining) == 0 && !atomic_load(&cpu->closing)) park(cpu, seen);
        atomic_fetch_sub(&cpu->parked, 1);
    }
    return NULL;
}

static void wait_until_finished(hay_cpu *cpu) {
    uint32_t spins = 0;
    while (atomic_load_explicit(&cpu->unfinished, memory_order_acquire) != 0) {
        /* A task that lasts this long may be on a thread that is waiting for this processor. */
        if (++spins % 1024 == 0) sched_yield();
        pause_briefly();
    }
}

/* Only with `turn` held. */
static void run_job(hay_cpu *cpu, uint32_t count, int alone, pool_task task, void *context) {
    hay_thread *own = &cpu->workers[0].thread;
    own->job = ++cpu->number;
    if (alone || count <= 1 || cpu->threads == 1) {
        if (count > 0) task(context, 0, count, own);
        return;
    }
    cpu->task = task;
    cpu->context = context;
    cpu->count = count;
    atomic_store_explicit(&cpu->unfinished, count, memory_order_relaxed);
    atomic_store(&cpu->remaining, count);
    atomic_fetch_add(&cpu->jobs, 1);
    if (atomic_load(&cpu->parked) != 0) unpark(cpu, count - 1 < cpu->threads ? count - 1 : cpu->threads);
    work(cpu, own);
    wait_until_finished(cpu);
}

/* MARK: Life */

void *hay_scratch(hay_thread *thread, size_t bytes) {
    if (thread->scratch_bytes < bytes) {
        free(thread->scratch);
        thread->scratch_bytes = (bytes + 65535) / 65536 * 65536;
        thread->scratch = aligned_alloc(64, thread->scratch_bytes);
        if (!thread->scratch) abort();
    }
    return thread->scratch;
}

hay_cpu *hay_cpu_create(uint32_t threads, hay_isa isa) {
    if (threads == 0) threads = 1;
    hay_cpu *cpu = aligned_alloc(64, sizeof(hay_cpu));
    if (!cpu) return NULL;
    memset(cpu, 0, sizeof(hay_cpu));
    cpu->workers = aligned_alloc(64, threads * sizeof(struct pool_worker));
    if (!cpu->workers) {
        free(cpu);
        return NULL;
    }
    memset(cpu->workers, 0, threads * sizeof(struct pool_worker));
    hay_isa best = hay_best_isa();
    cpu->isa = isa < best ? isa : best;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    cpu->spin_nanoseconds = (long)threads > processors ? SPIN_NANOSECONDS_CROWDED : SPIN_NANOSECONDS;
    pthread_mutex_init(&cpu->turn, NULL);
#if !defined(__linux__)
    pthread_mutex_init(&cpu->park_mutex, NULL);
    pthread_cond_init(&cpu->park_condition, NULL);
#endif
    cpu->workers[0].cpu = cpu;
    for (cpu->threads = 1; cpu->threads < threads; cpu->threads++) {
        struct pool_worker *worker = &cpu->workers[cpu->threads];
        worker->cpu = cpu;
        if (pthread_create(&worker->handle, NULL, worker_main, worker) != 0) {
            break; /* it works with those that the system gave */
        }
    }
    return cpu;
}

void hay_cpu_destroy(hay_cpu *cpu) {
    if (!cpu) return;
    atomic_store(&cpu->closing, 1);
    atomic_fetch_add(&cpu->jobs, 1);
    unpark(cpu, cpu->threads);
    for (uint32_t i = 1; i < cpu->threads; i++) pthread_join(cpu->workers[i].handle, NULL);
    for (uint32_t i = 0; i < cpu->threads; i++) free(cpu->workers[i].thread.scratch);
    pthread_mutex_destroy(&cpu->turn);
#if !defined(__linux__)
    pthread_mutex_destroy(&cpu->park_mutex);
    pthread_cond_destroy(&cpu->park_condition);
#endif
    free(cpu->prepared);
    free(cpu->workers);
    free(cpu);
}

uint32_t hay_cpu_threads(const hay_cpu *cpu) { return cpu->threads; }

hay_isa hay_cpu_isa(const hay_cpu *cpu) { return cpu->isa; }

/* MARK: Grids */

static const hay_tile tile_sizes[] = {
#define HAY_TILE(name, tile_columns, tile_rows) {.columns = tile_columns, .rows = tile_rows},
    HAY_KERNELS(HAY_TILE)
#undef HAY_TILE
};

struct grid {
    const hay_call *call;
    hay_kernel_function function;
    uint32_t columns, rows; /* of a tile */
    uint32_t across, down;  /* tiles side by side, and one below the other */
    void *prepared;
};

/* Tiles that lie side by side or one below the other are one larger rectangle. */
static void run_tiles(void *context, uint32_t first, uint32_t count, hay_thread *thread) {
    const struct grid *grid = context;
    const hay_call *call = grid->call;
    thread->prepared = grid->prepared;
    uint32_t width = grid->down == 1 ? count : 1, height = grid->across == 1 ? count : 1;
    for (uint32_t index = first; index < first + count; index += width * height) {
        hay_tile tile = {
            .column = index % grid->across * grid->columns,
            .row = index / grid->across * grid->rows,
        };
        uint64_t columns = (uint64_t)width * grid->columns, rows = (uint64_t)height * grid->rows;
        uint32_t columns_left = call->columns - tile.column, rows_left = call->rows - tile.row;
        tile.columns = columns_left < columns ? columns_left : (uint32_t)columns;
        tile.rows = rows_left < rows ? rows_left : (uint32_t)rows;
        grid->function(call, tile, thread);
    }
}

/* The smallest tile worth handing to a thread. Many rows of a matmul want a wide one, over which they are read again from
 * a cache. No result depends on it. */
static hay_tile tile_of(const hay_call *call) {
    hay_tile tile = tile_sizes[call->kernel];
    uint32_t rows = 0;
    if (call->kernel == HAY_KERNEL_matmul) rows = call->rows;
    if (call->kernel == HAY_KERNEL_expert_matmul) { /* an expert's, where all have as many */
        const hay_expert_matmul_params *p = call->params;
        rows = p->pairs / p->experts;
    }
    if (rows > HAY_MATMUL_FEW_ROWS) {
        tile.columns = rows > HAY_MATMUL_SEVERAL_ROWS ? 64 : 48; /* whole strips of several rows */
    }
    return tile;
}

/* About how many values or multiply-adds a call computes. */
static uint64_t work_of(const hay_call *call) {
    uint64_t values = (uint64_t)call->columns * call->rows;
    switch (call->kernel) {
        case HAY_KERNEL_matmul: return values * ((const hay_matmul_params *)call->params)->inner;
        case HAY_KERNEL_expert_matmul: return values * ((const hay_expert_matmul_params *)call->params)->inner;
        case HAY_KERNEL_expert_sum: return values * ((const hay_expert_sum_params *)call->params)->chosen;
        case HAY_KERNEL_rope: return values * ((const hay_rope_params *)call->params)->head_size;
        /* Each value of a key has a cache line of its own. */
        case HAY_KERNEL_store_kv: return values * ((const hay_store_kv_params *)call->params)->head_size * 8;
        case HAY_KERNEL_attention: return UINT64_MAX; /* the lengths say, and they are not looked at here */
        default: return values;
    }
}

struct preparing {
    const hay_call *call;
    hay_preparation preparation;
    void *prepared;
};

static void prepare_units(void *context, uint32_t first, uint32_t count, hay_thread *thread) {
    (void)thread;
    const struct preparing *preparing = context;
    preparing->preparation.prepare(preparing->call, first, count, preparing->prepared);
}

/* Does what comes before a call's grid; its result, or null. Ends the process when memory is out, as hay_scratch does. */
static void *prepare(hay_cpu *cpu, const hay_call *call) {
    hay_preparation preparation = hay_prepare(call, cpu->isa);
    if (preparation.bytes == 0) return NULL;
    if (cpu->prepared_bytes < preparation.bytes) {
        free(cpu->prepared);
        cpu->prepared_bytes = (preparation.bytes + 65535) / 65536 * 65536;
        cpu->prepared = aligned_alloc(64, cpu->prepared_bytes);
        if (!cpu->prepared) abort();
    }
    struct preparing preparing = {call, preparation, cpu->prepared};
    run_job(cpu, preparation.units, preparation.bytes < SMALL_WORK, prepare_units, &preparing);
    return cpu->prepared;
}

void hay_cpu_run(hay_cpu *cpu, const hay_call *call) {
    if (call->kernel >= HAY_KERNEL_COUNT || call->columns == 0 || call->rows == 0) return;
    hay_tile size = tile_of(call);
    struct grid grid = {
        .call = call,
        .function = hay_kernel_for(call->kernel, cpu->isa),
        .columns = size.columns == 0 || size.columns > call->columns ? call->columns : size.columns,
        .rows = size.rows == 0 || size.rows > call->rows ? call->rows : size.rows,
    };
    grid.across = (call->columns - 1) / grid.columns + 1;
    grid.down = (call->rows - 1) / grid.rows + 1;
    pthread_mutex_lock(&cpu->turn);
    grid.prepared = prepare(cpu, call);
    run_job(cpu, grid.across * grid.down, work_of(call) < SMALL_WORK, run_tiles, &grid);
    pthread_mutex_unlock(&cpu->turn);
}

struct plain_tasks {
    hay_task task;
    void *context;
};

static void run_plain_tasks(void *context, uint32_t first, uint32_t count, hay_thread *thread) {
    (void)thread;
    const struct plain_tasks *tasks = context;
    for (uint32_t index = first; index < first + count; index++) tasks->task(tasks->context, index);
}

void hay_cpu_parallel(hay_cpu *cpu, uint32_t count, hay_task task, void *context) {
    struct plain_tasks tasks = {task, context};
    pthread_mutex_lock(&cpu->turn);
    run_job(cpu, count, 0, run_plain_tasks, &tasks);
    pthread_mutex_unlock(&cpu->turn);
}
