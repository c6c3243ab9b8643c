#!/usr/bin/env bash
# What a newcomer does, where nothing is installed: a bare Debian 12 in a folder of its own, a clone of
# this repository, then `apt-get install make && make demo` and `make check`. Needs root and
# debootstrap; uses this machine's apt settings. Not part of make check: it takes as long as one.
#
#   tests/chroot.sh [demo|check]...      both without a word
#   tests/chroot.sh deb                  the packages of build/deb, by tests/deb_installed.sh (make check-deb)
set -eu
cd "$(dirname "$0")/.."
root="$PWD"
[ "$(id -u)" = 0 ] || { echo "chroot: needs root"; exit 2; }
command -v debootstrap >/dev/null || { echo "skipped: no debootstrap"; exit 77; }
[ $# -gt 0 ] || set -- demo check

work="$(mktemp -d "${TMPDIR:-/var/tmp}/noticed-chroot.XXXXXX")"
jail="$work/debian"
cleanup() {
    local at
    for at in dev/shm dev/pts dev sys proc; do
        mountpoint -q "$jail/$at" && umount -l "$jail/$at"
    done
    mountpoint -q "$jail/sys" || mountpoint -q "$jail/proc" || mountpoint -q "$jail/dev" ||
        rm -rf "$work"
}
trap cleanup EXIT

# the first archive that apt is configured to use here for bookworm itself
mirror="$(apt-get indextargets --format '$(SITE) $(CODENAME) $(RELEASE)' 2>/dev/null |
    awk '$2 == "bookworm" { print $1; exit }')"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
options=(--variant=minbase)
[ -e "$keyring" ] && options+=("--keyring=$keyring")
eval "$(apt-config shell http_proxy Acquire::http::Proxy https_proxy Acquire::https::Proxy)"
[ -z "${http_proxy:-}" ] || export http_proxy
[ -z "${https_proxy:-}" ] || export https_proxy

echo "chroot: making a bare Debian 12 in $jail"
debootstrap "${options[@]}" bookworm "$jail" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1 ||
    { tail -n 30 "$work/debootstrap.log"; exit 1; }
# apt there is configured as apt here: sources, preferences, proxies and their keys
for at in etc/apt etc/ssl/certs usr/local/share/ca-certificates usr/share/keyrings; do
    [ -d "/$at" ] || continue
    mkdir -p "$jail/$at"
    cp -aL "/$at/." "$jail/$at/" 2>/dev/null || true
done
cp /etc/resolv.conf /etc/hosts "$jail/etc/" 2>/dev/null || true
mount -t proc proc "$jail/proc"
mount -t sysfs sys "$jail/sys"
mount --bind /dev "$jail/dev"
mount -t devpts devpts "$jail/dev/pts" 2>/dev/null || true
mount -t tmpfs -o mode=1777 tmpfs "$jail/dev/shm" 2>/dev/null || true

git clone -q "$root" "$jail/root/noticed"
in_jail() {
    chroot "$jail" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
        ${http_proxy:+"http_proxy=$http_proxy"} ${https_proxy:+"https_proxy=$https_proxy"} \
        DEBIAN_FRONTEND=noninteractive bash -c "cd /root/noticed && $1"
}
in_jail "apt-get update -q && apt-get install -y -q make" >"$work/apt.log" 2>&1 ||
    { tail -n 30 "$work/apt.log"; exit 1; }

failed=0
for what in "$@"; do
    SECONDS=0
    echo "chroot: make $what"
    command="make $what"
    if [ "$what" = deb ]; then
        mkdir "$jail/root/debs"
        cp build/deb/*.deb "$jail/root/debs/"
        command="bash tests/deb_installed.sh /root/debs"
    fi
    if in_jail "$command" >"$work/$what.log" 2>&1; then
        tail -n 15 "$work/$what.log"
        echo "chroot: make $what passed in ${SECONDS}s"
    else
        tail -n 200 "$work/$what.log"
        echo "chroot: make $what FAILED after ${SECONDS}s"
        failed=1
    fi
done
exit "$failed"
