# The systemd units are understood by systemd and leave the daemon next to nothing.
# check: uring
. "$(dirname "$0")/lib.sh"

command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
mkdir -p usr/bin
install -m 755 "$NOTICED" usr/bin/noticed
install -m 755 "$(dirname "$NOTICED")/noticed-sealer" usr/bin/noticed-sealer
install -m 755 "$NOTICECTL" usr/bin/noticectl
units="noticed.service noticed.socket noticed-notice.socket noticed-sealer.service
    noticed-sealer.socket noticed-anchor.service noticed-anchor.timer"
for unit in $units; do
    sed "s|@PREFIX@|$PWD/usr|g" "$ROOT/daemon/$unit" >"$unit"
done

said="$(SYSTEMD_UNIT_PATH="$PWD:" systemd-analyze verify $(printf "./%s " $units) 2>&1 |
    grep -F noticed)"
[ -z "$said" ] || fail "systemd-analyze verify: $said"

# the check can fail
sed "s/^Type=notify/Typ=notify/" noticed.service >broken.service
systemd-analyze verify ./broken.service 2>&1 | grep -q "Unknown key .Typ." ||
    fail "verify accepts nonsense"

systemd-analyze security --offline=true --threshold=15 ./noticed.service >security.txt 2>&1 ||
    fail "exposure above 1.5: $(tail -n 40 security.txt)"
grep -F 'Overall exposure level' security.txt
# it may speak to the network, so that more is open
systemd-analyze security --offline=true --threshold=22 ./noticed-anchor.service >security.txt 2>&1 ||
    fail "exposure of noticed-anchor above 2.2: $(tail -n 40 security.txt)"
grep -F 'Overall exposure level' security.txt

systemd-analyze security --offline=true --threshold=15 ./noticed-sealer.service >sealer.txt 2>&1 ||
    fail "the sealer's exposure is above 1.5: $(tail -n 40 sealer.txt)"
grep -F 'Overall exposure level' sealer.txt
[ "$(sed -n 's/^User=//p' noticed-sealer.service)" != "$(sed -n 's/^User=//p' noticed.service)" ] ||
    fail "the sealer runs as noticed's user, who could then read the key"
grep -q '^LoadCredential=key:' noticed-sealer.service || fail "the sealer has no key"
grep -q '^LoadCredential' noticed.service && fail "noticed has a credential"
command -v systemd-sysusers >/dev/null && { systemd-sysusers --dry-run "$ROOT/daemon/noticed.sysusers" >users.txt 2>&1 ||
    fail "systemd-sysusers: $(cat users.txt)"; }

grep -q '^PrivateUsers=' noticed.service && fail "PrivateUsers hides the peers' uids"
# a compile at its limit fails by itself: 2 GiB for it, and the rest for noticed
compile="$(sed -n 's/^  # memory: \([0-9]*\)GiB$/\1/p' "$ROOT/daemon/noticed.yaml.example")"
unit="$(sed -n 's/^MemoryMax=\([0-9]*\)G$/\1/p' noticed.service)"
[ "${unit:-0}" -gt "${compile:-99}" ] || fail "MemoryMax=${unit}G, but a compile may take ${compile}GiB"
grep -q '^RestartPreventExitStatus=65 78$' noticed.service || fail "a broken ledger is restarted"
exit 0
