"""ledger_report.py NOTICECTL SCENARIOS: reports against what the events and the findings say."""
import html
import json
import os
import re
import shlex
import subprocess
import sys

import report_check

noticectl, scenarios = sys.argv[1:3]


def write(ledger, events):
    os.makedirs(ledger + "/feed", exist_ok=True)
    with open(ledger + "/feed/" + "0" * 20 + ".jsonl", "w", encoding="ascii") as file:
        for seq, event in enumerate(events):
            body = ',"source":"x","event":%s}' % json.dumps(event)
            if "type" not in event:
                body = "," + json.dumps(event, separators=(",", ":"))[1:]
            time = event.get("t", "2026-11-24T15:00:00.000000000Z")
            file.write('{"v":1,"seq":%d,"kind":"%s","t":"%s","b":"%d","clk":0,"run":0%s\n' %
                       (seq, event.get("type", event.get("own", "warning" if "road" in event else "gap")), time, seq,
                        body.replace(',"t":"%s"' % time, "")))


def load(name):
    return [json.loads(line) for line in open(f"{scenarios}/{name}.jsonl", encoding="utf-8")]


def report(events, *words, merchant="M1", out="r.html"):
    write("l", events)
    done = subprocess.run([noticectl, "report", "l", "--merchant", merchant, "--html", out, *words],
                          capture_output=True, text=True, check=True)
    assert done.stdout == done.stderr == "", done
    return report_check.check(out)


def section(page, head):
    """The words under a heading, up to the next of its kind."""
    after = page.source.split(f"<h2>{head}</h2>")[1].split("<h2>")[0]
    return " ".join(html.unescape(re.sub("<[^>]*>", "", after)).split())


# what findings say, with the records that they rest on, is in the report
for name in ("02_promptly_removed", "04_active_despite_notice_then_ad", "05_three_strikes_then_preferred_status",
             "13a_identity_asserted", "11b_counter_accepted", "16b_lapse_without_coverage"):
    page = report(load(name))
    lines = subprocess.run([noticectl, "findings", "l", "--merchant", "M1"], capture_output=True, text=True,
                           check=True).stdout.splitlines()[:-1]
    assert lines, name
    when = {e["id"]: e["at"] for e in load(name)}
    lines.sort(key=lambda line: (when[json.loads(line)["act"]], json.loads(line)["act"]))
    answers = [a for line in lines for a, *_ in json.loads(line)["elements"].values()]
    told = re.findall(r'class="answer (\w+)"', page.source)
    assert told == answers, (name, told, answers)
    for line in lines:
        finding = json.loads(line)
        assert finding["result"].replace("_", " ")[:3] in page.words
        for seqs in finding["seqs"].values():
            for seq in seqs:
                assert re.search(rf"records? (\d+, )*{seq}\b", page.words), (name, seq)
        for _, reason, *_ in finding["elements"].values():
            assert f"({reason})" in page.words, (name, reason)

# red is where a listing was active after notice and grace, and nowhere else
assert 'class="red"' in report(load("04_active_despite_notice_then_ad")).source
assert 'class="red"' not in report(load("02_promptly_removed")).source
page = report(load("07a_outside_channel_unacknowledged"))
assert "not sent through the designated channel" in section(page, "Notices that do not count, and why")
assert "There is none." in section(page, "Notices that count")
page = report(load("11a_counter_pending"))
assert "There is none." in section(page, "Notices that count")
assert "a counter-notice was not decided yet" in section(page, "Notices that are in doubt, and why")
page = report(load("05_three_strikes_then_preferred_status"), "--as-of", "2023-01-25T00:00:00Z")
assert "Count: 3; the threshold is 3: reached." in section(page, "Strikes under the platform's own policy")
# a strike that has expired since is drawn: it stood when the acts came
assert report(load("05_three_strikes_then_preferred_status")).source.count("a notice became a strike") == 3
assert report(load("07a_outside_channel_unacknowledged")).source.count("a notice became a strike") == 0
events = load("04_active_despite_notice_then_ad")
page = report([e for e in events if e["type"] != "policy"])
assert "Strikes are not computable: no policy." in page.words

# the clock's doubt has a width, a gap is hatched, a removal that came back is told
doubtful = [dict(e, unc_ms=3600000) if e["type"] == "sighting" else e for e in events]
gap = {"cause": "disk_full", "from_t": "2023-01-06T00:00:00Z", "to_t": "2023-01-07T00:00:00Z"}
page = report(doubtful + [gap])
assert 'class="doubt"' in page.source and "give or take 1 h" in page.words
assert 'fill="url(#gap)"' in page.source and "The record has a gap" in page.words, page.words

# while noticed was stopped in order nothing was recorded, as in a gap; an end without a start is open
ends = [{"own": kind, "t": f"2023-01-0{day}T00:00:00.000000000Z"}
        for kind, day in (("start", 1), ("stop", 2), ("start", 3), ("start", 4), ("stop", 5))]
page = report(events + ends)
assert page.source.count('fill="url(#gap)"') == 2 and page.source.count("noticed was stopped, told by record") == 2
basis = section(page, "What this rests on, and what is missing")
assert "noticed was stopped (record %d) from 2023-01-02T00:00:00.000000000Z to 2023-01-03T00:00:00.000000000Z: what " \
       "happened then may not have been recorded." % (len(events) + 1) in basis, basis
assert "(record %d) from 2023-01-05T00:00:00.000000000Z: what" % (len(events) + 4) in basis, basis
assert "noticed was stopped" not in section(report(events), "What this rests on, and what is missing")
write("l", events + ends)
subprocess.run([noticectl, "index", "--rebuild", "l"], capture_output=True, check=True)
assert "noticed was stopped (record %d)" % (len(events) + 1) in subprocess.run(
    [noticectl, "timeline", "l", "--merchant", "M1"], capture_output=True, text=True, check=True).stdout
os.remove("l/state/index.sqlite")

# what the platform itself put back is red again, without grace; what its seller put back is not
back = [{"id": "td", "type": "takedown", "at": "2023-01-06T00:00:00Z", "platform": "P", "listing": "L1", "actor": "platform"},
        {"id": "rs", "type": "restore", "at": "2023-01-08T00:00:00Z", "platform": "P", "listing": "L1", "actor": "platform"}]
page = report(events + back)
bars = re.findall(r"Active after notice and grace time, from (.{23}) to (.{23})", page.source)
assert bars == [("2023-01-08 00:00:00 UTC", "2023-01-09 12:00:00 UTC")], bars
# ... and told, also when it was taken down again: the drawing and the words say the same
again = dict(back[0], id="td-again", at="2023-03-01T00:00:00Z")
page = report(events + back + [again])
told = section(page, "Notices that count")
assert "within the grace time of 1 d by the policy of then, event pol1." in told, told
assert "Active again, put back by the platform, from %s to at least %s." % bars[0] in told, told
assert 'class="red"' in page.source and "It came back" not in told, told
assert 'class="red"' not in report(events + [back[0], dict(back[1], actor="seller")]).source

# "promptly removed infringing listings (and other listings from the infringing storefronts)" (op. at 6)
swept = [{"id": f"rg{i}", "type": "listing", "at": "2023-01-01T00:00:00Z", "platform": "P", "listing": f"L8{i}",
          "merchant": "M2" if i == 3 else "M1"} for i in range(4)]
swept += [dict(back[0], id=f"sw{i}", listing=f"L8{i}", **actor)
          for i, actor in enumerate(({"actor": "platform"}, {"actor": "seller"}, {"actor": ""}, {"actor": "platform"}))]
told = section(report(events + back[:1] + swept), "Other listings of the merchant that were removed")
assert told == "No notice names these: Listing L80 was taken down by the platform 2023-01-06 00:00:00 UTC: event sw0 " \
               "(record %d). Listing L82 was taken down, it is not said by whom, 2023-01-06 00:00:00 UTC: event sw2 " \
               "(record %d)." % (len(events) + 5, len(events) + 7), told
told = section(report(events + back[:1]), "Other listings of the merchant that were removed")
assert told == "No removal is recorded of a listing that no notice names.", told

# what was only found gone, and not seen live after the grace time, may have gone within it
gone = {"id": "gn", "type": "sighting", "at": "2023-01-09T00:00:00Z", "platform": "P", "listing": "L1", "state": "gone", "via": "page"}
page = report([e for e in events if e["type"] != "sighting"] + [gone])
assert "when it went is not known" in section(page, "Notices that count")
assert "when it went" not in report(events + [dict(gone, at="2023-01-10T00:00:00Z")]).words

# the act's own listing was removed promptly: that is told, though another listing shows more
second = [{"id": "rg", "type": "listing", "at": "2023-01-01T00:00:00Z", "platform": "P", "listing": "L2", "merchant": "M1"},
          dict(next(e for e in events if e["id"] == "ns-N1"), id="ns2", notice="N9", listings=["L2"]),
          {"id": "nr2", "type": "notice.received", "at": "2023-01-05T10:00:00Z", "notice": "N9", "src": "platform"},
          {"id": "td9", "type": "takedown", "at": "2023-01-05T12:00:00Z", "platform": "P", "listing": "L2", "actor": "platform"},
          {"id": "ad9", "type": "support", "at": "2023-01-11T12:00:00Z", "platform": "P", "kind": "sponsored_ad", "listing": "L2"}]
page = report(events + second)
act = page.words.split("sponsored_ad ad9 on P, 2023-01-11 12:00:00 UTC (record")[1]
assert "Listing L2: on notice shown (received by the designated channel); stayed active rebutted " \
       "(removed within the grace time; event td9 (record %d))" % (len(events) + 3) in act

# that a feed of one platform is complete says nothing of another's
def lacks(events, *words):
    write("l", events)
    done = subprocess.run([noticectl, "findings", "l", *words], capture_output=True, text=True, check=True)
    return [x[:x.index(" record says")] + x[x.index(" that "):] if " that " in x else x
            for x in json.loads(done.stdout.splitlines()[-1])["summary"]["missing"] if x.startswith("Of ")]


def feed(kind, platform):
    return {"id": f"cv-{kind}", "type": "coverage", "at": "2023-02-01T00:00:00Z", "platform": platform, "kind": kind,
            "from": "2023-01-01T00:00:00Z", "to": "2023-02-01T00:00:00Z"}


of_p = [x for x in lacks(events)]
assert len(of_p) == 2 and all(x.startswith("Of P, no") for x in of_p), of_p
assert lacks(events + [feed("counter", "Q"), feed("crawl", "Q")], "--merchant", "M1") == of_p
assert lacks(events + [feed("counter", "P"), feed("crawl", "Q")], "--merchant", "M1") == of_p[1:]
assert lacks(events + [feed("counter", "P"), feed("crawl", "P")]) == []
elsewhere = {"id": "rgq", "type": "listing", "at": "2023-01-01T00:00:00Z", "platform": "Q", "listing": "LQ", "merchant": "MQ"}
assert [x[:4] for x in lacks(events + [feed("counter", "P"), feed("crawl", "P"), elsewhere])] == ["Of Q"] * 2
assert lacks(events + [feed("counter", "P"), feed("crawl", "P"), elsewhere], "--merchant", "M1") == []

# where nobody says that the crawl was complete is hatched; a cached page is pale
covered = [{"id": "cv", "type": "coverage", "at": "2023-01-10T00:00:00Z", "platform": "P", "kind": "crawl",
            "from": "2023-01-05T00:00:00Z", "to": "2023-01-07T00:00:00Z"}]
page = report(events + covered + [{"id": "ca", "type": "sighting", "at": "2023-01-07T00:00:00Z", "platform": "P",
                                   "listing": "L1", "state": "active", "via": "cache"}])
assert page.source.count('fill="url(#uncovered)"') == page.source.count('class="covered"') == 1
assert "said to be complete, from 2023-01-05 00:00:00 UTC to 2023-01-07 00:00:00 UTC, record %d<" % len(events) in page.source
assert page.source.count('class="pale"') == 2, "the cached page, and a recommendation"
assert 'class="covered"' not in report(events).source

# titles as they were seen, each change once
titled = [{"id": f"tt{i}", "type": "sighting", "at": f"2023-01-0{i + 1}T00:00:00Z", "platform": "P", "listing": "L1",
           "state": "active", "via": "page", "title": title, "url": "https://p.invalid/1"}
          for i, title in enumerate(("Plush <b>one</b>", "Plush <b>one</b>", "Toy \u202etwo", "Plush <b>one</b>"))]
listings = section(report(events + titled), "The listings")
first = len(events)
assert listings.count("Plush <b>one</b>") == 2 and "Toy \\u{202e}two (since 2023-01-03 00:00:00 UTC, record %d)" % (first + 2) in listings
assert listings.count("https://p.invalid/1") == 1 and "(since 2023-01-01 00:00:00 UTC, record %d)" % first in listings

# of many titles the first and the last; of those that only a search index showed, that it did
titled = [dict(titled[0], id=f"ti{i}", at=f"2023-01-{i + 1:02}T00:00:00Z", title=f"title-{i}.", via=via)
          for i, via in enumerate(["page"] * 11 + ["search_index"] * 2)]
titled.append(dict(titled[-1], id="ti-page", at="2023-01-14T00:00:00Z", via="page"))
many = [dict(titled[0], id=f"tm{i}", at=f"2023-01-20T00:{i // 60:02}:{i % 60:02}Z", title=f"often-{i}.") for i in range(203)]
listings = section(report(events + many), "The listings")
assert [i for i in range(203) if f"often-{i}." not in listings] == [100, 101, 102], listings
assert "3 changes between are not told here; noticectl timeline --listing tells each" in listings, listings
page = report(events + titled)
listings = section(page, "The listings")
assert all(f"title-{i}." in listings for i in range(13)), listings
assert page.words.count("That is no live sighting") == 2, "two through a search index"
first = len(events)
assert "title-11. (since 2023-01-12 00:00:00 UTC, record %d, seen only through a search index)" % (first + 11) in listings
assert "title-12. (since 2023-01-13 00:00:00 UTC, record %d, seen through a search index; otherwise since " \
       "2023-01-14 00:00:00 UTC, record %d)" % (first + 12, first + 13) in listings
assert listings.count("through a search index") == 2, listings

# "a platform consciously and selectively chose to promote content provided by a particular [user]" (op. at 4)
chosen = [dict(e, selective=True) if e["id"] == "ad2" else e for e in events]
page = report(chosen)
assert page.words.count("The act is recorded as selective: chosen for this very merchant or listing.") == 1
assert "chosen for this very one: yes" in page.words
told = [json.loads(line) for line in subprocess.run([noticectl, "findings", "l"], capture_output=True, text=True,
                                                    check=True).stdout.splitlines()[:-1]]
assert [f["act"] for f in told if f.get("selective")] == ["ad2"] and {f.get("selective") for f in told} == {True, None}
assert "selective" not in report(events).words

# a policy of later changes the grace time of an act, as the reference computes it, and both are told
later = dict(next(e for e in events if e["id"] == "pol1"), id="pol2", at="2023-01-08T00:00:00Z", grace_s=172800)
act = section(report(events + [later]), "Each act, element by element").split("sponsored_ad ad2")[1]
assert "The grace time after a notice is 2 d, by the platform's policy, event pol2 (record %d); that is by the policy " \
       "of the act, while when the notice took effect it was 1 d, by the platform's policy, event pol1 (record 0)." % \
       len(events) in act, act
assert "while when the notice took effect" not in report(events).words

# a warning is drawn and told where it came up, and nowhere else; it is no event
on = next(i for i, e in enumerate(events) if e["id"] == "ad2")
other = next(i for i, e in enumerate(events) if e["id"] == "ch1")
warning = {"platform": "P", "about": "listing", "listing": "L1", "merchant": "M1", "road": "listing",
           "shown": "active_after_grace", "since": "2023-01-06T10:00:00Z", "by": "support", "act": "sponsored_ad",
           "on": on, "rests": [1], "t": "2023-01-10T12:00:01.000000000Z"}
page = report(events + [warning, dict(warning, on=len(events) + 5)])
assert "2023-01-10 12:00:01 UTC, record %d</title>" % len(events) in page.source
assert page.words.count("noticed warned because of record %d (support, sponsored_ad)" % on) == 1
assert "record %d, written" % (len(events) + 1) not in page.words
assert "noticed warned" not in report(events + [warning], "--as-of", "2023-01-10T12:00:00Z").words
told = subprocess.run([noticectl, "timeline", "l", "--merchant", "M1", "-o", "json"], capture_output=True, text=True,
                      check=True).stdout.splitlines()
kinds = [list(json.loads(line))[-1] for line in told[:-1]]
assert kinds.count("warning") == 1 and kinds.index("warning") == [json.loads(x).get("seq") for x in told].index(on) + 1

# another order does not count
page = report(events, "--order", "no-such-order")
assert "no act of support" in page.words.lower() or "no order was in force" in page.words, page.words

# the command in it makes it again, also after later records
first = report(events)
command, = re.findall(r"(noticectl report .*)", "".join(first.text))
later = events + [{"id": "late", "type": "takedown", "at": "2023-01-05T11:00:00Z", "platform": "P",
                   "listing": "L1", "actor": "platform"}]
write("l", later)
subprocess.run([noticectl, *shlex.split(command)[1:]], check=True)
assert open("again.html", encoding="utf-8").read() == first.source
subprocess.run([noticectl, "report", "l", "--merchant", "M1", "--html", "again.html"], check=True)
assert open("again.html", encoding="utf-8").read() != first.source

# hostile texts add no element: the same tree as with harmless ones
# (a record holds 16 KiB, so that the long one is as long as an event with six of them can be)
HOSTILE = ("<script>alert(1)</script>", '"><img src=http://report.invalid/x onerror=alert(1)>', "\u202egnp.exe\u2066\u200b", "a\u0000b",
           "</bdi></td></table><h1>x", "'\"&amp;&#60;<!-- ]]> -->", "</style><style>*{color:red}", "\ud800",
           "<svg onload=x>" + "x" * 2000, "javascript:alert(1)", "\u001b[31m\r\n\u2028", "<")


def dressed(name):
    """Events that carry the name wherever they may carry one."""
    listing, merchant = f"L{name}", f"M{name}"
    if "\0" in name or "\ud800" in name or len(name) > 400:  # ids hold none of these
        listing, merchant = "L1", "M1"
    base = [dict(e) for e in events]
    for event in base:
        for key, value in list(event.items()):
            if key in ("listing", "merchant"):
                event[key] = {"L1": listing, "M1": merchant}.get(value, value)
            if key == "listings":
                event[key] = [listing if x == "L1" else x for x in value]
        if event["type"] == "policy":
            event["text"] = name
        event["actor"] = name
        event["note"] = name
    base.append({"id": "reg2", "type": "listing", "at": "2023-01-01T00:00:00Z", "platform": "P", "listing": listing + "2",
                 "merchant": merchant, "url": name, "title": name})
    base.append({"id": "td2", "type": "takedown", "at": "2023-01-01T00:00:00Z", "platform": "P", "listing": listing + "2",
                 "actor": "platform", "reason": name})
    base.append({"id": "odd", "type": "weather", "at": "2023-01-01T00:00:00Z", "listing": listing, "merchant": merchant})
    return base, merchant


for number, name in enumerate(HOSTILE):
    trees = []
    for text, out in ((name, f"hostile{number}.html"), ("harmless", "twin.html")):
        base, merchant = dressed(text)
        trees.append(report(base, merchant=merchant, out=out))
    assert trees[0].count == trees[1].count, (name[:40], trees[0].count - trees[1].count,
                                              trees[1].count - trees[0].count)
    assert number != 2 or "\\u{202e}gnp.exe\\u{2066}\\u{200b}" in trees[0].words
    assert number != 0 or "<script>alert(1)</script>" in trees[0].words
assert "bytes)" in report_check.parse("hostile8.html").words
