#!/usr/bin/env bash
# Makes the training pairs and the retrieval test of the quickstart from Debian's package lists.
#
#   make.sh [--train N] [--documents N] [--queries N] [--refresh]
#
# The lists come through apt, from the mirror that this system is set up for and checked by its
# keyring, into folders of their own: neither apt's lists and caches nor any package is touched, and
# no privileges are needed. Later runs do nothing, or only what other numbers ask for; --refresh
# fetches the lists again.

set -euo pipefail

train=10000
documents=3000
queries=1000
refresh=no

fail() {
  echo "apt-descriptions: $*" >&2
  exit 1
}

while [[ $# -gt 0 ]]; do
  case $1 in
    --train | --documents | --queries)
      [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "$1 ${2-}: expected a number of at least 1"
      declare "${1#--}=$2"
      shift
      ;;
    --refresh) refresh=yes ;;
    *) fail "unknown argument $1; expected --train, --documents, --queries or --refresh" ;;
  esac
  shift
done

cd "$(dirname "${BASH_SOURCE[0]}")"
for tool in apt-get python3 gzip; do
  command -v "$tool" > /dev/null || fail "$tool is missing; this needs Debian with python3"
done

work=$(mktemp -d "$PWD/.work-XXXXXX")
trap 'rm -rf "$work"' EXIT

# One stanza of each package, and the descriptions in English and Korean: lists/Packages.gz,
# lists/Translation-en.gz, lists/Translation-ko.gz.
fetch_lists() {
  local helper=/usr/lib/apt/apt-helper codename keyring mirrors signed=
  [[ -x $helper ]] || fail "$helper is missing; this needs apt"
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
  [[ -n $codename ]] || fail "/etc/os-release names no VERSION_CODENAME; this needs Debian"
  mirrors=$(apt-get update --print-uris 2> /dev/null |
    sed -n "s#^'\(.*\)/dists/$codename/InRelease' .*#\1#p" | sort -u) || true
  [[ -n $mirrors ]] || fail "apt has no source for Debian $codename; see sources.list(5)"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [[ -r $keyring ]] && signed="[signed-by=$keyring]"

  mkdir -p "$work"/{state,cache,lists/partial} "$work/sources.d"
  while read -r mirror; do
    echo "deb $signed $mirror $codename main"
  done <<< "$mirrors" > "$work/sources.list"
  # Read after the system's own configuration, whose proxies stay in force. Containers switch
  # translations off and clear caches after each update.
  cat > "$work/apt.conf" << END
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/sources.d";
Dir::State "$work/state";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::Languages;
Acquire::Languages { "en"; "ko"; };
Acquire::Retries "3";
END
  echo "fetching the package lists of Debian $codename" >&2
  apt-get --config-file="$work/apt.conf" -q update > "$work/log" 2>&1 || true

  mkdir "$work/new"
  local name kind file
  for name in Packages Translation-en Translation-ko; do
    kind=("Created-By: Packages")
    [[ $name == Packages ]] || kind=("Created-By: Translations" "Language: ${name#*-}")
    file=$(apt-get --config-file="$work/apt.conf" indextargets --format '$(FILENAME)' \
      "${kind[@]}" "Origin: Debian" "Component: main" 2>> "$work/log" |
      grep -v -e '_binary-all_' | head -n 1) || true
    [[ -n $file ]] || fail "apt could not fetch $name: $(grep -m 1 '^[EW]:' "$work/log")"
    "$helper" --config-file="$work/apt.conf" cat-file "$file" | gzip -1n > "$work/new/$name.gz"
  done
  rm -rf lists
  mv "$work/new" lists
}

lists=(lists/Packages.gz lists/Translation-en.gz lists/Translation-ko.gz)
for list in "${lists[@]}"; do
  [[ $refresh == no && -s $list ]] || { fetch_lists && break; }
done

# What the products depend on; written last, so that a product without it is not whole.
made="train=$train documents=$documents queries=$queries $(
  cat make_pairs.py "${lists[@]}" | sha256sum | cut -c 1-64)"
if [[ -f made && $(< made) == "$made" && -d dev && -d ko && -d ko-en && -f train.jsonl &&
  -f siblings.jsonl ]]; then
  echo "data/apt-descriptions is up to date" >&2
  exit
fi

echo "making pairs" >&2
python3 make_pairs.py lists "$work/out" \
  --train "$train" --documents "$documents" --queries "$queries" >&2
rm -rf made dev ko ko-en train.jsonl siblings.jsonl
mv "$work/out/"{dev,ko,ko-en,train.jsonl,siblings.jsonl} .
echo "$made" > "$work/made"
mv "$work/made" .
