"""The settings of signing in: how long, how strictly, and at which OpenID provider."""

from collections.abc import Mapping

from feedback import setting_kinds
from feedback.setting_kinds import Setting

SIGN_IN_SETTINGS: Mapping[str, Setting] = {
    "IDLE_MINUTES": Setting(
        setting_kinds.minutes,
        60,
        "5 to 1440 minutes",
        "a browser nobody has used for so long is signed out",
    ),
    "TWO_STEP_ROLES": Setting(
        setting_kinds.roles,
        (),
        "roles, comma separated",
        "who must sign in in two steps: staff, lead, manager, analyst, admin",
    ),
    "OIDC_ISSUER": Setting(
        setting_kinds.issuer,
        "",
        "an https:// address",
        "the OpenID provider people may sign in at; empty for none",
    ),
    "OIDC_CLIENT_ID": Setting(
        setting_kinds.text, "", "a name", "as what the provider knows this site"
    ),
    "OIDC_CLIENT_SECRET": Setting(
        setting_kinds.text, "", "a secret", "this site's secret at the provider"
    ),
    "OIDC_NAME": Setting(
        setting_kinds.text, "OpenID", "a name", "how the provider is called on the sign-in page"
    ),
    "OIDC_NEW_ROLE": Setting(
        setting_kinds.role_or_none,
        "",
        "staff, lead, manager, analyst or nothing",
        "the role of those who come from the provider and are new here; empty lets nobody new in",
    ),
}
