"""What every answer carries beside its body: the rules for browsers, caches and crawlers."""

import secrets

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface

# Browsers believe it over HTTPS only; other hosts of the domain are not ours to speak for.
_A_YEAR = "max-age=31536000"
# For a page that runs nothing and looks like the others.
STILL = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


def install_headers(app: Flask) -> None:
    """Give every page its security headers and a nonce for the few scripts it may run."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(add_headers)
    app.session_interface = _SecureWhereEncrypted()


class _SecureWhereEncrypted(SecureCookieSessionInterface):
    """Sessions whose cookie, once sent over HTTPS, is never sent without.

    An address chosen on a page may begin with https while the site was started with another.
    """

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or request.is_secure


def csp_nonce() -> str:
    """Return this request's script nonce."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def let_frame(response: Response) -> Response:
    """Let a page hold frames, with pages of our own in them."""
    response.headers["Content-Security-Policy"] = f"{content_policy()}; frame-src 'self'"
    return response


def let_be_framed(response: Response) -> Response:
    """Let a page of pictures of pages stand in one of ours.

    They carry their styles with them, as mails do. Nothing in them runs, fetches or sends.
    """
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def as_drawing(response: Response) -> Response:
    """Let a drawing that is opened by itself keep the styles it brings, and be nothing more."""
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
    )
    return response


def content_policy() -> str:
    """Return what a page of ours may load."""
    rules = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{csp_nonce()}'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def add_headers(response: Response) -> Response:
    """Give an answer the headers it has not given itself."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("X-Robots-Tag", "noindex")
    # What may be kept says so itself: styles, fonts, logos and charts.
    headers.setdefault("Cache-Control", "no-store")
    if request.is_secure or current_app.config["PUBLIC_URL"].startswith("https://"):
        headers.setdefault("Strict-Transport-Security", _A_YEAR)
    return response
