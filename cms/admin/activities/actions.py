"""What is done with an activity or a flag: each a form that calls its rule."""

from typing import Any

from django.utils.translation import gettext_lazy

from cms.admin.scoped import ScopedActionView, ScopedForm
from domain.activities import deciding
from domain.activities.models.activities import APPROVE, OVERRIDE
from domain.activities.models.flags import CHANGE_FLAG

from .forms import NoteForm, OverrideForm, ReasonForm


class ActivityAction(ScopedActionView):
    rule: Any = None

    def apply(self, form):
        type(self).rule(self.object, by=self.request.user, version=self.version, **form.cleaned_data)


class SubmitView(ActivityAction):
    page_title = gettext_lazy("Submit")
    button = gettext_lazy("Submit")
    form_class = ScopedForm
    explanation = gettext_lazy("It is handed in to be decided on.")
    rule = staticmethod(deciding.submit_activity)
    success_message = gettext_lazy("It is submitted.")


class WithdrawView(ActivityAction):
    page_title = gettext_lazy("Withdraw")
    button = gettext_lazy("Withdraw")
    form_class = ScopedForm
    explanation = gettext_lazy("It becomes a draft again, to be mended.")
    rule = staticmethod(deciding.withdraw_activity)
    success_message = gettext_lazy("It is a draft again.")


class ApproveView(ActivityAction):
    page_title = gettext_lazy("Approve")
    button = gettext_lazy("Approve")
    permission_required = APPROVE
    form_class = ScopedForm
    explanation = gettext_lazy("Whether it counts is judged for the last time, by the rules of its day.")
    rule = staticmethod(deciding.approve_activity)
    success_message = gettext_lazy("It is approved.")


class RejectView(ActivityAction):
    page_title = gettext_lazy("Reject")
    button = gettext_lazy("Reject")
    permission_required = APPROVE
    form_class = ReasonForm
    explanation = gettext_lazy("Whoever registered it can mend it and submit it again.")
    rule = staticmethod(deciding.reject_activity)
    success_message = gettext_lazy("It is sent back.")


class ReopenView(ActivityAction):
    page_title = gettext_lazy("Take the approval back")
    button = gettext_lazy("Take back")
    permission_required = APPROVE
    is_serious = True
    form_class = ReasonForm
    explanation = gettext_lazy("For a mistake. It waits for a decision again.")
    rule = staticmethod(deciding.reopen_activity)
    success_message = gettext_lazy("It waits for a decision again.")


class FlagView(ActivityAction):
    page_title = gettext_lazy("Flag")
    button = gettext_lazy("Flag")
    permission_required = CHANGE_FLAG
    form_class = ReasonForm
    explanation = gettext_lazy("It can't be approved before somebody has decided on the flag.")
    rule = staticmethod(deciding.flag_activity)
    success_message = gettext_lazy("It is flagged.")


class OverrideView(ActivityAction):
    page_title = gettext_lazy("Decide otherwise")
    button = gettext_lazy("Save")
    permission_required = OVERRIDE
    is_serious = True
    form_class = OverrideForm
    explanation = gettext_lazy(
        "Whether it counts, whatever the rules say. Reason and evidence are kept, and all such decisions can "
        "be listed."
    )
    success_message = gettext_lazy("Saved.")

    def apply(self, form):
        given = form.cleaned_data
        deciding.override_verdict(
            self.object,
            counts={"yes": True, "no": False}.get(given["counts"]),
            reason=given["reason"],
            evidence=given["evidence"],
            by=self.request.user,
            version=self.version,
        )


class FlagAction(ActivityAction):
    permission_required = CHANGE_FLAG
    form_class = NoteForm


class DismissView(FlagAction):
    page_title = gettext_lazy("Dismiss")
    button = gettext_lazy("Dismiss")
    explanation = gettext_lazy("All is well: it doesn't stand in the way any more.")
    rule = staticmethod(deciding.dismiss_flag)
    success_message = gettext_lazy("The flag is dismissed.")


class ConfirmView(FlagAction):
    page_title = gettext_lazy("Confirm")
    button = gettext_lazy("Confirm")
    is_serious = True
    explanation = gettext_lazy("The doubt is right: the activity doesn't count and is kept out of reports.")
    rule = staticmethod(deciding.confirm_flag)
    success_message = gettext_lazy("The flag is confirmed.")


class JoinView(FlagAction):
    page_title = gettext_lazy("They led it together")
    button = gettext_lazy("Join")
    form_class = ScopedForm
    explanation = gettext_lazy(
        "Who led this one is added to those who led the other; this one is rejected: it is there once."
    )
    rule = staticmethod(deciding.join_as_co_leader)
    success_message = gettext_lazy("They stand together at one activity.")
