# noticectl says what is wrong with a command line, and its exit codes are those of the manual.
# check: uring
. "$(dirname "$0")/lib.sh"

# expect CODE COMMAND...: runs it with stdout in `out` and stderr in `err`.
expect() {
    local wanted=$1 code=0
    shift
    "$@" >out 2>err </dev/null || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted, of: $* -- $(cat err)"
}
says() { grep -qF -e "$1" err || fail "no \"$1\" in: $(cat err)"; }

expect 0 "$NOTICECTL" help
for command in blob map scan explain send tail verify export witness anchor status reload findings timeline strikes notices reporters \
    report index setup-keys metrics top \
    notice order takedown support strike policy channel event; do
    grep -q "^  $command " out || fail "help does not name $command"
done
expect 0 "$NOTICECTL" --help
expect 0 "$NOTICECTL" --version
grep -q '^noticectl [0-9]' out || fail "no version: $(cat out)"
expect 2 "$NOTICECTL"
says 'noticectl help'
expect 2 "$NOTICECTL" frobnicate
says 'no command "frobnicate"'
expect 2 "$NOTICECTL" --frobnicate
says 'unknown option --frobnicate'
expect 2 "$NOTICECTL" "$(printf 'x\033[31m')"
says 'x\u{1b}[31m'
grep -q "$(printf '\033')" err && fail "a raw escape in an error"

for command in blob map scan explain send tail verify export witness anchor status reload findings timeline strikes notices reporters \
    report index setup-keys metrics top \
    notice order takedown support strike policy channel event; do
    expect 0 "$NOTICECTL" "$command" --help
    grep -q "^Usage: noticectl $command " out || fail "no usage of $command"
    cp out help
    expect 0 "$NOTICECTL" "$command" -h
    cmp -s out help || fail "-h and --help differ"
    expect 0 "$NOTICECTL" help "$command"
    cmp -s out help || fail "help $command and --help differ"
    expect 2 "$NOTICECTL" "$command" --no-such-flag
    says "$command: unknown option --no-such-flag"
    expect 2 "$NOTICECTL" "$command" -Z
    says "$command: unknown option -Z"
    # every option that takes a value says so when it is missing
    for option in $(sed -n 's/^ .*--\([a-z]*\)=.*/\1/p' help); do
        expect 2 "$NOTICECTL" "$command" "--$option"
        says "an argument is missing after --$option"
    done
done
expect 2 "$NOTICECTL" tail --follow=yes
says 'takes no argument: --follow=yes'

expect 2 "$NOTICECTL" scan
says 'say what to look for with --marks'
expect 2 "$NOTICECTL" scan --marks missing.tsv
says 'missing.tsv'
expect 2 "$NOTICECTL" explain --marks missing.tsv
says 'give the text to explain'
for wrong in -n=x -nx -n-1 -n1000001 -oxml --since=tomorrow --until=x --color=red --cursor=12 --after-cursor=x '--grep=(' \
    --kind=nosuch --class=none; do
    expect 2 "$NOTICECTL" tail --ledger nowhere "$wrong"
done
expect 2 "$NOTICECTL" tail --ledger nowhere --cursor i=1 --cursor-file kept
says 'one of --cursor, --after-cursor and --cursor-file'
expect 2 "$NOTICECTL" tail --ledger nowhere --cursor-file "$PWD/"
expect 2 "$NOTICECTL" tail --ledger nowhere extra
says 'there is extra'
printf 'mark_id\tmark\n' >none.tsv
mkdir folder
expect 2 "$NOTICECTL" scan --marks none.tsv /dev/null
says 'none.tsv: the marks cannot be compiled: there are no marks'
expect 2 "$NOTICECTL" scan --marks folder /dev/null
says 'folder: cannot read the list: Is a directory'
mkfifo pipe
expect 2 "$NOTICECTL" scan --marks pipe /dev/null # and waits for nobody
says 'pipe: cannot read the list: it is no file'
expect 2 "$NOTICECTL" tail --ledger nowhere
says 'no feed in nowhere'
expect 2 "$NOTICECTL" send --source 'a"b'
says '--source, --map and --session take 1 to 64 of A-Z'
expect 3 "$NOTICECTL" send --socket nowhere.sock
says 'nowhere.sock'
says 'noticed does not run, or listens elsewhere (systemctl status noticed)'
says 'NOTICED_CRAWL_SOCKET'
expect 3 env NOTICED_CONTROL_SOCKET=other.sock "$NOTICECTL" status
says 'other.sock'
expect 3 "$NOTICECTL" reload --socket "$(printf 'x%.0s' $(seq 200))"
says '200 bytes'
expect 2 "$NOTICECTL" status -o xml
expect 3 "$NOTICECTL" metrics --socket nowhere.sock
grep -qx 'noticed_up 0' out || fail "metrics: $(cat out)"
expect 2 "$NOTICECTL" metrics --socket nowhere.sock --textfile "$PWD/"
expect 2 "$NOTICECTL" setup-keys
says 'in which folder'
expect 2 "$NOTICECTL" setup-keys nowhere
says 'nowhere/noticed.key: No such file'
expect 2 "$NOTICECTL" setup-keys --origin 'a name' folder
says 'without space'
expect 2 "$NOTICECTL" help frobnicate

# writing nowhere is an error, not a success
[ -w /dev/full ] && { "$NOTICECTL" help >/dev/full 2>err && fail "a full disk is a success"; }
exit 0
