"""ledger_people.py NOTICECTL SCENARIOS: timeline, strikes, notices and reporters against what the
events themselves say, on every scenario and on ledgers of its own."""
import glob
import json
import os
import random
import subprocess
import sys

noticectl, scenarios = sys.argv[1:3]
STATEMENT = ("Findings state what the records show. They are not a finding of infringement, "
             "knowledge in law, or contempt.")


def write(ledger, events):
    os.makedirs(ledger + "/feed", exist_ok=True)
    with open(ledger + "/feed/" + "0" * 20 + ".jsonl", "w", encoding="ascii") as file:
        for seq, event in enumerate(events):
            body = ',"source":"x","event":%s}' % json.dumps(event)
            if "hits" in event:
                body = "," + json.dumps(event)[1:]
            file.write('{"v":1,"seq":%d,"kind":"%s","t":"2026-11-24T15:00:00.000000000Z","b":"%d",'
                       '"clk":0,"run":0%s\n' % (seq, event.get("type", "match"), seq, body))


def ask(*words, text=False):
    done = subprocess.run([noticectl, *words], capture_output=True, text=True, check=True)
    assert done.stderr == "", done.stderr
    lines = done.stdout.splitlines()
    if text:
        assert lines[-1] == STATEMENT, lines[-1]
        assert not any(ord(c) < 32 or ord(c) == 127 for line in lines for c in line), words
        return done.stdout
    rows = [json.loads(line) for line in lines]
    assert rows[-1]["summary"]["statement"] == STATEMENT
    return rows[:-1]


def load(name):
    return [json.loads(line) for line in open(f"{scenarios}/{name}.jsonl", encoding="utf-8")]


every = 5 if os.environ.get("MODE") == "asan" else 1  # each start of it is slow there
# strikes that came with an account are told, also of who has to do with another platform
events = load("17_strikes_go_with_a_business")
events.append({"id": "elsewhere", "type": "listing", "at": "2022-01-02T00:00:00Z", "platform": "Q", "listing": "LQ",
               "merchant": "M7"})
events.append({"id": "tr7", "type": "merchant.transfer", "at": "2023-02-01T00:00:00Z", "platform": "P", "merchant": "M2",
               "to": "M7"})
write("passed", events)
told = ask("strikes", "passed", "--merchant", "M7", "-o", "json")
assert {row["platform"] for row in told} == {"P", "Q"}, told
# so are the notices, marked as the giver's, who has them too
for merchant, giver in (("M1", None), ("M2", "M1"), ("M7", "M1")):
    rows = ask("notices", "passed", "--merchant", merchant, "-o", "json")
    listings = [listing for row in rows for listing in row["listings"]]
    told = [(listing["listing"], listing.get("from"), listing.get("from_sure", True)) for listing in listings]
    assert told == [("L1", giver, True), ("L2", giver, True)], listings
    rows = ask("timeline", "passed", "--merchant", merchant, "-o", "json")
    came = {row["event"]["id"] for row in rows if row["event"].get("notice") and row.get("from") == giver}
    assert came == {e["id"] for e in events if e.get("notice")}, (merchant, came)
    assert not any("from" in row for row in rows if not row["event"].get("notice")), rows
    passed = {row["event"]["id"] for row in rows if row["event"]["type"] == "merchant.transfer"}
    assert passed == {"M1": {"tr1"}, "M2": {"tr1", "tr7"}, "M7": {"tr1", "tr7"}}[merchant], passed
assert ask("notices", "passed", "--merchant", "M7", text=True).count("It was of merchant M1 then, whose account came to this one.") == 2
write("kept", [dict(e, strike=dict(e["strike"], transfer_carries=False)) if e["type"] == "policy" else e for e in events])
assert ask("notices", "kept", "--merchant", "M2", "-o", "json") == []
# what came and went again is told, too; and no transfer by which nothing came
tr1 = next(e for e in events if e["id"] == "tr1")
later = dict(next(e for e in events if e["type"] == "policy"), id="pol9", at="2023-01-31T00:00:00Z", policy="pol9")
later["strike"] = dict(later["strike"], transfer_carries=False)
others = [dict(tr1, id="before", at="2022-01-03T00:00:00Z", merchant="M0", to="M1"),
          dict(tr1, id="beside", at="2023-02-02T00:00:00Z", merchant="M7", to="M8")]
write("gone", events + [later] + others)
rows = ask("timeline", "gone", "--merchant", "M2", "-o", "json")
assert sum(row["event"]["type"] == "notice.sent" and row["from"] == "M1" for row in rows) == 2, rows
assert {row["event"]["id"] for row in rows if row["event"]["type"] == "merchant.transfer"} == {"tr1", "tr7"}, rows
# where clocks leave open whether the account came after the notice, so does what is said of it
write("maybe", [dict(e, unc_ms=86400000 * 30) if e["id"] == "tr1" else e for e in events])
assert ask("notices", "maybe", "--merchant", "M2", text=True).count(
    "It may have been of merchant M1 then, whose account may have come to this one.") == 2
# a merchant is found by any of the names that verified links join, as of when that was recorded
events = load("13b_identity_verified")
write("l", events)
for command in ("timeline", "notices"):
    answers = [ask(command, "l", "--merchant", name, "-o", "json") for name in ("M1", "M9")]
    assert answers[0] == answers[1], command
    assert "L3" in json.dumps(answers[0])
    link = next(i for i, e in enumerate(events) if e["id"] == "lk2")
    for bound in (["--as-of", "2023-01-21T00:00:00Z"], ["--seq-max", str(link - 1)]):
        mine, others = (ask(command, "l", "--merchant", name, "-o", "json", *bound) for name in ("M1", "M9"))
        assert mine != others and '"L3"' not in json.dumps([row for row in mine if row.get("listing") or row.get("listings")])
        if command == "timeline":
            assert "t3" in [row["event"]["id"] for row in others] and "t3" not in [row["event"]["id"] for row in mine]
for bound, merchants in (([], {"M1"}), (["--as-of", "2023-01-26T00:00:00Z"], {"M1"})):
    found = ask("findings", "l", "--merchant", "M1", *bound)
    assert {row["elements"]["act_connected"][1] for row in found} == {"same_merchant"}, found
found = ask("findings", "l", "--merchant", "M1", "--seq-max", str(link - 1))
assert {row["elements"]["act_connected"][1] for row in found} == {"identity_asserted_only"}, found

# a timeline holds exactly what concerns the merchant, in the order of time, however it was recorded
for path in sorted(glob.glob(scenarios + "/*.expect.jsonl"))[::every]:
    name = os.path.basename(path)[:-len(".expect.jsonl")]
    if name.startswith(("01", "10c")):
        continue
    events = load(name)
    write("l", events)
    told = ask("timeline", "l", "--merchant", "M1", "-o", "json")
    keys = [(row["at"], row["event"]["id"]) for row in told]
    assert keys == sorted(keys), name
    names = {"M1"}.union(*({e["a"], e["b"]} for e in events if e["type"] == "merchant.link" and e["status"] == "verified"))
    mine = {e["listing"] for e in events if e["type"] == "listing" and e["merchant"] in names}
    named = {e["notice"] for e in events if mine & set(e.get("listings", []) + e.get("add", []))}
    for event in (e for e in events if e["type"] != "match"):
        wanted = (event.get("listing") in mine or event.get("merchant") in names or
                  names & {event.get("a"), event.get("b")} or event.get("notice") in named)
        there = event["id"] in {row["event"]["id"] for row in told}
        assert there or not wanted, (name, event)
        if event["type"] in ("sighting", "takedown", "support", "listing", "order.party"):
            assert there == bool(wanted), (name, event)
    for row in told:
        assert row["event"] == events[row["seq"]], name
    shuffled = events + events
    random.Random(3).shuffle(shuffled)
    write("m", shuffled)
    again = {json.dumps(row["event"]) for row in ask("timeline", "m", "--merchant", "M1", "-o", "json")}
    assert again == {json.dumps(row["event"]) for row in told}, name
    for command in ("strikes", "notices"):
        one, two = (ask(command, ledger, "--merchant", "M1", "-o", "json") for ledger in "lm")
        assert one == two, (name, command)

# strikes count as findings do, at the time of each act
for name in ("05_three_strikes_then_preferred_status", "06_spacing_and_expiry", "13a_identity_asserted",
             "13b_identity_verified", "16b_lapse_without_coverage", "16c_lapse_with_coverage",
             "11b_counter_accepted")[::every]:
    events = load(name)
    write("l", events)
    for act in (e for e in events if e["type"] == "support" and not e.get("unc_ms")):
        found = [json.loads(line) for line in subprocess.run(
            [noticectl, "findings", "l", "--as-of", act["at"], "--act", act["id"]],
            capture_output=True, text=True, check=True).stdout.splitlines()[:-1]]
        for finding in found:
            tally, = ask("strikes", "l", "--merchant", finding["merchant"], "--as-of", act["at"],
                         "-o", "json")
            assert tally["strikes"] + [tally["threshold"]] == finding["strikes"], (name, finding)
            surely = sum(c["surely"] == "counted" for c in tally["candidates"])
            possibly = sum(c["possibly"] == "counted" for c in tally["candidates"])
            assert [surely, possibly] == tally["strikes"], (name, tally)

# words for people
write("l", load("05_three_strikes_then_preferred_status"))
text = ask("strikes", "l", "--merchant", "M1", "--as-of", "2023-01-25T00:00:00Z", text=True)
assert "3 strikes are the threshold; a strike stands for 365 d; at least 3 d between" in text, text
assert "Notice N3, about right US5454574, of kind counterfeit: counted. Established 2023-01-19 20:00:00 UTC" in text, text
assert "Count: 3; the threshold is 3: reached." in text, text
write("l", load("06_spacing_and_expiry"))
text = ask("strikes", "l", "--merchant", "M1", "--as-of", "2023-01-10T00:00:00Z", text=True)
assert "not counted: it came too soon after the one counted before" in text, text
write("l", load("07a_outside_channel_unacknowledged"))
text = ask("notices", "l", "--merchant", "M1", text=True)
assert "not put on notice: not sent through the designated channel" in text, text
write("l", [e for e in load("04_active_despite_notice_then_ad") if e["type"] != "policy"])
text = ask("strikes", "l", "--merchant", "M1", text=True)
assert "Strikes are not computable: no policy." in text and "Count" not in text, text
tally, = ask("strikes", "l", "--merchant", "M1", "-o", "json")
assert tally["computable"] is False and tally["threshold"] is None, tally
text = ask("notices", "l", "--open", text=True)
assert "No removal is recorded since. Active after notice and grace time, from 2023-01-06 10:00:00 UTC to at least " \
       "2023-01-09 12:00:00 UTC. Last seen live 2023-01-09 12:00:00 UTC." in text, text
row, = ask("notices", "l", "-o", "json")
period, = row["listings"][0]["active_after_grace"]
assert period["until"].startswith("2023-01-09T12:00:00") and row["listings"][0]["grace_by"] is None, row
write("l", load("02_promptly_removed"))
text = ask("notices", "l", text=True)
assert "Removed 2023-01-06 06:00:00 UTC, 20 h after: within the grace time of 1 d by the policy of then, event pol1." in text, text
assert ask("notices", "l", "--open", "-o", "json") == []
assert ask("notices", "l", "--merchant", "nobody", "-o", "json") == []
assert "No record names this merchant (a crawler's seller is PLATFORM/SELLER, such as bazaar/s1)." in \
    ask("strikes", "l", "--merchant", "nobody", text=True)
assert "Nothing is recorded about it." in ask("timeline", "l", "--merchant", "P/nobody", text=True)
assert "PLATFORM/SELLER" in ask("timeline", "l", "--merchant", "nobody", text=True)
assert "Nothing is recorded about it." in ask("timeline", "l", "--listing", "nothing", text=True)
row, = ask("notices", "l", "--as-of", "2023-01-05T12:00:00Z", "-o", "json")
assert "removed" not in row["listings"][0] and row["listings"][0]["grade"] == "grade_B", row

# the clock's doubt is told, a long run of sightings is told by its ends, hostile text is escaped
HOSTILE = "L\u001b]0;x\u0007\u202e1"
events = [{"id": "reg", "type": "listing", "at": "2023-01-01T00:00:00Z", "platform": "P",
           "listing": HOSTILE, "merchant": "P/\u2066m\n"}]
events += [{"id": f"s{i}", "type": "sighting", "at": f"2023-01-02T{i:02}:00:00.5Z", "unc_ms": 5000,
            "platform": "P", "listing": HOSTILE, "state": "active", "via": "page"} for i in range(9)]
events += [{"id": "td", "type": "takedown", "at": "2023-01-03T00:00:00Z", "platform": "P",
            "listing": HOSTILE, "actor": "seller", "reason": "\u009b31m\u2028"},
           {"id": "dr", "type": "notice.draft", "at": "2023-01-01T00:00:00Z", "notice": "N"},
           {"id": "ns", "type": "notice.sent", "at": "2023-01-01T00:00:00Z", "platform": "P",
            "notice": "N", "listings": [HOSTILE] + [f"x{i}" for i in range(9)]},
           {"id": "odd", "type": "weather", "at": "2023-01-01T00:00:00Z", "listing": HOSTILE}]
write("l", events)
text = ask("timeline", "l", "--merchant", "P/\u2066m\n", text=True)
assert "2023-01-02 00:00:00.500 UTC (give or take 5 s)  Listing L\\u{1b}]0;x\\u{07}\\u{202e}1 was seen" in text, text
assert "... 7 more sightings say the same, until:" in text, text
assert "Notice N was drafted; a draft has no effect." in text and "and 5 more" in text, text
assert "taken down by the seller; reason: \\u{9b}31m\\u{2028}." in text, text
assert ask("timeline", "l", "--listing", HOSTILE, text=True).count("was seen") == 2
assert len(ask("timeline", "l", "--listing", HOSTILE, "-o", "json")) == 13

# reporters: what became of their notices; reviews of matches; two bodies of one id count nowhere
events = []
for i in range(20):
    listing, hours = f"L{i}", 1 + 2 * i
    reporter = {"reporter": "Counsel A" if i < 10 else "B\u202e"} if i < 18 else {}
    events += [{"id": f"ns{i}", "type": "notice.sent", "at": "2023-01-01T00:00:00Z", "platform": "P",
                "notice": f"N{i}", "channel": "portal", "listings": [listing], **reporter},
               {"id": f"nr{i}", "type": "notice.received", "at": "2023-01-01T00:00:00Z", "notice": f"N{i}"},
               {"id": f"td{i}", "type": "takedown", "platform": "P", "listing": listing,
                "at": f"2023-01-{1 + hours // 24:02}T{hours % 24:02}:00:00Z"}]
events += [{"id": "ch", "type": "channel", "at": "2022-01-01T00:00:00Z", "platform": "P",
            "channel": "portal", "class": "designated"}]
events += [{"id": f"nd{i}", "type": "notice.decision", "at": "2023-01-01T00:00:00Z", "notice": f"N{i}",
            "outcome": "upheld" if i < 7 else "rejected"} for i in range(9)]
events += [{"id": "cf", "type": "counter.filed", "at": "2023-01-02T00:00:00Z", "notice": "N1"},
           {"id": "cd", "type": "counter.decision", "at": "2023-01-03T00:00:00Z", "notice": "N1", "outcome": "accepted"},
           {"id": "nw", "type": "notice.withdraw", "at": "2023-01-03T00:00:00Z", "notice": "N12", "reason": "error"},
           {"id": "x", "type": "notice.withdraw", "at": "2023-01-03T00:00:00Z", "notice": "N2", "reason": "error"},
           {"id": "x", "type": "notice.withdraw", "at": "2023-01-03T00:00:00Z", "notice": "N2", "reason": "settled"}]
first = len(events)
events += [{"sighting": first - 1, "hits": [{"mark": "m1", "context": {"kind": "review"}}]},
           {"sighting": first, "hits": [{"mark": "m2"}]}]
events += [{"id": f"rv{i}", "type": "review", "at": "2023-02-01T00:00:00Z",
            "subject": f"0.{first + i % 2}", "outcome": o} for i, o in enumerate(
                ["false_match", "confirmed", "confirmed", "unsure", "false_match"])]
events += [{"id": "rvx", "type": "review", "at": "2023-02-01T00:00:00Z", "subject": "far", "outcome": "confirmed"}]
write("l", events)
rows = ask("reporters", "l", "-o", "json")
by_name = {row["reporter"]: row for row in rows if "reporter" in row}
assert list(by_name) == [None, "B\u202e", "Counsel A"], rows
a = by_name["Counsel A"]
assert (a["notices"], a["upheld"], a["rejected"], a["countered"], a["counters_accepted"], a["withdrawn"]) == (10, 7, 2, 1, 1, 0), a
assert by_name["B\u202e"]["withdrawn"] == 1, rows
assert (a["removed"], a["beyond_grace"]) == (10, 0), a
assert a["removal_ms"] == {"median": 9 * 3600000, "p90": 17 * 3600000, "max": 19 * 3600000}, a
assert by_name["B\u202e"]["beyond_grace"] == 6, rows
reviewed = {(row["reviewed"], row["name"]): row for row in rows if "reviewed" in row}
assert set(reviewed) == {("all", ""), ("mark", "m1"), ("mark", "m2"), ("context", "review"), ("context", "none")}, rows
assert (reviewed["all", ""]["confirmed"], reviewed["all", ""]["false_match"], reviewed["all", ""]["unsure"]) == (2, 2, 1)
# the interval of 2 of 4 by the formula of Wilson (1927)
assert (reviewed["all", ""]["error_low"], reviewed["all", ""]["error_high"]) == (0.1500, 0.8500), rows
text = ask("reporters", "l", text=True)
assert "Reporter B\\u{202e}" in text and "1 reviews are of something else" in text, text
assert "P/" not in text and "erchant" not in text, "a merchant is told of"
