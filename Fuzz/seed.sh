#!/usr/bin/env bash
# Creates a vault, and writes the first inputs of each target from it below DIR. They contain no secrets.
#
# usage: Fuzz/seed.sh VAULT DIR        (vault-agent must be beside vault; needs python3)
#
# Fuzz/Corpus was created by it. New inputs have other random values, so run it only after a format has changed.
set -euo pipefail
vault=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
root=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d)
[ -n "${KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
cd "$work"
export HOME=$work XDG_STATE_HOME=$work/state XDG_RUNTIME_DIR=$work VAULT_FILE=$work/v/vault.db VAULT_KEY_FILE=$work/ana.key
unset VAULT_MEMBER VAULT_PASSPHRASE_FILE

for target in address answer blob bundle checkpoint connector entry frame head mask path proof request slot token; do
    mkdir -p "$out/$target"
done

{
    "$vault" init --member ana --key-file "$VAULT_KEY_FILE" --no-recovery
    printf 'a-secret-of-nobody' | "$vault" connection create celonis --name 'Celonis prod' --set api-type=intelligence \
        --set domain=a.eu-1.celonis.cloud --set auth-type=custom --secret app-key=stdin
    "$vault" connection annotate 'Celonis prod' --tag team=ops --note 'One note' --reason 'asked by "ops"' \
        --allow request,proxy --allow-path 'GET /intelligence/**'
    printf 'another-secret' | "$vault" secret set 'Celonis prod' app-key --from stdin --expires 90d
    "$vault" connection edit 'Celonis prod' --set domain=b.eu-1.celonis.cloud --secret app-key=stdin <<<'a-third-secret'
    "$vault" key rotate
    VAULT_KEY_FILE=$work/bo.key "$vault" member request --out bo.request --key-file "$work/bo.key"
    "$vault" member add bo --role writer --request bo.request
    "$vault" member role bo user
    "$vault" audit checkpoint >one.checkpoint
    "$vault" audit prove 3 >one.proof
    "$vault" audit prove >two.proof
    "$vault" audit cosign one.checkpoint >cosigned.checkpoint
    to=$("$vault" member list --json | sed -n 's/.*"receive_key":"\([0-9a-f]*\)".*/\1/p' | sed -n 1p)
    "$vault" export bundle --to "$to" >one.bundle
    "$vault" connection remove 'Celonis prod'
} >&2

python3 - "$work" "$out" "$root" <<'PYTHON'
import pathlib, sqlite3, sys

work, out, root = map(pathlib.Path, sys.argv[1:])


def write(target, name, data):
    (out / target / name).write_bytes(data if isinstance(data, bytes) else data.encode())


vault = sqlite3.connect(work / "v/vault.db")
seen = set()
for seq, entry in vault.execute("SELECT seq, entry FROM entries ORDER BY seq"):
    action = entry.split('"action":"')[1].split('"')[0]
    if action not in seen:
        write("entry", action, entry)
    seen.add(action)
for (size, note) in vault.execute("SELECT size, note FROM heads ORDER BY size LIMIT 2"):
    write("head", "head-%d" % size, note)
write("head", "cosigned", (work / "cosigned.checkpoint").read_bytes())
write("checkpoint", "checkpoint", (work / "one.checkpoint").read_text().split("\n\n")[0] + "\n")
write("checkpoint", "empty", "vault/" + "00" * 32 + "\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
for name in ["one.proof", "two.proof"]:
    write("proof", name, (work / name).read_bytes())
write("request", "bo.request", (work / "bo.request").read_bytes())
write("bundle", "one.bundle", (work / "one.bundle").read_bytes())
for file in (root / "connectors").glob("*.yaml"):
    write("connector", file.stem, file.read_bytes())
for kind, salt, memory, passes, sealed in vault.execute("SELECT kind, salt, memory, passes, sealed FROM slots"):
    write("slot", kind, bytes([0, 0 if kind != "recovery" else 1, 0]) + salt + sealed)
write("slot", "passphrase", bytes([0, 2, 6]) + b"s" * 16 + (1 << 20).to_bytes(8, "big") + (3).to_bytes(8, "big") + b"\1" * 50)
write("slot", "code", bytes([0, 1, 0]) + b"s" * 16 + b"0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000")
for number, (sealed,) in enumerate(vault.execute("SELECT sealed FROM slots UNION ALL SELECT sealed FROM grants")):
    write("blob", "sealed-%d" % number, sealed)
write("blob", "message", b"\0" * 37 + b"a message")
write("blob", "deposit", b"\2" + b"k" * 32 + b"c" * 80)

for name, number, text in [
    ("url", 0, "https://Team.eu-1.celonis.cloud:443/a/b?c#d"), ("ipv6", 0, "[2001:DB8::0:1]"), ("host", 0, "A.example.com."),
    ("subdomain", 1, "https://dev1.example.com/nav"), ("segment", 2, "https://a/pools/p-1/jobs/2"), ("path", 4, "/api//v1/./x"),
    ("scope", 9, "a.b:read"), ("pem", 11, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
    ("prefix", 8, "Bearer AppKey x"), ("name", 5, "Caf\u00e9 \u041a"),
]:
    write("address", name, bytes([0, number]) + text.encode())
for number, path in enumerate([
    "/open/a%20b/x?c=d", "/open/..%2f..%2fadmin", "/open/%c0%ae%c0%ae/admin", "/open/%u002e%u002e/x", "/open/..;/x",
    "/open/%252e%252e/x", "/open/%EF%BC%8E%EF%BC%8E/x", "/open/.well-known?_method=PUT", "GET /open/*/x", "X-Original-URL: /x",
]):
    write("path", "path-%d" % number, path)

head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
answers = {
    "length": head + "Content-Length: 13\r\nX-Echo: KEY\r\n\r\n{\"a\": \"KEY\"}\n",
    "chunked": head + "Transfer-Encoding: chunked\r\n\r\n3\r\nKEY\r\n6\r\nKEYKEY\r\n0\r\n\r\n",
    "close": head + "Connection: close\r\n\r\nall of KEY it",
    "gzip": head + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00",
    "transfer": head + "Transfer-Encoding: gzip, chunked\r\n\r\n4\r\n\x1f\x8b\x08\x00\r\n0\r\n\r\n",
    "continue": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    "redirect": "HTTP/1.0 302 Found\r\nLocation: https://x.example/?k=KEY\r\nContent-Length: 0\r\n\r\n",
}
for name, text in answers.items():
    write("answer", name, bytes([0, 0, 5]) + text.encode("latin-1"))
tokens = [
    '{"access_token":"abc.def-123","token_type":"Bearer","expires_in":899,"scope":"a b"}',
    '{"error":"invalid_client","error_description":"no"}',
    '{"expires_in":"3600","x":{"y":[1,2,{"z":null}]},"access_token":"a\\u0062c\\n"}', "<html>", "[]",
]
for number, text in enumerate(tokens):
    write("token", "token-%d" % number, text)
for name, secret, text in [
    ("plain", "s3cr3t/+key", b"a \xfe b \xfe\xfe c"), ("quoted", "it's \"x\" & <y>", b"\xfe &quot; \xfe"),
    ("lines", "line one\nline two", b"\xfe\r\n\xfe"),
]:
    write("mask", name, bytes([0, len(secret) - 4]) + secret.encode() + bytes([0, 3]) + text)


def frame(kind, header, secrets=(), body=b""):
    sizes = b"".join(len(s).to_bytes(4, "little") for s in secrets)
    body = b"".join(secrets) or body
    return bytes([kind, 0]) + len(secrets).to_bytes(2, "little") + len(header).to_bytes(4, "little") + len(
        body).to_bytes(4, "little") + sizes + header + body


request = b'{"context":{"name":"%s"},"value":%s}'
for name, data in {
    "hello": frame(1, b'{"form":6,"version":"0.1.0"}'),
    "status": frame(2, request % (b"GetStatus", b"{}")),
    "request": frame(2, request % (b"SendRequest", b'{"connection":"C","hasBody":false,"headers":[["A","b"]],"method":"GET","path":"/"}')),
    "secret": frame(2, request % (b"Unlock", b'{"credential":{"keyFile":0}}'), [b"k" * 32, b""]),
    "chunk": frame(6, b"", body=b"a chunk") + frame(7, b""),
}.items():
    write("frame", name, bytes([0, 6]) + data)
PYTHON
