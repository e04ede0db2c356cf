"""Measures `vault proxy` next to nginx with the same job, and the memory of the agent.

Both forward to a TLS server (another nginx), add an Authorization header, verify the certificate, and keep connections alive;
wrk generates the load. They take turns for a few rounds, and the ratio is that of the medians. Part of `make bench`.

    proxy.py VAULT            measures and prints
    proxy.py VAULT --hold     prints how to connect, and runs until its input ends
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
    """Reads an upload, and discards it."""

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
    """A TLS server behind nginx and behind `vault proxy`; a context manager."""

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
        """Starts nginx as a single process, so that its CPU time can be measured."""
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
        """Creates a vault with a connection, and starts its agent and proxy."""
        folder = self.folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("VAULT_", "XDG_"))}
        self.environment = kept | {
            "HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "VAULT_FILE": f"{folder}/v/vault.db",
            "VAULT_KEY_FILE": f"{folder}/ana.key", "SSL_CERT_FILE": f"{folder}/ca.pem",
            "VAULT_CONNECT_TO": f"{HOST}:443:127.0.0.1:28443"}
        self.vault_command("init", "--member", "ana", "--no-recovery")
        self.vault_command("connection", "create", "celonis", "--name", "bench", "--set", "api-type=intelligence", "--set",
                 f"domain={HOST}", "--set", "auth-type=custom", "--secret", "app-key=stdin", input="bench-key")
        self.vault_command("unlock")
        self.agent_process = json.loads(self.vault_command("status", "--json"))["agent"]["pid"]
        self.environment.pop("VAULT_KEY_FILE")
        proxy = subprocess.Popen([self.vault, "proxy", "bench", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 text=True, env=self.environment)
        self.started.append(proxy)
        started = json.loads(proxy.stdout.readline())
        self.url, self.header = started["connections"]["bench"], "Authorization: Bearer " + started["token"]

    def vault_command(self, *words, **options):
        return run(self.vault, *words, env=self.environment, **options)

    def requests(self, url):
        """Returns the requests a second that wrk completes."""
        said = run("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-H", self.header, url)
        if "Non-2xx" in said or "Socket errors" in said:
            raise SystemExit(f"bench: error: {said}")
        return float(re.search(r"Requests/sec:\s*([\d.]+)", said).group(1))

    def speed(self):
        """Returns requests a second, and microseconds of CPU time a request, of both."""
        sides = {"vault": (self.url + "/x", self.agent_process), "nginx": ("http://127.0.0.1:28082/x", self.peer)}
        rates, times = {name: [] for name in sides}, {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, (url, process) in sides.items():
                before = cpu_time(process)
                rates[name].append(self.requests(url))
                times[name].append((cpu_time(process) - before) / (rates[name][-1] * SECONDS) * 1e6)
        return {name: (statistics.median(rates[name]), statistics.median(times[name])) for name in sides}

    def upload(self):
        """Returns the peak memory of the agent during a 1 GiB upload, in MiB above idle."""
        large = f"{self.folder}/large"
        with open(large, "wb") as file:
            file.truncate(1 << 30)
        try:
            with open(f"/proc/{self.agent_process}/clear_refs", "w") as file:
                file.write("5")
        except OSError:
            pass  # Only root may reset the peak; otherwise the earlier peak counts.
        before = memory(self.agent_process, "VmRSS")
        sent = run("curl", "-s", "-T", large, "-H", self.header, "-w", "%{http_code} %{size_upload}", "-o", os.devnull,
                   self.url + "/up")
        if sent != f"200 {1 << 30}":
            raise SystemExit(f"bench: error: upload failed: {sent}")
        return memory(self.agent_process, "VmHWM") - before

    def idle(self):
        """Returns the memory of the agent in MiB, some seconds after the last request."""
        time.sleep(SECONDS)
        return memory(self.agent_process, "VmRSS")


def cpu_time(process):
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
            print(f"{name}: {rate:.0f} requests/s, {microseconds:.0f} µs of CPU time each", flush=True)
        print(f"ratio {speed['vault'][0] / speed['nginx'][0]:.2f} (at least 0.50)")
        print(f"1 GiB upload: {proxies.upload():.1f} MiB above idle (at most 32)")
        print(f"agent idle afterwards: {proxies.idle():.1f} MiB (at most 30)")


if __name__ == "__main__":
    main()
