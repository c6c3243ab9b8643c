# The systemd units are understood by systemd and leave the daemon next to nothing.
# check: uring
. "$(dirname "$0")/lib.sh"

command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
mkdir -p usr/bin
install -m 755 "$NOTICED" usr/bin/noticed
for unit in noticed.service noticed.socket noticed-notice.socket; do
    sed "s|@PREFIX@|$PWD/usr|g" "$ROOT/daemon/$unit" >"$unit"
done

said="$(SYSTEMD_UNIT_PATH="$PWD:" systemd-analyze verify ./noticed.service ./noticed.socket ./noticed-notice.socket 2>&1 |
    grep -F noticed)"
[ -z "$said" ] || fail "systemd-analyze verify: $said"

# the check can fail
sed "s/^Type=notify/Typ=notify/" noticed.service >broken.service
systemd-analyze verify ./broken.service 2>&1 | grep -q "Unknown key .Typ." ||
    fail "verify accepts nonsense"

systemd-analyze security --offline=true --threshold=15 ./noticed.service >security.txt 2>&1 ||
    fail "exposure above 1.5: $(tail -n 40 security.txt)"
grep -F 'Overall exposure level' security.txt

grep -q '^PrivateUsers=' noticed.service && fail "PrivateUsers hides the peers' uids"
# a compile at its limit fails by itself: 2 GiB for it, and the rest for noticed
compile="$(sed -n 's/^  # memory: \([0-9]*\)GiB$/\1/p' "$ROOT/daemon/noticed.yaml.example")"
unit="$(sed -n 's/^MemoryMax=\([0-9]*\)G$/\1/p' noticed.service)"
[ "${unit:-0}" -gt "${compile:-99}" ] || fail "MemoryMax=${unit}G, but a compile may take ${compile}GiB"
grep -q '^RestartPreventExitStatus=65 78$' noticed.service || fail "a broken ledger is restarted"
exit 0
