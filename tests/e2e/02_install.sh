# `make install` puts what is needed under DESTDIR and PREFIX, and uninstall leaves nothing.
# check: uring
. "$(dirname "$0")/lib.sh"

run() { make -C "$ROOT" --no-print-directory "$1" DESTDIR="$PWD/root" PREFIX=/opt/n >make.log 2>&1; }
run install || fail "install: $(cat make.log)"
for file in bin/noticed bin/noticectl bin/noticed-sealer bin/noticed-web lib/systemd/system/noticed-web.socket lib/sysusers.d/noticed.conf \
    lib/systemd/system/noticed-sealer.service lib/systemd/system/noticed-sealer.socket share/noticed/noticed.yaml share/noticed/marks.tsv \
    share/noticed/cues.tsv lib/systemd/system/noticed.service lib/systemd/system/noticed.socket \
    lib/systemd/system/noticed-notice.socket share/man/man8/noticed.8 share/man/man1/noticectl.1 \
    share/man/man5/noticed.conf.5 share/noticed/schemas/feed.schema.json share/noticed/alerts.yml \
    share/noticed/grafana.json share/noticed/crawlers/noticed_scrapy.py \
    lib/systemd/system/noticed-metrics.timer share/bash-completion/completions/noticectl; do
    [ -s "root/opt/n/$file" ] || fail "$file is not installed"
done
grep -q '^ExecStart=/opt/n/bin/noticed ' root/opt/n/lib/systemd/system/noticed.service ||
    fail "the unit does not start the installed program"
grep -rq '@PREFIX@' root && fail "@PREFIX@ is left over"
# the example configuration and its lists are good as they stand, but for where they point
sed 's|^  path: .*|  path: ledger|; s|/run/noticed/||' root/opt/n/share/noticed/noticed.yaml >root/opt/n/share/noticed/c.yaml
root/opt/n/bin/noticed --config root/opt/n/share/noticed/c.yaml --check-config ||
    fail "the installed example is refused"

# the Debian packages take every file of these, and name none that is not there; their version is ours,
# and what they are built with is what `make deps` installs to link with
debian="$ROOT/daemon/dist/debian"
(cd root/opt/n && find . -type f | sed 's|^\./||') | sort >installed
cat "$debian"/*.install | sed -n 's|^usr/||; /^etc\//!p' >patterns
while read -r pattern; do
    grep -qE "^$(sed 's/\./\\./g; s/\*/[^\/]*/g' <<<"$pattern")(/|\$)" installed || fail "a package names $pattern"
done <patterns
grep -vE "^($(sed 's/\./\\./g; s/\*/[^\/]*/g' patterns | paste -sd '|'))(/|\$)" installed && fail "in no package"
version="$(sed -n '1s/^noticed (\(.*\)) .*/\1/p' "$debian/changelog")"
"$NOTICED" --version | grep -q "^noticed $version " || fail "the packages are of version $version"
make -C "$ROOT" --no-print-directory -pn help 2>/dev/null | sed -n 's/^DEPS := //p' | head -n 1 | tr ' ' '\n' |
    grep -- '-dev$' | grep -vxE 'libc6-dev|libcmocka-dev|libicu-dev|libclang-rt-14-dev' >linked
[ "$(wc -l <linked)" -ge 8 ] || fail "DEPS: $(cat linked)"
while read -r package; do
    grep -qE "^ +$package,?$" "$debian/control" || fail "the packages are not built with $package"
done <linked
# the bill of materials (of the build with Hyperscan, which has a package) names the package of each library
# that a program loads, and the hash of each program
make -C "$ROOT" --no-print-directory HS=hyperscan sbom >make.log 2>&1 || fail "sbom: $(cat make.log)"
sbom="$ROOT/build/noticed.spdx.json"
jq -e '.spdxVersion == "SPDX-2.3" and ([.packages[].SPDXID, .files[].SPDXID, "SPDXRef-DOCUMENT"] as $ids |
    all(.relationships[]; (.spdxElementId | IN($ids[])) and (.relatedSpdxElement | IN($ids[]))) and
    ($ids | length == (unique | length)))' "$sbom" >/dev/null || fail "the SBOM names what it does not hold"
for program in noticed noticectl noticed-sealer noticed-web; do
    hash="$(sha256sum "$ROOT/build/$program" | cut -c 1-64)"
    grep -q "$hash" "$sbom" || fail "the SBOM has another hash of $program"
    readelf -d "$ROOT/build/$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >>needed
    ldd "$ROOT/build/$program" | awk 'NF >= 4 { print $1, $3 }' >>loaded
done
# (a library's file is known to dpkg by its path, or by that of the link /lib)
sort -u needed >needed.once
[ "$(wc -l <needed.once)" -ge 12 ] || fail "needed: $(cat needed.once)"
while read -r library; do
    file="$(awk -v l="$library" '$1 == l { print $2; exit }' loaded)"
    [ -n "$file" ] || continue # the loader itself
    realpath "$file"
done <needed.once >files
sed 'p; s|^/usr/|/|; t; s|^|/usr|' files | xargs dpkg-query -S 2>/dev/null | awk '{ sub(/[:,].*/, "", $1); print $1, $NF }' >owners
while read -r file; do
    package="$(awk -v a="$file" -v b="${file#/usr}" -v c="/usr$file" '$2 == a || $2 == b || $2 == c { print $1; exit }' owners)"
    [ -n "$package" ] || fail "no package has $file"
    jq -e --arg name "$package" 'any(.packages[]; .name == $name and .versionInfo != "")' "$sbom" >/dev/null ||
        fail "the SBOM lacks $package, of which $file is loaded"
done <files
jq -e 'any(.relationships[]; .relationshipType == "STATIC_LINK")' "$sbom" >/dev/null || fail "liburing is not told"

run uninstall || fail "uninstall: $(cat make.log)"
left="$(find root -type f)"
[ -z "$left" ] || fail "left behind: $left"
