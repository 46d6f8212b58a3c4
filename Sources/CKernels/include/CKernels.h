// Kernels in portable C: each works on one thread, on the rows or elements that it is given.
// Splitting work over threads is the caller's business (pool.h).
#ifndef KT_CKERNELS_H
#define KT_CKERNELS_H

#include "adamw.h"
#include "attention.h"
#include "blas.h"
#include "contrast.h"
#include "dropout.h"
#include "elementwise.h"
#include "gelu.h"
#include "gemm.h"
#include "halves.h"
#include "layernorm.h"
#include "pool.h"
#include "reductions.h"
#include "scratch.h"

#endif
