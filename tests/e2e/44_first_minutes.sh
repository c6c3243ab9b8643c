# Whatever goes wrong in the first ten minutes is told with its cause and with what to do about it.
# check: uring
. "$(dirname "$0")/lib.sh"

# wrong CODE COMMAND...: it ends with that code; what it said is in `said`.
wrong() {
    local wanted=$1 code=0
    shift
    timeout 30 "$@" >said 2>&1 </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted, of: $* -- $(cat said)"
}
says() {
    local text
    for text in "$@"; do
        grep -qF -e "$text" said || fail "no \"$text\" in: $(cat said)"
    done
}
noticed() { wrong "$1" "${as[@]}" "$NOTICED" --config noticed.yaml "${@:2}"; }
as=()
cp "$ROOT/daemon/marks.example.tsv" marks.tsv
cp "$ROOT/daemon/cues.example.tsv" cues.tsv
fresh() {
    write_config "$@"
    sed -i "s|$ROOT/daemon/\([a-z]*\)\.example|\1|" noticed.yaml
}

# --- the command line and the configuration
wrong 78 "$NOTICED"
says '--config FILE is missing' 'see noticed --help'
wrong 78 "$NOTICED" --confgi=noticed.yaml
says '--confgi=noticed.yaml: there is no such option; did you mean --config? see noticed --help'
wrong 78 "$NOTICED" noticed.yaml
says 'noticed takes no such word; did you mean --config noticed.yaml?; see noticed --help'
wrong 78 "$NOTICED" --config
says '--config: an argument is missing after it'
wrong 78 "$NOTICED" --deep=yes
says '--deep=yes: this option takes no argument'
wrong 78 "$NOTICED" --config nowhere.yaml
says 'nowhere.yaml: cannot be read: No such file or directory: --config names the file' 'noticed.yaml.example'
wrong 78 "$NOTICED" --config .
says 'Is a directory: --config names the file'
fresh
noticed 78 --io=urnig
says '--io=urnig: must be auto, uring or poll'
typo() { # FROM TO: one word of the configuration is wrong
    fresh
    sed -i "s/$1/$2/" noticed.yaml
    noticed 78
}
typo '^marks' mraks
says 'noticed.yaml:7:1: mraks: no such key; did you mean marks?'
typo '^crawl' crwal
says 'crwal: no such key; did you mean crawl?'
typo '  socket: crawl' '  scoket: crawl'
says 'noticed.yaml:4:3: crawl.scoket: no such key; did you mean crawl.socket?'
typo '^marks.*' ''
says 'marks: missing: it has no standard value' 'noticed.yaml.example'
typo '^cues' 'zzyzx: 1\ncues'
grep -q 'did you mean' said && fail "a suggestion out of nothing: $(cat said)"
wrong 2 "$NOTICECTL" sned
says 'there is no command "sned"; did you mean send? see `noticectl help`'
wrong 2 "$NOTICECTL" help tial
says 'did you mean tail?'
wrong 2 "$NOTICECTL" tail --ledgre x
says 'unknown option --ledgre; did you mean --ledger? see `noticectl tail --help`'

# --- lists, paths, permissions
fresh
rm marks.tsv
noticed 78
says 'marks.tsv: cannot read the list: No such file or directory: correct the path' 'example lists'
wrong 2 "$NOTICECTL" scan --marks marks.tsv /dev/null
says 'correct the path'
printf 'Squishmallows,toys\n' >marks.tsv
noticed 78
says 'marks.tsv:1:1: no column mark_id: the first line names them, with tabs between'
cp "$ROOT/daemon/marks.example.tsv" marks.tsv
fresh
sed -i 's|path: ledger|path: nowhere/ledger|' noticed.yaml
noticed 74
says "cannot make the ledger's folder nowhere/ledger" 'the folder above it must be there'
typo 'socket: crawl.sock' 'socket: nowhere\/crawl.sock'
says 'cannot listen on nowhere/crawl.sock: No such file' 'its folder must exist and be writable'
typo 'socket: crawl.sock' 'socket: marks.tsv\/crawl.sock'
says 'Not a directory: its folder must exist'
typo 'socket: crawl.sock' 'socket: marks.tsv'
says 'cannot listen on marks.tsv: File exists: something stands there that is no socket'
fresh 'inputs: [nowhere.ndjson]'
noticed 78
says 'cannot open the input nowhere.ndjson: No such file' 'correct inputs, or take it out'

# As a user who may not. Root becomes nobody, as no permission would stop it.
[ "$(id -u)" = 0 ] && as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
chmod 755 .
fresh
chmod 000 marks.tsv
noticed 78
says 'marks.tsv: cannot read the list: Permission denied: the user who runs this must be able to read it'
chmod 644 marks.tsv
chmod 000 noticed.yaml
noticed 78
says 'noticed.yaml: cannot be read: Permission denied: the user who runs noticed must be able to read it'
chmod 555 .
fresh
chmod 644 noticed.yaml
noticed 78
says 'cannot listen on crawl.sock: Permission denied: its folder must exist and be writable'
chmod 755 .
mkdir -p open locked
chmod 777 open
chmod 000 locked
fresh
sed -i 's|: crawl|: open/crawl|; s|: control|: open/control|; s|path: ledger|path: locked|' noticed.yaml
noticed 74
says "cannot open the ledger's folder locked: Permission denied: it must be a folder of this user's"
mkdir -p locked2/feed
chmod 000 locked2/feed
wrong 2 "${as[@]}" "$NOTICECTL" tail --ledger locked2
says 'cannot read the feed in locked2: Permission denied' 'noticed-read'
as=()

# --- sockets that are in use, or nobody's
fresh
start_daemon || fail "it does not start"
# a crawler's own items, before anybody has heard of maps
printf '%s\n' '{"url":"https://shop.example/1","name":"Squishmallow replica"}' >items
wrong 4 "$NOTICECTL" send --socket crawl.sock items
says 'items:1: missing_field: platform: missing' '`noticectl map test --map scrapy FILE` shows what it finds'
wrong 4 "$NOTICECTL" scan --marks marks.tsv items
says 'a field map, as --map scrapy is one'
wrong 0 "$NOTICECTL" send --socket crawl.sock --map scrapy items
noticed 74
says 'cannot listen on crawl.sock: Address already in use: another noticed is running; stop it or configure another'
if [ "$(id -u)" = 0 ]; then
    chmod 600 crawl.sock
    wrong 3 setpriv --reuid=65534 --regid=65534 --clear-groups "$NOTICECTL" send --socket crawl.sock
    says 'Permission denied; you may not use this socket: its group may (ls -l shows which)'
fi
stop_daemon || fail "it ends with $?"
wrong 3 "$NOTICECTL" send --socket crawl.sock marks.tsv
says 'cannot connect to crawl.sock' '--socket or NOTICED_CRAWL_SOCKET'
wrong 3 "$NOTICECTL" status --socket nowhere.sock
says 'No such file or directory; noticed does not run, or listens elsewhere (systemctl status noticed)'
wrong 3 "$NOTICECTL" send --socket marks.tsv marks.tsv
says 'it is no socket'
python3 - "$NOTICED" <<'PYTHON' || fail "a TCP port in use: $(cat said)"
import socket, subprocess, sys
held = socket.socket()
held.bind(('127.0.0.1', 0))
held.listen(1)
with open('noticed.yaml') as f:
    text = f.read()
with open('tcp.yaml', 'w') as f:
    f.write(text.replace('socket: crawl.sock', 'socket: crawl.sock\n  tcp: "127.0.0.1:%d"' % held.getsockname()[1]))
with open('said', 'wb') as said:
    done = subprocess.run([sys.argv[1], '--config', 'tcp.yaml'], stdout=said, stderr=said, timeout=30)
sys.exit(done.returncode != 74)
PYTHON
says 'Address already in use: another program listens there' 'configure another port'

# --- what the kernel or a container forbids. A filter stands in for the sysctl, the profile and the old kernel.
if [ "$MODE" = release ]; then
    cat >deny.c <<'C'
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* deny ERRNO COMMAND...: io_uring_setup fails with it. */
int main(int argc, char **argv)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)strtoul(argv[1], NULL, 10)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (argc < 3 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 77;
    execv(argv[2], argv + 2);
    return 126;
}
C
    gcc -O1 -o deny deny.c || fail "the filter does not build"
    cat >clock.c <<'C'
#include <sys/timex.h>

/* Nobody sets the clock; or somebody does while CLOCK_SYNCED is set. */
extern char *getenv(const char *name);
int adjtimex(struct timex *query)
{
    *query = (struct timex){.status = getenv("CLOCK_SYNCED") ? STA_PLL : STA_UNSYNC, .maxerror = 1000};
    return getenv("CLOCK_SYNCED") ? TIME_OK : TIME_ERROR;
}
C
    gcc -O1 -shared -fPIC -o clock.so clock.c || fail "the clock does not build"
    denied() { # ERRNO CAUSE...
        NOTICED_IO=uring
        noticed=$NOTICED
        printf '#!/bin/sh\nexec "%s/deny" %s "%s" "$@"\n' "$PWD" "$1" "$noticed" >denied
        chmod 755 denied
        wrong 74 ./denied --config noticed.yaml --io=uring
        says 'cannot use io_uring: ' "${@:2}" 'use io: auto or io: poll'
        : >noticed.log
        NOTICED=$PWD/denied NOTICED_IO=auto start_daemon || fail "auto does not start without io_uring"
        cp noticed.log said
        says 'no io_uring: ' "${@:2}" 'epoll does the same' 'poll: '
        stop_daemon || fail "it ends with $?"
    }
    fresh
    denied 1 'Operation not permitted' "it is forbidden here, by a container's seccomp profile or the sysctl kernel.io_uring_disabled"
    denied 38 'Function not implemented' 'this kernel has none'
    denied 22 'Invalid argument' 'it takes Linux 6.1'

    # --- a clock that nobody sets
    : >noticed.log
    LD_PRELOAD=$PWD/clock.so start_daemon || fail "it does not start"
    stop_daemon || fail "it ends with $?"
    cp noticed.log said
    says 'does not call its clock synchronised' 'run chrony or systemd-timesyncd (timedatectl), going on'
    : >noticed.log
    CLOCK_SYNCED=1 LD_PRELOAD=$PWD/clock.so start_daemon || fail "it does not start"
    stop_daemon || fail "it ends with $?"
    grep -q 'does not call its clock' noticed.log && fail "a clock that is set is told of"
fi

# --- a full disk at the start
mkdir -p disk
cat >full.sh <<'SH'
mount -t tmpfs -o size=1m tmpfs disk || exit 77
dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null
exec "$0" --config noticed.yaml
SH
fresh
sed -i 's|path: ledger|path: disk/ledger|' noticed.yaml
code=0
timeout 30 unshare -rm bash -c "$(cat full.sh)" "$NOTICED" >said 2>&1 || code=$?
case "$code" in
77 | 1) echo "no mount here: a full disk was not tried" ;;
*)
    [ "$code" = 74 ] || fail "exit $code on a full disk: $(cat said)"
    says 'disk/ledger' 'No space left on device; make room on its disk and start again'
    ;;
esac
exit 0
