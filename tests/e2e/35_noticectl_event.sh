#!/usr/bin/env bash
# noticectl notice, order, takedown, support, strike, policy, channel and event record what their words say, give
# the number, the id and the hash of the record, and say why when the daemon refuses.
# check: uring long:asan
. "$(dirname "$0")/lib.sh"

write_config 'notice: {socket: notice.sock, kinds: [all]}'
start_daemon || fail "it does not start"
export NOTICED_NOTICE_SOCKET="$PWD/notice.sock"
AT=2023-01-05T10:00:00Z

# expect CODE ARGUMENTS...: runs noticectl with stdout in `out` and stderr in `err`.
expect() {
    local wanted=$1 code=0
    shift
    "$NOTICECTL" "$@" >out 2>err || code=$?
    [ "$code" = "$wanted" ] || fail "exit $code, not $wanted, of: $* -- $(cat out err)"
}
# holds FILTER: it is true of a record.
holds() { feed_lines | jq -c "$1" | grep -qx true; }
says() { grep -qF -e "$1" err || fail "no \"$1\" in: $(cat err)"; }

# records WORDS...: the event in the record that the answer names, compared with $2 (the id left out).
records() {
    local event=$1
    shift
    expect 0 "$@"
    [ "$(wc -l <out)" = 1 ] || fail "not one answer: $(cat out)"
    local line
    line="$(feed_lines | sed -n "$(($(jq .seq out) + 1))p")"
    [ "$(printf '%s' "$line" | sha256sum | cut -d ' ' -f 1)" = "$(jq -r .sha256 out | cut -d : -f 2)" ] || fail "the hash of $line"
    [ "$(jq -c '.event | del(.id)' <<<"$line")" = "$event" ] || fail "$* -- $(jq -c '.event|del(.id)' <<<"$line") is not $event"
    [ "$(jq -r .event.id <<<"$line")" = "$(jq -r .id out)" ] || fail "the id"
    [ "$(jq -r .kind <<<"$line")" = "$(jq -r .event.type <<<"$line")" ] || fail "the kind"
}

all="--at $AT --unc-ms 0"
# shellcheck disable=SC2086
{
    strike='{"kinds":["counterfeit"],"threshold":3,"validity_s":31536000,"spacing_s":[1,2],"established":"decision_or_lapse"'
    strike="$strike"',"counter_window_s":432000}'
    records '{"type":"policy","at":"'$AT'","platform":"P","policy":"v1","grace_s":86400,"required":["location","right"],"strike":'`
        `"$strike"',"unc_ms":0}' \
        policy add $all --platform P --policy v1 --grace-s 86400 --required location --required right --strike-kind counterfeit \
        --threshold 3 --validity-s 31536000 --spacing-s 1 --spacing-s 2 --established decision_or_lapse --counter-window-s 432000
    records '{"type":"policy","at":"'$AT'","platform":"P","grace_s":5,"unc_ms":0}' policy add $all --platform P --grace-s 5
    printf 'calendar c\nzone +08:00\nfrom 2026-01-01\nuntil 2026-12-31\nweekend sat sun\nholiday 2026-02-17 # new year\n' >days
    hash="sha256:$(sha256sum <days | cut -d ' ' -f 1)"
    calendar='{"name":"c","zone":"+08:00","from":"2026-01-01","until":"2026-12-31","weekend":["sat","sun"],'
    calendar="$calendar"'"holidays":["2026-02-17"],"workdays":[],"sha256":"'"$hash"'"}'
    per='{"kinds":["x"],"threshold":3,"per_right":2,"transfer_carries":true,"validity_s":9}'
    records '{"type":"policy","at":"'$AT'","platform":"P","grace_business_days":3,"calendar":'"$calendar"',"strike":'"$per"',"unc_ms":0}' \
        policy add $all --platform P --grace-business-days 3 --calendar days --per-right 2 --transfer-carries true \
        --strike-kind x --threshold 3 --validity-s 9
    echo 'holiday 2026-02-31' >>days
    expect 2 policy add $all --platform P --grace-business-days 3 --calendar days
    says 'days:7: no date like 2026-01-31: 2026-02-31'
    records '{"type":"channel","at":"'$AT'","platform":"P","channel":"c","class":"designated","unc_ms":0}' \
        channel add $all --class designated --channel c --platform P
    records '{"type":"notice.sent","at":"'$AT'","platform":"P","channel":"c","notice":"N","kind":"counterfeit","right":"US1",'`
        `'"has":["location"],"reporter":"r","listings":["L1","L\"é"],"src":"counsel","unc_ms":0,"note":"n","x":"a=b"}' \
        notice add $all --platform P --channel c --notice N --kind counterfeit --right US1 --has location --reporter r \
        --listing L1 --listing 'L"é' --src counsel --note n --member x=a=b
    for verb in 'draft draft' 'receive received' 'ack ack' 'clarify clarify'; do
        records '{"type":"notice.'"${verb#* }"'","at":"'$AT'","notice":"N","unc_ms":0}' notice "${verb% *}" $all --notice N
    done
    records '{"type":"notice.decision","at":"'$AT'","notice":"N","outcome":"upheld","listings":["L1"],"unc_ms":0}' \
        notice decide $all --notice N --outcome upheld --listing L1
    records '{"type":"notice.correct","at":"'$AT'","notice":"N","has":["right"],"add":["L2"],"unc_ms":0}' \
        notice correct $all --notice N --has right --listing L2
    records '{"type":"notice.withdraw","at":"'$AT'","notice":"N","reason":"error","unc_ms":0}' \
        notice withdraw $all --notice N --reason error
    records '{"type":"counter.filed","at":"'$AT'","notice":"N","unc_ms":0}' notice counter $all --notice N
    records '{"type":"counter.decision","at":"'$AT'","notice":"N","outcome":"rejected","unc_ms":0}' \
        notice counter-decide $all --notice N --outcome rejected
    records '{"type":"order","at":"'$AT'","order":"O","court":"nysd","docket":"22-1","expires":"'$AT'","kind":"TRO","unc_ms":0}' \
        order add $all --order O --kind TRO --court nysd --docket 22-1 --expires $AT
    for verb in party dismissed; do
        records '{"type":"order.'$verb'","at":"'$AT'","order":"O","merchant":"P/m","unc_ms":0}' order $verb $all --order O --merchant P/m
    done
    for verb in served ack; do
        records '{"type":"order.'$verb'","at":"'$AT'","platform":"P","order":"O","unc_ms":0}' order $verb $all --order O --platform P
    done
    records '{"type":"order.vacated","at":"'$AT'","order":"O","unc_ms":0}' order vacated $all --order O
    records '{"type":"takedown","at":"'$AT'","platform":"P","listing":"L1","territory":["DE","FR"],"unc_ms":0}' \
        takedown add $all --platform P --listing L1 --territory DE --territory FR
    records '{"type":"restore","at":"'$AT'","platform":"P","reason":"counter_accepted","listing":"L1","actor":"platform","unc_ms":0}' \
        takedown restore $all --platform P --listing L1 --actor platform --reason counter_accepted
    records '{"type":"support","at":"'$AT'","platform":"P","kind":"sponsored_ad","gen":"algorithmic","listing":"L1",'`
        `'"campaign":"k","unc_ms":0}' \
        support add $all --platform P --kind sponsored_ad --gen algorithmic --listing L1 --campaign k
    records '{"type":"support","at":"'$AT'","platform":"P","kind":"ad_credit","gen":"human","selective":true,"merchant":"P/m",'`
        `'"unc_ms":0}' \
        support add $all --platform P --kind ad_credit --gen human --selective true --merchant P/m
    records '{"type":"strike","at":"'$AT'","action":"issued","platform":"P","strike":"s","merchant":"P/m","unc_ms":0}' \
        strike add $all --platform P --merchant P/m --strike s
    records '{"type":"strike","at":"'$AT'","action":"revoked","platform":"P","strike":"s","merchant":"P/m","unc_ms":0}' \
        strike revoke $all --platform P --merchant P/m --strike s
    records '{"type":"coverage","at":"'$AT'","platform":"P","kind":"crawl","from":"'$AT'","to":"'$AT'","unc_ms":0}' \
        event add $all --type coverage --platform P --kind crawl --from $AT --to $AT
    records '{"type":"merchant.link","at":"'$AT'","unc_ms":0,"a":"P/m","b":"P/n","status":"asserted"}' \
        event add $all --type merchant.link --member a=P/m --member b=P/n --member status=asserted
}

# evidence is hashed; sent and received are two events; the same words make the same id, other words another
printf 'a page' >page.html
expect 0 notice add --at $AT --platform P --notice M --received-at 2023-01-05T11:00:00Z --evidence page.html --src platform
[ "$(jq -r .id out | sed -n 2p)" = "$(jq -r .id out | sed -n 1p).received" ] || fail "two events: $(cat out)"
holds 'select(.kind=="notice.sent" and .event.notice=="M") | .event.ev[0] | .name=="page.html" and .len==6 and
    .sha256=="sha256:'"$(sha256sum page.html | cut -d ' ' -f 1)"'"' || fail "evidence"
holds 'select(.kind=="notice.received" and .event.notice=="M") | .event.at=="2023-01-05T11:00:00Z" and .event.src=="platform"
    and .event.unc_ms==30000 and .added==["unc_ms"]' || fail "received"
first="$(jq -r .id out | sed -n 1p)"
expect 0 notice add --at $AT --platform P --notice M --evidence page.html --src platform
[ "$(jq -r .id out)" = "$first" ] || fail "the same words, another id"
expect 0 notice add --at $AT --platform P --notice M --src platform
[ "$(jq -r .id out)" != "$first" ] || fail "other words, the same id"
expect 0 takedown add --platform P --listing L9 --id my:own
[ "$(jq -r .id out)" = my:own ] || fail "an id of one's own"
holds 'select(.event.id=="my:own") | (.t[:16] == .event.at[:16])' || fail "without --at it is now"

# files: lines, one event over several lines, standard input; and `send` takes them too
printf '{"id":"f1","type":"order","at":"%s","order":"O"}\n{"id":"f2","type":"order","at":"%s","order":"O2"}' $AT $AT >lines
expect 0 event add --file lines
[ "$(jq -r .id out | paste -sd ' ')" = "f1 f2" ] || fail "lines: $(cat out)"
expect 0 order add -f - <<<"{ \"id\": \"f3\",
  \"type\": \"order\", \"at\": \"$AT\", \"order\": \"Ö\" }"
[ "$(jq -r .id out)" = f3 ] || fail "over several lines: $(cat out)"
holds 'select(.event.id=="f3") | .event.order=="Ö"' || fail "f3"
sed 's/"f/"g/' lines >more
"$NOTICECTL" send --socket notice.sock more 2>err || fail "send: $(cat err)"
grep -q '2 lines acknowledged, 0 of them rejected' err || fail "send: $(cat err)"
holds 'select(.event.id=="g2") | true' || fail "send records events"

# refusals, wrong words, no daemon
expect 1 takedown add --platform P --listing L --at 2023-01-05
says 'refused, line 1: bad_time: at: not RFC 3339 with an offset: 2023-01-05'
expect 1 event add --type match
says 'not_allowed: type: match may not be written here: only noticed itself writes it'
expect 1 notice add --notice N
says 'missing_field: platform: missing'
printf '{"id":"h1","type":"order","at":"%s","order":"O"}\n{"id":"h2"' $AT >broken
expect 1 event add --file broken
says 'refused, line 2: bad_json'
[ "$(jq -r .id out)" = h1 ] || fail "the good line is recorded: $(cat out)"
expect 1 notice add --socket crawl.sock --platform P --notice N
says 'type: notice.sent may not be written here by this sender'
for wrong in 'notice' 'notice dance' 'notice add more' 'takedown add --listing a --listing b' 'support add --kind a --kind b' \
    'event add' 'policy add --grace-s soon' 'notice add --member novalue' 'notice add --evidence missing' 'event add --file missing' \
    'notice add --received-at 2023-01-05T11:00:00Z' 'event add --file /dev/null'; do
    # shellcheck disable=SC2086
    expect 2 $wrong
    [ -s err ] || fail "nothing is said about: $wrong"
done
expect 3 notice add --socket nowhere.sock --notice N --platform P
says 'NOTICED_NOTICE_SOCKET'

# people see what the event says
"$NOTICECTL" tail --ledger ledger -n all --kind support | grep -qE 'support +P L1 +at=2023-01-05T10:00:00Z .*kind=sponsored_ad' ||
    fail "$("$NOTICECTL" tail --ledger ledger -n all --kind support)"
stop_daemon || fail "exit $?"
expect 3 notice add --notice N --platform P
exit 0
