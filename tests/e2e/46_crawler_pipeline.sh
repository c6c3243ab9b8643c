#!/usr/bin/env bash
# The Scrapy pipeline beside the real daemon: nothing is lost or doubled while it is stopped, killed twice, and while
# the crawler itself is killed; and a crawl by Scrapy, if it is here, from a site of ours into the record.
# check: uring
set -eu
exec python3 - <<'PYTHON'
import os, sys
ROOT = os.environ['ROOT']
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, 'tests', 'e2e'))
sys.path.insert(0, os.path.join(ROOT, 'daemon', 'dist', 'crawlers'))
from daemon import *
import http.server, logging, threading, noticed_scrapy

noticed_scrapy.WAIT_MAX = 0.5
logging.basicConfig(filename='pipeline.log', level=logging.INFO)


class Spider:
    name = 'my spider'


def item(n, word='Squishmallow'):
    return {'url': 'https://shop.example/%d' % n, 'name': '%s %d' % (word, n), 'price': float('nan')}


def pipeline(d, **more):
    p = noticed_scrapy.NoticedPipeline(dict({'NOTICED_SOCKET': d.crawl, 'NOTICED_SPOOL': 'spool',
                                             'NOTICED_CLOSE_WAIT': DEADLINE}, **more))
    p.open_spider(Spider)
    return p


def of(d, kind):
    return [int(r['listing'].rsplit('/', 1)[1]) for r in d.records() if r['kind'] == kind and r['source'] == 'my-spider']


# Items while the daemon is up, down, and killed, each once at the other end; one in five is no listing.
d = Daemon().start()
p = pipeline(d)
count = 1500
slowest = 0
for n in range(count):
    if n == 350:
        d.stop()
    if n in (700, 1150):
        d.start(wait=False)
    if n in (850, 1300):
        d.kill()
    begun = time.monotonic()
    p.process_item({'x': n} if n % 5 == 4 else item(n), Spider)
    slowest = max(slowest, time.monotonic() - begun)
    time.sleep(0.001)
check(p.sender.waiting() > 0 and os.listdir('spool'), 'without a daemon items wait')
d.start()
check(p.close_spider(Spider), 'not all acknowledged: %r' % p.sender.counts)
wanted = [n for n in range(count) if n % 5 != 4]
check(of(d, 'match') == wanted == of(d, 'sighting'), 'matches: %d of %d' % (len(of(d, 'match')), len(wanted)))
check(p.sender.counts['items'] == p.sender.counts['acknowledged'] == count, 'counts: %r' % p.sender.counts)
check(p.sender.counts['refused'] >= count // 5 and len({r['sha256'] for r in d.rejects()}) == count // 5,
      'refused: %r' % p.sender.counts)
check(os.listdir('spool') == [], 'the spool is empty: %r' % os.listdir('spool'))
check(slowest < 5, 'the pipeline waited for the daemon: %.1f s' % slowest)

# A crawler that is killed while the daemon is away leaves its items to the next one; one that lives keeps its own.
d.stop()
child = os.fork()
if child == 0:
    q = pipeline(d)
    for n in range(10000, 10050):
        q.process_item(item(n), Spider)
    os.write(q.sender.current.fd, b'{"half')
    os._exit(0)
os.waitpid(child, 0)
other = pipeline(d, NOTICED_CLOSE_WAIT=0)
other.process_item(item(20000), Spider)
check(len([x for x in os.listdir('spool') if x.endswith('.jsonl')]) == 2, 'one file a crawl')
check(not other.close_spider(Spider) and other.sender.waiting() > 0, 'no daemon, and all acknowledged')
for file in list(other.sender.files):
    file.close()
d.start()
out = subprocess.run([sys.executable, '-B', os.path.join(ROOT, 'daemon', 'dist', 'crawlers', 'noticed_scrapy.py'),
                      '--socket', d.crawl, '--source', 'my-spider', 'spool'], stderr=subprocess.PIPE, text=True)
check(out.returncode == 0 and '51 items acknowledged' in out.stderr, 'what was left: %r' % out)
check(sorted(of(d, 'match'))[-51:] == list(range(10000, 10050)) + [20000], 'what was left is on record')
check(os.listdir('spool') == [], 'the spool is empty again')

# While the daemon is away what waits is synced, and at the end; what a power cut may leave of the two files is read.
d.stop()
synced, real = [], os.fdatasync
os.fdatasync = lambda fd: (synced.append(os.fstat(fd).st_size), real(fd))
p = pipeline(d, NOTICED_CLOSE_WAIT=0)
p.process_item(item(25000), Spider)
begun = time.monotonic()
while not synced:
    check(time.monotonic() - begun < DEADLINE, 'what waits is not synced')
    time.sleep(0.01)
for n in range(25001, 25004):
    p.process_item(item(n), Spider)
check(not p.close_spider(Spider), 'no daemon, and all acknowledged')
os.fdatasync = real
left = p.sender.current
check(synced[-1] == left.size, 'not synced at the end: %r of %d' % (synced, left.size))
left.close()
for acked, offset in ((b'2', None), (b'9', left.size), (b'\0' * 20, 0), (b'x', 0), (b'', 0)):
    with open(left.acked_path, 'wb') as f:
        f.write(acked)
    file = noticed_scrapy.SpoolFile('spool', left.session)
    check(0 < file.offset < file.size if offset is None else file.offset == offset,
          'acknowledged %r: from %d of %d on' % (acked, file.offset, file.size))
    os.close(file.fd), os.close(file.acked_fd)
d.start()
p = pipeline(d)
check(p.close_spider(Spider) and sorted(of(d, 'match'))[-4:] == list(range(25000, 25004)), 'what was left is sent')

# A full spool says so, and a map that is not there is told and keeps the items.
p = pipeline(d, NOTICED_SPOOL_MAX=1, NOTICED_MAP='nope', NOTICED_CLOSE_WAIT=DEADLINE)
check(p.sender.put(noticed_scrapy.encode(item(30000))) is False, 'past the bound')
check(p.close_spider(Spider) is False and 'no such map' in open('pipeline.log').read(), 'a wrong map is told')
check(p.sender.waiting() > 0, 'and nothing is lost')
for file in list(p.sender.files):
    file.close()

# Scrapy itself: a site of ours, crawled into the record by a project that does what the README says, and no more.
python = next((x for x in ('/usr/bin/python3', sys.executable)
               if subprocess.run([x, '-c', 'import scrapy'], stderr=subprocess.DEVNULL).returncode == 0), None)
if python is None:
    print('passed without Scrapy: no python3-scrapy')
    sys.exit(0)


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        n = int(self.path.strip('/') or 0)
        body = ('<h1>%s %d</h1><p class=d>plush</p><a href="/%d">next</a>'
                % ('Squishmallows' if n % 2 else 'plain', n, n + 1 if n < 40 else n)).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'text/html; charset=utf-8')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


site = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Site)
threading.Thread(target=site.serve_forever, daemon=True).start()
told = open(os.path.join(ROOT, 'README.md')).read().split('into the folder of the project')[1]
settings = [line.strip() for line in told.split('\n\n')[1].split('\n')]
check(len(settings) == 2 and settings[1].startswith('NOTICED_SOCKET = "'), 'the README: %r' % settings)
settings[1] = 'NOTICED_SOCKET = %r' % d.crawl
os.makedirs('shop/shop/spiders')
for name, text in (('scrapy.cfg', '[settings]\ndefault = shop.settings\n'), ('shop/__init__.py', ''), ('shop/spiders/__init__.py', ''),
                   ('shop/settings.py', '\n'.join(['BOT_NAME = "shop"', 'SPIDER_MODULES = ["shop.spiders"]', *settings,
                                                  'LOG_LEVEL = "INFO"', 'TELNETCONSOLE_ENABLED = False', ''])),
                   ('noticed_scrapy.py', open(noticed_scrapy.__file__).read()),
                   ('shop/spiders/shop.py', '''import scrapy


class Shop(scrapy.Spider):
    name = 'shop'
    start_urls = ['http://127.0.0.1:%d/0']

    def parse(self, response):
        yield {'url': response.url, 'name': response.css('h1::text').get(), 'description': response.css('.d::text').get()}
        yield from response.follow_all(css='a')
''' % site.server_address[1])):
    with open('shop/' + name, 'w') as out:
        out.write(text)
run = subprocess.run([python, '-B', '-m', 'scrapy', 'crawl', 'shop'], cwd='shop', stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                     text=True)
found = sorted(int(r['listing'].rsplit('/', 1)[1]) for r in d.records() if r['kind'] == 'match' and r['source'] == 'shop')
check(found == list(range(1, 41, 2)), 'crawled: %r\n%s' % (found, run.stdout[-3000:]))
check('41 items, 41 acknowledged by noticed, 0 refused' in run.stdout, run.stdout[-3000:])
d.stop()
PYTHON
