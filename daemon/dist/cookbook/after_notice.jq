# Listings that were seen active after a notice about them was sent. An event told in parts names its
# listings in slices; each part counts for its own.
reduce inputs as $r ({};
    if $r.kind == "notice.sent"
    then reduce (($r.event.listings // []) | .[]) as $l (.;
        .[$r.event.platform + "/" + $l] //= {notice: $r.event.notice, sent: $r.event.at, seq: $r.seq})
    elif $r.kind == "sighting" and $r.event.state == "active"
    then ($r.event.platform + "/" + $r.event.listing) as $key
        | if .[$key] and $r.seq > .[$key].seq then .[$key].seen = $r.event.at | .[$key].times += 1 else . end
    else . end)
| to_entries
| map(select(.value.seen))
| sort_by(.key)
| .[]
| [.key, .value.notice, .value.sent, .value.seen, .value.times]
| map(tostring | gsub("[\\p{Cc}\\p{Cf}]"; "?")) # nothing of a listing acts on a terminal
| @tsv
