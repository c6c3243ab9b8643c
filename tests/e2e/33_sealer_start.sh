#!/usr/bin/env bash
# noticed and its sealer: it starts one and never holds the key, or finds one that is a service; what it
# says when it can do neither; and that no sealer outlives it.
# check: uring long:asan
set -eu
exec python3 - <<'PYTHON'
import json, os, re, shutil, socket, subprocess, sys, time
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
SEALER = os.path.join(os.path.dirname(NOTICED), 'noticed-sealer')

def setup(folder):
    os.mkdir(folder)
    subprocess.run([NOTICECTL, 'setup-keys', '--origin', folder + '.test/noticed', folder], capture_output=True, check=True)
    return os.path.join(HERE, folder, 'noticed.key'), os.path.join(HERE, folder, 'noticed.vkey')
key, vkey = setup('one')
other_key, other_vkey = setup('two')
def seal(**keys): return 'seal: {%s}\n' % ', '.join('%s: "%s"' % pair for pair in keys.items())
def children(pid):
    found = []
    for entry in os.listdir('/proc'):
        try:
            with open('/proc/%s/stat' % entry) as f:
                words = f.read().rsplit(') ', 1)
            if words[1].split()[1] == str(pid) and words[0].split('(')[1] == 'noticed-sealer' and words[1][0] != 'Z':
                found.append(int(entry))
        except (OSError, IndexError):
            pass
    return found
def wait_gone(pid):
    begun = time.monotonic()
    while os.path.exists('/proc/%d' % pid):
        with open('/proc/%d/stat' % pid) as f:
            if f.read().rsplit(') ', 1)[1][0] == 'Z':
                return
        check(time.monotonic() - begun < DEADLINE, 'the sealer outlives noticed')
        time.sleep(0.02)

# Its own sealer: one child, with nothing but its socket, and no word of ours in its environment.
d = Daemon('d', extra=seal(key=key), env={'NOTICED_TEST_SECRET': 'leaks'})
with open(os.path.join(HERE, 'held'), 'w') as held:
    d.start(pass_fds=[held.fileno()])
found = children(d.process.pid)
check(len(found) == 1, 'one sealer: %r' % found)
sealer = found[0]
if os.getuid() == 0:
    fds = {os.readlink('/proc/%d/fd/%s' % (sealer, n)) for n in os.listdir('/proc/%d/fd' % sealer)}
    state = os.path.realpath(key + '.state')
    strange = [x for x in fds if x not in ('/dev/null', d.log, state) and not re.match(r'(socket|pipe):|anon_inode:\[eventpoll\]', x)]
    check(not strange and len([x for x in fds if x.startswith('socket:')]) == 1, 'the sealer holds %r' % fds)
    with open('/proc/%d/environ' % sealer, 'rb') as f:
        check(b'leaks' not in f.read(), "the sealer has noticed's environment")
for n in os.listdir('/proc/%d/fd' % d.process.pid):
    check('noticed.key' not in os.path.basename(os.readlink('/proc/%d/fd/%s' % (d.process.pid, n))), 'noticed holds the key')
with open('/proc/%d/maps' % d.process.pid) as f:
    check('noticed.key' not in f.read(), 'noticed maps the key')
d.stop()
wait_gone(sealer)
check(os.path.isdir(key + '.state'), 'the state is beside the key')
check('nothing signs' not in d.logged(), 'a warning although there is a sealer: ' + d.logged())

# kill -9 of noticed ends it too, and the next noticed has one at once.
d.start()
sealer = children(d.process.pid)[0]
d.process.kill()
d.process.wait()
d.start()
check(children(d.process.pid) != [], 'a sealer after a kill')
wait_gone(sealer)
d.stop()

# noticed never opens the key: of all processes only the one that became the sealer did.
if shutil.which('strace') and subprocess.run(['strace', '-o', 'none', 'true'], capture_output=True).returncode == 0:
    t = Daemon('t', extra=seal(key=key, state=os.path.join(HERE, 'traced.state')))
    p = subprocess.Popen(['strace', '-ff', '-e', 'trace=openat,open,execve', '-o', 'trace', NOTICED, '--config', t.config],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                         env=dict(os.environ, ASAN_OPTIONS='detect_leaks=0'))
    begun = time.monotonic()
    while not os.path.exists(t.crawl):
        check(p.poll() is None and time.monotonic() - begun < DEADLINE, 'noticed under strace')
        time.sleep(0.05)
    subprocess.run(['pkill', '-TERM', '-P', str(p.pid)], check=True)
    p.wait(DEADLINE)
    opened = {}
    for file in os.listdir('.'):
        if file.startswith('trace.'):
            with open(file) as f:
                text = f.read()
            if re.search(r'open(at)?\([^\n]*noticed\.key"', text):
                opened[file] = 'noticed-sealer' in text and text.index('noticed-sealer') < text.index('noticed.key", O_')
    check(list(opened.values()) == [True], 'who opened the key: %r' % opened)
    print('strace: only noticed-sealer opened the key')

# What is recorded is sealed; a sealer that dies takes no record with it, and the next start seals the rest.
def sealed_size(x):
    try:
        with open(os.path.join(x.ledger, 'checkpoint')) as f:
            return int(f.read().split('\n')[1])
    except FileNotFoundError:
        return 0
def wait_sealed(x, above):
    begun = time.monotonic()
    while sealed_size(x) <= above:
        check(time.monotonic() - begun < DEADLINE, 'the record is not sealed past %d: %s' % (above, x.logged()))
        time.sleep(0.02)
def verified(x):
    p = subprocess.run([NOTICECTL, 'verify', x.ledger, '--vkey', vkey], capture_output=True, text=True, timeout=DEADLINE)
    check(p.returncode == 0, 'verify: ' + p.stdout + p.stderr)
    return json.loads(p.stdout)
g = Daemon('g', extra=seal(key=key, state=os.path.join(HERE, 'g.state'))).start()
client = g.client()
check(client.pump(line(listing(1, 'Squishmallow')), wait_line=1), 'acknowledged')
wait_sealed(g, 3)
os.kill(children(g.process.pid)[0], 9)
check(client.pump(line(listing(2, 'Squishmallow')), wait_line=2), 'acknowledged without a sealer')
g.stop()
check(g.logged().count('the sealer is gone') == 1, 'said once: ' + g.logged())
seen = verified(g)
check(0 < seen['size'] < seen['records'], 'the rest is not sealed: %r' % seen)
shutil.copytree(g.ledger, 'older', symlinks=True)
g.start()
wait_sealed(g, seen['records'])
g.stop()
seen = verified(g)
check(seen['size'] == seen['records'], 'all is sealed: %r' % seen)

# An older state of the ledger, none of it, one without its log of checkpoints: refused, and not touched.
def contents(folder):
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            with open(path, 'rb') as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found
def other_ledger(words, *removed, copy=None):
    os.rename(g.ledger, 'newest')
    if copy:
        shutil.copytree(copy, g.ledger, symlinks=True)
    for name in removed:
        path = os.path.join(g.ledger, name)
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
    before = contents(g.ledger)
    p = subprocess.run([NOTICED, '--config', g.config], capture_output=True, text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
    check(p.returncode == 65 and words in p.stderr, '%s: %d %s' % (words, p.returncode, p.stderr))
    after = contents(g.ledger)
    changed = {name for name in before if before[name] != after.get(name)} | {name for name in after if name not in before and after[name]}
    check(all(name.startswith('state/') for name in changed), 'touched: %r' % changed)  # derived, and opened to be read
    shutil.rmtree(g.ledger)
    os.rename('newest', g.ledger)
other_ledger('it was rolled back, replaced or emptied', copy='older')
other_ledger('and this ledger has 0')
other_ledger('the log was cut or removed', 'checkpoint', 'checkpoints.log', copy='newest')
other_ledger('checkpoints.log is missing', 'checkpoint', 'checkpoints.log', 'state', 'outbox', copy='newest')
g.start(argv=('--deep',))
g.stop()
check('records were hashed again' in g.logged(), 'a deep start: ' + g.logged())
verified(g)

# A FIFO in the place of a file of the ledger is named, and never waited for.
def newest(folder): return os.path.join(folder, sorted(n for n in os.listdir(os.path.join(g.ledger, folder)) if n[-1].isdigit())[-1])
for name, ends in (('checkpoint', True), ('checkpoints.log', True), ('key.vkey', True), (newest('tile/0/000.p'), True),
                   ('state/durable', True), ('blobs/00000000000000000000.pack', True), (newest('state'), False)):
    path = os.path.join(g.ledger, name)
    os.rename(path, 'aside')
    os.mkfifo(path)
    g.start(wait=False)
    g.wait(74) if ends else (g.wait_ready(), g.stop())
    check('%s is neither a file nor a folder' % (name if name[0] in 'ckt' else os.path.basename(name)) in g.logged(), g.logged())
    os.remove(path)
    os.rename('aside', path)

# A folder in the place of a tile is named as well.
tile = newest('tile/0/000.p')
os.rename(os.path.join(g.ledger, tile), 'aside')
os.mkdir(os.path.join(g.ledger, tile))
g.start(wait=False)
g.wait(74)
check('%s: Is a directory' % tile in g.logged(), g.logged())
os.rmdir(os.path.join(g.ledger, tile))
os.rename('aside', os.path.join(g.ledger, tile))

# Packs that are gone are told of.
pack = os.path.join(g.ledger, 'blobs/00000000000000000000.pack')
os.rename(pack, 'aside')
g.start()
g.stop()
check('blobs/ has no pack with the first ' in g.logged(), g.logged())
os.rename('aside', pack)
g.start()
g.stop()
check(g.logged().count('blobs/ has no pack') == 1, g.logged())
verified(g)

# A sealer that was left over, stopped, keeps its state's lock: noticed says whose it is.
ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
left = subprocess.Popen([SEALER, '--key', key, '--state', 'g.state', '--fd', str(its.fileno())], pass_fds=[its.fileno()],
                        stdout=subprocess.PIPE)
check(left.stdout.readline() != b'', 'the one left over is ready')
p = subprocess.run([NOTICED, '--config', g.config], capture_output=True, text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
check(p.returncode == 74 and 'process %d' % left.pid in p.stderr, 'a lock that is held: %d %s' % (p.returncode, p.stderr))
for end in (ours, its):
    end.close()
check(left.wait(DEADLINE) == 0, 'it ends')

# Without a sealer it runs, and one warning says what that means and what to do.
u = Daemon('u').start()
u.stop()
check(u.logged().count('noticectl setup-keys') == 1 and 'nothing signs this record' in u.logged(), 'warning: ' + u.logged())

# What is wrong is named, at the start and by --check-config, and nothing is left running.
def refused(code, words, checked, text, program=NOTICED, env=None):
    x = Daemon('x', extra=text)
    for argv in ([], ['--check-config']) if checked else ([],):
        p = subprocess.run([program, '--config', x.config, *argv], capture_output=True, text=True, timeout=DEADLINE,
                           stdin=subprocess.DEVNULL, env=env)
        check(p.returncode == code and words in p.stdout + p.stderr, '%s %s: %d %s' % (text, argv, p.returncode, p.stdout + p.stderr))
    check(not os.path.exists(x.ledger), 'a ledger was made')
refused(78, 'seal.key and seal.socket: give one', True, seal(key=key, socket='s.sock', vkey=vkey))
refused(78, 'seal.vkey: is missing', True, seal(socket='s.sock'))
refused(78, 'setup-keys', True, seal(key=os.path.join(HERE, 'none.key')))
refused(78, 'of no use', True, seal(vkey=vkey))
refused(78, 'there is no such file', True, seal(key=key, vkey=os.path.join(HERE, 'none.vkey')))
refused(78, 'the line that noticectl setup-keys printed', True, seal(key=key, vkey=key))
refused(78, 'seal.vkey is not that of seal.key', False, seal(key=key, vkey=other_vkey))
refused(78, 'refuses its key', False, seal(key='/dev/null'))
os.mkdir('damaged.state', 0o700)
with open('damaged.state/sealed', 'w') as f:
    f.write('noticed-sealer state v1\n')
refused(65, 'refuses its state', False, seal(key=other_key, state=os.path.join(HERE, 'damaged.state')))
refused(78, 'seal.interval', True, seal(key=key, interval='0s'))
os.mkdir('alone')
shutil.copy(NOTICED, 'alone/noticed')
refused(78, 'was not found beside noticed nor in PATH', False, seal(key=key), program='alone/noticed',
        env=dict(os.environ, PATH='/nonexistent'))

# A service: not there yet is a warning, and there it is used; noticed needs only the public key.
w = Daemon('w', extra=seal(socket=os.path.join(HERE, 's.sock'), vkey=vkey)).start()
check('checkpoints are not signed until the sealer is there' in w.logged(), 'no sealer yet: ' + w.logged())
w.stop()
p = subprocess.Popen([SEALER, '--key', key, '--state', 's.state', '--socket', 's.sock'], stdout=subprocess.PIPE)
check(p.stdout.readline() != b'', 'the service is ready')
v = Daemon('v', extra=seal(socket=os.path.join(HERE, 's.sock'), vkey=vkey)).start()
check(children(v.process.pid) == [], 'no sealer of its own beside the service')
check('sealer' not in v.logged(), 'the service is there: ' + v.logged())
wait_sealed(v, 0)
p.terminate()
check(p.wait(DEADLINE) == 0, 'the service ends')
client = v.client()
check(client.pump(line(listing(1, 'Squishmallow')), wait_line=1), 'acknowledged without the service')
size = sealed_size(v)
p = subprocess.Popen([SEALER, '--key', key, '--state', 's.state', '--socket', 's.sock'], stdout=subprocess.PIPE)
wait_sealed(v, size)
v.stop()
check('is there: checkpoints are signed' in v.logged(), 'the service is back: ' + v.logged())
# A service that is away at the start, and says when it comes that this is not the ledger it signs: the end.
x = Daemon('other', extra=seal(socket=os.path.join(HERE, 's.sock'), vkey=vkey))
p.terminate()
check(p.wait(DEADLINE) == 0, 'the service ends')
x.start()
p = subprocess.Popen([SEALER, '--key', key, '--state', 's.state', '--socket', 's.sock'], stdout=subprocess.PIPE)
check(x.process.wait(DEADLINE) == 65 and 'rolled back, replaced or emptied' in x.logged(), 'another ledger: ' + x.logged())
seen = verified(v)
check(seen['size'] == seen['records'], 'all is sealed: %r' % seen)
p.terminate()
check(p.wait(DEADLINE) == 0, 'the service ends')
PYTHON
