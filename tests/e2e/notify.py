"""The other end of sd_notify: notify.py SOCKET FILE writes each message to FILE. It ends after
STOPPING, or when nobody has spoken for five minutes."""
import os
import socket
import sys


def main():
    path, out = sys.argv[1], sys.argv[2]
    if os.path.exists(path):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.settimeout(300)
    listener.bind(path)
    with open(out, "a", encoding="utf-8") as log:
        while True:
            try:
                message = listener.recv(4096).decode()
            except TimeoutError:
                return
            log.write(message + "\n")
            log.flush()
            if "STOPPING=1" in message:
                return


if __name__ == "__main__":
    main()
