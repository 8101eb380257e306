"""The steps of importing members: as for local associations, with another plan."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.admin.associations import import_views as steps

from .import_plan import COLUMNS, Plan, carry_out, described, missing


class OfMembers:
    """First base of every step."""

    plan_class: Any = Plan
    columns: Any = COLUMNS
    described = staticmethod(described)
    carry_out = staticmethod(transaction.atomic(carry_out))
    file_prefix = "members"
    note: Any = gettext_lazy(
        "A row with an e-mail address sends an invitation; one without registers a person who never signs "
        "in. Nobody's name, address or password is changed."
    )

    def kind_name(self) -> str:
        return _("Members")

    def missing(self, names: list[str | None]) -> str:
        return missing(names)


class StartView(OfMembers, steps.StartView):
    pass


class TemplateFileView(OfMembers, steps.TemplateFileView):
    pass


class CheckView(OfMembers, steps.CheckView):
    pass


class FailedFileView(OfMembers, steps.FailedFileView):
    pass


class CancelView(OfMembers, steps.CancelView):
    pass


class ProgressView(OfMembers, steps.ProgressView):
    pass


class StateView(OfMembers, steps.StateView):
    pass
