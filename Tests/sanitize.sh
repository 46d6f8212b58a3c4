#!/usr/bin/env bash
# sanitize.sh address|undefined|thread [ARGUMENTS]: builds everything with a sanitizer, in a folder
# of its own, and runs the tests; ARGUMENTS go to `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."
.ci/packages.sh

sanitizer=${1:?expected address, undefined or thread}
shift
# Frames in the kernels, so that a report names a line; a report ends the process with this status.
options=(-c release --scratch-path ".build-$sanitizer" -Xcc -g -Xcc -fno-omit-frame-pointer)
# Tests of how much memory a run takes are left out: a sanitizer takes several times as much.
export KTRAIN_SANITIZER=$sanitizer
common=halt_on_error=1:exitcode=86:print_stacktrace=1
case $sanitizer in
address)
  # Leaks are not looked for: Swift's runtime keeps what it makes of types until the process ends.
  options+=(--sanitize address)
  export ASAN_OPTIONS=$common:detect_leaks=0:detect_stack_use_after_return=1:allocator_may_return_null=0
  ;;
undefined)
  # In C alone: swiftc has no such option here, and Swift traps on overflow by itself.
  options+=(-Xcc -fsanitize=undefined -Xcc -fno-sanitize-recover=all
    -Xswiftc -Xclang-linker -Xswiftc -fsanitize=undefined)
  export UBSAN_OPTIONS=$common
  ;;
thread)
  options+=(--sanitize thread)
  # Swift's Mutex waits in a library that is not instrumented.
  mkdir -p .build-thread
  "$(dirname "$(readlink -f "$(command -v swift)")")/clang" -O1 -fPIC -shared \
    -o .build-thread/swift_mutex.so Tests/swift_mutex.c
  export LD_PRELOAD=$PWD/.build-thread/swift_mutex.so
  export TSAN_OPTIONS=$common:second_deadlock_stack=1
  ;;
*)
  echo "sanitize.sh: $1 is no sanitizer; expected address, undefined or thread" >&2
  exit 2
  ;;
esac
exec swift test "${options[@]}" "$@"
