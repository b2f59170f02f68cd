"""Answers for probes and for Prometheus."""

from ipaddress import IPv6Address, ip_address

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST

from feedback import clock
from feedback.database import db
from feedback.health.finding import Finding
from feedback.health.metrics import prometheus_text
from feedback.health.vital import unknown_but, vital_signs
from feedback.health.within import TooLong, Within

blueprint = Blueprint("health", __name__)

# Whoever asks every few seconds waits no longer, and must be told why.
_PATIENCE = 3.0

# Any of these says that somebody else passed the request on, from an address we do not know.
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Say that the process lives, whatever else is wrong."""
    return _fresh(jsonify(status="ok"))


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Say whether the site can do its work, and what is in its way."""
    app, now = current_app._get_current_object(), clock.now()  # type: ignore[attr-defined]
    looks = Within(app, lambda: vital_signs(db.session(), app.config, now), _PATIENCE)
    try:
        found = looks.result()
    except TooLong:
        hangs = Finding("database", "bad", _("the database has not answered in time"))
        found = [hangs, *unknown_but("database")]
    ready = all(finding.state != "bad" for finding in found)
    checks = {finding.name: {"status": finding.state, "why": finding.why} for finding in found}
    answer = jsonify(status="ok" if ready else "bad", checks=checks)
    answer.status_code = 200 if ready else 503
    return _fresh(answer)


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Give the numbers to whoever asks from this machine or a private network."""
    if not _is_near():
        abort(404)
    app, now = current_app._get_current_object(), clock.now()  # type: ignore[attr-defined]
    looks = Within(app, lambda: prometheus_text(db.session(), app.config, now), _PATIENCE)
    try:
        text = looks.result()
    except TooLong:
        abort(503)
    return _fresh(Response(text, content_type=CONTENT_TYPE_LATEST))


def _is_near() -> bool:
    # With FEEDBACK_PROXIES the address is the client's own; without, a proxy in front would make
    # the whole world look as if it came from here.
    if not current_app.config["PROXIES"] and any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        ip = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_loopback or ip.is_private


def _fresh(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
