#!/usr/bin/env bash
# noticed-sealer as a program: what it signs, checked with openssl and a Merkle tree of the test's own;
# what it refuses; what it knows after kill -9; what it can still reach, and who can reach the key.
# check: uring asan
set -eu
exec python3 - <<'PYTHON'
import base64, hashlib, os, shutil, signal, socket, stat, subprocess, sys, time
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
SEALER = os.path.join(os.path.dirname(NOTICED), 'noticed-sealer')
HARDENED = os.environ.get('MODE', 'release') == 'release'
ORIGIN = 'e2e.test/noticed'

# A tree of the test's own (RFC 9162, 2.1), from the definitions.
def leaf(data): return hashlib.sha256(b'\0' + data).digest()
def node(a, b): return hashlib.sha256(b'\1' + a + b).digest()
def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k
def root(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b'').digest()
    k = split(len(leaves))
    return node(root(leaves[:k]), root(leaves[k:]))
def subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if m <= k:
        return subproof(m, leaves[:k], whole) + [root(leaves[k:])]
    return subproof(m - k, leaves[k:], False) + [root(leaves[:k])]
LEAVES = [leaf(b'{"seq":%d}' % i) for i in range(1100)]
def b64(data): return base64.b64encode(data).decode()
def body(size, leaves=LEAVES): return '%s\n%d\n%s\n' % (ORIGIN, size, b64(root(leaves[:size])))
def request(old, size, leaves=LEAVES):
    proof = subproof(old, leaves[:size], True) if 0 < old < size else []
    return ('seal v1\nold %d\n' % old + ''.join(b64(h) + '\n' for h in proof) + '\n' + body(size, leaves)).encode()

# The keys.
os.mkdir('keys')
made = subprocess.run([NOTICECTL, 'setup-keys', '--origin', ORIGIN, 'keys'], capture_output=True, text=True, check=True)
key = os.path.join(HERE, 'keys', 'noticed.key')
with open('keys/noticed.vkey') as f:
    vkey = f.read()
check(made.stdout.startswith(vkey) and 'seal:' in made.stdout, 'setup-keys says: ' + made.stdout)
check(stat.S_IMODE(os.stat(key).st_mode) == 0o600, 'the key is for its owner')
check(stat.S_IMODE(os.stat('keys/noticed.vkey').st_mode) == 0o644, 'the public key is for all')
with open(key) as f:
    secret = f.read()
again = subprocess.run([NOTICECTL, 'setup-keys', 'keys'], capture_output=True, text=True)
check(again.returncode == 2 and 'never replaced' in again.stderr and open(key).read() == secret, 'a key was replaced')
os.rename('keys/noticed.vkey', 'vkey.kept')
again = subprocess.run([NOTICECTL, 'setup-keys', 'keys'], capture_output=True, text=True)
check(again.returncode == 0 and open(key).read() == secret, 'the public half of a pair is made again')
check(open('keys/noticed.vkey').read() == vkey and again.stdout == made.stdout, 'the same as before: ' + again.stderr)
os.remove('keys/noticed.vkey')
again = subprocess.run([NOTICECTL, 'setup-keys', '--origin', 'x', 'keys'], capture_output=True, text=True)
check(again.returncode == 2 and ORIGIN in again.stderr, 'another name: ' + again.stderr)
with open(key, 'w') as f:
    f.write(secret[:20]) # as a stop in the middle may leave it
again = subprocess.run([NOTICECTL, 'setup-keys', 'keys'], capture_output=True, text=True)
check(again.returncode == 2 and 'can be removed' in again.stderr and open(key).read() == secret[:20], again.stderr)
check(not os.path.exists('keys/noticed.vkey'), 'half a pair was made')
with open(key, 'w') as f:
    f.write(secret)
os.rename('vkey.kept', 'keys/noticed.vkey')
name, ident, public = vkey.strip().split('+', 2)
public = base64.b64decode(public)
check(name == ORIGIN and public[0] == 1 and len(public) == 33, 'vkey: ' + vkey)
check(hashlib.sha256(name.encode() + b'\n' + public).hexdigest()[:8] == ident, 'the id of the key')
seed = base64.b64decode(secret.strip().split('+', 4)[4])[1:]

# openssl, which shares no code with what noticed calls in libcrypto's Ed25519 but the library itself:
# the same signature from the seed, and a good one by the public key.
with open('seed.der', 'wb') as f:
    f.write(bytes.fromhex('302e020100300506032b657004220420') + seed)
with open('public.der', 'wb') as f:
    f.write(bytes.fromhex('302a300506032b6570032100') + public[1:])
def openssl(*argv): return subprocess.run(['openssl', 'pkeyutl', *argv], capture_output=True)
def check_signature(line, size):
    dash, who, payload = line.rstrip('\n').split(' ')
    payload = base64.b64decode(payload)
    check(dash == '\u2014' and who == ORIGIN and payload[:4].hex() == ident and line.endswith('\n'), 'line: ' + line)
    with open('body', 'w') as f:
        f.write(body(size))
    with open('signature', 'wb') as f:
        f.write(payload[4:])
    good = openssl('-verify', '-rawin', '-in', 'body', '-sigfile', 'signature', '-pubin', '-keyform', 'DER', '-inkey', 'public.der')
    check(good.returncode == 0, 'openssl refuses the signature of %d: %s' % (size, good.stderr))
    made = openssl('-sign', '-rawin', '-in', 'body', '-keyform', 'DER', '-inkey', 'seed.der')
    check(made.stdout == payload[4:], 'openssl signs %d otherwise' % size)

class Sealer:
    def __init__(self, state='state', key=key, **more):
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(DEADLINE)
        self.socket = ours
        self.process = subprocess.Popen([SEALER, '--key', key, '--state', state, '--fd', str(its.fileno())],
                                        pass_fds=[its.fileno()], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, **more)
        its.close()
        self.said = self.process.stdout.read().decode()  # it closes its output once it is ready
    def ask(self, data):
        self.socket.send(data)
        return self.socket.recv(65536).decode()
    def end(self):
        self.socket.close()
        return self.process.wait(DEADLINE)

s = Sealer()
check(s.said == vkey, 'it says its key: %r' % s.said)
last = 0
for size in (1, 2, 3, 7, 8, 100, 1000):
    answer = s.ask(request(last, size))
    check(answer.startswith('200\n'), 'size %d: %s' % (size, answer))
    check_signature(answer[4:], size)
    check(s.ask(request(last, size)) == answer, 'the same tree has the same signature')
    last = size
print('signed and re-derived with openssl: 7 checkpoints')

# What it refuses, and it goes on.
forked = LEAVES[:42] + [leaf(b'another')] + LEAVES[43:]
told = '409 1000 %s\n' % b64(root(LEAVES[:1000]))
for data, wanted in ((request(1000, 1000, forked), '410 '), (request(1000, 1001, forked), '422 '), (request(1000, 999), told),
                     (request(0, 1001), told), (request(999, 1001), told), (b'hello', '400 bad_header'), (b'x' * 60000, '400 too_long'),
                     (request(1000, 1001).replace(ORIGIN.encode(), b'other.test/log'), '403 '), (request(1000, 1001) + b'x\n', '400 ')):
    answer = s.ask(data)
    check(answer.startswith(wanted) and answer.count('\n') == 1, '%r: %s' % (data[:60], answer))
# A descriptor that is sent along is dropped, and the request is answered.
held = sorted(os.listdir('/proc/%d/fd' % s.process.pid)) if os.getuid() == 0 else []
socket.send_fds(s.socket, [request(1000, 1001)], [0])
check(s.socket.recv(65536).startswith(b'200\n'), 'a request with a descriptor')
if held:
    check(sorted(os.listdir('/proc/%d/fd' % s.process.pid)) == held, 'the descriptor stayed')

# What it can reach.
with open('/proc/%d/status' % s.process.pid) as f:
    status = dict(line.rstrip('\n').split(':\t', 1) for line in f if ':\t' in line)
if HARDENED:
    check(status['NoNewPrivs'] == '1' and status['Seccomp'] == '2', 'no new privileges, and a filter: %r' % status)
    check(status['VmLck'].strip() != '0 kB', "the key's memory is locked")
check(s.end() == 0, 'it ends with its socket')

# Its state cannot be written: 500, no signature, and none is owed when it can again.
s = Sealer()
os.mkdir('state/sealed.new')
answer = s.ask(request(1001, 1002))
check(answer.startswith('500 ') and '\u2014' not in answer, 'no state: ' + answer)
os.rmdir('state/sealed.new')
check(s.ask(request(1001, 1002)).startswith('200\n'), 'the state can be written again')
# One sealer a state: a second one waits for the first to end.
second = subprocess.Popen([SEALER, '--key', key, '--state', 'state', '--socket', 'second.sock'],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
time.sleep(0.3)
check(second.poll() is None and not os.path.exists('second.sock'), 'two sealers on one state')
check(s.end() == 0, 'it ends')
check(second.stdout.readline().decode() == vkey, 'the second goes on when the first has gone')
second.kill()
second.communicate()

# kill -9 between the request and its answer, at whatever moment: asked again, it gives one signature.
size, kept = 1002, 0
for round in range(20):
    s = Sealer()
    check(s.said == vkey, 'it starts after a kill')
    s.socket.send(request(size, size + 1))
    time.sleep(round / 1500)
    s.process.kill()
    s.process.wait()
    try:
        heard = s.socket.recv(65536).decode()
    except ConnectionResetError:
        heard = ''
    s.socket.close()
    kept += heard == ''
    s = Sealer()
    answer = s.ask(request(size, size + 1))
    check(answer.startswith('200\n') and heard in ('', answer), 'after a kill: %r %r' % (heard, answer))
    size += 1
    check(s.end() == 0, 'it ends')
check_signature(answer[4:], size)
print('20 kills, %d of them before the answer was heard' % kept)

# A damaged state, another key's, a key that others can read.
def refused(code, words, *argv):
    p = subprocess.run([SEALER, *argv], capture_output=True, text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
    check(p.returncode == code and words in p.stderr and p.stdout == '', '%r: %d %s%s' % (argv, p.returncode, p.stdout, p.stderr))
shutil.copytree('state', 'damaged')
with open('damaged/sealed', 'r+') as f:
    text = f.read().replace('\n%d\n' % size, '\n%d\n' % (size - 1))
    f.seek(0)
    f.write(text)
refused(65, 'the file is damaged', '--key', key, '--state', 'damaged', '--socket', 'x.sock')
os.mkdir('others')
subprocess.run([NOTICECTL, 'setup-keys', '--origin', 'other', 'others'], capture_output=True, check=True)
refused(65, 'state of another key', '--key', 'others/noticed.key', '--state', 'state', '--socket', 'x.sock')
os.chmod('others/noticed.key', 0o640)
refused(78, 'chmod 600', '--key', 'others/noticed.key', '--state', 'new', '--socket', 'x.sock')
refused(78, 'no key', '--key', '/dev/null', '--state', 'new', '--socket', 'x.sock')
refused(78, 'cannot read the key', '--key', 'missing', '--state', 'new', '--socket', 'x.sock')
refused(78, '--key', '--state', 'new', '--socket', 'x.sock')
refused(78, '--state', '--key', key, '--socket', 'x.sock')
refused(78, '--socket', '--key', key, '--state', 'new')
refused(74, 'x.sock', '--key', key, '--state', 'new', '--socket', 'nowhere/x.sock')

# As a service: the key from systemd's folder, several clients, each answered in its turn.
os.mkdir('credentials')
shutil.copy(key, 'credentials/key')
os.chmod('credentials/key', 0o440)
def service(argv, **more):
    env = {'CREDENTIALS_DIRECTORY': os.path.join(HERE, 'credentials'), 'STATE_DIRECTORY': os.path.join(HERE, 'state')}
    p = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, **more)
    check(p.stdout.readline().decode() == vkey, 'the service is ready')
    return p
def connect(path):
    c = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    c.settimeout(DEADLINE)
    c.connect(path)
    return c
p = service([SEALER, '--socket', 'sealer.sock'])
clients = [connect('sealer.sock') for _ in range(20)]  # more than it holds at a time: the others wait
for c in clients:
    c.send(request(size, size + 1))
for c in clients[:16]:
    check(c.recv(65536).startswith(b'200\n'), 'a client')
clients[3].close()
for c in clients[5:9]:
    c.close()
for c in clients[16:]:
    check(c.recv(65536).startswith(b'200\n'), 'a client that waited')
p.send_signal(signal.SIGTERM)
check(p.wait(DEADLINE) == 0, 'SIGTERM')
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind('passed.sock')
listener.listen(4)
early = connect('passed.sock')
early.send(request(size + 1, size + 2))
p = service(['bash', '-c', 'exec 3<&%d; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0"' % listener.fileno(), SEALER],
            pass_fds=[listener.fileno()])
check(early.recv(65536).startswith(b'200\n'), 'a client that came before the service')
p.send_signal(signal.SIGTERM)
check(p.wait(DEADLINE) == 0, 'SIGTERM')

# Who can reach the key: nobody but its owner, and not even the same user by way of the process.
if os.getuid() != 0:
    print('drill with other users skipped: not root')
else:
    NOBODY = 65534
    os.chmod(HERE, 0o711)
    os.chmod('keys', 0o755)
    try:
        subprocess.run(['cat', key], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=True)
        fail('another user reads the key')
    except subprocess.CalledProcessError as error:
        check(b'Permission denied' in error.stderr, 'reading the key: %r' % error.stderr)
    os.mkdir('nobodys')
    shutil.copy(key, 'nobodys/key')
    for path in ('nobodys', 'nobodys/key'):
        os.chown(path, NOBODY, NOBODY)
    if HARDENED:
        reachable = subprocess.run([SEALER, '--version'], user=NOBODY, capture_output=True).returncode == 0
    if HARDENED and reachable:
        s = Sealer(state='nobodys/state', key='nobodys/key', user=NOBODY, group=NOBODY, extra_groups=[])
        check(s.ask(request(0, 5)).startswith('200\n'), 'a sealer of another user')
        for what in ('mem', 'maps', 'environ', 'fd/0'):
            got = subprocess.run(['cat', '/proc/%d/%s' % (s.process.pid, what)], user=NOBODY, group=NOBODY,
                                 extra_groups=[], capture_output=True)
            check(got.returncode != 0 and b'Permission denied' in got.stderr, '/proc: %s is open to its own user' % what)
        check(s.end() == 0, 'it ends')
        print('the drill with another user: the key is out of reach')
PYTHON
