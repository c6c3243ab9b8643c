#!/usr/bin/env bash
# As a service: socket activation, READY, RELOADING, WATCHDOG and STOPPING, exit codes, bad configs.
# check: uring poll
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import ctypes, signal, socket, subprocess, threading

notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(os.path.join(HERE, 'notify'))
notify.settimeout(DEADLINE)

# The crawl socket is passed as systemd passes it, and holds a connection before the daemon is there.
listener = socket.socket(socket.AF_UNIX)
path = os.path.join(HERE, 'activated.sock')
listener.bind(path)
listener.listen(64)
early = Client(path)
early.send(line(listing(1, 'Squishmallow')))
d = Daemon(env={'NOTIFY_SOCKET': os.path.join(HERE, 'notify'), 'WATCHDOG_USEC': '400000'})
shell = ('exec 3<&%d; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=crawl; exec "$0" --config "$1"'
         % listener.fileno())
env = dict(os.environ, **d.env)
with open(d.log, 'ab') as log:
    d.process = subprocess.Popen(['bash', '-c', shell, NOTICED, d.config], env=env, stdout=log, stderr=log,
                                 stdin=subprocess.DEVNULL, pass_fds=[listener.fileno()])
def hear(word):
    begun = time.monotonic()
    while time.monotonic() - begun < DEADLINE:
        if word in notify.recv(4096).decode().split('\n'):
            return
    fail('systemd was not told ' + word)
hear('READY=1')
check(early.pump(b'', 1), 'the connection that waited is served')
check(not os.path.exists(d.crawl), 'the passed socket takes the place of the configured one')
hear('WATCHDOG=1')
hear('WATCHDOG=1')
d.process.send_signal(signal.SIGHUP)
hear('RELOADING=1')
hear('READY=1')
def silent(what):
    """Nothing is heard for a second, once what was on its way has come."""
    notify.setblocking(False)
    time.sleep(0.5)
    while True:
        try:
            notify.recv(4096)
        except BlockingIOError:
            break
    time.sleep(1.0)
    try:
        fail('%s pings: %r' % (what, notify.recv(4096)))
    except BlockingIOError:
        notify.settimeout(DEADLINE)
d.process.send_signal(signal.SIGSTOP)
silent('a stopped daemon')
d.process.send_signal(signal.SIGCONT)
hear('WATCHDOG=1')
# One thread that stands still, each lane and the ledger's writer, is enough; a debugger's stop does it.
SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000
ptrace = ctypes.CDLL(None, use_errno=True).ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
stopped = 0
for tid in map(int, os.listdir('/proc/%d/task' % d.process.pid)):
    with open('/proc/%d/task/%d/comm' % (d.process.pid, tid)) as comm:
        if tid == d.process.pid or comm.read().startswith(('iou-', 'warnings')):
            continue
    if ptrace(SEIZE, tid, None, None) != 0:
        print('one thread cannot be stopped here: %s' % os.strerror(ctypes.get_errno()))
        break
    check(ptrace(INTERRUPT, tid, None, None) == 0, 'the thread is interrupted')
    os.waitpid(tid, WALL)
    silent('a daemon with a thread that stands still')
    check(ptrace(DETACH, tid, None, None) == 0, 'the thread goes on')
    hear('WATCHDOG=1')
    stopped += 1
else:
    check(stopped >= 2, 'a lane and the writer were stopped, not %d threads' % stopped)
d.process.send_signal(signal.SIGTERM)
hear('STOPPING=1')
d.wait(0)

# Restarts under load: while the holder of the socket starts the daemon again and again, crawlers connect, send and
# go on after what was acknowledged. None is refused, and each line has its record once.
CRAWLERS, EACH, RESTARTS = 4, 3000, 4
refused, connects, over = [], [0] * CRAWLERS, [False] * CRAWLERS


def crawl(n):
    acked = 0
    while acked < EACH:
        c = None
        try:
            c = Client(path, hello=False)
            connects[n] += 1
            c.send(line({'noticed': 1, 'source': 'crawler%d' % n, 'ack': True, 'session': 's', 'first': acked + 1}))
            c.acked = acked
            last = min(acked + 60, EACH)
            c.pump(b''.join(line(listing(n * EACH + i, 'Squishmallow')) for i in range(acked, last)), last)
        except (ConnectionRefusedError, FileNotFoundError) as error:
            refused.append(repr(error))
            break
        except OSError:
            pass  # the daemon ended in the middle of it
        if c is not None:
            acked = c.acked
            c.close()
    over[n] = True


def start_with_socket():
    with open(d.log, 'ab') as log:
        d.process = subprocess.Popen(['bash', '-c', shell, NOTICED, d.config], env=dict(os.environ), stdout=log,
                                     stderr=log, stdin=subprocess.DEVNULL, pass_fds=[listener.fileno()])


crawlers = [threading.Thread(target=crawl, args=(n,), daemon=True) for n in range(CRAWLERS)]
for c in crawlers:
    c.start()  # nobody is there yet
during = 0
for _ in range(RESTARTS):
    start_with_socket()
    d.wait_ready()
    before = sum(connects)
    begun = time.monotonic()
    while sum(connects) < before + 12 and not all(over):
        check(time.monotonic() - begun < DEADLINE, 'nobody is served after a restart')
        time.sleep(0.01)
    during += not all(over)
    d.stop()
start_with_socket()
d.wait_ready()
for c in crawlers:
    c.join(DEADLINE)
check(not refused, 'refused: %r' % refused[:3])
check(all(over), 'not all is acknowledged')
check(during >= 2, 'all was sent before the restarts')
d.stop()
got = sorted(r['listing'] for r in d.records() if r['kind'] == 'match' and r['source'].startswith('crawler'))
check(got == sorted('L%d' % i for i in range(CRAWLERS * EACH)), '%d records of %d lines' % (len(got), CRAWLERS * EACH))
print('%d connections over %d restarts, none refused' % (sum(connects), RESTARTS))

# Exit codes and what is said (DESIGN 7): 78 for configuration, with the place.
def run(*argv):
    p = subprocess.run([NOTICED, *argv], capture_output=True, text=True, timeout=DEADLINE, stdin=subprocess.DEVNULL)
    return p.returncode, p.stdout + p.stderr
code, text = run('--config', d.config, '--check-config')
check(code == 0 and 'ok' in text, '--check-config: %d %s' % (code, text))
code, text = run('--config', 'no-such-file')
check(code == 78 and 'no-such-file' in text, 'missing config: %d %s' % (code, text))
with open(d.config, 'a') as f:
    f.write('no_such_key: 1\n')  # a typo that must not pass
code, text = run('--config', d.config, '--check-config')
check(code == 78 and 'noticed.yaml:' in text and 'no_such_key' in text, 'unknown key: %d %s' % (code, text))
e = Daemon('e', marks='mark_id\tmark\nX\t\n')
code, text = run('--config', e.config)
check(code == 78 and 'marks.tsv:2:' in text, 'bad list: %d %s' % (code, text))
code, text = run()
check(code == 78 and '--config' in text, 'no --config: %d %s' % (code, text))

# --check-config looks at the places too, names each that is wrong, and makes nothing.
with open('plain', 'w') as f:
    f.write('')
os.makedirs('folder', exist_ok=True)
for ledger, extra, wanted in (
        ('plain', '', ['ledger.path: %s/p/../plain: Not a directory' % HERE]),
        ('none/ledger', '', ['ledger.path: %s/p/../none: No such file' % HERE]),
        ('ledger', '[missing, ../folder, "-"]', ['inputs: %s/p/missing: No such file' % HERE,
                                                 'inputs: %s/p/../folder: Is a directory' % HERE]),
        ('ledger', '', [])):
    p = Daemon('p', ledger=os.path.join(HERE, 'p', '..', ledger), extra='inputs: %s\n' % extra if extra else '')
    code, text = run('--config', p.config, '--check-config')
    check(code == (78 if wanted else 0), '--check-config: %d %s' % (code, text))
    check(all(w in text for w in wanted) and text.count('\n') == max(1, len(wanted)), '%r: %s' % (wanted, text))
    check(not os.path.exists('ledger') and not os.path.exists('none'), 'looking made something')
with open(p.config) as f:
    text = f.read().replace(p.crawl, '/nowhere/crawl.sock')
with open(p.config, 'w') as f:
    f.write(text)
code, text = run('--config', p.config, '--check-config')
check(code == 78 and 'crawl.socket: /nowhere: No such file' in text, 'socket: %d %s' % (code, text))
code, text = run('--config', Daemon('q', ledger='/nowhere/ledger').config)
check(code == 74 and '/nowhere/ledger: No such file or directory: the folder above' in text, 'ledger: %d %s' % (code, text))

# A second daemon on the same ledger says so and ends; the first goes on.
f = Daemon('f').start()
code, text = run('--config', f.config)
check(code == 74 and 'another noticed is running' in text, 'second daemon: %d %s' % (code, text))
f.stop()
x = Daemon('x', ledger=f.ledger)
f.start()
code, text = run('--config', x.config)
check(code == 74 and 'in use by another process' in text, 'same ledger, other sockets: %d %s' % (code, text))
f.stop()
# What cannot be read or is passed under another name is a mistake, and leaves no trace in a ledger.
y = Daemon('y', inputs=['/nonexistent/input'])
code, text = run('--config', y.config)
check(code == 78 and '/nonexistent/input' in text and not os.path.exists(y.ledger), 'input: %d %s' % (code, text))
weird = socket.socket(socket.AF_UNIX)
weird.bind(os.path.join(HERE, 'weird.sock'))
weird.listen(1)
# Nor is a socket taken that the configuration could not name: others reach it, or nobody knows who sends.
for listener, name, text in ((weird, 'weird', 'FileDescriptorName'),
                             (socket.create_server(('0.0.0.0', 0)), 'crawl', 'correct ListenStream='),
                             (socket.create_server(('127.0.0.1', 0)), 'notice', 'correct ListenStream=')):
    shell = ('exec 3<&%d; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=%s; exec "$0" --config "$1"'
             % (listener.fileno(), name))
    p = subprocess.run(['bash', '-c', shell, NOTICED, Daemon('z').config], capture_output=True, text=True,
                       pass_fds=[listener.fileno()], timeout=DEADLINE)
    check(p.returncode == 78 and text in p.stderr, 'socket %s: %d %s' % (name, p.returncode, p.stderr))
    listener.close()

# A feed that was edited while nobody ran is refused (65), and says where.
with open(os.path.join(f.ledger, 'feed', 'current'), 'r+b') as feed:
    data = feed.read().replace(b'"host":"', b'"host":"X', 1)
    feed.seek(0)
    feed.write(data)
code, text = run('--config', f.config)
check(code == 65 and 'feed/' in text, 'edited feed: %d %s' % (code, text))

# Who may read the record is the group of the ledger's folder, which all that is made in it inherits
# (noticed.tmpfiles); that group sends nothing.
if os.getuid() == 0:
    NOTICED_ID, READ_ID = 54321, 54322
    r = Daemon('r')
    for folder in (HERE, r.dir):
        os.chmod(folder, 0o711)
    os.mkdir(r.ledger)
    for folder, group, mode in ((r.dir, NOTICED_ID, 0o755), (r.ledger, READ_ID, 0o2750)):
        os.chown(folder, NOTICED_ID, group)
        os.chmod(folder, mode)
    be = lambda uid, groups: dict(user=uid, group=uid, extra_groups=groups)
    def drop():
        os.umask(0o027)
        os.setgroups([])
        os.setgid(NOTICED_ID)
        os.setuid(NOTICED_ID)
    r.start(preexec=drop)
    check(r.client().pump(line(listing(1, 'Squishmallow')), 1), 'sent by root')
    tail = [NOTICECTL, 'tail', '--ledger', r.ledger, '--kind', 'match', '-o', 'json']
    reader = subprocess.run(tail, capture_output=True, text=True, **be(1234, [READ_ID]))
    check(reader.returncode == 0 and '"listing":"L1"' in reader.stdout, 'a reader: %r' % reader)
    other = subprocess.run(tail, capture_output=True, text=True, **be(1234, []))
    check(other.returncode == 2 and 'Permission denied' in other.stderr, 'somebody else: %r' % other)
    sends = subprocess.run([NOTICECTL, 'send', '--socket', r.crawl], input='', capture_output=True, text=True,
                           **be(1234, [READ_ID]))
    check(sends.returncode == 3 and 'Permission denied' in sends.stderr, 'a reader that sends: %r' % sends)
    r.stop()
    for folder, _, files in os.walk(r.ledger):
        for name in [folder] + [os.path.join(folder, f) for f in files]:
            status = os.lstat(name)
            check(status.st_gid == READ_ID and not status.st_mode & 0o022 or os.path.islink(name),
                  '%s: %o of group %d' % (name, status.st_mode, status.st_gid))

# Input files and standard input are read to their ends, the last line without a newline too.
with open('in.ndjson', 'wb') as out:
    out.write(line(listing(1, 'Squishmallow a')) + b'\n' + line(listing(2, 'Squishmallow b'))[:-1])
r, w = os.pipe()
g = Daemon('g', inputs=[os.path.join(HERE, 'in.ndjson'), '-'])
g.start(stdin=r)
os.write(w, line(listing(3, 'Squishmallow c')))
os.close(w)
begun = time.monotonic()
while g.command('status')['inputs_open'] or g.command('status')['matches'] < 3:
    check(time.monotonic() - begun < DEADLINE, 'inputs: %r' % g.command('status'))
    time.sleep(0.02)
g.stop()
got = {x['listing']: x['source'] for x in g.records() if x['kind'] == 'match'}
check(got == {'L1': 'in.ndjson', 'L2': 'in.ndjson', 'L3': 'stdin'}, 'inputs: %r' % got)

# More inputs than a lane reads at a time: those that wait are read when others end, and keep no
# client waiting. Named pipes do not end.
names = ['many%d' % n for n in range(20)]
pipes = {}
for n, name in enumerate(names):
    if n < 7:
        os.mkfifo(name)
        pipes[n] = os.open(name, os.O_RDWR)
    else:
        with open(name, 'wb') as out:
            out.write(line(listing(n, 'Squishmallow')))
m = Daemon('m', inputs=[os.path.join(HERE, name) for name in names], extra='lanes: 1\n')
m.start()
client = m.client()
client.pump(line(listing(100, 'Squishmallow')), wait_line=1)
for n, pipe in pipes.items():
    os.write(pipe, line(listing(n, 'Squishmallow')))
begun = time.monotonic()
while m.command('status')['inputs_open'] != 7 or m.command('status')['matches'] < 21:
    check(time.monotonic() - begun < DEADLINE, 'inputs: %r' % m.command('status'))
    time.sleep(0.02)
m.stop()
got = {x['listing']: x['source'] for x in m.records() if x['kind'] == 'match'}
check(got == {**{'L%d' % n: 'many%d' % n for n in range(20)}, 'L100': 'test'}, 'inputs: %r' % got)
PYTHON
