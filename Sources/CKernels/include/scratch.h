#ifndef KT_SCRATCH_H
#define KT_SCRATCH_H

#include <stddef.h>

// Memory that each thread keeps for itself until it ends, so that pieces of work that take a few
// microseconds need not ask anybody for any: sixteen threads that did spent more than half of their
// time in attention waiting for one another.

/// Who uses it: a product may be under way inside an op that has memory of its own.
typedef enum { kt_scratch_of_product, kt_scratch_of_op } kt_scratch_user;

/// At least `bytes` of this thread's memory, aligned to 64; what was in them is lost.
void *kt_scratch(kt_scratch_user user, size_t bytes);

/// The most that `kt_scratch_take` gives.
enum { kt_scratch_most = 2 << 20 };

/// This thread's memory of an op, which is the caller's until `kt_scratch_give`.
///
/// NULL for more than `kt_scratch_most`, or while somebody on the thread has it already.
void *kt_scratch_take(size_t bytes);

void kt_scratch_give(void);

#endif
