# Merchants by number of different listings with a counterfeit match.
[inputs | select(.kind == "match" and .class == "counterfeit" and .merchant) | {merchant, listing}]
| unique
| group_by(.merchant)
| map([length, .[0].merchant])
| sort_by(-.[0], .[1])
| .[]
| map(tostring | gsub("[\\p{Cc}\\p{Cf}]"; "?")) # nothing of a listing acts on a terminal
| @tsv
