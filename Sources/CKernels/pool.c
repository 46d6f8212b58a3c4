#define _GNU_SOURCE
#include "include/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// A region costs a fraction of a microsecond while the workers still spin after the one before,
// against about ten for libdispatch, and a training step has thousands of regions.

enum { spins_before_sleep = 20000 };

static struct {
  void (*task)(void *, long);
  void *context;
  long count;
  _Atomic long next;
  _Atomic int working;      // workers that have not finished the region
  _Atomic unsigned region;  // counts regions: a change wakes the workers
  _Atomic int sleeping;
  _Atomic int stop;
  pthread_mutex_t lock;  // guards the sleep of the workers
  pthread_cond_t wake;
  pthread_t *workers;
  int threads;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};

static pthread_mutex_t in_use = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local int inside;

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static void work(void) {
  long index;
  inside = 1;
  while ((index = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed)) < pool.count)
    pool.task(pool.context, index);
  inside = 0;
}

static void *worker(void *argument) {
  unsigned seen = (unsigned)(size_t)argument;
  for (;;) {
    for (int spin = 0; atomic_load_explicit(&pool.region, memory_order_acquire) == seen; spin++) {
      if (spin < spins_before_sleep) {
        pause_briefly();
        continue;
      }
      pthread_mutex_lock(&pool.lock);
      atomic_fetch_add(&pool.sleeping, 1);
      while (atomic_load(&pool.region) == seen) pthread_cond_wait(&pool.wake, &pool.lock);
      atomic_fetch_sub(&pool.sleeping, 1);
      pthread_mutex_unlock(&pool.lock);
    }
    seen++;
    if (atomic_load(&pool.stop)) return NULL;
    work();
    atomic_fetch_sub_explicit(&pool.working, 1, memory_order_release);
  }
}

static void open_region(void) {
  atomic_fetch_add(&pool.region, 1);
  if (atomic_load(&pool.sleeping) > 0) {
    pthread_mutex_lock(&pool.lock);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
  }
}

static int available_threads(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

void kt_pool_processors(unsigned char *mask, int size) {
  memset(mask, 0, (size_t)size);
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return;
  for (int i = 0; i < 8 * size && i < CPU_SETSIZE; i++)
    if (CPU_ISSET(i, &set)) mask[i / 8] |= (unsigned char)(1 << i % 8);
#endif
}

// Called with `in_use` held.
static void start(int threads) {
  pool.threads = threads;
  pool.workers = malloc(sizeof(pthread_t) * (size_t)threads);
  for (int i = 0; i < threads - 1; i++) {
    void *region = (void *)(size_t)atomic_load(&pool.region);
    if (pool.workers == NULL || pthread_create(&pool.workers[i], NULL, worker, region) != 0) {
      pool.threads = i + 1;
      break;
    }
  }
}

void kt_pool_set_threads(int threads) {
  if (threads <= 0) threads = available_threads();
  pthread_mutex_lock(&in_use);
  if (threads != pool.threads) {
    if (pool.threads > 0) {
      atomic_store(&pool.stop, 1);
      open_region();
      for (int i = 0; i < pool.threads - 1; i++) pthread_join(pool.workers[i], NULL);
      atomic_store(&pool.stop, 0);
      free(pool.workers);
    }
    start(threads);
  }
  pthread_mutex_unlock(&in_use);
}

int kt_pool_threads(void) {
  pthread_mutex_lock(&in_use);
  if (pool.threads == 0) start(available_threads());
  int threads = pool.threads;
  pthread_mutex_unlock(&in_use);
  return threads;
}

void kt_pool_run(long count, void *context, void (*task)(void *, long)) {
  if (count <= 0) return;
  if (count == 1 || inside || pthread_mutex_trylock(&in_use) != 0) {
    for (long index = 0; index < count; index++) task(context, index);
    return;
  }
  if (pool.threads == 0) start(available_threads());
  pool.task = task;
  pool.context = context;
  pool.count = count;
  atomic_store_explicit(&pool.next, 0, memory_order_relaxed);
  atomic_store_explicit(&pool.working, pool.threads - 1, memory_order_relaxed);
  open_region();
  work();
  while (atomic_load_explicit(&pool.working, memory_order_acquire) > 0) pause_briefly();
  pthread_mutex_unlock(&in_use);
}
