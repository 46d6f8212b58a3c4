#ifndef KT_BLAS_H
#define KT_BLAS_H

/// Opens OpenBLAS, once. Returns NULL if it can be used, else why not and what to install.
const char *kt_blas_open(void);

/// The kernels that OpenBLAS chose, such as "SkylakeX"; "none" before it is open.
const char *kt_blas_core(void);

/// Whether the environment's OPENBLAS_CORETYPE keeps OpenBLAS from the AVX-512 kernels that this
/// processor could run.
int kt_blas_core_is_held_back(void);

/// C = alpha · op(A) · op(B) + beta · C, row-major, on the calling thread.
///
/// op(A) is m×k, op(B) is k×n, C is m×n; `transpose` non-zero means that the matrix is stored
/// transposed. Any number of threads may call it at once. Opens OpenBLAS if that is not done, and
/// aborts with its message if it cannot be opened: call kt_blas_open first where that matters.
void kt_sgemm(int transpose_a, int transpose_b, long m, long n, long k, float alpha, const float *a,
              long lda, const float *b, long ldb, float beta, float *c, long ldc);

#endif
