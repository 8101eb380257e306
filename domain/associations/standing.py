"""Whether whoever acts may do it there.

Standing is worked out by a later area (`domain.access`), which says here how: roles are scoped by our paths.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from domain.core.errors import NotAllowed
from domain.core.scope import EVERYWHERE, Scope

# The one function that gives a user's scope in the organisation that is selected; `domain.access` adds it.
scope_finders: list[Callable[[Any], Scope]] = []


def scope_of_user(user: Any) -> Scope:
    if not scope_finders:
        raise ImproperlyConfigured("nobody has said how a user's scope is found (AppConfig.ready)")
    return scope_finders[-1](user)


def check_may(by: Any, permission: str, *paths: str) -> None:
    """Raise NotAllowed unless `by` has the permission at every one of the paths; None is the system itself.

    The path of the whole organisation is "".
    """
    if by is None:
        return
    scope = scope_of_user(by)
    if not all(scope.can(permission, path) for path in (paths or (EVERYWHERE,))):
        raise NotAllowed(_("You are not allowed to do this there."))
