#!/usr/bin/env bash
# The whole way on a fresh Debian 12 with Swift: installs what is missing, builds, prepares model and
# data, trains, and prints the retrieval metrics before and after. Takes about ten minutes on two
# cores, half of them training. Arguments go to `ktrain fit`.
set -euo pipefail
cd "$(dirname "$0")/.."
.ci/packages.sh python3 python3-pip
swift build -c release --product ktrain
data/models/all-MiniLM-L6-v2.sh
data/apt-descriptions/make.sh
output=checkpoints/quickstart
if [ -e "$output" ]; then
  echo "removing the run of an earlier time: $output" >&2
  rm -r "$output"
fi
exec .build/release/ktrain fit recipes/quickstart.json "$@"
