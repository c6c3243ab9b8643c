#!/usr/bin/env bash
# Every member of every record, and of noticectl scan, stands in the README's tables in that order, and
# every member of these tables occurs. The kernel's answers that take an hour or a full disk are given
# by a library in front of libc.
# check: uring poll
set -eu
cat >kernel.c <<'C'
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* An hour later while the file "step" is there; no space while "full" is. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, time);
    if (rc == 0 && clock == CLOCK_REALTIME && access("step", F_OK) == 0)
        time->tv_sec += 3600;
    return rc;
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
    if (access("full", F_OK) == 0) {
        errno = ENOSPC;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, offset, len);
}
C
gcc -O1 -shared -fPIC -o kernel.so kernel.c
# The processor's own name: /proc/cpuinfo has the kernel's of the time it was started, which is another
# one in a virtual machine that has moved.
cat >cpu.c <<'C'
#include <stdio.h>

int main(void)
{
#ifdef __x86_64__
    for (unsigned leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
        unsigned words[4];
        __asm__("cpuid" : "=a"(words[0]), "=b"(words[1]), "=c"(words[2]), "=d"(words[3])
                : "a"(leaf), "c"(0));
        fwrite(words, 1, sizeof(words), stdout);
    }
#endif
    return 0;
}
C
gcc -o cpu cpu.c
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import hmac, re, select

COMMON = ['v', 'seq', 'kind', 't', 'b', 'clk', 'run']


def tables():
    """kind -> its members in the README's order."""
    out, rows = {}, None
    with open(os.path.join(os.environ['ROOT'], 'README.md'), encoding='utf8') as readme:
        for text in readme:
            begin = re.match(r'<!-- members: (\w+) -->$', text)
            row = re.match(r'\| `([^`]+)` \|', text)
            if begin:
                rows = out[begin[1]] = []
            elif row and rows is not None:
                check(row[1] not in rows, 'twice in the table of a kind: ' + row[1])
                rows.append(row[1])
            elif not text.startswith('|'):
                rows = None
    return out


def paths(value, prefix=''):
    """The members of a record in their order, one path for all objects of a list."""
    for key, inner in value.items():
        path = prefix + key
        objects = [x for x in inner if isinstance(x, dict)] if isinstance(inner, list) else []
        if isinstance(inner, dict):
            yield from paths(inner, path + '.')
        elif objects:
            for each in objects:
                yield list(paths(each, path + '[].'))
        else:
            yield path


def compare(kind, records, table):
    seen = set()

    def in_order(found):
        at = -1
        for path in found:
            if isinstance(path, list):
                in_order(path)
                continue
            check(path in table, '%s has a member that the README does not name: %s' % (kind, path))
            check(table.index(path) > at, '%s: %s is not where the README has it' % (kind, path))
            at = table.index(path)
            seen.add(path)

    for record in records:
        in_order(paths(record))
    check(seen == set(table), 'in the README, and in no %s: %s' % (kind, sorted(set(table) - seen)))


def schema_paths(node, prefix=''):
    """The members that a schema of an object names, in its order, as the README writes them."""
    for name, inner in node['properties'].items():
        if inner is True:
            continue  # described with those of every record
        path, inner = prefix + name, inner.get('items', inner) if 'properties' in inner.get('items', {}) else inner
        if 'properties' in inner:
            yield from schema_paths(inner, path + ('[].' if 'items' in node['properties'][name] else '.'))
        else:
            yield path


def check_schema(named, records):
    """The JSON Schema of the feed names what the README's tables name, and holds for these records alone."""
    sys.path.append('/usr/lib/python3/dist-packages')  # Debian's, whichever python3 this is
    import jsonschema
    with open(os.path.join(os.environ['ROOT'], 'daemon', 'dist', 'schemas', 'feed.schema.json')) as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    forms = {name[7:]: form for name, form in schema['$defs'].items() if name.startswith('record.')}
    forms['common'] = schema
    check(sorted(forms) == sorted(set(named) - {'scan'}), 'kinds of the schema: %r' % sorted(forms))
    for kind, form in forms.items():
        found = list(schema_paths(form))
        check(found == named[kind], 'the schema of %s names %r' % (kind, sorted(set(found) ^ set(named[kind]))))
    with open(os.path.join(os.environ['ROOT'], 'daemon', 'ledger', 'kinds.h')) as file:
        check(schema['$defs']['kind']['enum'] == re.findall(r'KIND\(\w+, "([^"]+)"', file.read()), 'kinds of the schema')
    validator, taken = jsonschema.Draft202012Validator(schema), {}
    for record in records:
        kind = record['kind']
        taken[kind] = taken.get(kind, 0) + 1
        if taken[kind] > 50:
            continue  # thousands of the same form
        problem = next(validator.iter_errors(record), None)
        check(problem is None, 'the schema refuses a record: %s in %r' % (problem, record))
        if taken[kind] == 1:
            wrong = [dict(record, surprise=1), {k: v for k, v in record.items() if k != 't'}, dict(record, b=1)]
            wrong.append(dict(record, **{list(record)[7]: [[]]}))  # the first member of its kind
            for each in wrong:
                check(not validator.is_valid(each), 'the schema takes %r' % each)


def until(seen, what):
    begun = time.monotonic()
    while not seen():
        check(time.monotonic() - begun < DEADLINE, 'no ' + what)
        time.sleep(0.02)


def touch(name):
    open(os.path.join(HERE, name), 'w').close()


# Listings that bring out every optional member.
listings = [
    listing(1, 'Squishmallows replica', url='https://x.example/' + 'u' * 800, price=1, currency='USD'),
    listing(2, 'Squishmallow ' + 'long ' * 60, seller_id=None),
    listing(3, 'Squish\u200bmallows'), listing(4, 'Squishmallows \ud800'),
    listing(5, 'Squish' + '\u200b' * 60 + 'mallows'), listing(6, 'Squishmallows ' * 200),
    listing(7, 'Shelf compatible with Squishmallows'), listing(8, 'Squishmallows by rule'),
    listing(9, 'Squishmallows', status=200)]
text = b''.join(line(x) for x in listings)

# An event that leaves out what noticed then adds, one in parts, and one that is not allowed.
events = [{'id': 's', 'type': 'sighting', 'platform': 'p', 'listing': 'L', 'state': 'gone'},
          {'id': 'n', 'type': 'notice.sent', 'at': '2026-01-01T00:00:00Z', 'platform': 'p', 'notice': 'N',
           'listings': ['L%06d' % i for i in range(3000)]}, {'id': 'x', 'type': 'stop'}]
# A listing whose notice the platform acknowledged 70 times is active still, and gets an ad: two warnings.
about = lambda id, type, day, **more: {'id': id, 'type': type, 'at': '2026-01-%02dT00:00:00Z' % day, 'unc_ms': 0, 'platform': 'p', **more}
warned = [about('c', 'channel', 1, channel='c', **{'class': 'designated'}), about('r', 'listing', 1, listing='W', merchant='p/w'),
          about('ns', 'notice.sent', 2, notice='NW', channel='c', listings=['W']), about('nr', 'notice.received', 2, notice='NW')]
warned += [about('na%d' % i, 'notice.ack', 2, notice='NW', listings=['W']) for i in range(70)]
warned += [about('w', 'sighting', 5, listing='W', state='active'), about('ad', 'support', 6, listing='W', kind='sponsored_ad')]

d = Daemon(notice=True, ledger_keys='heartbeat: 1s', env={'LD_PRELOAD': os.path.join(HERE, 'kernel.so')})
with open('d/rules.yaml', 'w') as out:
    out.write('rules:\n- {id: r, rev: 2, marks: all, class: mark, regex: by rule,\n'
              '   examples: [Squishmallow by rule], negative_examples: [Squishmallow]}\n')
with open(d.config, 'a') as out:
    out.write('rules: [rules.yaml]\n')
d.start()
n = Client(d.notice)
check(n.pump(b''.join(line(x) for x in events), len(events)), 'connection lost')
c = d.client(hello=False)
c.send(line({'noticed': 1, 'source': 'test', 'session': 'members', 'ack': True}))
check(c.pump(text, len(listings)), 'connection lost')
m = d.client(hello=False)
m.send(line({'noticed': 1, 'map': 'scrapy', 'ack': True}))
check(m.pump(line({'url': 'https://m.example/1', 'seller_id': 's', 'name': 'Squishmallow', 'sponsored': True}), 1), 'lost')
w = d.client(hello=False)
w.send(line({'noticed': 1, 'map': 'wet', 'ack': True}))
check(w.pump(line({'WARC-Target-URI': 'https://m.example/2', 'WARC-Record-ID': '<urn:uuid:1>', 'WARC-Payload-Digest': 'sha1:AB',
                   'text': 'Squishmallow'}), 1), 'lost')
kinds = lambda *kinds: [r for r in d.records() if r['kind'] in kinds]
n = Client(d.notice)
check(n.pump(b''.join(line(x) for x in warned), len(warned)), 'connection lost')
until(lambda: len(kinds('warning')) == 2, 'warnings')
until(lambda: kinds('heartbeat'), 'heartbeat')
# Facts of anchors, as noticectl sends them: of a time-stamp and of a cosignature.
facts = {'size': 3, 'root': 'sha256:' + 'ab' * 32, 'type': 'rfc3161', 'token_sha256': 'sha256:' + 'cd' * 32,
         'gen_time': '2026-11-24T15:00:00Z', 'serial': '02', 'policy_oid': '1.2.3', 'tsa': 'CN=\u00e9',
         'nonce': '40ff', 'file': 'anchors/3/a.tsr'}
check(d.command('anchor', **facts)['ok'], 'an anchor is refused')
check(d.command('anchor', **{k: v for k, v in facts.items() if k not in ('serial', 'policy_oid', 'nonce')},
                ) == {'ok': False, 'error': 'anchor: serial must be hex, of a token only'}, 'half a token')
answer = d.command('anchor', **{k: 'cosig' if k == 'type' else v for k, v in facts.items()
                                if k not in ('serial', 'policy_oid', 'nonce')})
check(answer['ok'] and [r['type'] for r in kinds('anchor') if r['seq'] == answer['seq']] == ['cosig'], repr(answer))
# Kept bytes that are held, released, erased, and asked for again while they are held.
stored = [r['blob'] for r in kinds('sighting') if r.get('blob_kept')]
kept, other = stored[0], [x for x in stored if x != stored[0]][0]
for action, more in (('hold', {'reason': 'trial'}), ('release', {}), ('erase', {'reason': 'request 7'})):
    check(d.command('blob', action=action, authority='an order', blobs=[kept], **more)['ok'], action)
check(d.command('blob', action='hold', authority='an order', blobs=[other])['ok'], 'hold')
check('is held' in d.command('blob', action='erase', authority='x', blobs=[other])['error'], 'erased though held')
check(kinds('erase')[-1]['blobs'] == [kept] and len(kinds('erase')) == 1, 'erase records')
check(d.command('blob', action='release', authority='an order', blobs=[other])['ok'], 'release')
whose, other = [(r['merchant'], r['blob']) for r in kinds('sighting') if r.get('blob_kept') and 'merchant' in r and r['blob'] != kept][0]
for scope, words in (({'merchant': whose}, 'of a merchant who is held'), ({'scope': 'ledger'}, 'the whole ledger is held')):
    check(d.command('blob', action='hold', authority='an order', **scope)['ok'], 'hold of %r' % scope)
    check(words in d.command('blob', action='erase', authority='x', blobs=[other])['error'], 'erased though held: %r' % scope)
    check(d.command('blob', action='release', authority='an order', **scope)['ok'], 'release of %r' % scope)
check(not d.command('blob', action='erase', authority='x', merchant=whose)['ok'], 'an erase of a merchant')
# Those who ask at once have their turn, one after the other, anchors and holds alike; who leaves before it asks for nothing.
callers, holds = [], len(kinds('hold'))
for i in range(8):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect(d.control)
    callers.append(s)
for i, s in enumerate(callers):
    question = {'cmd': 'anchor', **facts} if i % 3 == 2 else \
        {'cmd': 'blob', 'action': 'release' if i % 3 else 'hold', 'authority': 'turn %d' % i, 'blobs': [other]}
    s.sendall(json.dumps(question).encode() + b'\n')
answers = [json.loads(s.makefile('rb').readline()) for s in callers]
check(all(a['ok'] for a in answers), 'not all had their turn: %r' % answers)
check(len(kinds('hold')) == holds + 6, 'holds')
touch('step')
until(lambda: [r for r in kinds('clock') if r['cause'] == 'step'], 'record of the step')
# The reserve of the segment is used up before the disk is asked.
touch('full')
sent = len(listings)
while d.command('status')['disk'] != 'full':
    if select.select([], [c.socket], [], 0.02)[1]:  # a full disk may hold the sender up before it is told
        c.send(text)
        sent += len(listings)
os.remove('full')
check(c.pump(b'', sent), 'connection lost')
until(lambda: [r for r in kinds('gap') if r['cause'] == 'disk_full'], 'record of the full disk')
d.kill()
# What a kill in the middle of a batch leaves: a whole record, and one that is torn.
first, last = kinds('heartbeat')[0], d.records()[-1]
segment = os.path.join(d.ledger, 'feed', 'current')
with open(segment, 'rb+') as feed:
    whole = feed.read().split(b'\n')[first['seq']]
    feed.write(whole.replace(b'"seq":%d,' % first['seq'], b'"seq":%d,' % (last['seq'] + 1), 1) + b'\n{"v":1,"se')
# A set of so many lists that they do not fit into its record; and the boot id as systemd gives it.
folder = 'd/' + 'm' * 100 + '\u00fc' * 20
os.mkdir(folder)
with open(d.config) as config:
    changed = config.read()
for kind, head in (('marks', 'mark_id\tmark'), ('cues', 'cue_id\tphrase\tstrength')):
    more = []
    for i in range(31):
        more.append('%s/%s%d.tsv' % (folder[2:], kind, i))
        with open('d/' + more[-1], 'w') as out:
            out.write('%s\n%s%d\tword%d\t3\n' % (head, kind, i, i) if kind == 'cues' else
                      '%s\n%s%d\tword%d\n' % (head, kind, i, i))
    changed = changed.replace('[%s.tsv]' % kind, json.dumps([kind + '.tsv'] + more, ensure_ascii=False))
with open(d.config, 'w', encoding='utf8') as config:
    config.write(changed)
d.start().stop()

records = d.records()
named = tables()
check_schema(named, records)
check(named.pop('common') == COMMON, 'the common members')
scan_table = named.pop('scan')
# What others told stands in records of one form, by its own kind.
events = [r for r in records if 'event' in r and 'sha256' in r]
ours = [r for r in records if r not in events]
check({r['kind'] for r in events} == {'sighting', 'notice.sent'} | {x['type'] for x in warned}, 'events: %r' % events)
for r in events:
    r['event'] = ''
event_table = named.pop('event')
check(sorted(named) == sorted({r['kind'] for r in ours}), 'kinds: %r' % sorted(named))
compare('event', [{k: v for k, v in r.items() if k not in COMMON} for r in events], event_table)
for r in records:
    check(list(r)[:7] == COMMON, 'the common members come first')
for r, after in zip(records, records[1:]):
    check(r['run'] != after['run'] or after['seq'] == last['seq'] + 1 or int(r['b']) <= int(after['b']),
          'b goes back within a run: %r, %r' % (r, after))
for kind, table in named.items():
    compare(kind, [{k: v for k, v in r.items() if k not in COMMON} for r in ours
                   if r['kind'] == kind], table)
causes = [r['cause'] for r in records if r['kind'] == 'gap']
check(causes == ['disk_full', 'recovered', 'torn', 'crash'], 'causes: %r' % causes)

# Facts that others can compute.
start = [r for r in records if r['kind'] == 'start'][-1]
try:
    with open('/etc/machine-id') as file:
        key = bytes.fromhex(file.read().strip())
    hashed = 'sha256:' + hmac.new(key, b'noticed machine 1', 'sha256').hexdigest()
except (OSError, ValueError):
    hashed = None
check(start['machine_id_hash'] == hashed, 'machine_id_hash: %r' % start['machine_id_hash'])
with open('/proc/sys/kernel/random/boot_id') as file:
    check(start['boot_id'] == file.read().strip(), 'boot_id')
with open('/proc/cpuinfo') as file:
    info = file.read()
model, flags = subprocess.check_output('./cpu').split(b'\0')[0], re.search(r'flags\s*: (.*)', info)
if model and flags:
    check(start['cpu']['model'] == model.decode().strip(), 'cpu: %r, %r' % (start['cpu'], model))
    check(set(start['cpu']['features']) <= set(flags[1].split()), 'features: %r' % start['cpu'])
before = [r['seq'] for r in records if r['seq'] < start['seq']][-1]
check(start['unclean'] and start['last_seq_t'] == records[before]['t'], 'the record before: %r' % start)

# Under the unit's sandbox /proc has no more than processes: the unit gives the boot id.
hidden = subprocess.run(['unshare', '-m', 'mount', '-t', 'proc', '-o', 'subset=pid', 'proc', '/proc'],
                        stderr=subprocess.DEVNULL).returncode == 0
if hidden:
    with open('hidden.sh', 'w') as out:
        out.write('#!/bin/sh\nexec unshare -m sh -c \'mount -t proc -o subset=pid proc /proc && '
                  'exec "$0" "$@"\' "%s" "$@"\n' % NOTICED)
    os.chmod('hidden.sh', 0o755)
    import daemon
    daemon.NOTICED = os.path.join(HERE, 'hidden.sh')
    for given, wanted in ((start['boot_id'].replace('-', ''), start['boot_id']), ('%b', None)):
        h = Daemon('h', env={'NOTICED_BOOT_ID': given}).start()
        h.stop()
        found = [r for r in h.records() if r['kind'] == 'start'][-1]
        check(found['boot_id'] == wanted, 'boot_id in a sandbox: %r' % found['boot_id'])
        check(list(found) == list(start), 'members in a sandbox: %r' % list(found))

# The tool: the same, with several files so that each line names its own.
for name in ('a', 'b'):
    with open(name, 'wb') as out:
        out.write(text)
out = subprocess.run([NOTICECTL, 'scan', '--marks', 'd/marks.tsv', '--cues', 'd/cues.tsv',
                      '--rules', 'd/rules.yaml', 'a', 'b'],
                     stdout=subprocess.PIPE, check=True).stdout
compare('scan', [json.loads(x) for x in out.splitlines()], scan_table)
PYTHON
