# `make install` puts what is needed under DESTDIR and PREFIX, and uninstall leaves nothing.
# check: uring
. "$(dirname "$0")/lib.sh"

run() { make -C "$ROOT" --no-print-directory "$1" DESTDIR="$PWD/root" PREFIX=/opt/n >make.log 2>&1; }
run install || fail "install: $(cat make.log)"
for file in bin/noticed bin/noticectl bin/noticed-sealer lib/sysusers.d/noticed.conf \
    lib/systemd/system/noticed-sealer.service lib/systemd/system/noticed-sealer.socket share/noticed/noticed.yaml share/noticed/marks.tsv \
    share/noticed/cues.tsv lib/systemd/system/noticed.service lib/systemd/system/noticed.socket \
    lib/systemd/system/noticed-notice.socket share/man/man8/noticed.8 share/man/man1/noticectl.1 \
    share/man/man5/noticed.conf.5 share/noticed/schemas/feed.schema.json share/noticed/alerts.yml \
    share/noticed/grafana.json lib/systemd/system/noticed-metrics.timer share/bash-completion/completions/noticectl; do
    [ -s "root/opt/n/$file" ] || fail "$file is not installed"
done
grep -q '^ExecStart=/opt/n/bin/noticed ' root/opt/n/lib/systemd/system/noticed.service ||
    fail "the unit does not start the installed program"
grep -rq '@PREFIX@' root && fail "@PREFIX@ is left over"
# the example configuration and its lists are good as they stand, but for where they point
sed 's|^  path: .*|  path: ledger|; s|/run/noticed/||' root/opt/n/share/noticed/noticed.yaml >root/opt/n/share/noticed/c.yaml
root/opt/n/bin/noticed --config root/opt/n/share/noticed/c.yaml --check-config ||
    fail "the installed example is refused"
run uninstall || fail "uninstall: $(cat make.log)"
left="$(find root -type f)"
[ -z "$left" ] || fail "left behind: $left"
