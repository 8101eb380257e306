"""Whether whoever acts may do it with an activity, and the checks that all rules begin with."""

from typing import Any

from django.utils.translation import gettext as _

from domain.access.rules import check_version
from domain.core.errors import InvalidState, NotAllowed
from domain.core.scope import Scope
from domain.people.standing import scope_of

from .choices import TRANSITIONS, ActivityStatus
from .models import Activity
from .models.activities import CHANGE, own


def locked(activity: Activity, version: int | None = None) -> Activity:
    """The activity as it is now, locked. Raises StaleVersion where it is another than was read."""
    activity.check_schema()
    row = (
        Activity.objects.select_for_update(of=("self",))
        .select_related("local_association", "type")
        .get(pk=activity.pk)
    )
    check_version(row, version)
    return row


def may_keep(scope: Scope, activity: Activity) -> bool:
    """Whether a caller may change it: where the permission holds, or as who led or registered it."""
    if scope.can(CHANGE, activity.local_association.path):
        return True
    return Activity.objects.filter(own(scope), pk=activity.pk).exists()


def check_may_keep(by: Any, activity: Activity) -> None:
    """Raise NotAllowed unless `by` may change it; None is the system itself."""
    scope = scope_of(by)
    if scope is not None and not may_keep(scope, activity):
        raise NotAllowed(_("You are not allowed to change this."))


def check_transition(activity: Activity, verb: str) -> ActivityStatus:
    """The status that the verb leads to. Raises InvalidState from one where it can't be done."""
    sources, target = TRANSITIONS[verb]
    if activity.status not in sources:
        raise InvalidState(
            _("This can't be done while the status is “%(status)s”.")
            % {"status": activity.get_status_display()},
            code="wrong-status",
        )
    return target


def people_of(activity: Activity) -> list[Any]:
    """Whom an activity tells about: who led it and who took part."""
    led = activity.leaders.exclude(user=None).values_list("user", flat=True)
    return [*led, *activity.contact_links.values_list("contact", flat=True)]
