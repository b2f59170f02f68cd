"""An OpenID provider for tests, as a process of its own, that can be told to misbehave.

`python -m tests.accounts.provider PORT` serves it. What it is to do wrong is POSTed to
`/misbehave`. It keeps to the standard otherwise: it checks the client, the PKCE verifier and that a
code is used once.
"""

import base64
import hmac
import json
import secrets
import sys
import time
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

CLIENT, SECRET = "afterword", "a secret of theirs & ours"


class State:
    """What the provider knows."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.other = ECKey.generate_key("P-256", {"kid": "one"})
        self.codes: dict[str, dict[str, str]] = {}
        self.wrong: dict[str, Any] = {}
        self.asked: list[str] = []


STATE = State()


class Handler(BaseHTTPRequestHandler):
    """Answers as a provider does."""

    def log_message(self, *given: object) -> None:
        """Stay silent."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        STATE.asked.append(parts.path)
        if parts.path == "/.well-known/openid-configuration":
            self.send(STATE.wrong.get("discovery") or self.discovery())
        elif parts.path == "/keys":
            self.send(KeySet([STATE.key]).as_dict(private=False))
        elif parts.path == "/authorize":
            code = secrets.token_urlsafe(12)
            STATE.codes[code] = query
            back = {"code": code, "state": query["state"]} | STATE.wrong.get("back", {})
            self.redirect(f"{query['redirect_uri']}?{urlencode(back)}")
        elif parts.path == "/userinfo":
            self.send(STATE.wrong.get("userinfo", {}))
        elif parts.path == "/asked":
            self.send({"asked": STATE.asked})
        else:
            self.send({"error": "not found"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        if self.path == "/misbehave":
            STATE.wrong = json.loads(body)
            if "rotate" in STATE.wrong:
                STATE.key = RSAKey.generate_key(2048, {"kid": STATE.wrong["rotate"]})
            self.send({})
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        asked = STATE.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest())
        pair = base64.b64encode(f"{CLIENT}:{quote(SECRET)}".encode())
        expected = f"Basic {pair.decode()}"
        if self.headers.get("Authorization") != expected:
            self.send({"error": "invalid_client"}, 401)
        elif (
            asked is None
            or challenge.decode().rstrip("=") != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            self.send({"error": "invalid_grant"}, 400)
        else:
            token = self.token(asked)
            self.send({"access_token": "for userinfo", "token_type": "Bearer", "id_token": token})

    def token(self, asked: dict[str, str]) -> str:
        now = int(STATE.wrong.get("now", time.time()))
        claims = {
            "iss": self.issuer,
            "sub": "s-1007",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce"),
            "email": "lijing@example.cn",
            "email_verified": True,
            "name": "李静",
        }
        if "max_age" in asked:
            claims["auth_time"] = now
        claims |= STATE.wrong.get("claims", {})
        claims = {name: value for name, value in claims.items() if value is not None}
        how = STATE.wrong.get("signed", "RS256")
        if how == "none":
            parts = ({"alg": "none"}, claims)
            return (
                ".".join(
                    base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
                    for part in parts
                )
                + "."
            )
        if how == "HS256 with our secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET * 2), ["HS256"])
        if how == "HS256 with the public key":
            public = STATE.key.as_pem(private=False)
            head = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"one"}').decode().rstrip("=")
            rest = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
            mac = hmac.digest(public, f"{head}.{rest}".encode(), "sha256")
            return f"{head}.{rest}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
        if how == "another key":
            key = RSAKey.generate_key(2048, {"kid": "one"})
            return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)
        if how == "an unknown key":
            key = RSAKey.generate_key(2048, {"kid": "two"})
            return jwt.encode({"alg": "RS256", "kid": "two"}, claims, key)
        if how == "a key of its own":
            key = RSAKey.generate_key(2048)
            head = {"alg": "RS256", "jwk": key.as_dict(private=False)}
            return jwt.encode(head, claims, key)
        token = jwt.encode({"alg": "RS256", "kid": STATE.key.kid}, claims, STATE.key)
        if how == "changed":
            head, _claims, mac = token.split(".")
            other = claims | {"email": "ada@example.cn"}
            text = base64.urlsafe_b64encode(json.dumps(other).encode()).decode().rstrip("=")
            return f"{head}.{text}.{mac}"
        return token

    def discovery(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
        } | STATE.wrong.get("more", {})

    def send(self, content: object, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
