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
                body = "," + json.dumps(event)[1:]
            file.write('{"v":1,"seq":%d,"kind":"%s","t":"2026-11-24T15:00:00.000000000Z","b":"%d",'
                       '"clk":0,"run":0%s\n' % (seq, event.get("type", "gap"), seq, body))


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
page = report(load("05_three_strikes_then_preferred_status"), "--as-of", "2023-01-25T00:00:00Z")
assert "Count: 3; the threshold is 3: reached." in section(page, "Strikes under the platform's own policy")
events = load("04_active_despite_notice_then_ad")
page = report([e for e in events if e["type"] != "policy"])
assert "Strikes are not computable: no policy." in page.words

# the clock's doubt has a width, a gap is hatched, a removal that came back is told
doubtful = [dict(e, unc_ms=3600000) if e["type"] == "sighting" else e for e in events]
gap = {"cause": "disk_full", "from_t": "2023-01-06T00:00:00Z", "to_t": "2023-01-07T00:00:00Z"}
page = report(doubtful + [gap])
assert 'class="doubt"' in page.source and "give or take 1 h" in page.words
assert 'fill="url(#gap)"' in page.source and "The record has a gap" in page.words, page.words

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
