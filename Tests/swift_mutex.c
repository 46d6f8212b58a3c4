// Tells the thread sanitizer of Swift's Mutex where it has to wait.
//
// Locking a free one is inlined, so the sanitizer sees it. Waiting for one that is taken, and waking
// who waits, are in libswiftSynchronization.so, which is not instrumented: without this every use of
// a mutex that two threads wanted at once is reported as a race. sanitize.sh preloads it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SELF __attribute__((swift_context)) void *self
typedef __attribute__((swiftcall)) void lock_function(uint32_t thread, SELF);
typedef __attribute__((swiftcall)) void unlock_function(SELF);

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// In a process without the sanitizer there is nobody to tell.
static void tell(const char *function, void *mutex) {
  void (*tsan)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, function);
  if (tsan != 0) tsan(mutex);
}

__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) __asm__(LOCK);
__attribute__((swiftcall)) void lock_slow(uint32_t thread, SELF) {
  ((lock_function *)dlsym(RTLD_NEXT, LOCK))(thread, self);
  tell("__tsan_acquire", self);
}

__attribute__((swiftcall)) void unlock_slow(SELF) __asm__(UNLOCK);
__attribute__((swiftcall)) void unlock_slow(SELF) {
  tell("__tsan_release", self);
  ((unlock_function *)dlsym(RTLD_NEXT, UNLOCK))(self);
}
