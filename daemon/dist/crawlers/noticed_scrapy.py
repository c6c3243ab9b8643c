"""Scrapy items to noticed, each exactly once. One file, Python's standard library only.

In settings.py of a project, with this file beside its scrapy.cfg:

    ITEM_PIPELINES = {"noticed_scrapy.NoticedPipeline": 900}

    NOTICED_SOCKET = "/run/noticed/crawl.sock"   # or "tcp:127.0.0.1:4747"
    NOTICED_MAP = "scrapy"                       # field map of the daemon; "none": items are listings as they are
    NOTICED_SOURCE = None                        # name in the records; the spider's unless given
    NOTICED_SPOOL = ".scrapy/noticed"            # folder where items wait until they are on record
    NOTICED_SPOOL_MAX = 1 << 30                  # bytes; past it the crawl pauses until half of it is sent
    NOTICED_CLOSE_WAIT = 30                      # seconds that the end of a crawl waits for the daemon

An item is appended to a file in the spool before the pipeline returns, which a killed crawl loses nothing of;
items that wait are synced each second, so a power cut may take the last one's. It stays there until noticed has
acknowledged it: it is decided, and every record from it is on disk. A thread of its own sends what is there;
the reactor never waits for the daemon. While that is away items gather in the spool, and a crawl that ends,
or is killed, leaves them for the next one (or for `python3 noticed_scrapy.py --socket S SPOOL`).

Each file of the spool is a session of the wire, and an item's number in it the number of its line: what is
sent again after a lost connection, a crash or a restart of either side gives no second record.
"""
import argparse, collections, datetime, decimal, fcntl, json, logging, os, select, socket, sys, threading, time, uuid

log = logging.getLogger("noticed")

SOURCE_MAX = 64
SOURCE_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-")
FILE_MAX = 64 << 20  # bytes of one file of the spool, then a new session begins
READ_BYTES = 1 << 18
WINDOW_BYTES = 4 << 20  # sent and not yet acknowledged
WAIT_MIN, WAIT_MAX = 0.1, 15.0  # seconds between attempts to connect
SYNC_EACH = 1.0  # seconds: what a power cut may take of items that wait
REFUSED_SHOWN = 20  # refused items named in the log; the dead letters have all


class Refused(Exception):
    """The daemon will not have this session: what is wrong must be changed by a person."""


def _plain(value):
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, decimal.Decimal):
        return str(value)
    if hasattr(value, "_asdict"):
        return value._asdict()
    return str(value)


def _finite(value):
    """The same without NaN and infinities, which are no JSON."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(inner) for inner in value]
    return value


def encode(item):
    """One line of JSON, with its newline."""
    try:
        from itemadapter import ItemAdapter
        item = ItemAdapter(item).asdict()
    except ImportError:
        item = dict(item)
    try:
        text = json.dumps(item, default=_plain, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(item), default=_plain)
    return text.encode("ascii") + b"\n"


class SpoolFile:
    """One file of lines, `<session>.jsonl`, and beside it `<session>.acked`: how many are on record."""

    def __init__(self, folder, session=None):
        self.own = session is None
        self.session = session or uuid.uuid4().hex
        self.path = os.path.join(folder, self.session + ".jsonl")
        self.acked_path = os.path.join(folder, self.session + ".acked")
        self.fd = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if self.own else 0), 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)  # of a crawl that lives: BlockingIOError
            self.acked_fd = os.open(self.acked_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            os.close(self.fd)
            raise
        self.complete = not self.own  # nothing more is written to it
        number = os.pread(self.acked_fd, 32, 0).strip()
        self.acked = int(number) if number.isdigit() else 0  # a power cut may leave anything
        self.offset = 0  # of the line after the last one acknowledged
        self.size, self.synced = self._whole(), 0  # a killed crawl may not have synced it

    def _whole(self):
        """The bytes up to the last newline: what a crash left behind it is no item. Finds offset too."""
        at = end = lines = 0
        while True:
            block = os.pread(self.fd, READ_BYTES, at)
            if not block:
                if lines < self.acked:  # the number came to the disk and the lines behind did not: all are on record
                    self.offset = end
                return end
            begin = 0
            while True:
                newline = block.find(b"\n", begin)
                if newline < 0:
                    break
                begin = newline + 1
                lines += 1
                end = at + begin
                if lines == self.acked:
                    self.offset = end
            at += len(block)

    def append(self, line):
        done = os.write(self.fd, line)
        if done != len(line):  # a full disk: no half item may stay
            os.ftruncate(self.fd, self.size)
            raise OSError("the spool %s is full" % self.path)
        self.size += len(line)

    def sync(self):
        """What is not on the disk yet; of a new file its name, too."""
        size = self.size
        if size == self.synced:
            return
        os.fdatasync(self.fd)
        if self.synced == 0:
            folder = os.open(os.path.dirname(self.path) or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        self.synced = size

    def acknowledge(self, number, offset):
        self.acked, self.offset = number, offset
        # Not synced: a number that is too old only sends lines again, which gives no second record.
        os.pwrite(self.acked_fd, b"%-20d" % number, 0)

    def done(self):
        return self.complete and self.offset >= self.size

    def close(self):
        if self.done():
            os.unlink(self.path)
            os.unlink(self.acked_path)
        os.close(self.fd)
        os.close(self.acked_fd)


class Sender(threading.Thread):
    """Sends the files of a spool in their order, and waits for the acknowledgements."""

    def __init__(self, address, source, map_name, folder, spool_max=1 << 30, on_room=None):
        super().__init__(name="noticed", daemon=True)
        self.address, self.source, self.map_name, self.folder = address, source, map_name, folder
        self.spool_max, self.on_room = spool_max, on_room
        self.counts = collections.Counter()
        self.lock = threading.Condition()
        self.files = collections.deque()
        self.current = None
        self.full = self.stopping = False
        self.problem = None
        self.sync_at = 0.0
        os.makedirs(folder, mode=0o700, exist_ok=True)
        for name in sorted(os.listdir(folder), key=lambda n: os.path.getmtime(os.path.join(folder, n))):
            if name.endswith(".jsonl"):
                try:
                    self.files.append(SpoolFile(folder, name[:-len(".jsonl")]))
                except (BlockingIOError, FileNotFoundError):
                    pass  # another crawl's
        self.left_over = sum(1 for file in self.files if not file.done())
        self.wake_read, self.wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def _wake(self):
        try:
            os.write(self.wake_write, b"x")
        except BlockingIOError:
            pass  # it is awake

    def waiting(self):
        """Bytes that are not on record yet."""
        with self.lock:
            return sum(max(0, file.size - file.offset) for file in self.files)

    def put(self, line):
        """Keeps a line. Returns False when the spool is past its bound: time to pause."""
        with self.lock:
            if self.current is None or self.current.size > FILE_MAX:
                if self.current is not None:
                    self.current.complete = True
                self.current = SpoolFile(self.folder)
                self.files.append(self.current)
            self.current.append(line)
            self.counts["items"] += 1
            self.full = self.full or self.waiting() > self.spool_max
            full = self.full
        self._wake()
        return not full

    def finish(self, wait):
        """No further lines come. Waits so many seconds until all are on record; True: they are."""
        with self.lock:
            if self.current is not None:
                self.current.complete = True
            self._wake()
            done = self.lock.wait_for(lambda: not self.files or self.problem, wait) and not self.problem
            self.stopping = True
        self._wake()
        self.join(WAIT_MAX + 5)
        return bool(done)

    def run(self):
        pause = WAIT_MIN
        while not self.stopping:
            file, before = None, 0
            try:
                with self.lock:
                    self._drop_done()
                    file = self.files[0] if self.files else None
                if file is None:
                    select.select([self.wake_read], [], [], 1)
                    self._slept()
                    continue
                before = file.acked
                self._send(file)
                pause = WAIT_MIN
            except Refused as error:
                log.error("noticed refused the connection: %s; items stay in %s", error, self.folder)
                with self.lock:
                    self.problem = str(error)
                    self.lock.notify_all()
                pause = WAIT_MAX
            except (OSError, ValueError) as error:
                if file is not None and file.acked > before:
                    pause = WAIT_MIN
                log.warning("noticed at %s: %s; %d bytes of items wait in %s", self.address, error, self.waiting(),
                            self.folder)
            else:
                continue
            until = time.monotonic() + pause
            while not self.stopping and time.monotonic() < until:
                self._sync()
                time.sleep(min(0.1, pause))
            pause = min(2 * pause, WAIT_MAX)
        self.sync_at = 0.0
        self._sync()

    def _sync(self):
        """Each second, and only while items wait: what is acknowledged needs it no more."""
        now = time.monotonic()
        if now < self.sync_at:
            return
        self.sync_at = now + SYNC_EACH
        with self.lock:
            files = [file for file in self.files if file.offset < file.size]
        try:
            for file in files:
                file.sync()
        except OSError as error:
            log.warning("items in %s cannot be synced: %s; a power cut may lose them", self.folder, error)

    def _slept(self):
        try:
            os.read(self.wake_read, 4096)
        except BlockingIOError:
            pass

    def _drop_done(self):
        while self.files and self.files[0].done():
            self.files.popleft().close()
        if not self.files:
            self.current = None if self.current is None or self.current.complete else self.current
        self.lock.notify_all()

    def _connect(self, file):
        if self.address.startswith("tcp:"):
            host, _, port = self.address[4:].rpartition(":")
            connection = socket.create_connection((host.strip("[]"), int(port)), timeout=WAIT_MAX)
        else:
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.settimeout(WAIT_MAX)
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
        hello = {"noticed": 1, "source": self.source, "map": self.map_name, "ack": True, "session": file.session,
                 "first": file.acked + 1}
        connection.sendall(json.dumps(hello).encode("ascii") + b"\n")
        connection.setblocking(False)
        return connection

    def _send(self, file):
        """One connection: until the file is on record, or the connection is lost (an exception)."""
        connection = self._connect(file)
        ends = collections.deque()  # of lines sent, as (number, offset behind it)
        number, at = file.acked, file.offset
        block, replies = b"", b""
        try:
            while not self.stopping:
                self._sync()
                with self.lock:
                    if file.done():
                        return
                    size = file.size
                if not block and at < size and at - file.offset < WINDOW_BYTES:
                    block = os.pread(file.fd, min(READ_BYTES, size - at), at)
                    begin = 0
                    while (newline := block.find(b"\n", begin)) >= 0:
                        begin = newline + 1
                        number += 1
                        ends.append((number, at + begin))
                    at += len(block)
                readable, writable, _ = select.select([connection, self.wake_read], [connection] if block else [], [],
                                                      1)
                if self.wake_read in readable:
                    self._slept()
                if connection in readable:
                    got = connection.recv(READ_BYTES)
                    if not got:
                        raise ConnectionError("the daemon closed the connection")
                    *lines, replies = (replies + got).split(b"\n")
                    for line in lines:
                        self._reply(file, ends, json.loads(line))
                if writable:
                    block = block[connection.send(block):]
        finally:
            connection.close()

    def _reply(self, file, ends, reply):
        if "nack" in reply and reply["nack"] == 0:
            raise Refused("%s: %s" % (reply["err"], reply.get("detail", "")))
        if "nack" in reply and reply["nack"] > file.acked:
            self.counts["refused"] += 1
            if self.counts["refused"] <= REFUSED_SHOWN:
                log.warning("noticed refused item %d of %s: %s: %s", reply["nack"], file.session, reply["err"],
                            reply.get("detail", ""))
        if "ack" not in reply:
            return
        acked = None
        while ends and ends[0][0] <= reply["ack"]:
            acked = ends.popleft()
        if acked is None:
            return
        with self.lock:
            self.counts["acknowledged"] += acked[0] - file.acked
            file.acknowledge(*acked)
            self.problem = None
            room = self.full and self.waiting() <= self.spool_max // 2
            self.full = self.full and not room
        if room and self.on_room is not None:
            self.on_room()


class NoticedPipeline:
    """The item pipeline. What is given here is what the settings above say."""

    def __init__(self, settings, crawler=None):
        self.crawler = crawler
        self.socket = settings.get("NOTICED_SOCKET") or "/run/noticed/crawl.sock"
        self.map_name = settings.get("NOTICED_MAP") or "scrapy"
        self.source = settings.get("NOTICED_SOURCE")
        self.spool = settings.get("NOTICED_SPOOL") or os.path.join(".scrapy", "noticed")
        self.spool_max = int(settings.get("NOTICED_SPOOL_MAX") or 1 << 30)
        wait = settings.get("NOTICED_CLOSE_WAIT")
        self.close_wait = float(30 if wait is None else wait)
        self.sender = None
        self.paused = False

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler.settings, crawler)

    def open_spider(self, spider):
        name = self.source or spider.name
        source = "".join(c if c in SOURCE_CHARACTERS else "-" for c in name)[:SOURCE_MAX]
        self.sender = Sender(self.socket, source, self.map_name, self.spool, self.spool_max, self._room)
        self.sender.start()

    def process_item(self, item, spider):
        if not self.sender.put(encode(item)) and not self.paused and self.crawler is not None:
            log.warning("%s holds more than NOTICED_SPOOL_MAX: the crawl pauses until noticed has taken half",
                        self.spool)
            self.paused = True
            self.crawler.engine.pause()
        return item

    def _room(self):
        from twisted.internet import reactor
        reactor.callFromThread(self._go_on)

    def _go_on(self):
        if self.paused:
            self.paused = False
            self.crawler.engine.unpause()

    def _finish(self):
        done = self.sender.finish(self.close_wait)
        counts = self.sender.counts
        log.log(logging.INFO if done else logging.WARNING,
                "%d items, %d acknowledged by noticed, %d refused; %d bytes wait in %s%s", counts["items"],
                counts["acknowledged"], counts["refused"], self.sender.waiting(), self.spool,
                "" if done else " and are sent by the next crawl, or by `python3 noticed_scrapy.py`")
        if self.crawler is not None:
            for name in ("items", "acknowledged", "refused"):
                self.crawler.stats.set_value("noticed/" + name, counts[name])
        return done

    def close_spider(self, spider):
        if "twisted.internet.reactor" not in sys.modules:
            return self._finish()
        from twisted.internet.threads import deferToThread
        return deferToThread(self._finish)


def main():
    parser = argparse.ArgumentParser(description="Sends what crawls left in a spool to noticed.")
    parser.add_argument("--socket", default="/run/noticed/crawl.sock", help="or tcp:127.0.0.1:PORT")
    parser.add_argument("--source", default="scrapy", help="the name that the crawl had, or its items come twice")
    parser.add_argument("--map", default="scrapy", help="field map of the daemon")
    parser.add_argument("--wait", type=float, default=60, help="seconds")
    parser.add_argument("spool")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sender = Sender(given.socket, given.source, given.map, given.spool)
    sender.start()
    done = sender.finish(given.wait)
    log.info("%d items acknowledged, %d refused, %d bytes wait", sender.counts["acknowledged"],
             sender.counts["refused"], sender.waiting())
    return 0 if done else 3


if __name__ == "__main__":
    sys.exit(main())
