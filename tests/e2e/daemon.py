"""A real noticed under test: starts, feeds, kills and reads it. Python's standard library only.

Environment, set by tests/check.sh: NOTICED and NOTICECTL (binaries), NOTICED_IO (uring or poll).
Each test runs in an empty folder of its own, which it owns.
"""
import json, os, select, signal, socket, subprocess, sys, time

NOTICED = os.environ['NOTICED']
NOTICECTL = os.environ['NOTICECTL']
IO = os.environ.get('NOTICED_IO', 'auto')
HERE = os.getcwd()
DEADLINE = 60.0

MARKS = ('mark_id\tmark\tcategory\tgeneric\taliases\n'
         'T1\tSquishmallows\ttoys\t0\tSquishmallow\n'
         'T2\tApple\telectronics\t1\t\n')
CUES = 'cue_id\tlang\tphrase\tstrength\nC1\ten\treplica\t3\n'


def fail(text):
    sys.exit('FAILED: ' + text)


def check(condition, text):
    if not condition:
        fail(text)


def listing(n, title='a plain toy', **more):
    return {'platform': 'bazaar', 'listing_id': 'L%d' % n, 'seller_id': 's%d' % (n % 7),
            'title': title, **more}


def line(value):
    return json.dumps(value).encode() + b'\n'


def unique(pairs):
    value = dict(pairs)
    check(len(value) == len(pairs), 'a member is there twice: %r' % [k for k, _ in pairs])
    return value


class Daemon:
    def __init__(self, name='d', marks=MARKS, cues=CUES, extra='', env=None, ledger=None,
                 ledger_keys='', tcp=None, inputs=None, notice=None):
        self.dir = os.path.join(HERE, name)
        os.makedirs(self.dir, exist_ok=True)
        self.crawl = os.path.join(self.dir, 'crawl.sock')
        self.notice = os.path.join(self.dir, 'notice.sock')
        self.control = os.path.join(self.dir, 'control.sock')
        self.ledger = ledger or os.path.join(self.dir, 'ledger')
        self.config = os.path.join(self.dir, 'noticed.yaml')
        self.log = os.path.join(self.dir, 'log')
        self.env = env
        self.process = None
        for file, text in (('marks.tsv', marks), ('cues.tsv', cues)):
            with open(os.path.join(self.dir, file), 'w', encoding='utf8') as out:
                out.write(text)
        with open(self.config, 'w', encoding='utf8') as out:
            out.write('ledger: {path: "%s"%s}\ncrawl: {socket: "%s"%s}\ncontrol: {socket: "%s"}\n'
                      'marks: [marks.tsv]\ncues: [cues.tsv]\nio: %s\n%s%s'
                      % (self.ledger, ledger_keys and ', ' + ledger_keys, self.crawl,
                         ', tcp: "%s"' % tcp if tcp else '', self.control, IO,
                         'inputs: %s\n' % json.dumps(inputs) if inputs else '',
                         extra + ('notice: %s\n' % json.dumps(dict({'socket': self.notice}, **(
                             notice if isinstance(notice, dict) else {}))) if notice else '')))

    def start(self, wait=True, stdin=None, pass_fds=(), argv=(), preexec=None):
        env = dict(os.environ, ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=1', **(self.env or {}))
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([NOTICED, '--config', self.config, *argv], env=env,
                                            stdin=stdin or subprocess.DEVNULL, stdout=log,
                                            stderr=log, pass_fds=pass_fds, preexec_fn=preexec)
        if wait:
            self.wait_ready()
        return self

    def logged(self):
        with open(self.log, encoding='utf8', errors='replace') as log:
            return log.read()

    def wait_ready(self):
        begun = time.monotonic()
        while time.monotonic() - begun < DEADLINE:
            check(self.process.poll() is None, 'noticed ended at start:\n' + self.logged())
            try:
                return self.command('status')
            except OSError:
                time.sleep(0.005)
        fail('noticed is not ready:\n' + self.logged())

    def command(self, name, **members):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(DEADLINE)
            s.connect(self.control)
            s.sendall(json.dumps({'cmd': name, **members}).encode() + b'\n')
            return json.loads(s.makefile('rb').readline())

    def stop(self, expect=0):
        self.process.send_signal(signal.SIGTERM)
        return self.wait(expect)

    def wait(self, expect=0):
        code = self.process.wait(DEADLINE)
        check(expect is None or code == expect,
              'noticed ended with %d, not %s:\n%s' % (code, expect, self.logged()))
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()

    def records(self):
        """All records, in order; every line must be whole, ASCII and one JSON object."""
        out = []
        feed = os.path.join(self.ledger, 'feed')
        for name in sorted(n for n in os.listdir(feed) if n.endswith('.jsonl')):
            with open(os.path.join(feed, name), 'rb') as f:
                data = f.read()
            check(data == b'' or data.endswith(b'\n'), name + ' ends inside a line')
            for raw in data.split(b'\n')[:-1]:
                check(all(32 <= b < 127 for b in raw), 'a raw control or non-ASCII byte in ' + name)
                out.append(json.loads(raw, object_pairs_hook=unique))
        return out

    def rejects(self):
        out = []
        folder = os.path.join(self.ledger, 'rejects')
        for name in sorted(n for n in os.listdir(folder) if n.endswith('.jsonl')):
            with open(os.path.join(folder, name), 'rb') as f:
                out += [json.loads(raw) for raw in f.read().split(b'\n')[:-1]]
        return out

    def client(self, hello=True, source='test'):
        return Client(self.crawl, hello, source)


class Client:
    def __init__(self, path, hello=True, source='test', address=None):
        self.socket = socket.socket(socket.AF_INET if address else socket.AF_UNIX)
        self.socket.settimeout(DEADLINE)
        self.socket.connect(address or path)
        self.buffer = b''
        self.acked = 0
        self.nacks = {}
        self.events = {}   # answers to events, by line
        self.last = None   # the latest ack, whole
        self.each = None   # set to []: all of them
        if hello:
            self.send(line({'noticed': 1, 'source': source, 'ack': True}))

    def send(self, data):
        self.socket.sendall(data)

    def pump(self, data, wait_line=None):
        """Sends data while reading replies, then reads until line wait_line is acknowledged."""
        view = memoryview(data)
        self.socket.setblocking(False)
        poller = select.poll()
        poller.register(self.socket)
        begun = time.monotonic()
        while len(view) > 0 or (wait_line is not None and self.acked < wait_line):
            check(time.monotonic() - begun < DEADLINE, 'no acknowledgement in time')
            poller.modify(self.socket, select.POLLIN | (select.POLLOUT if len(view) else 0))
            events = dict(poller.poll(1000)).get(self.socket.fileno(), 0)
            if events & ~select.POLLOUT and not self.take():
                return False
            if events & select.POLLOUT:
                try:
                    view = view[self.socket.send(view[:1 << 18]):]
                except BlockingIOError:
                    pass
        self.socket.settimeout(DEADLINE)
        return True

    def take(self):
        """Reads what is there; False at the end of the connection."""
        try:
            data = self.socket.recv(1 << 16)
        except (ConnectionResetError, BrokenPipeError):
            return False
        if not data:
            return False
        self.buffer += data
        *lines, self.buffer = self.buffer.split(b'\n')
        for raw in lines:
            reply = json.loads(raw)
            if 'ack' in reply:
                check(reply['ack'] > self.acked, 'an ack that does not grow')
                self.acked = reply['ack']
                self.last = reply
                if self.each is not None:
                    self.each.append(reply)
            elif 'line' in reply:
                check(reply['line'] > self.acked, 'an answer after the ack that covers it')
                self.events[reply['line']] = reply
            else:
                check(reply['nack'] > self.acked, 'a nack after the ack that covers it')
                self.nacks[reply['nack']] = reply
        return True

    def close(self):
        self.socket.close()
