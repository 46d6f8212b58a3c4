#define _GNU_SOURCE
#include "include/blas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

// OpenBLAS is opened at run time because it picks its kernels while it is loaded, from a table of
// processors that is as old as the library: version 0.3.21 takes Zen 4 and Zen 5 for AVX2
// machines, half as fast, and Emerald Rapids, which it does not know, for a Pentium 4, a fifth as
// fast. OPENBLAS_CORETYPE corrects it, but only if it is set before.

typedef void sgemm_function(int order, int transpose_a, int transpose_b, int m, int n, int k,
                            float alpha, const float *a, int lda, const float *b, int ldb,
                            float beta, float *c, int ldc);
enum { row_major = 101, no_transpose = 111, transpose = 112 };

static sgemm_function *sgemm;
static const char *core = "none";
static char failure[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// Names the kernels by the instructions there are, whoever made the processor.
static void choose_core(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  // A user's own choice stands.
  if (__builtin_cpu_supports("x86-64-v4")) setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
  else if (__builtin_cpu_supports("x86-64-v3")) setenv("OPENBLAS_CORETYPE", "Haswell", 0);
#endif
}

static void open_library(void) {
  choose_core();
  setenv("OPENBLAS_NUM_THREADS", "1", 1);  // it must not start threads of its own
  void *library = NULL;
  const char *names[] = {"libopenblas.so.0", "libopenblas.so"};
  for (int i = 0; i < 2 && library == NULL; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(failure, sizeof failure,
             "cannot open OpenBLAS (%s); install it: apt-get install libopenblas-dev", dlerror());
    return;
  }
  void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  char *(*core_name)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
  sgemm = (sgemm_function *)dlsym(library, "cblas_sgemm");
  if (sgemm == NULL || set_threads == NULL || core_name == NULL) {
    snprintf(failure, sizeof failure,
             "libopenblas.so.0 is not OpenBLAS (no cblas_sgemm or no openblas_* functions in it); "
             "install it: apt-get install libopenblas-dev");
    return;
  }
  set_threads(1);
  core = core_name();
}

const char *kt_blas_open(void) {
  pthread_once(&once, open_library);
  return failure[0] == 0 ? NULL : failure;
}

const char *kt_blas_core(void) { return core; }

int kt_blas_core_is_held_back(void) {
#if defined(__x86_64__)
  const char *wanted = getenv("OPENBLAS_CORETYPE");
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4") && wanted != NULL &&
         strcasecmp(wanted, "SkylakeX") != 0 && strcasecmp(wanted, "Cooperlake") != 0 &&
         strcasecmp(wanted, "SapphireRapids") != 0;
#else
  return 0;
#endif
}

void kt_sgemm(int transpose_a, int transpose_b, long m, long n, long k, float alpha, const float *a,
              long lda, const float *b, long ldb, float beta, float *c, long ldc) {
  if (m == 0 || n == 0) return;
  const char *fault = kt_blas_open();
  if (fault != NULL) {
    fprintf(stderr, "%s\n", fault);
    abort();
  }
  sgemm(row_major, transpose_a ? transpose : no_transpose, transpose_b ? transpose : no_transpose,
        (int)m, (int)n, (int)k, alpha, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}
