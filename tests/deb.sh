#!/usr/bin/env bash
# The Debian packages: built twice in different folders they are the same bits; lintian finds nothing; they
# install, start, upgrade and are removed in a bare Debian, where the record stays (tests/deb_installed.sh).
# Takes two builds and a debootstrap: `make check-deb`, not make check.
set -eu
cd "$(dirname "$0")/.."
make --no-print-directory deb
make --no-print-directory deb DEB_IN=build/deb-again/in/a/deeper/folder
for package in build/deb/*.deb; do
    cmp "$package" "build/deb-again/in/a/deeper/folder/${package##*/}" ||
        { echo "FAIL: ${package##*/} is another one when it is built again"; exit 1; }
done
echo "deb: two builds are the same: $(sha256sum build/deb/noticed_*.deb | cut -c 1-16)…"
rm -rf build/deb-again
# without packages lintian has nothing to say either
[ "$(find build/deb -name '*.changes' | wc -l)" = 1 ] || { echo "FAIL: no .changes"; exit 1; }
lintian --allow-root --fail-on error,warning build/deb/*.changes
echo "deb: lintian finds nothing"
exec bash tests/chroot.sh deb
