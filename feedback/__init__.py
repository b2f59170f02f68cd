"""Afterword 回音: asks a customer how it went, asks again, and says what the answers are worth."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from feedback import addresses, chosen, cli, errors, headers, languages, logs, tables
from feedback.accounts import (
    account_views,
    audit_views,
    confirm_views,
    forgotten_views,
    frame,
    person_views,
    sign_in,
    staff_admin_views,
    team_admin_views,
)
from feedback.accounts import admin_views as accounts_admin_views
from feedback.accounts import views as accounts_views
from feedback.accounts.oidc import views as oidc_views
from feedback.accounts.two_step import code_views, two_step_views
from feedback.bounces import views as bounces_views
from feedback.brands import views as brands_views
from feedback.config import ROOT, read_settings
from feedback.customers import views as customers_views
from feedback.database import db, engine_options, set_reading
from feedback.editing import preview_views
from feedback.editing import views as editing_views
from feedback.health import views as health_views
from feedback.integrations import api
from feedback.invitations import do_not_ask_views, own_days_views
from feedback.invitations import views as invitations_views
from feedback.operating import (
    first_hour_views,
    go_live_views,
    mail_views,
    pause_views,
    staff_import_views,
    status_views,
)
from feedback.operating import frame as operating_frame
from feedback.outbox import transport
from feedback.outbox import views as outbox_views
from feedback.reports import (
    answers_views,
    chart_views,
    method_views,
    rehearsal_views,
    team_views,
    touchpoint_views,
)
from feedback.reports import views as reports_views
from feedback.reports.aims import planner_views, targets_views
from feedback.reports.files import recompute_views
from feedback.reports.people import asked_views, me_views, staff_views
from feedback.reports.trends import annotations_views
from feedback.responses import held_views
from feedback.responses import views as responses_views
from feedback.responses.brand_pages import notice_views
from feedback.responses.brand_pages import views as brand_pages_views
from feedback.retention import views as retention_views
from feedback.retention.people import views as held_people_views

csrf = CSRFProtect()

__all__ = ["create_app", "tables"]


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return the application, set up from its settings; overrides go before all others."""
    settings = read_settings(overrides=overrides)
    logs.install_logs(settings["LOG_FORMAT"])
    app = Flask(
        __name__,
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=settings["INSTANCE_PATH"],
    )
    addresses.install_addresses(app)
    secure = settings["PUBLIC_URL"].startswith("https://")
    app.config.update(settings)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings["DATABASE_URL"],
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings["DATABASE_URL"]),
        MAX_CONTENT_LENGTH=1024 * 1024,
        # Browsers take the prefixed name only over HTTPS, and only from this very host.
        SESSION_COOKIE_NAME="__Host-afterword" if secure else "afterword",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # The session bounds the form; an hour-old page must not fail somebody back from lunch.
        WTF_CSRF_TIME_LIMIT=None,
        # Our pages send no Referer, so it cannot be asked for; the token and SameSite guard forms.
        WTF_CSRF_SSL_STRICT=False,
    )
    app.config.update(dict(overrides or {}))
    app.config.update(settings)
    Path(app.instance_path).mkdir(parents=True, exist_ok=True)
    # Where matplotlib keeps its list of fonts; a service account has no home to keep it in.
    os.environ.setdefault("MPLCONFIGDIR", str(Path(app.instance_path) / "cache" / "matplotlib"))
    if settings["PROXIES"]:
        hops = settings["PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    languages.install_languages(app)
    transport.mail.init_app(app)
    given = chosen.where_given(Path(app.instance_path), overrides=overrides)
    chosen.install_chosen(app, given, then=_go_by_other_mail_settings)
    # Before the token is looked for, which reads the form with everything in it.
    app.before_request(brand_pages_views.let_logos_in)
    csrf.init_app(app)
    sign_in.install_sign_in(app)
    frame.install_frame(app)
    operating_frame.install_frame(app)
    errors.install_errors(app)
    headers.install_headers(app)
    app.before_request(_let_safe_requests_only_read)
    # What the same thread does afterwards, such as a test or a command, is not this request.
    app.teardown_request(lambda error: set_reading(False))

    for views in (
        accounts_views,
        accounts_admin_views,
        account_views,
        confirm_views,
        forgotten_views,
        person_views,
        code_views,
        two_step_views,
        oidc_views,
        audit_views,
        staff_admin_views,
        team_admin_views,
        outbox_views,
        bounces_views,
        invitations_views,
        do_not_ask_views,
        own_days_views,
        brands_views,
        brand_pages_views,
        notice_views,
        responses_views,
        held_views,
        customers_views,
        reports_views,
        staff_views,
        team_views,
        me_views,
        answers_views,
        asked_views,
        recompute_views,
        chart_views,
        method_views,
        annotations_views,
        targets_views,
        planner_views,
        touchpoint_views,
        rehearsal_views,
        first_hour_views,
        mail_views,
        staff_import_views,
        go_live_views,
        pause_views,
        status_views,
        retention_views,
        held_people_views,
        editing_views,
        preview_views,
        health_views,
    ):
        app.register_blueprint(views.blueprint)
    app.register_blueprint(api.blueprint)
    # The link itself is the proof there; in-app browsers lose cookies, and keys need none.
    csrf.exempt(responses_views.blueprint)
    csrf.exempt(customers_views.blueprint)
    csrf.exempt(api.blueprint)
    cli.install_commands(app)
    return app


def _go_by_other_mail_settings(app: Flask) -> None:
    transport.mail.init_app(app)
    # Who was left alone for a while was the server before.
    app.extensions.pop("mail_pace", None)


def _let_safe_requests_only_read() -> None:
    # A GET writes nothing: not by care in every view, but because the database refuses it.
    set_reading(request.method in ("GET", "HEAD", "OPTIONS"))
