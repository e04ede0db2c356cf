"""An OAuth 2.0 server (Authlib) with one resource, over TLS. It prints its port.

usage: oauth_server.py CHAIN KEY CLIENT-ID CLIENT-SECRET
"""

import sys
import threading

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

chain, key, client_id, client_secret = sys.argv[1:]
tokens = set()
app = Flask("foreign")


class Client(ClientMixin):
    def get_client_id(self):
        return client_id

    def get_default_redirect_uri(self):
        return ""

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return False

    def check_client_secret(self, secret):
        return secret == client_secret

    def check_endpoint_auth_method(self, method, endpoint):
        return True

    def check_response_type(self, response_type):
        return False

    def check_grant_type(self, grant_type):
        return grant_type == "client_credentials"


class ClientCredentials(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]


server = AuthorizationServer(
    app,
    query_client=lambda asked: Client() if asked == client_id else None,
    save_token=lambda token, request: tokens.add(token["access_token"]),
)
server.register_grant(ClientCredentials)


@app.route("/oauth2/token", methods=["POST"])
def token():
    return server.create_token_response()


@app.route("/oauth_token.do", methods=["POST"])
def token_in_body():
    return server.create_token_response()


@app.route("/<path:rest>")
def resource(rest):
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer" and value in tokens:
        return jsonify(content=[rest], result=[])
    return jsonify(error="Unauthorized"), 401


listening = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=(chain, key))
print(listening.server_port, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), listening.shutdown()), daemon=True).start()
listening.serve_forever()
