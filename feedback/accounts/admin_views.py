"""Pages for administering people, keys and the organisation."""

from typing import Any

import sqlalchemy as sa
from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from feedback import chosen, clock
from feedback.accounts import keys, people, set_up
from feedback.accounts.access import roles_allowed
from feedback.accounts.acting import about_key, about_user, note_done
from feedback.accounts.audit import About, changes
from feedback.accounts.forms import (
    EmptyForm,
    NewKeyForm,
    NewPersonForm,
    RoleForm,
    SiteForm,
)
from feedback.accounts.frame import role_name
from feedback.accounts.models import ApiKey, User
from feedback.accounts.recent import recently
from feedback.accounts.sight import ROLES
from feedback.accounts.site import choose_site, leave_out_given, site_defaults
from feedback.accounts.two_step.use import is_obliged, is_on
from feedback.database import db
from feedback.organisation import Organisation, the_organisation

blueprint = Blueprint("accounts_admin", __name__, url_prefix="/admin")


def password_link(user: User) -> str:
    """Return the address at which somebody sets their password; it begins with PUBLIC_URL."""
    path = url_for("accounts.set_password_page", token=people.password_link_token(user))
    return f"{current_app.config['PUBLIC_URL']}/{path.lstrip('/')}"


def _people_page(
    form: NewPersonForm, status: int = 200, link_for: User | None = None
) -> ResponseReturnValue:
    roles = current_app.config["TWO_STEP_ROLES"]
    text = render_template(
        "admin/people.html",
        form=form,
        everybody=people.everybody(db.session()),
        role_form=RoleForm,
        role_name=role_name,
        empty=EmptyForm(),
        link_for=link_for,
        link=password_link(link_for) if link_for else None,
        link_hours=people.LINK_LASTS_HOURS,
        roles=ROLES,
        two_step_roles=roles,
        two_step_given=chosen.where_else(current_app, "TWO_STEP_ROLES"),
        two_step=is_on,
        obliged=lambda user: is_obliged(user, roles),
    )
    return make_response(text, status)


@blueprint.get("/people")
@roles_allowed("admin")
def people_page() -> ResponseReturnValue:
    """List everybody who may sign in."""
    return _people_page(NewPersonForm())


@blueprint.post("/people")
@roles_allowed("admin")
@recently
def add_person() -> ResponseReturnValue:
    """Add somebody, and show once the link at which they set a password."""
    form = NewPersonForm()
    if not form.validate_on_submit():
        return _people_page(form, 422)
    try:
        user = people.add_person(
            db.session(),
            form.email.data,
            role=form.role.data,
            staff=form.staff.data,
            name=form.name.data,
            now=clock.now(),
        )
    except people.NotPossible as refusal:
        db.session.rollback()
        form[refusal.field].errors = [refusal.reason]
        return _people_page(form, 422)
    staff = user.staff.external_id if user.staff else None
    note_done("user.added", about_user(user), {"role": user.role, "staff": staff})
    db.session.commit()
    # Not after a redirect: the link is in no address and in no cookie, only on this one page.
    return _people_page(NewPersonForm(formdata=None), 201, link_for=user)


def _user(user_id: int) -> User:
    user = db.get_or_404(User, user_id)
    # Of somebody who was erased there is nothing to be shown or changed.
    return user if user.erased_at is None else abort(404)


def _done(message: str, **more: Any) -> ResponseReturnValue:
    db.session.commit()
    flash(message, "good")
    return redirect(url_for("accounts_admin.people_page"), 303)


def _refused(refusal: people.NotPossible) -> ResponseReturnValue:
    db.session.rollback()
    flash(refusal.reason, "bad")
    return redirect(url_for("accounts_admin.people_page"), 303)


@blueprint.post("/people/<int:user_id>/role")
@roles_allowed("admin")
@recently
def change_role(user_id: int) -> ResponseReturnValue:
    """Give somebody another role."""
    user, form = _user(user_id), RoleForm()
    before = user.role
    if not form.validate_on_submit():
        return _refused(people.NotPossible("role", _("There is no such role.")))
    try:
        people.change_role(db.session(), user, form.role.data, clock.now())
    except people.NotPossible as refusal:
        return _refused(refusal)
    if details := changes({"role": before}, {"role": user.role}):
        note_done("user.role_changed", about_user(user), details)
    name = user.email
    role = role_name(user.role)
    return _done(_("%(name)s is now: %(role)s.", name=name, role=role))


@blueprint.post("/people/<int:user_id>/leave")
@roles_allowed("admin")
@recently
def leave(user_id: int) -> ResponseReturnValue:
    """Let somebody go."""
    user = _user(user_id)
    was_here = user.left_at is None
    try:
        people.leave(db.session(), user, clock.now())
    except people.NotPossible as refusal:
        return _refused(refusal)
    if was_here:
        note_done("user.left", about_user(user))
    return _done(_("%(name)s can no longer sign in.", name=user.email))


@blueprint.post("/people/<int:user_id>/return")
@roles_allowed("admin")
@recently
def come_back(user_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    user = _user(user_id)
    if user.left_at is not None:
        people.come_back(user)
        note_done("user.returned", about_user(user))
    return _done(_("%(name)s can sign in again.", name=user.email))


@blueprint.post("/people/<int:user_id>/password-link")
@roles_allowed("admin")
@recently
def new_password_link(user_id: int) -> ResponseReturnValue:
    """Show a link at which somebody sets a new password; the old one stays until then."""
    user = _user(user_id)
    note_done("user.password_link_made", about_user(user))
    db.session.commit()
    return _people_page(NewPersonForm(formdata=None), link_for=user)


def _keys_page(form: NewKeyForm, status: int = 200, made: str | None = None) -> ResponseReturnValue:
    query = sa.select(ApiKey).options(selectinload(ApiKey.scopes))
    text = render_template(
        "admin/keys.html",
        form=form,
        keys=db.session.scalars(query.order_by(ApiKey.revoked_at.is_not(None), ApiKey.name)).all(),
        empty=EmptyForm(),
        made=made,
    )
    return make_response(text, status)


@blueprint.get("/keys")
@roles_allowed("admin")
def keys_page() -> ResponseReturnValue:
    """List the programs' keys."""
    return _keys_page(NewKeyForm())


@blueprint.post("/keys")
@roles_allowed("admin")
@recently
def make_key() -> ResponseReturnValue:
    """Make a key and show it, once."""
    form = NewKeyForm()
    if not form.validate_on_submit():
        return _keys_page(form, 422)
    if db.session.scalar(sa.select(ApiKey.id).where(ApiKey.name == form.name.data)) is not None:
        form.name.errors = [_("There is a key with this name already.")]
        return _keys_page(form, 422)
    made = keys.make_key(db.session(), form.name.data, form.scopes.data, clock.now())
    key = db.session.scalars(sa.select(ApiKey).where(ApiKey.name == form.name.data)).one()
    note_done("key.made", about_key(key), {"scopes": sorted(keys.scopes_of(key))})
    db.session.commit()
    return _keys_page(NewKeyForm(formdata=None), 201, made)


@blueprint.post("/keys/<int:key_id>/revoke")
@roles_allowed("admin")
@recently
def revoke_key(key_id: int) -> ResponseReturnValue:
    """Let a key open nothing any more."""
    key = db.get_or_404(ApiKey, key_id)
    if key.revoked_at is None:
        keys.revoke_key(key, clock.now())
        note_done("key.revoked", about_key(key))
    db.session.commit()
    flash(_("The key %(name)s opens nothing any more.", name=key.name), "good")
    return redirect(url_for("accounts_admin.keys_page"), 303)


@blueprint.get("/organisation")
@roles_allowed("admin")
def organisation_page() -> ResponseReturnValue:
    """Show who we are."""
    form = SiteForm(obj=the_organisation(db.session()), **site_defaults())
    given = leave_out_given(form)
    return render_template("admin/organisation.html", form=form, given=given)


@blueprint.post("/organisation")
@roles_allowed("admin")
# The links in mails, those for a password among them, begin with what is said here.
@recently
def save_organisation() -> ResponseReturnValue:
    """Say who we are."""
    found = the_organisation(db.session())
    form = SiteForm(obj=found, **site_defaults())
    given = leave_out_given(form)
    if not form.validate():
        return render_template("admin/organisation.html", form=form, given=given), 422
    before = _said_of(found)
    named = set_up.name_organisation(
        db.session(),
        name_en=form.name_en.data,
        name_zh=form.name_zh.data,
        contact=form.contact.data,
        now=clock.now(),
    )
    site = choose_site(db.session(), form, clock.now())
    before |= {name: current_app.config[name] for name in site}
    if details := changes(before, _said_of(named) | site):
        note_done("organisation.changed", About("organisation", named.id), details)
    db.session.commit()
    chosen.refresh(current_app, at_once=True)
    flash(_("Saved."), "good")
    return redirect(url_for("accounts_admin.organisation_page"), 303)


def _said_of(one: Organisation | None) -> dict[str, object]:
    return {name: getattr(one, name, None) for name in ("name_en", "name_zh", "contact")}
