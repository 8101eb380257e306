"""The ways a piece of content can be looked at while it is edited.

A mode's key says screen, look and reader in that order, each with a default: `opened` (the default),
`list`, `opened-dark`, `list-large`, `as-visitor`, `as-coordinator`.
"""

from dataclasses import dataclass

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from domain.access.choices import Role
from domain.core.scope import Scope

# Who a preview can be seen as, besides the roles. Platform staff never read as such in an organisation.
READER_ROLES = (Role.PEER_MENTOR, Role.COORDINATOR, Role.ORG_ADMIN)


@dataclass(frozen=True)
class PreviewMode:
    """What to draw: which screen, how it looks, and through whose eyes.

    `reader` is None (the editor's own view: always shown), "visitor", "member" or a role's key.
    """

    key: str
    label: str | Promise
    screen: str = "opened"
    dark: bool = False
    large: bool = False
    reader: str | None = None

    def scope(self, schema_name: str) -> Scope | None:
        """The standing of the reader in the organisation; None where audience plays no part."""
        if self.reader is None:
            return None
        return Scope(
            schema_name=schema_name,
            is_member=self.reader != "visitor",
            roles=frozenset([self.reader]) - {"visitor", "member"},
        )


# The role's own name, so that the list stays in step with the roles; read when it is shown.
_as_seen_by = lazy(lambda role: gettext("As seen by: %(role)s") % {"role": role.label}, str)


def _as_role(role: Role) -> PreviewMode:
    return PreviewMode(f"as-{role.value}", _as_seen_by(role), reader=role.value)


MODES: dict[str, PreviewMode] = {
    mode.key: mode
    for mode in (
        PreviewMode("opened", _("Opened")),
        PreviewMode("list", _("In the list"), screen="list"),
        PreviewMode("opened-dark", _("Opened, dark"), dark=True),
        PreviewMode("list-dark", _("In the list, dark"), screen="list", dark=True),
        PreviewMode("opened-large", _("Opened, text at 200 %"), large=True),
        PreviewMode("list-large", _("In the list, text at 200 %"), screen="list", large=True),
        PreviewMode("as-visitor", _("As seen by: visitor, not signed in"), reader="visitor"),
        PreviewMode("as-member", _("As seen by: member without a role"), reader="member"),
        *(_as_role(role) for role in READER_ROLES),
    )
}
DEFAULT_MODE = "opened"


def preview_mode(key: str) -> PreviewMode:
    """The mode of this key; the default one for a key that is unknown."""
    return MODES.get(key, MODES[DEFAULT_MODE])
