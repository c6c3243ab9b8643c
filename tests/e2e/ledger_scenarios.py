"""ledger_scenarios.py NOTICECTL SCENARIOS: each scenario as a ledger gives the findings of its file.

All pairs are those of the scenario byte for byte; without --all-pairs only acts that are connected,
or whose target is not resolved; shuffled, doubled and over two segments they stay; and each event
that a finding rests on is named with all of its records.
"""
import glob
import json
import os
import random
import re
import subprocess
import sys

noticectl, scenarios = sys.argv[1:3]
every = 5 if os.environ.get("MODE") == "asan" else 1  # each start of it is slow there


def write(ledger, events):
    """A feed of two segments without state/durable; returns the seqs of each event id."""
    os.makedirs(ledger + "/feed", exist_ok=True)
    for name in glob.glob(ledger + "/feed/*"):
        os.remove(name)
    lines, seqs = [], {}
    for event in [None] + events:
        seq = len(lines)
        body = ',"title":"\\"event\\":{"' if event is None else ""
        if event is not None:
            seqs.setdefault(event["id"], []).append(seq)
            body = ',"source":"x","event":%s,"after":[{"event":{}}]' % json.dumps(event)
        lines.append('{"v":1,"seq":%d,"kind":"%s","t":"2026-11-24T15:00:00.000000000Z","b":"%d",'
                     '"clk":0,"run":0%s}\n' % (seq, event["type"] if event else "match", seq, body))
    half = len(lines) // 2
    for first, part in ((0, lines[:half]), (half, lines[half:])):
        with open("%s/feed/%020d.jsonl" % (ledger, first), "w", encoding="ascii") as file:
            file.writelines(part)
    return seqs


def findings(ledger, *options):
    done = subprocess.run([noticectl, "findings", ledger, *options], capture_output=True, text=True,
                          check=True)
    assert done.stderr == "", done.stderr
    *lines, last = done.stdout.splitlines()
    assert json.loads(last)["summary"]["statement"].startswith("Findings state what"), last
    return lines


def without_seqs(line):
    return re.sub(r',"seqs":\{.*\}\}$', "}", line)


def is_connected(line):
    answer = json.loads(line)["elements"]["act_connected"]
    return answer[0] != "not_shown" or answer[1] == "target_unresolved"


count = 0
chance = random.Random(1)
for expect in sorted(glob.glob(scenarios + "/*.expect.jsonl"))[::every]:
    events = [json.loads(line) for line in open(expect.replace(".expect", ""), encoding="utf-8")]
    wanted = open(expect, encoding="utf-8").read().splitlines()
    seqs = write("l", events)
    found = findings("l", "--all-pairs")
    assert [without_seqs(line) for line in found] == wanted, expect
    for line in map(json.loads, found):
        for element in line["elements"].values():
            for name in element[2] if len(element) > 2 else []:
                assert name not in seqs or line["seqs"][name] == seqs[name], (expect, name)
        for name, told in line["seqs"].items():
            assert told == seqs[name], (expect, name, told)
    twice = events + events
    chance.shuffle(twice)
    write("m", twice)
    found = findings("m")
    assert [without_seqs(line) for line in found] == list(filter(is_connected, wanted)), expect
    count += 1
assert count >= 30 // every, count
