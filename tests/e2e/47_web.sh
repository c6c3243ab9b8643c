#!/usr/bin/env bash
# noticed-web over real sockets: records by range, filter and form, an event stream that goes on where it was, counters,
# reports and readiness; and nothing for who asks for more: other methods, hosts, paths, long or broken requests, who does
# not read. It ends at once, whoever is connected.
# check: uring asan
# limit: 180
set -eu
exec python3 - <<'PYTHON'
import json, os, re, shutil, signal, socket, subprocess, sys, time
ROOT, NOTICECTL = os.environ['ROOT'], os.environ['NOTICECTL']
WEB = os.path.join(os.path.dirname(os.environ['NOTICED']), 'noticed-web')
DEADLINE = 60


def check(condition, text):
    if not condition:
        sys.exit('FAILED: ' + str(text))


def ledger(*words, path='ledger'):
    subprocess.run([sys.executable, ROOT + '/tests/e2e/noticectl_ledger.py', path, *words], check=True)


def given(listener, *argv):
    """The command line that hands the socket over as systemd does, and what Popen needs for it."""
    fd = listener.fileno()
    return (['bash', '-c', 'exec 3<&%d; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0" "$@"' % fd, WEB, *argv],
            dict(pass_fds=[fd], stderr=subprocess.PIPE, text=True))


def start(*argv, at='./web.sock', listener=None):
    """The process, once it listens: at a path, or on a socket that it is given."""
    if listener:
        argv, how = given(listener, *argv)
        process = subprocess.Popen(argv, **how)
    else:
        process = subprocess.Popen([WEB, '--listen', at, *argv], stderr=subprocess.PIPE, text=True)
    begun = time.monotonic()
    while True:
        try:
            connect(at).close()
            return process
        except OSError:
            check(process.poll() is None and time.monotonic() - begun < DEADLINE, 'it does not start')
            time.sleep(0.02)


def connect(at='./web.sock'):
    if '/' in at:
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(DEADLINE)
        s.connect(at)
    else:
        s = socket.create_connection(at.rsplit(':', 1), DEADLINE)
    return s


def raw(request, at='./web.sock', more=True):
    """All bytes that come back until the end; an end before that is an end too."""
    got = b''
    with connect(at) as s:
        try:
            s.sendall(request)
            if not more:
                s.shutdown(socket.SHUT_WR)
            while piece := s.recv(65536):
                got += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
    return got


def unchunk(body):
    """The content, and whether its last chunk came."""
    out = b''
    while body:
        size, _, body = body.partition(b'\r\n')
        if int(size, 16) == 0:
            return out, True
        out += body[:int(size, 16)]
        body = body[int(size, 16) + 2:]
    return out, False


def get(path, method='GET', at='./web.sock', host='localhost', **headers):
    text = ''.join('%s: %s\r\n' % (k.replace('_', '-'), v) for k, v in headers.items())
    got = raw(('%s %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n' % (method, path, host, text)).encode(), at)
    head, _, body = got.partition(b'\r\n\r\n')
    lines = head.decode().split('\r\n')
    fields = {k.lower(): v for k, _, v in (line.partition(': ') for line in lines[1:])}
    if fields.get('transfer-encoding') == 'chunked' and method != 'HEAD':
        body, whole = unchunk(body)
        fields['whole'] = whole
    return int((lines[0].split() + ['', '0'])[1]), fields, body


def seqs(path, **headers):
    code, fields, body = get(path, **headers)
    check(code == 200 and fields['whole'], (path, code, body))
    return [json.loads(line)['seq'] for line in body.split(b'\n') if line]


def refused(code, *request, why='', **headers):
    got, fields, body = get(*request, **headers)
    check(got == code and why in body.decode(), (request, headers, got, body))
    check(fields['x-content-type-options'] == 'nosniff' and "default-src 'none'" in fields['content-security-policy'] and
          'sandbox' in fields['content-security-policy'], fields)


ledger('records', '20', 'hostile', 'rotate', 'records', '9', 'durable')
os.makedirs('reports/2026-11-30')
for name, text in (('a.html', '<h1>a'), ('2026-11-30/day.txt', 'day'), ('2026-11-30/b.json', '{}'), ('no.exe', 'x'), ('t.tsv', 'a\tb'),
                   ('.hid.html', 'x')):
    open('reports/' + name, 'w').write(text)
os.symlink('/etc/passwd', 'reports/link.html')
os.symlink('/etc', 'reports/folder')
os.mkfifo('reports/fifo.txt')
web = start('--ledger', 'ledger', '--reports', 'reports', '--metrics', 'noticed.prom')
check(oct(os.stat('web.sock').st_mode & 0o777) == '0o660', 'the mode of the socket')

# records: the lines of the feed, by place, filter and form
check(seqs('/entries') == list(range(30)), 'all')
code, fields, body = get('/entries')
whole = b''.join(open('ledger/feed/' + n, 'rb').read() for n in sorted(os.listdir('ledger/feed')))
check(body.replace(b',"provisional":true}', b'}') == whole and fields['content-type'] == 'application/json', 'not the lines')
for text, want in (('entries=i=27', [27, 28, 29]), ('entries=i=27:1', [27]), ('entries=i=3:1:3', [4, 5, 6]),
                   ('entries=:2', [0, 1]), ('entries=:-2:5', [28, 29]), ('entries=:-9:2', [21, 22]),
                   ('entries=begin:2', [0, 1]), ('entries=:0', [])):
    check(seqs('/entries', Range=text) == want, text)
check(seqs('/entries?platform=shop1', Range='entries=:-3:3') == [25, 27, 29], 'the last that pass')
check(seqs('/entries?platform=shop1', Range='entries=i=4:1:2') == [7, 9], 'skipped that pass')
check(seqs('/entries?kind=match&class=counterfeit&mark=M1') == [20], 'filters')
check(seqs('/entries?kind=match&kind=sighting&seller=shop1%2Fs0&until=2026-11-24T15:00:10Z') == [3, 9], 'words')
check(seqs('/entries?since=2026-11-24T15:00:28Z') == [28, 29], 'since')
code, _, body = get('/entries', Range='entries=i=20:1', Accept='text/plain')
check(b'counterfeit  shop1 X1  by shop1/s1  M1' in body and not re.search(rb'[\x00-\x09\x0b-\x1f\x7f]', body), body)
check(get('/entries', Range='entries=:1', Accept='text/csv')[2].startswith(b'seq,t,kind,'), 'csv')
check(get('/entries', Range='entries=begin:1', Accept='text/csv')[2].startswith(b'seq,t,kind,'), 'csv from the beginning')
for accept, want in (('text/html, text/csv;q=0.5, application/json', 'text/csv'), ('text/plain;q=0, */*', 'application/json'),
                     ('TEXT/Event-Stream', 'text/event-stream'), ('text/*', 'text/event-stream'), ('*/*', 'application/json'),
                     ('x/y,,text/plain ; q=0.1', 'text/plain')):
    check(get('/entries', Range='entries=:0', Accept=accept)[1]['content-type'].startswith(want), accept)
code, fields, body = get('/entries', 'HEAD')
check(code == 200 and body == b'' and fields['content-type'] == 'application/json', 'HEAD')
cursor = subprocess.run([NOTICECTL, 'tail', '--ledger', 'ledger', '--cursor', 'i=28', '-o', 'cat', '--show-cursor'],
                        capture_output=True, text=True, check=True).stdout.split('cursor: ')[1].strip()
check(seqs('/entries', Range='entries=%s:1' % cursor) == [29], 'the cursor of tail')

# what is no request for records
refused(400, '/entries?nonsense=1', why='the query may have')
for query in ('kind=foo', 'class=foo', 'since=soon', 'follow=1', 'mark', 'platform=%00', 'mark=' + 'x' * 600,
              'platform=' + 'x' * 5000):
    refused(400, '/entries?' + query, why='the query')
refused(400, '/entries?' + '&'.join('mark=m%d' % i for i in range(17)), why="the query's mark")
for text in ('entries=', 'entries=i=1:x', 'entries=i=1,i=2'):
    refused(400, '/entries', Range=text, why='a range of records')
for text in ('bytes=0-1', 'entries=:1000001', 'entries=i=3:-1:1', 'entries=i=30', 'entries=i=3;h=' + '0' * 32):
    refused(416, '/entries', Range=text)
for accept in ('image/png', 'application/jsonx', 'xtext/csv', 'application/json;q=0.000', ''):
    refused(406, '/entries', Accept=accept)
for method in ('POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'CONNECT', 'get', 'FOO'):
    refused(405, '/entries', method)
check(get('/entries', 'POST')[1]['allow'] == 'GET, HEAD', 'Allow')

# reports: by name alone
code, fields, body = get('/reports/')
check(code == 200 and re.findall(r'<a href="([^"]*)">', body.decode()) == ['t.tsv', 'a.html', '2026-11-30/'], body)
check(re.findall(r'<a href="([^"]*)">', get('/reports/2026-11-30/')[2].decode()) == ['day.txt', 'b.json'], 'a folder')
code, fields, body = get('/reports/a.html')
check(code == 200 and body == b'<h1>a' and fields['content-type'] == 'text/html; charset=utf-8' and
      fields['cache-control'] == 'no-store' and fields['x-frame-options'] == 'DENY', fields)
check(get('/reports/2026-11-30/day.txt')[2] == b'day', 'a report in a folder')
check(get('/reports/t.tsv')[1]['content-type'] == 'text/tab-separated-values; charset=utf-8', 'a table')
for name in ('a.html%00', 'a.html%00.txt', '%00', '2026-11-30/day.txt%00/x'):
    refused(400, '/reports/' + name, why='NUL')
refused(400, '/healthz%00?x=1', why='NUL')
check(get('/healthz?%00')[0] == 200, 'a NUL of the query')
os.mkdir('reports/many')
for i in range(1003):
    open('reports/many/%04d.txt' % i, 'w').close()
body = get('/reports/many/')[2].decode()
check(re.findall(r'<a href="([^"]*)">', body) == ['%04d.txt' % i for i in range(1002, 2, -1)] and 'There are more' in body,
      'of many reports the thousand of the greatest names')
shutil.rmtree('reports/many')
for name in ('link.html', 'fifo.txt', 'no.exe', '.hid.html', 'nosuch.html', 'folder/passwd', 'folder/', '..', '../',
             '../ledger/feed/x.json', '%2e%2e/%2e%2e/etc/passwd.txt', '..%2fledger', '2026-11-30',
             '2026-11-30/../a.html', 'a.html/', '/etc/passwd', '%2fetc%2fpasswd',
             '2026-11-30/x/y.txt', 'x' * 3000 + '.html'):
    check(get('/reports/' + name)[0] == 404, name)
refused(404, '/', why='/healthz')
refused(404, '/reports', why='/reports/')

# readiness and counters
refused(503, '/metrics', why='noticed-metrics.timer')
refused(503, '/readyz', why='counters')
check(get('/healthz')[2] == b'ok\n', 'health')
for up, disk, age, code in ((1, 1, 0, 200), (1, 1, -1000, 503), (1, 1, float('nan'), 503), (0, 1, 0, 503),
                            (1, 0, 0, 503), (1, 1, 100, 503)):
    with open('noticed.prom', 'w') as f:
        f.write('# HELP noticed_up x\nnoticed_up %d\nnoticed_written_timestamp_seconds %.3f\nnoticed_disk_state{state="ok"} %d\n'
                % (up, time.time() - age, disk))
    check(get('/readyz')[0] == code, ('readyz', up, disk, age, get('/readyz')))
code, fields, body = get('/metrics')
check(code == 200 and body == open('noticed.prom', 'rb').read() and 'version=0.0.4' in fields['content-type'], 'metrics')

# an event stream goes on, and where it was when it begins again
def events(s, count):
    got = b''
    while got.count(b'\n\n') < count:
        piece = s.recv(65536)
        check(piece, 'it ended: %r' % got)
        got += piece
    return [(i.decode(), json.loads(d)['seq']) for i, d in re.findall(rb'id: (.*)\ndata: (.*)\n', got)]


STREAM = 'GET /entries?kind=sighting&follow HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n%s\r\n'
with connect() as s:
    s.sendall((STREAM % 'Range: entries=:-1:100\r\n').encode())
    first = events(s, 1)
    check([seq for _, seq in first] == [29], first)
    ledger('records', '1', 'rotate', 'records', '1', 'durable')
    check([seq for _, seq in events(s, 2)] == [30, 31], 'what is written is not followed')
with connect() as s:
    s.sendall((STREAM % ('Last-Event-ID: %s\r\n' % first[0][0])).encode())
    check([seq for _, seq in events(s, 2)] == [30, 31], 'it does not go on where it was')
refused(400, '/entries', Accept='text/event-stream', Last_Event_ID='x', why='cursor')
# damage breaks the answer off
segment = 'ledger/feed/%020d.jsonl' % 31
text = open(segment).read()
open(segment, 'w').write(text.replace('"seq":31', '"seq":99'))
code, fields, body = get('/entries')
check(code == 200 and not fields['whole'] and body.count(b'\n') == 31, (fields, body.count(b'\n')))
open(segment, 'w').write(text)

# hostile requests: an answer or an end, and it goes on
for request in (b'\r\n\r\n', b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n\r\n', b'\x16\x03\x01\x02\x00\x01' * 40,
                b'GET /' + b'a' * 100000 + b' HTTP/1.1\r\n\r\n',
                b'GET / HTTP/1.1\r\nHost: x\r\n' + b'A: ' + b'b' * 100000 + b'\r\n\r\n',
                b'GET / HTTP/1.1\r\n' + b'A: b\r\n' * 20000 + b'\r\n',
                b'GET /entries HTTP/1.1\r\nHost: x\r\nRange: entries=' + b':' * 5000 + b'\r\n\r\n',
                b'POST /entries HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n' + b'x' * 200000,
                b'POST /entries HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n',
                b'GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /',
                b'GET /reports/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n'):
    got = raw(request, more=False)
    check(not got or not got.startswith(b'HTTP/1.1 200') or b'/healthz' in request, (request[:80], got[:200]))
check(web.poll() is None and get('/healthz')[0] == 200, 'it does not survive a hostile request')

# who says nothing, and who does not read, hold up nobody; of too many connections the idlest is closed
ledger('records', '3000', 'durable')
idle = [connect() for _ in range(10)]
deaf, more_deaf = [], []
for _ in range(10):
    s = connect()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.sendall(b'GET /entries?follow HTTP/1.1\r\nHost: x\r\n\r\n')
    deaf.append(s)
begun = time.monotonic()
while len(more_deaf) < 14:  # readers of before may hold their places for a moment
    s = connect()
    s.sendall(b'GET /entries?follow HTTP/1.1\r\nHost: x\r\n\r\n')
    answer = s.recv(12)
    if answer == b'HTTP/1.1 200':
        more_deaf.append(s)
        continue
    check(answer == b'HTTP/1.1 503' and time.monotonic() - begun < DEADLINE, ('a reader', answer))
    s.close()
    time.sleep(0.05)
refused(503, '/entries', why='24 others read records')
code, fields, body = get('/entries')
check(code == 503 and fields['retry-after'] == '5', ('a reader too many', code, fields, body[:200]))
check(get('/healthz')[0] == 200, 'readers take the other paths away')
for s in more_deaf:
    s.close()
begun = time.monotonic()
while get('/entries', 'HEAD')[0] == 503:
    check(time.monotonic() - begun < DEADLINE, 'readers that are gone hold their places')
    time.sleep(0.05)
check(len(seqs('/entries?kind=sighting')) == 3031, 'held up by who does not read')
# who only holds connections, in half a request, between two or in none, makes room for who asks: the idlest goes
for half in (b'', b'GET /healthz HTTP/1.1\r\nHost: x\r\nA: ', b'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'):
    held = [connect() for _ in range(70)]
    for s in held:
        try:
            s.sendall(half)
        except (BrokenPipeError, ConnectionResetError):
            pass
    begun = time.monotonic()
    check(get('/healthz')[0] == 200 and time.monotonic() - begun < 8, 'connections that are held take all places')
    idle += held
check(len(seqs('/entries?kind=sighting')) == 3031, 'records beside connections that are held')
for s in deaf:
    s.setblocking(False)
    check(s.recv(16, socket.MSG_PEEK), 'a reader made room for who only holds a connection')
    s.setblocking(True)
for s in idle:
    s.close()

# it ends at once, with ten connections that do not read
web.send_signal(signal.SIGTERM)
_, error = web.communicate(timeout=DEADLINE)
check(web.returncode == 0 and error.count('\n') == 1 and 'cannot go on reading the feed' in error, (web.returncode, error))

# an event stream tells of a line that is no record and goes on, as it would meet it again for ever; others break off
ledger('records', '2', 'durable', path='odd')
odd = 'odd/feed/%020d.jsonl' % 0
text = open(odd).read()
open(odd, 'w').write(text.replace('"active"', '"active\'', 1))
web = start('--ledger', 'odd')
with connect() as s:
    s.sendall(b'GET /entries?follow HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nRange: entries=begin:100\r\n\r\n')
    got = b''
    while b'"seq":1,' not in got:
        piece = s.recv(65536)
        check(piece, got)
        got += piece
check(b': line 0 of the feed is no record\n' in got, got)
check(get('/entries')[1]['whole'] is False, 'a line that is no record is passed over in silence')
web.terminate()
check(web.wait(DEADLINE) == 0, 'the end')

# loopback TCP: only by its own names; nothing is shown that was not asked for
listener = socket.create_server(('127.0.0.1', 0))
at = '127.0.0.1:%d' % listener.getsockname()[1]
web = start('--ledger', 'ledger', at=at, listener=listener)
listener.close()
for host in ('localhost', at, 'LOCALHOST:1', '[::1]:80'):
    check(get('/healthz', at=at, host=host)[0] == 200, host)
for host in ('evil.example', 'localhost.evil.example', '127.0.0.1.evil', ''):
    refused(421, '/entries', at=at, host=host)
for path in ('/metrics', '/reports/', '/reports/a.html'):
    refused(404, path, at=at)
check(get('/readyz', at=at)[0] == 200, 'ready without counters')
web.terminate()
check(web.wait(DEADLINE) == 0, 'the end')

# a socket that systemd hands over is loopback too, or it is not served
with socket.create_server(('0.0.0.0', 0)) as listener:
    argv, how = given(listener, '--ledger', 'ledger')
    done = subprocess.run(argv, timeout=DEADLINE, **how)
    check(done.returncode == 78 and 'loopback' in done.stderr, done)

# mistakes of who starts it say what to do
for argv, code, text in ((['--listen', '0.0.0.0:80'], 78, 'loopback'), ([], 78, 'name one with --listen'),
                         (['--listen', 'x'], 78, 'a path has a slash'), (['--listen', './nowhere/x'], 78, 'cannot listen at'),
                         (['--nonsense'], 78, '--help'), (['more'], 78, '--help')):
    done = subprocess.run([WEB, *argv], capture_output=True, text=True, timeout=DEADLINE)
    check(done.returncode == code and text in done.stderr, (argv, done))
done = subprocess.run([WEB, '--version'], capture_output=True, text=True, check=True)
check(done.stdout.startswith('noticed-web '), done.stdout)
PYTHON
