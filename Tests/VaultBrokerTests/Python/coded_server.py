"""An HTTPS server that returns the request's Authorization header, encoded in one of several forms.

It prints its port and the names of the forms. The response to `/form/NAME` has that form, any other response the form on the
command line.

usage: coded_server.py CHAIN KEY FORM
"""

import bz2
import gzip
import json
import lzma
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import zlib


def raw_deflate(data):
    writer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return writer.compress(data) + writer.flush()


def small_window(data):
    writer = zlib.compressobj(9, zlib.DEFLATED, 9)
    return writer.compress(data) + writer.flush()


def program(*words):
    return lambda data: subprocess.run(words, input=data, stdout=subprocess.PIPE, check=True).stdout


def node(function):
    script = "process.stdin.on('data', d => process.stdout.write(require('zlib').%s(d)))" % function
    return program("node", "-e", script)


JSON, TEXT, BYTES = "application/json", "text/plain;charset=utf-8", "application/octet-stream"
DECLARED = ["gzip", "x-gzip", "GZIP", "deflate", "br", "zstd", "compress", "gzip, gzip", "identity, gzip", "aes128gcm"]
WRITERS = {
    "gzip": gzip.compress,
    "zlib-1": lambda data: zlib.compress(data, 1),
    "zlib-6": lambda data: zlib.compress(data, 6),
    "zlib-9": lambda data: zlib.compress(data, 9),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
}
# Formats without a signature, which are detected only if text is declared.
TEXT_WRITERS = {
    "raw-deflate": raw_deflate,
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "utf-32-be": lambda data: data.decode().encode("utf-32-be"),
}
BYTE_WRITERS = {"zlib-5": lambda data: zlib.compress(data, 5), "zlib-small-window": small_window}
if shutil.which("zstd"):
    WRITERS["zstd"] = program("zstd", "-c", "-q")
if shutil.which("node"):
    TEXT_WRITERS["brotli"] = node("brotliCompressSync")


def forms():
    """Name: (header lines, a writer of the body, whether the body is sent in chunks)"""
    result = {}
    for coding in ["gzip, chunked", "gzip,chunked", "Gzip , Chunked", "deflate, chunked", "x-gzip, chunked", "br, chunked"]:
        result["te " + coding] = (["Transfer-Encoding: " + coding], gzip.compress, True)
    result["te of two lines"] = (["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"], gzip.compress, True)
    result["te gzip"] = (["Transfer-Encoding: gzip"], gzip.compress, False)
    for coding in DECLARED:
        result["ce " + coding] = (["Content-Encoding: " + coding], gzip.compress, None)
        result["ce chunked " + coding] = (["Content-Encoding: " + coding, "Transfer-Encoding: chunked"], gzip.compress, True)
    result["ce of two lines"] = (["Content-Encoding: identity", "Content-Encoding: gzip"], gzip.compress, None)
    for name, writer in WRITERS.items():
        for kind in [JSON, TEXT, BYTES, None]:
            lines = ["Content-Type: " + kind] if kind else []
            result["bare %s %s" % (name, kind)] = (lines, writer, None)
            result["bare chunked %s %s" % (name, kind)] = (lines + ["Transfer-Encoding: chunked"], writer, True)
    for name, writer in TEXT_WRITERS.items():
        for kind in [JSON, TEXT, None]:
            result["bare %s %s" % (name, kind)] = (["Content-Type: " + kind] if kind else [], writer, None)
    for name, writer in BYTE_WRITERS.items():
        result["bare %s" % name] = (["Content-Type: " + BYTES], writer, None)
    return result


FORMS = forms()


def answer(path, authorization):
    name = path.removeprefix("/form/").replace("%20", " ") if path.startswith("/form/") else sys.argv[3]
    lines, writer, is_chunked = FORMS[name]
    token = {"access_token": "a-token-of-some-length", "token_type": "Bearer", "expires_in": 900}
    body = writer(json.dumps(token | {"you": authorization, "more": "0123456789abcdef" * 8}).encode())
    lines = ["HTTP/1.1 200 OK", "Connection: close"] + lines
    if is_chunked is None:
        lines.append("Content-Length: %d" % len(body))
    elif is_chunked:
        # The first byte alone.
        body = b"1\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (body[:1], len(body) - 1, body[1:])
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def serve(connection):
    try:
        with context.wrap_socket(connection, server_side=True) as tls:
            data = b""
            while b"\r\n\r\n" not in data:
                piece = tls.recv(65536)
                if not piece:
                    return
                data += piece
            head = data.split(b"\r\n\r\n")[0].decode().split("\r\n")
            fields = dict(line.split(": ", 1) for line in head[1:])
            said = answer(head[0].split(" ")[1], {k.lower(): v for k, v in fields.items()}.get("authorization", ""))
            tls.sendall(said)
            tls.unwrap()
    except OSError:
        pass


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], *FORMS, sep="|", flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while True:
    threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
