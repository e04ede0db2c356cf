"""Prints how Python and other programs escape and encode the secret on standard input: a JSON list of [name, text]."""

import csv
import html
import io
import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import urllib.parse
import xml.sax.saxutils
from xml.etree import ElementTree

secret = sys.stdin.buffer.read().decode()
forms = []


def add(name, text):
    forms.append([name, text])


def run(name, *words, **options):
    if shutil.which(words[0]):
        done = subprocess.run(words, input=secret, stdout=subprocess.PIPE, text=True, check=True, **options)
        add(name, done.stdout)


for locale in ["C", "C.UTF-8"]:
    variables = {"S": secret, "LC_ALL": locale, "PATH": "/usr/bin:/bin"}
    for name, script in {
        "printf %q": "printf %q \"$S\"",
        "printf %q after a name": "printf %q \"key=$S\"",
        "printf %q within a word": "printf %q \"key$S\"",
        "@Q": "printf %s \"${S@Q}\"",
        "declare -p": "T=$S; declare -p T",
        "set -x": "set -x; : \"$S\"",
    }.items():
        done = subprocess.run(["bash", "-c", script], env=variables, capture_output=True, check=True)
        add("bash %s %s" % (name, locale), (done.stdout + done.stderr).decode(errors="replace"))
for shell in ["zsh", "ksh", "mksh"]:
    run(shell, shell, "-c", "printf %q \"$(cat; printf x)\"")
add("shlex.quote", shlex.quote(secret))

for safe in ["", "/", " +", "-_.~$&+,;=", "!#$%&'()*+,/:;=?@[]~", "!$&'()*+,;=", "!$&'()*+,;=:", "$&+,/:;=@"]:
    add("quote %r" % safe, urllib.parse.quote(secret, safe=safe))
add("quote_plus", urllib.parse.quote_plus(secret))
add("urlencode", urllib.parse.urlencode({"k": secret}))
add("SQLAlchemy 1", re.sub(r"[:@/]", lambda match: "%%%X" % ord(match.group(0)), secret))
add("SQLAlchemy 2", urllib.parse.quote(secret, safe=" +"))
# A URL drops tabs and line breaks, and turns backslashes into slashes, which changes the text.
if shutil.which("node") and not set(secret) & set("\t\r\n\\"):
    script = """
        const s = require('fs').readFileSync(0, 'utf8'), u = new URL('http://h/')
        u.password = s; u.pathname = '/x' + s; u.search = 'x' + s; u.hash = 'x' + s
        const p = new URLSearchParams({k: s})
        console.log(JSON.stringify([['node user info', u.password], ['node path', u.pathname], ['node query', u.search],
            ['node hash', u.hash], ['node form', p.toString()], ['encodeURI', encodeURI(s)],
            ['encodeURIComponent', encodeURIComponent(s)], ['JSON.stringify', JSON.stringify(s)],
            ['querystring', require('querystring').escape(s)], ['inspect', require('util').inspect(s)]]))"""
    done = subprocess.run(["node", "-e", script], input=secret, stdout=subprocess.PIPE, text=True, check=True)
    forms += json.loads(done.stdout)
if "\n" not in secret and secret.isascii():
    run("perl quotemeta", "perl", "-CS", "-e", "print quotemeta(<STDIN>)")

add("html.escape", html.escape(secret))
add("html.escape without quotes", html.escape(secret, quote=False))
add("saxutils.escape", xml.sax.saxutils.escape(secret))
add("saxutils.quoteattr", xml.sax.saxutils.quoteattr(secret))
element = ElementTree.Element("e", {"a": secret})
element.text = secret
for encoding in ["unicode", "us-ascii"]:
    text = ElementTree.tostring(element, encoding=encoding)
    add("ElementTree " + encoding, text if isinstance(text, str) else text.decode())
for name, pattern in {"decimal": "&#%d;", "hex": "&#x%x;", "HEX": "&#x%X;"}.items():
    add("all " + name, "".join(pattern % ord(c) for c in secret))
    add("signs " + name, "".join(c if c.isascii() and c.isalnum() else pattern % ord(c) for c in secret))
add("xmlcharrefreplace", html.escape(secret).encode("ascii", "xmlcharrefreplace").decode())
add("named", "".join("&%s;" % html.entities.codepoint2name[ord(c)] if ord(c) in html.entities.codepoint2name
                     else "&#39;" if c == "'" else c for c in secret))

for quoting in [csv.QUOTE_MINIMAL, csv.QUOTE_ALL]:
    output = io.StringIO()
    csv.writer(output, quoting=quoting).writerow(["a", secret])
    add("csv %d" % quoting, output.getvalue())
if "\0" not in secret:
    database = sqlite3.connect(":memory:")
    add("sqlite quote", database.execute("SELECT quote(?)", (secret,)).fetchone()[0])
    add("sqlite identifier", database.execute("SELECT printf('%w', ?)", (secret,)).fetchone()[0])
for name, quote in {"sql": "'", "identifier": '"', "mysql identifier": "`", "tsql": "]", "printf": "%", "make": "$"}.items():
    add("doubled " + name, secret.replace(quote, quote * 2))
add("mysql", "".join({"'": "\\'", '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}.get(c, c) for c in secret))
for ascii in [True, False]:
    add("json %s" % ascii, json.dumps(secret, ensure_ascii=ascii))
add("repr", repr(secret))
try:
    import yaml
except ImportError:
    yaml = None
if yaml:
    for style in [None, "'", '"']:
        for unicode in [True, False]:
            # The width keeps YAML from folding lines, which changes the text.
            add("yaml %s %s" % (style, unicode),
                yaml.dump([secret], default_style=style, allow_unicode=unicode, width=100000))
json.dump(forms, sys.stdout)
