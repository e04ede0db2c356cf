"""Times `vault proxy` beside nginx doing the same, and looks at the memory of the agent behind it.

Both send to one TLS server (another nginx) with an Authorization header added, verify its certificate, and keep their
connections; wrk is the load. They run in turns, a few rounds, and the ratio is that of the medians. A part of
`make bench`; by itself: proxy.py PROGRAMS [--hold]   (the folder with vault and vault-agent; until its input ends)
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

ROUNDS, SECONDS, CONNECTIONS = int(os.environ.get("PROXY_ROUNDS", 5)), 3, 32
HOST = "team.eu-1.celonis.cloud"
BODY = json.dumps({"content": [{"id": f"km-{number}", "name": "Orders"} for number in range(20)]})
NEEDED = ("nginx", "wrk", "openssl", "curl")


def missing():
    return [name for name in NEEDED if not shutil.which(name)]


def run(*arguments, **options):
    return subprocess.run(arguments, check=True, capture_output=True, text=True, **options).stdout


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


class Proxies:
    """A TLS server, nginx before it, and `vault proxy` before it, for as long as the block lasts."""

    def __init__(self, vault):
        self.vault = vault
        self.folder = tempfile.mkdtemp(prefix="vault-bench-")
        self.started = []

    def __enter__(self):
        self.certificates()
        sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
        threading.Thread(target=sink.serve_forever, daemon=True).start()
        self.nginx("upstream", f"""server {{ listen 127.0.0.1:28443 ssl; server_name {HOST};
            ssl_certificate {self.folder}/server.pem; ssl_certificate_key {self.folder}/server.key;
            location / {{ default_type application/json; return 200 '{BODY}'; }}
            location /up {{ proxy_request_buffering off; proxy_http_version 1.1;
                proxy_pass http://127.0.0.1:{sink.server_port}; }} }}""")
        self.peer = self.nginx("peer", f"""upstream team {{ server 127.0.0.1:28443; keepalive 64; }}
            server {{ listen 127.0.0.1:28082; location / {{ proxy_pass https://team; proxy_http_version 1.1;
                proxy_set_header Connection ""; proxy_set_header Host {HOST};
                proxy_set_header Authorization "AppKey bench-key"; proxy_set_header Accept-Encoding identity;
                proxy_ssl_server_name on; proxy_ssl_name {HOST}; proxy_ssl_verify on; proxy_request_buffering off;
                proxy_ssl_trusted_certificate {self.folder}/ca.pem; }} }}""")
        time.sleep(0.5)
        self.agent()
        return self

    def __exit__(self, *_):
        for process in self.started:
            process.terminate()
        for process in self.started:
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def certificates(self):
        def openssl(*words):
            run("openssl", *words, cwd=self.folder)
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=bench"]
        openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2")
        openssl("req", *key, "-keyout", "server.key", "-out", "server.csr")
        with open(f"{self.folder}/extensions", "w") as file:
            file.write(f"subjectAltName=DNS:{HOST}\n")
        openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                "-extfile", "extensions", "-out", "server.pem")

    def nginx(self, name, servers):
        """One worker, which is the process itself, so that its time can be read."""
        path = f"{self.folder}/{name}"
        with open(f"{path}.conf", "w") as file:
            file.write(f"""
daemon off; master_process off; pid {path}.pid; error_log {path}.log;
events {{ worker_connections 1024; }}
http {{ access_log off; client_body_temp_path {path}-body; proxy_temp_path {path}-proxy;
  fastcgi_temp_path {path}-f; uwsgi_temp_path {path}-u; scgi_temp_path {path}-s;
  keepalive_requests 1000000; client_max_body_size 0; {servers} }}
""")
        process = subprocess.Popen(["nginx", "-e", f"{path}.log", "-c", f"{path}.conf"], stderr=subprocess.DEVNULL)
        self.started.append(process)
        return process.pid

    def agent(self):
        """A vault with one connection, its agent, and the proxy that the agent serves."""
        folder = self.folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VAULT_", "XDG_"))}
        self.environment = kept | {
            "HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "VAULT_FILE": f"{folder}/v/vault.db",
            "VAULT_KEY_FILE": f"{folder}/ana.key", "SSL_CERT_FILE": f"{folder}/ca.pem",
            "VAULT_CONNECT_TO": f"{HOST}:443:127.0.0.1:28443"}
        self.say("init", "--member", "ana", "--no-recovery")
        self.say("connection", "create", "celonis", "--name", "bench", "--set", "api-type=intelligence", "--set",
                 f"domain={HOST}", "--set", "auth-type=custom", "--secret", "app-key=stdin", input="bench-key")
        self.say("unlock")
        self.agent_process = json.loads(self.say("status", "--json"))["agent"]["pid"]
        self.environment.pop("VAULT_KEY_FILE")
        proxy = subprocess.Popen([self.vault, "proxy", "bench", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 text=True, env=self.environment)
        self.started.append(proxy)
        told = json.loads(proxy.stdout.readline())
        self.url, self.header = told["connections"]["bench"], "Authorization: Bearer " + told["token"]

    def say(self, *words, **options):
        return run(self.vault, *words, env=self.environment, **options)

    def requests(self, url):
        """How many requests a second wrk gets through."""
        said = run("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", self.header, url)
        if "Non-2xx" in said or "Socket errors" in said:
            raise SystemExit(f"bench: error: {said}")
        return float(re.search(r"Requests/sec:\s*([\d.]+)", said).group(1))

    def speed(self):
        """Requests a second, and microseconds of processor time a request, of both."""
        sides = {"vault": (self.url + "/x", self.agent_process), "nginx": ("http://127.0.0.1:28082/x", self.peer)}
        rates, times = {name: [] for name in sides}, {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, (url, process) in sides.items():
                before = processor_time(process)
                rates[name].append(self.requests(url))
                times[name].append((processor_time(process) - before) / (rates[name][-1] * SECONDS) * 1e6)
        return {name: (statistics.median(rates[name]), statistics.median(times[name])) for name in sides}

    def upload(self):
        """MiB above what the agent had before, at the peak of 1 GiB going through."""
        large = f"{self.folder}/large"
        with open(large, "wb") as file:
            file.truncate(1 << 30)
        try:
            with open(f"/proc/{self.agent_process}/clear_refs", "w") as file:
                file.write("5")
        except OSError:
            pass  # Only root may have the peak forgotten; the one until now counts then.
        before = memory(self.agent_process, "VmRSS")
        sent = run("curl", "-s", "-T", large, "-H", self.header, "-w", "%{http_code} %{size_upload}", "-o", os.devnull,
                   self.url + "/up")
        if sent != f"200 {1 << 30}":
            raise SystemExit(f"bench: error: the upload ended with {sent}")
        return memory(self.agent_process, "VmHWM") - before

    def idle(self):
        """MiB of the agent some seconds after the last request."""
        time.sleep(SECONDS)
        return memory(self.agent_process, "VmRSS")


def processor_time(process):
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process, field):
    with open(f"/proc/{process}/status") as file:
        return int(re.search(rf"{field}:\s*(\d+) kB", file.read()).group(1)) / 1024


def main():
    if missing():
        raise SystemExit(f"bench: error: missing: {', '.join(missing())}\nbench: next: install them")
    with Proxies(sys.argv[1]) as proxies:
        if sys.argv[2:] == ["--hold"]:
            print(f"agent {proxies.agent_process}, nginx {proxies.peer}\n{proxies.header}\n{proxies.url}", flush=True)
            return sys.stdin.read()
        print(f"agent before: {proxies.idle():.1f} MiB")
        speed = proxies.speed()
        for name, (rate, microseconds) in speed.items():
            print(f"{name}: {rate:.0f} requests/s, {microseconds:.0f} µs of processor time each", flush=True)
        print(f"ratio {speed['vault'][0] / speed['nginx'][0]:.2f} (at least 0.50)")
        print(f"1 GiB upload: {proxies.upload():.1f} MiB above idle (at most 32)")
        print(f"agent idle after it: {proxies.idle():.1f} MiB (at most 30)")


if __name__ == "__main__":
    main()
