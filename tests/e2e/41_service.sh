#!/usr/bin/env bash
# As a service: socket activation, READY, RELOADING, WATCHDOG and STOPPING, exit codes, bad configs.
# check: uring poll
set -eu
exec python3 - <<'PYTHON'
import os, sys
sys.path.insert(0, os.path.join(os.environ['ROOT'], 'tests', 'e2e'))
from daemon import *
import ctypes, signal, socket, subprocess

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
        if tid == d.process.pid or comm.read().startswith('iou-'):
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
listener2 = socket.socket(socket.AF_UNIX)
listener2.bind(os.path.join(HERE, 'weird.sock'))
listener2.listen(1)
shell = ('exec 3<&%d; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=weird; exec "$0" --config "$1"'
         % listener2.fileno())
p = subprocess.run(['bash', '-c', shell, NOTICED, Daemon('z').config], capture_output=True, text=True,
                   pass_fds=[listener2.fileno()], timeout=DEADLINE)
check(p.returncode == 78 and 'FileDescriptorName' in p.stderr, 'socket name: %d %s' % (p.returncode, p.stderr))

# A feed that was edited while nobody ran is refused (65), and says where.
with open(os.path.join(f.ledger, 'feed', 'current'), 'r+b') as feed:
    data = feed.read().replace(b'"host":"', b'"host":"X', 1)
    feed.seek(0)
    feed.write(data)
code, text = run('--config', f.config)
check(code == 65 and 'feed/' in text, 'edited feed: %d %s' % (code, text))

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
