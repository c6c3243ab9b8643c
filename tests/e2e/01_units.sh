# The systemd units are understood by systemd and leave the daemon next to nothing.
# check: uring
. "$(dirname "$0")/lib.sh"

command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
mkdir -p usr/bin
install -m 755 "$NOTICED" usr/bin/noticed
install -m 755 "$(dirname "$NOTICED")/noticed-sealer" usr/bin/noticed-sealer
install -m 755 "$NOTICECTL" usr/bin/noticectl
for bin in "$(dirname "$NOTICED")"/noticed-*; do
    [ -x "$bin" ] && install -m 755 "$bin" usr/bin/
done
units=""
for file in "$ROOT"/daemon/*.{service,socket,timer,path} "$ROOT"/daemon/*/*.{service,socket,timer}; do
    [ -e "$file" ] || continue
    sed "s|@PREFIX@|$PWD/usr|g" "$file" >"${file##*/}"
    units="$units ${file##*/}"
done
[ "$(wc -w <<<"$units")" -ge 7 ] || fail "units: $units"

said="$(SYSTEMD_UNIT_PATH="$PWD:" systemd-analyze verify $(printf "./%s " $units) 2>&1 |
    grep -F noticed)"
[ -z "$said" ] || fail "systemd-analyze verify: $said"

# the check can fail
sed "s/^Type=notify/Typ=notify/" noticed.service >broken.service
systemd-analyze verify ./broken.service 2>&1 | grep -q "Unknown key .Typ." ||
    fail "verify accepts nonsense"

for unit in *.service; do
    [ "$unit" = broken.service ] && continue
    systemd-analyze security --offline=true --threshold=15 "./$unit" >security.txt 2>&1 ||
        fail "exposure of $unit above 1.5: $(tail -n 40 security.txt)"
    grep -F 'Overall exposure level' security.txt
done
[ "$(sed -n 's/^User=//p' noticed-sealer.service)" != "$(sed -n 's/^User=//p' noticed.service)" ] ||
    fail "the sealer runs as noticed's user, who could then read the key"
grep -q '^LoadCredential=key:' noticed-sealer.service || fail "the sealer has no key"
! grep -q noticed-notice noticed-web.service && grep -q '^SupplementaryGroups=noticed-read$' noticed-web.service ||
    fail "noticed-web is in other groups than noticed-read"
# what a notice has written to outbox/ is sent at once
grep -q '^PathChanged=/var/lib/noticed/ledger/outbox$' noticed-anchor.path && grep -q '^StartLimitIntervalSec=0$' noticed-anchor.service ||
    fail "nothing sends a query at once"
grep -q '^LoadCredential' noticed.service && fail "noticed has a credential"
command -v systemd-sysusers >/dev/null && { systemd-sysusers --dry-run "$ROOT/daemon/noticed.sysusers" >users.txt 2>&1 ||
    fail "systemd-sysusers: $(cat users.txt)"; }
# every user and group that a unit or a folder names is made
for name in $(sed -n 's/^\(User\|Group\|SocketUser\|SocketGroup\)=//p' ./*.service ./*.socket; awk '/^d/ {print $4, $5}' \
    "$ROOT/daemon/noticed.tmpfiles"); do
    [ "$name" = root ] || grep -q "^[ug] $name " "$ROOT/daemon/noticed.sysusers" || fail "nobody makes $name"
done
sed -n 's/^[ug] \([a-z-]*\) .*/\1/p' "$ROOT/daemon/noticed.sysusers" | sort -u >names
mkdir -p root/etc
awk '{print $1 ":x:" 900 + NR ":"}' names >root/etc/group
awk '{print $1 ":x:" 900 + NR ":" 900 + NR "::/:/bin/false"}' names >root/etc/passwd
if [ "$(id -u)" = 0 ] && command -v systemd-tmpfiles >/dev/null; then
    systemd-tmpfiles --root="$PWD/root" --create "$ROOT/daemon/noticed.tmpfiles" || fail "systemd-tmpfiles"
    [ "$(stat -c %a:%g root/var/lib/noticed/ledger)" = "2750:$((900 + $(grep -n '^noticed-read$' names | cut -d: -f1)))" ] ||
        fail "the ledger's folder: $(stat -c %a:%g root/var/lib/noticed/ledger)"
fi

grep -q '^PrivateUsers=' noticed.service && fail "PrivateUsers hides the peers' uids"
# a compile at its limit fails by itself: 2 GiB for it, and the rest for noticed
compile="$(sed -n 's/^  # memory: \([0-9]*\)GiB$/\1/p' "$ROOT/daemon/noticed.yaml.example")"
unit="$(sed -n 's/^MemoryMax=\([0-9]*\)G$/\1/p' noticed.service)"
[ "${unit:-0}" -gt "${compile:-99}" ] || fail "MemoryMax=${unit}G, but a compile may take ${compile}GiB"
grep -q '^RestartPreventExitStatus=65 78$' noticed.service || fail "a broken ledger is restarted"
exit 0
