# A line a match: time, class, platform and listing, merchant, mark, what stands there.
select(.kind == "match" and (.hits | length) > 0)
| [.t, .class, .platform, .listing, (.merchant // ""), (.hits[0].mark // .hits[0].rule), .hits[0].text]
| map(tostring | gsub("[\\p{Cc}\\p{Cf}]"; "?")) # nothing of a listing acts on a terminal
| @tsv
