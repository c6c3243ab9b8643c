"""Writes and grows a ledger by hand, for the scripts that test what reads ledgers.

noticectl_ledger.py LEDGER COMMAND...

  begin          the first two records, so that verify takes it for a ledger
  records N      appends N records to the newest segment (the first one is made)
  events FILE    appends a record for each event of the file, one JSON object a line
  gap FROM TO    appends a gap
  hostile        appends a match whose text holds controls, escaped as a record has them
  raw            appends a line with a raw ESC, which no noticed writes
  rotate         the next record begins a new segment
  torn           appends half a record
  durable        everything whole that is there is durable
  durable-old    everything but the last record
  no-durable     removes state/durable (a copy of feed/ alone)
"""
import json
import os
import struct
import sys

ledger = sys.argv[1]
feed = os.path.join(ledger, "feed")
os.makedirs(feed, exist_ok=True)
os.makedirs(os.path.join(ledger, "state"), exist_ok=True)
state = os.path.join(ledger, "state", "durable")


def segments():
    return sorted(n for n in os.listdir(feed) if n.endswith(".jsonl"))


def whole(name):
    with open(os.path.join(feed, name), "rb") as file:
        return file.read().split(b"\n")[:-1]


count = None  # of records; read once, as nobody else writes meanwhile


def next_seq():
    global count
    if count is None:
        names = segments()
        count = int(names[-1][:20]) + len(whole(names[-1])) if names else 0
    return count


def begun():
    """Whether the ledger's first record is a start, and one came after it."""
    if next_seq() <= 1:
        return False
    with open(os.path.join(feed, segments()[0]), "rb") as file:
        return b'"kind":"start"' in file.readline()


def append(body, kind="sighting", clk=None):
    if not segments():
        open(os.path.join(feed, "%020d.jsonl" % 0), "w").close()
    global count
    seq = next_seq()
    if clk is None:
        clk = "1" if begun() else "0"
    line = ('{"v":1,"seq":%d,"kind":"%s","t":"2026-11-24T15:%02d:%02d.000000001Z","b":"%d",'
            '"clk":%s,"run":0%s}\n' % (seq, kind, seq // 60 % 60, seq % 60, seq, clk, body))
    with open(os.path.join(feed, segments()[-1]), "ab") as file:
        file.write(line.encode("latin-1"))
    count = seq + 1


def durable(back):
    seq = next_seq() - 1 - back
    name = [n for n in segments() if int(n[:20]) <= seq][-1]
    first = int(name[:20])
    end = sum(len(line) + 1 for line in whole(name)[:seq - first + 1])
    generation = 1
    if os.path.exists(state):
        old = open(state, "rb").read()
        generation = 1 + max(struct.unpack_from("<Q", old, at + 8)[0] for at in (0, 512))
    slot = b"noticed\x01" + struct.pack("<QQQQ", generation, seq, first, end)
    sum64 = 0xcbf29ce484222325
    for byte in slot:
        sum64 = (sum64 ^ byte) * 0x100000001b3 % 2**64
    with open(state, "r+b" if os.path.exists(state) else "w+b") as file:
        file.truncate(1024)
        file.seek(512 if generation % 2 else 0)
        file.write(slot + struct.pack("<Q", sum64))


SIGHTING = ',"platform":"shop%d","listing":"L%d","merchant":"shop%d/s%d","event":{"state":"active"}'
MATCH = (',"platform":"shop1","listing":"X1","merchant":"shop1/s1",'
         '"title":"a\\u001b]52;c;cm0=\\u0007 \\u202eb","scan":"ok","class":"counterfeit",'
         '"hits":[{"mark":"M1","text":"\\u009b31m\\u2028x"}],"n_hits":1')

words = iter(sys.argv[2:])
for word in words:
    if word == "begin":
        append("", "start", "null")
        append(',"cause":"start","maxerror_us":16000000', "clock", "1")
    elif word == "records":
        for _ in range(int(next(words))):
            n = next_seq()
            append(SIGHTING % (n % 2, n, n % 2, n % 3))
    elif word == "events":
        for event in open(next(words), encoding="utf-8"):
            event = json.loads(event)
            append(',"source":"test","event":' + json.dumps(event, separators=(",", ":")),
                   event["type"])
    elif word == "gap":
        append(',"from_t":"%s","to_t":"%s","from_seq":0,"cause":"crash"' %
               (next(words), next(words)), "gap")
    elif word == "hostile":
        append(MATCH, "match")
    elif word == "raw":
        append(',"title":"\x1b]52;c;cm0=\x07"', "match")
    elif word == "rotate":
        open(os.path.join(feed, "%020d.jsonl" % next_seq()), "w").close()
    elif word == "torn":
        with open(os.path.join(feed, segments()[-1]), "ab") as file:
            file.write(b'{"v":1,"seq":%d,"kind":"sigh' % next_seq())
    elif word == "durable":
        durable(0)
    elif word == "durable-old":
        durable(1)
    elif word == "no-durable":
        os.remove(state)
    else:
        sys.exit("no such word: " + word)
