"""A noticed that misbehaves on request, for the scripts that test noticectl.

noticectl_fake.py SOCKET MODE [OUT]   serves one connection, then ends; bytes received go to OUT

Lines that hold "match" are matches.

  ack        acknowledges all lines
  slow       reads little at a time and answers every line, so that both directions fill up
  nack       rejects every third line
  lost       as nack, and "kept":false
  cut N      acknowledges N lines, then closes
  silent N   closes without a word after N lines
  babble     answers something else than an ack
  uncounted  acknowledges without the count that was asked for
  hold N M   acknowledges N lines, and then only reads; a file `held` says that line M has come
  far        acknowledges a line that was never sent
  reply TEXT answers the first line with TEXT (the control socket); no reply when TEXT is empty
"""
import json
import os
import socket
import sys

path, mode = sys.argv[1], sys.argv[2]
argument = sys.argv[3] if len(sys.argv) > 3 else ""
out = open("received", "wb")

listener = socket.socket(socket.AF_UNIX)
listener.bind(path + ".new")
listener.listen(1)
os.rename(path + ".new", path)
peer, _ = listener.accept()


def say(text):
    try:
        peer.sendall(text.encode())
    except (BrokenPipeError, ConnectionResetError):
        sys.exit(0)


def lines():
    rest = b""
    while True:
        try:
            data = peer.recv(512 if mode == "slow" else 65536)
        except ConnectionResetError:  # noticectl left with answers unread: an end like any other
            return
        if not data:
            return
        out.write(data)
        out.flush()
        rest += data
        *whole, rest = rest.split(b"\n")
        yield from whole


def ack(line):
    say('{"ack":%d,"matches":%d}\n' % (line, matches))


matches = 0
count, begun = -1, False  # the hello is not counted
for line in lines():
    count += 1
    if mode == "reply":
        if argument:
            say(argument + "\n")
        break
    if not begun:
        hello = json.loads(line)
        assert hello["noticed"] == 1 and hello["ack"] is True and hello["matches"] is True, hello
        count = hello.get("first", 1) - 1  # as a session's lines are numbered
        begun = True
        continue
    matches += b"match" in line
    if mode in ("ack", "slow"):
        ack(count)
    elif mode in ("nack", "lost"):
        kept = ',"kept":false' if mode == "lost" else ""
        if count % 3 == 0:
            detail = "at \\u001b]52;c;YQ==\\u0007"
            say('{"nack":%d,"err":"bad_json","detail":"%s"%s}\n' % (count, detail, kept))
        ack(count)
    elif mode == "cut":
        if count <= int(argument):
            ack(count)
        if count == int(argument):
            break
    elif mode == "silent":
        if count == int(argument):
            break
    elif mode == "uncounted":
        say('{"ack":%d}\n' % count)
    elif mode == "hold":
        if count <= int(argument):
            ack(count)
        if count == int(sys.argv[4]):
            open("held", "w").close()
    elif mode == "babble":
        say('HTTP/1.0 400 \x1b[31mno\n')
        ack(count)
    elif mode == "far":
        ack(count + 1000000)
peer.close()
