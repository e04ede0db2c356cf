"""Times `vault proxy` beside nginx doing the same, and looks at the memory of a large upload.

Both send to one TLS server (another nginx) with an Authorization header added, verify its certificate, and keep their
connections; wrk is the load. They run in turns, a few rounds, and the ratio is that of the medians. Needs nginx, wrk,
openssl and curl. usage: proxy.py PROGRAMS   (the folder with vault and vault-agent)
"""

import http.server
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS, SECONDS, CONNECTIONS = 5, 3, 32
HOST = "team.eu-1.celonis.cloud"
BODY = json.dumps({"content": [{"id": f"km-{number}", "name": "Orders"} for number in range(20)]})


def run(*arguments, **options):
    return subprocess.run(arguments, check=True, capture_output=True, text=True, **options).stdout


def certificates(folder):
    ca = f"{folder}/ca.pem"
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run("openssl", "req", "-x509", *key, "-keyout", f"{folder}/ca.key", "-out", ca, "-days", "2", "-subj", "/CN=bench")
    run("openssl", "req", *key, "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.csr", "-subj", "/CN=bench")
    with open(f"{folder}/extensions", "w") as file:
        file.write(f"subjectAltName=DNS:{HOST}\n")
    run("openssl", "x509", "-req", "-in", f"{folder}/server.csr", "-CA", ca, "-CAkey", f"{folder}/ca.key",
        "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/extensions", "-out", f"{folder}/server.pem")
    return ca


def nginx(folder, name, servers):
    path = f"{folder}/{name}.conf"
    with open(path, "w") as file:
        file.write(f"""
worker_processes 1; pid {folder}/{name}.pid; error_log {folder}/{name}.log; daemon off;
events {{ worker_connections 1024; }}
http {{ access_log off; client_body_temp_path {folder}/{name}-body; proxy_temp_path {folder}/{name}-proxy;
  fastcgi_temp_path {folder}/{name}-f; uwsgi_temp_path {folder}/{name}-u; scgi_temp_path {folder}/{name}-s;
  keepalive_requests 1000000; client_max_body_size 0; {servers} }}
""")
    return subprocess.Popen(["nginx", "-e", f"{folder}/{name}.log", "-c", path], stderr=subprocess.DEVNULL)


def requests_a_second(url, header):
    said = run("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", header, url)
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"bench: error: {said}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", said).group(1))


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes an upload whole, and forgets it."""

    def do_PUT(self):
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


def sink():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def memory(process, field):
    with open(f"/proc/{process}/status") as file:
        return int(re.search(rf"{field}:\s*(\d+) kB", file.read()).group(1)) / 1024


def main():
    programs = os.path.abspath(sys.argv[1])
    missing = [name for name in ("nginx", "wrk", "openssl", "curl") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"bench: error: missing: {', '.join(missing)}\nbench: next: install them")
    folder = tempfile.mkdtemp(prefix="vault-bench-")
    started = []
    try:
        ca = certificates(folder)
        started.append(nginx(folder, "upstream", f"""server {{ listen 127.0.0.1:28443 ssl; server_name {HOST};
            ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
            location / {{ default_type application/json; return 200 '{BODY}'; }}
            location /up {{ proxy_request_buffering off; proxy_http_version 1.1;
                proxy_pass http://127.0.0.1:{sink()}; }} }}"""))
        started.append(nginx(folder, "peer", f"""upstream team {{ server 127.0.0.1:28443; keepalive 64; }}
            server {{ listen 127.0.0.1:28082; location / {{ proxy_pass https://team; proxy_http_version 1.1;
                proxy_set_header Connection ""; proxy_set_header Host {HOST};
                proxy_set_header Authorization "AppKey bench-key"; proxy_set_header Accept-Encoding identity;
                proxy_ssl_server_name on; proxy_ssl_name {HOST}; proxy_ssl_verify on; proxy_request_buffering off;
                proxy_ssl_trusted_certificate {ca}; }} }}"""))
        time.sleep(0.5)
        environment = dict(
            os.environ, PATH=f"{programs}:{os.environ['PATH']}", HOME=folder, XDG_STATE_HOME=f"{folder}/state",
            VAULT_FILE=f"{folder}/v/vault.db", VAULT_KEY_FILE=f"{folder}/ana.key", SSL_CERT_FILE=ca,
            VAULT_CONNECT_TO=f"{HOST}:443:127.0.0.1:28443")
        vault = f"{programs}/vault"
        run(vault, "init", "--member", "ana", "--no-recovery", env=environment)
        run(vault, "connection", "create", "celonis", "--name", "bench", "--set", "api-type=intelligence", "--set",
            f"domain={HOST}", "--set", "auth-type=custom", "--secret", "app-key=stdin", input="bench-key",
            env=environment)
        proxy = subprocess.Popen(
            [vault, "proxy", "bench", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env=environment)
        started.append(proxy)
        told = json.loads(proxy.stdout.readline())
        header = "Authorization: Bearer " + told["token"]
        ours, theirs = told["connections"]["bench"] + "/x", "http://127.0.0.1:28082/x"
        agent = int(run("pgrep", "-P", str(proxy.pid)).split()[0])
        idle = memory(agent, "VmRSS")
        rates = {"vault proxy": [], "nginx": []}
        for _ in range(ROUNDS):
            rates["vault proxy"].append(requests_a_second(ours, header))
            rates["nginx"].append(requests_a_second(theirs, header))
        mine, other = (statistics.median(rates[name]) for name in ("vault proxy", "nginx"))
        print(f"vault proxy {mine:.0f} requests/s, nginx {other:.0f} requests/s: {mine / other:.2f} (bound 0.50)", flush=True)
        before = memory(agent, "VmRSS")
        file = f"{folder}/large"
        with open(file, "wb") as large:
            large.truncate(1 << 30)
        sent = run("curl", "-s", "-T", file, "-H", header, "-w", "%{http_code} %{size_upload} %{time_total}",
                   "-o", "/dev/null", told["connections"]["bench"] + "/up", env=environment)
        peak = memory(agent, "VmHWM")
        print(f"1 GiB upload: {sent}; agent idle {idle:.0f} MiB, before {before:.0f} MiB, peak {peak:.0f} MiB")
    finally:
        for process in started:
            process.terminate()
        shutil.rmtree(folder, ignore_errors=True)


main()
