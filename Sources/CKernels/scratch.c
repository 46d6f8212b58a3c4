#include "include/scratch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
  void *base;
  size_t size;
} kt_memory;

typedef struct {
  kt_memory users[2];
  int is_taken;
} kt_thread;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_thread(void *pointer) {
  kt_thread *thread = pointer;
  for (int user = 0; user < 2; user++) free(thread->users[user].base);
  free(thread);
}

static void make_key(void) {
  if (pthread_key_create(&key, free_thread) != 0) abort();
}

static kt_thread *this_thread(void) {
  pthread_once(&once, make_key);
  kt_thread *thread = pthread_getspecific(key);
  if (thread != NULL) return thread;
  thread = calloc(1, sizeof *thread);
  if (thread == NULL || pthread_setspecific(key, thread) != 0) abort();
  return thread;
}

void *kt_scratch(kt_scratch_user user, size_t bytes) {
  kt_memory *memory = &this_thread()->users[user];
  if (memory->size < bytes) {
    free(memory->base);
    memory->size = (bytes + 0xffff) / 0x10000 * 0x10000;
    memory->base = aligned_alloc(64, memory->size);
    if (memory->base == NULL) {
      fprintf(stderr, "out of memory: no %zu bytes for a thread's own use\n", memory->size);
      abort();
    }
  }
  return memory->base;
}

void *kt_scratch_take(size_t bytes) {
  kt_thread *thread = this_thread();
  if (thread->is_taken || bytes > kt_scratch_most) return NULL;
  thread->is_taken = 1;
  return kt_scratch(kt_scratch_of_op, bytes == 0 ? 1 : bytes);
}

void kt_scratch_give(void) { this_thread()->is_taken = 0; }
