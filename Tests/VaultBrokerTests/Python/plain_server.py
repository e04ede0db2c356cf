"""Python's HTTP server over TLS. It ends a response by closing the connection without a TLS close_notify. It prints its
port.

usage: plain_server.py CHAIN KEY AUTHORIZATION
"""

import http.server
import ssl
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.headers.get("Authorization") == sys.argv[3] else 401)
        if self.path.startswith("/cut"):
            self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"all of it")

    def log_message(self, *words):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever()
