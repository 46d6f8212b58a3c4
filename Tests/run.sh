#!/usr/bin/env bash
# Installs what is missing, builds and runs all tests. Arguments go to `swift test`.
set -euo pipefail
cd "$(dirname "$0")/.."
.ci/packages.sh openmpi-bin  # several ranks in the tests
swift build -c release --build-tests
exec swift test -c release --skip-build "$@"  # which by itself would build all of it once more
