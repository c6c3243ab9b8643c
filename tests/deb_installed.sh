#!/usr/bin/env bash
# Inside a bare Debian: the packages of the folder $1 are installed, tried as an operator would, upgraded, removed
# and purged. Nothing is asked, and the record stays. Changes the system it runs in: only for tests/chroot.sh.
set -eu
debs=$1
ledger=/var/lib/noticed/ledger
fail() {
    echo "FAIL: $*"
    exit 1
}
apt() { apt-get -y -q "$@" </dev/null >/tmp/apt.log 2>&1 || fail "apt-get $*: $(tail -n 30 /tmp/apt.log)"; }
as() { # USER GROUP COMMAND...
    local user=$1 group=$2
    shift 2
    setpriv --reuid="$user" --regid="$group" --clear-groups "$@"
}
[ -e /etc/noticed ] || [ -e /var/lib/noticed ] && fail "not a bare system"
apt install --no-install-recommends "$debs"/noticed_*.deb "$debs"/noticectl_*.deb
for group in noticed noticed-sealer noticed-web noticed-notice noticed-read; do
    getent group "$group" >/dev/null || fail "there is no group $group"
done
[ "$(stat -c %a:%U:%G $ledger)" = 2750:noticed:noticed-read ] || fail "the ledger's folder: $(stat -c %a:%U:%G $ledger)"
for process in /proc/[0-9]*/exe; do # others, outside this Debian, are other files
    for program in /usr/bin/noticed*; do
        [ "$process" -ef "$program" ] && fail "the installation starts $program"
    done
done
for program in /usr/bin/noticed /usr/bin/noticectl /usr/bin/noticed-sealer /usr/bin/noticed-web; do
    grep -q "$(sha256sum $program | cut -c 1-64)" /usr/share/doc/noticed/noticed.spdx.json ||
        fail "the bill of materials has another $program"
done
noticed --version | grep -q '^noticed ' || fail "it does not run"
noticectl setup-keys /etc/noticed >/dev/null || fail "no keys"
chmod 644 /etc/noticed/noticed.vkey
# as the units would: two users, folders of the runtime
install -d -o noticed -g noticed /run/noticed
install -d -o noticed-sealer -g noticed -m 750 /run/noticed-sealer
install -d -o noticed-sealer -g noticed-sealer -m 700 /var/lib/noticed-sealer
install -o noticed-sealer -m 400 /etc/noticed/noticed.key /run/noticed-sealer.key
sed -i 's|^# seal:|seal: {socket: /run/noticed-sealer/sealer.sock, vkey: noticed.vkey}|' /etc/noticed/noticed.yaml
start() {
    (umask 007; exec setpriv --reuid=noticed-sealer --regid=noticed --clear-groups noticed-sealer --socket \
        /run/noticed-sealer/sealer.sock --key /run/noticed-sealer.key --state /var/lib/noticed-sealer) \
        >/tmp/sealer.log 2>&1 &
    sealer=$!
    for _ in $(seq 200); do [ -S /run/noticed-sealer/sealer.sock ] && break || sleep 0.05; done
    (umask 027; exec setpriv --reuid=noticed --regid=noticed --clear-groups noticed --config \
        /etc/noticed/noticed.yaml) >/tmp/noticed.log 2>&1 &
    daemon=$!
    for _ in $(seq 200); do noticectl status >/tmp/status 2>&1 && return || sleep 0.1; done
    fail "it does not start: $(cat /tmp/sealer.log /tmp/noticed.log)"
}
stop() {
    kill -TERM "$daemon" && wait "$daemon" || fail "it ends with $?: $(cat /tmp/noticed.log)"
    kill -TERM "$sealer" && wait "$sealer" || fail "the sealer ends with $?: $(cat /tmp/sealer.log)"
}
send() {
    printf '{"platform":"p","listing_id":"%s","title":"Squishmallows replica"}\n' "$1" | as nobody noticed noticectl send
}
ask() ( # PATH: what noticed-web answers, over loopback; in a shell of its own, which ends when it is refused
    exec 3<>/dev/tcp/127.0.0.1/9878 && printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3 && cat <&3
)
start
send a || fail "a crawler of the group noticed cannot send"
as nobody noticed-read noticectl tail --kind match -o json | grep -q '"listing":"a"' || fail "a reader sees nothing"
as noticed noticed noticectl metrics --textfile /run/noticed/noticed.prom || fail "no counters"
(exec setpriv --reuid=noticed-web --regid=noticed-read --clear-groups noticed-web --listen 127.0.0.1:9878 \
    --ledger $ledger --metrics /run/noticed/noticed.prom --reports /var/lib/noticed-reports) >/tmp/web.log 2>&1 &
web=$!
for _ in $(seq 200); do ask /healthz >/tmp/answer 2>/dev/null && break || sleep 0.05; done
ask '/entries?kind=match' | grep -q '"listing":"a"' || fail "noticed-web shows nothing: $(cat /tmp/web.log)"
for path in /readyz /metrics /reports/; do
    ask $path >/tmp/answer && grep -q '^HTTP/1.[01] 200' /tmp/answer || fail "$path: $(cat /tmp/answer /tmp/web.log)"
done
kill -TERM $web && wait $web || fail "noticed-web ends with $?: $(cat /tmp/web.log)"
as nobody nogroup noticectl tail >/dev/null 2>&1 && fail "everybody may read"
stop
# an upgrade, with a list that its operator has changed
printf 'ours\tOurmark\ttoys\t0\t\n' >>/etc/noticed/marks.tsv
for name in noticed noticectl; do
    rm -rf "/tmp/$name"
    dpkg-deb -R "$debs"/${name}_*_amd64.deb "/tmp/$name"
    sed -i 's/^Version: .*/&+1/; s/noticectl (= \([^)]*\))/noticectl (= \1+1)/' "/tmp/$name/DEBIAN/control"
    dpkg-deb -b --root-owner-group "/tmp/$name" "/tmp/$name.deb" >/dev/null
done
apt install --no-install-recommends /tmp/noticed.deb /tmp/noticectl.deb
dpkg-query -W -f '${Version}' noticed | grep -q '+1$' || fail "no upgrade"
grep -q '^ours' /etc/noticed/marks.tsv || fail "the upgrade takes the operator's list away"
start
send b || fail "it does not go on after the upgrade"
stop
as nobody noticed-read noticectl verify --vkey /etc/noticed/noticed.vkey $ledger >/tmp/verify || fail "verify: $(cat /tmp/verify)"
grep -q '"signed":true' /tmp/verify || fail "not signed: $(cat /tmp/verify)"
kept() { (cd / && find var/lib/noticed var/lib/noticed-sealer -type f -print0 | sort -z | xargs -0 sha256sum) | sha256sum; }
before="$(kept)"
apt remove noticed noticectl
[ -e /usr/bin/noticed ] || [ -e /usr/bin/noticectl ] && fail "programs stay"
[ "$(kept)" = "$before" ] || fail "removing it changes the record"
grep -q '^ours' /etc/noticed/marks.tsv || fail "removing it takes the configuration away"
apt purge noticed noticectl
[ "$(kept)" = "$before" ] || fail "purging it changes the record"
[ -e /etc/noticed/noticed.yaml ] && fail "the configuration stays after a purge"
getent passwd noticed >/dev/null || fail "the record has no owner any more"
apt install --no-install-recommends "$debs"/noticed_*.deb "$debs"/noticectl_*.deb
[ "$(kept)" = "$before" ] || fail "installing it again changes the record"
echo "installed, started, upgraded, removed, purged and installed again: the record is the same"
