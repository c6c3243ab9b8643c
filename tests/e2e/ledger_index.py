"""ledger_index.py NOTICECTL SCENARIOS: with the index, whole, behind or of half the ledger, every
question about a merchant or an order is answered as by reading all records, and reads few of them.

The ledger holds every scenario under names of its own, shuffled together, and what is hard for an
index: ids shared by events of different merchants, ids of the daemon's own form, links recorded
before and after, support before its listing is registered, events ahead and their reviews.
"""
import glob
import json
import os
import random
import subprocess
import sys

noticectl, scenarios = sys.argv[1:3]
NAMES = ("id", "platform", "listing", "merchant", "notice", "channel", "order", "strike", "a", "b", "to")
events, merchants, orders = [], set(), set()
for number, expect in enumerate(sorted(glob.glob(scenarios + "/*.expect.jsonl"))):
    for line in open(expect.replace(".expect", ""), encoding="utf-8"):
        event = json.loads(line)
        for name in NAMES:
            if isinstance(event.get(name), str) and (name != "to" or event["type"] == "merchant.transfer"):
                event[name] = f"{event[name]}_{number}"
        for name in ("listings", "add"):
            if isinstance(event.get(name), list):
                event[name] = [f"{listing}_{number}" for listing in event[name]]
        if event["type"] in ("listing", "sighting", "takedown", "restore", "channel"):
            event.setdefault("platform", f"P_{number}")
        merchants |= {event[name] for name in ("merchant", "a", "b") if name in event}
        orders |= {event["order"]} if "order" in event else set()
        events.append(event)
AT = "2023-01-10T00:00:00Z"
hard = [
    {"id": "ad2_3", "type": "support", "at": AT, "platform": "P_5", "kind": "coupon_subsidy", "merchant": "M1_5"},
    {"id": "0.7", "type": "takedown", "at": AT, "platform": "P_3", "listing": "L1_3"},
    {"id": "listing.9", "type": "listing", "at": AT, "platform": "P_4", "listing": "L1_4", "merchant": "M1_9"},
    {"id": "none", "type": "support", "at": AT, "platform": "P_2", "kind": "promo_email"},
    {"id": "early", "type": "support", "at": AT, "platform": "P_2", "kind": "promo_email", "listing": "late"},
    {"id": "never", "type": "support", "at": AT, "platform": "P_2", "kind": "promo_email", "listing": "unknown"},
    {"id": "late", "type": "listing", "at": "2023-02-01T00:00:00Z", "platform": "P_2", "listing": "late", "merchant": "M1_2"},
    {"id": "link1", "type": "merchant.link", "at": "2022-01-01T00:00:00Z", "a": "M1_6", "b": "M1_7", "status": "verified"},
    {"id": "link2", "type": "merchant.link", "at": "2022-01-01T00:00:00Z", "a": "M1_8", "b": "M1_7", "status": "asserted"},
    {"id": "ahead", "type": "takedown", "at": "2027-01-01T00:00:00Z", "platform": "P_3", "listing": "L1_3"},
    {"id": "soon", "type": "support", "at": "2027-01-01T00:00:00Z", "platform": "P_10", "kind": "ad_credit", "merchant": "M1_10"},
    {"id": "rv", "type": "review", "at": AT, "subject": "soon", "outcome": "confirmed"},
    {"id": "revoke", "type": "strike", "at": AT, "platform": "P_11", "merchant": "other", "strike": "S1", "action": "revoked"},
    {"id": "issue", "type": "strike", "at": AT, "platform": "P_11", "merchant": "M1_11", "strike": "S1", "action": "issued"},
    {"id": "ack", "type": "notice.ack", "at": AT, "notice": "N1_12", "listings": ["L1_12", "L9_12"]},
    {"id": "more", "type": "listing", "at": AT, "platform": "P_12", "listing": "L9_12", "merchant": "M1_12"},
]
chance = random.Random(int(os.environ.get("INDEX_SEED", "1")))


def write(rows):
    os.makedirs("l/feed", exist_ok=True)
    for name in glob.glob("l/feed/*"):
        os.remove(name)
    lines = []
    for seq, (kind, body) in enumerate(rows):
        lines.append('{"v":1,"seq":%d,"kind":"%s","t":"2026-11-24T15:00:00.%09dZ","b":"%d","clk":0,'
                     '"run":0%s}\n' % (seq, kind, seq, seq, body % {"seq": seq}))
    for at in range(0, len(lines), 700):
        with open("l/feed/%020d.jsonl" % at, "w", encoding="ascii") as file:
            file.writelines(lines[at:at + 700])


def ask(*words):
    done = subprocess.run([noticectl, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr == "", (words, done.returncode, done.stderr)
    *lines, last = done.stdout.splitlines()
    return lines, json.loads(last)["summary"]


# sightings of the daemon's own, of listings of all merchants, beside the events
rows = [(e["type"], ',"source":"x","event":' + json.dumps(e).replace("%", "%%")) for e in events + hard]
listed = [(e["platform"], e["listing"]) for e in events if e["type"] == "listing"] + [("P_2", "x")] * 200
for i in range(3000):
    platform, listing = chance.choice(listed)
    rows.append(("sighting", ',"event":{"id":"0.%%(seq)d","type":"sighting","platform":"%s","listing":"%s",'
                 '"at":"2023-0%d-01T00:00:00Z","state":"active","via":"page"}' % (platform, listing, 1 + i % 9)))
rows.append(("gap", ',"from_t":"2022-01-01T00:00:00Z","to_t":"2022-01-02T00:00:00Z","from_seq":1,"cause":"crash"'))
chance.shuffle(rows)
asked = sorted(merchants)
chance.shuffle(asked)
questions = [("findings", "l", "--merchant", m) for m in asked[:14]]
questions += [("findings", "l", "--merchant", f"M1_{n}") for n in (2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 30)]
questions += [(command, "l", "--merchant", "M2_30", "-o", "json") for command in ("findings", "strikes", "timeline")]
questions += [("findings", "l", "--order", o) for o in sorted(orders)[:4]]
questions += [("findings", "l", "--merchant", "M1_3", "--as-of", "2023-01-20T00:00:00Z"),
              ("findings", "l", "--merchant", "M1_2", "--as-of", "2023-01-20T00:00:00Z"),
              ("findings", "l", "--merchant", "M1_6", "--seq-max", "1500"),
              ("findings", "l", "--merchant", "nobody")]
questions += [(command, "l", "--merchant", m, "-o", "json")
              for m in ("M1_3", "M1_6", "M1_12") for command in ("timeline", "strikes", "notices")]
write(rows)
wanted = [ask(*question) for question in questions]
for size in (len(rows), len(rows) // 2):
    write(rows[:size])
    subprocess.run([noticectl, "index", "l", "--rebuild"], check=True, capture_output=True)
    write(rows)
    for question, (lines, account) in zip(questions, wanted):
        found, now = ask(*question)
        assert found == lines, (size, question, found, lines)
        for name in ("records", "missing", "gaps", "held_back", "unreadable"):
            assert now[name] == account[name], (size, question, name, now, account)
        assert now["read"] < account["read"] // 2, (size, question, now["read"], account["read"])
# extended in steps it is what is made at once
os.remove("l/state/index.sqlite")
for size in (1, 701, 1400, len(rows)):
    write(rows[:size])
    subprocess.run([noticectl, "index", "l"], check=True, capture_output=True)
done = subprocess.run([noticectl, "index", "l", "--check"], check=True, capture_output=True, text=True)
assert "The same as one that is made anew." in done.stdout, done.stdout
