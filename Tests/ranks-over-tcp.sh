#!/usr/bin/env bash
# Trains on two ranks that see each other over TCP only: each in a network and a host name of its own,
# as on two machines. Prints how many bytes each has sent in a step, beside what `ktrain plan` says.
# Needs root, for the networks.
#
#     Tests/ranks-over-tcp.sh .build/release/ktrain RECIPE [ARGUMENTS OF fit…]
#
# The recipe needs args.max_steps or so: the bytes of the whole run are divided by its steps.
set -euo pipefail
tool=$(realpath "$1")
recipe=$2
shift 2

names=(ktrain-a ktrain-b)
agent=$(mktemp)
cleanup() {
  for name in "${names[@]}"; do ip netns del "$name" 2>/dev/null || true; done
  ip link del ktrain-bridge 2>/dev/null || true
  rm -f "$agent"
}
trap cleanup EXIT
cleanup
ip link add ktrain-bridge type bridge
ip addr add 10.77.0.1/24 dev ktrain-bridge
ip link set ktrain-bridge up
for index in 0 1; do
  name=${names[$index]}
  ip netns add "$name"
  ip link add "veth-$index" type veth peer name eth0 netns "$name"
  ip link set "veth-$index" master ktrain-bridge up
  ip -n "$name" addr add "10.77.0.1$index/24" dev eth0
  ip -n "$name" link set eth0 up
  ip -n "$name" link set lo up
done

# What mpirun calls instead of ssh: a host's address, then a command.
cat >"$agent" <<'END'
#!/usr/bin/env bash
case $1 in 10.77.0.10) name=ktrain-a ;; *) name=ktrain-b ;; esac
shift
exec ip netns exec "$name" unshare --uts sh -c "hostname $name; $*"
END
chmod +x "$agent"

export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
output=$(mktemp -d)
mpirun -n 2 --host 10.77.0.10:1,10.77.0.11:1 --bind-to none \
  --mca plm_rsh_agent "$agent" --mca oob_tcp_if_include 10.77.0.0/24 \
  --mca btl self,tcp --mca btl_tcp_if_include 10.77.0.0/24 \
  -x PATH "$tool" fit "$recipe" --output-dir "$output/run" "$@" >"$output/log" 2>&1 || {
  cat "$output/log" >&2
  exit 1
}
steps=$(grep -c '"loss"' "$output/run/log.jsonl")
last=$(grep -o '"step": [0-9]*' "$output/run/log.jsonl" | tail -1 | tr -dc 0-9)
for index in 0 1; do
  # What the other end of the cable has received is what the rank has sent.
  bytes=$(cat "/sys/class/net/veth-$index/statistics/rx_bytes")
  echo "rank $index sent $((bytes / last)) bytes a step, headers and start included"
done
"$tool" plan "$recipe" --ranks 2 "$@" --json | grep -A 3 '"sent_by_rank"'
echo "$steps logged losses, $last steps: $output/run"
