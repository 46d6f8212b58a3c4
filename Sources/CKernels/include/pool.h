#ifndef KT_POOL_H
#define KT_POOL_H

/// Sets how many threads later regions use, the caller's included; 0 or less means all that the
/// process may run on. Waits for a region under way.
void kt_pool_set_threads(int threads);

/// Writes which processors the process may run on, a bit for each; none where that is not known.
void kt_pool_processors(unsigned char *mask, int size);

/// How many threads a region uses.
int kt_pool_threads(void);

/// Calls `task(context, index)` once for every index in `0..<count`, from all threads of the pool,
/// and returns when all calls have returned. Indices are claimed in ascending order. A region
/// inside a region, or one that finds the pool taken by another caller, runs on its own thread.
void kt_pool_run(long count, void *context, void (*task)(void *context, long index));

#endif
