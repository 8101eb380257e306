"""What is done with certifications, pauses, texts and declarations: each a form that calls its rule."""

from django.http import Http404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.admin.scoped import ScopedActionView
from domain.certification import declarations, pausing, reminders, rules
from domain.certification.choices import Requirement
from domain.certification.models import CHANGE

from .forms import DoneForm, IssuedForm, NeededReasonForm, PauseForm, ReasonForm


class LineView(ScopedActionView):
    """About one line of the checklist, which the address names."""

    @cached_property
    def requirement(self) -> Requirement:
        asked = self.request.GET.get("requirement", "")
        if asked == "":
            # Without one: the first line there is.
            line = self.object.requirements.first()
            asked = line.requirement if line else ""
        if asked not in Requirement.values or not self.object.requirements.filter(requirement=asked).exists():
            raise Http404
        return Requirement(asked)


class TickView(LineView):
    form_class = DoneForm
    button = gettext_lazy("Note it")

    def get_page_title(self):
        return str(self.requirement.label)

    @property
    def explanation(self):
        if self.requirement == Requirement.POLICE_CERTIFICATE:
            return _(
                "Note the day on which you saw it. The police certificate itself is never kept: hand it back."
            )
        return _("Note the day on which this was done.")

    def apply(self, form):
        rules.tick(
            self.object,
            requirement=self.requirement,
            done_on=form.cleaned_data["done_on"],
            by=self.request.user,
            version=self.version,
        )


class UntickView(LineView):
    button = gettext_lazy("Take it back")
    explanation = gettext_lazy("For a mistake. What was issued stays issued.")

    def get_page_title(self):
        return str(self.requirement.label)

    def apply(self, form):
        rules.untick(self.object, requirement=self.requirement, by=self.request.user, version=self.version)


class IssueView(ScopedActionView):
    page_title = gettext_lazy("Issue")
    button = gettext_lazy("Issue")
    form_class = IssuedForm
    success_message = gettext_lazy("The certificate is issued.")

    def apply(self, form):
        rules.issue(
            self.object, issued_on=form.cleaned_data["day"], by=self.request.user, version=self.version
        )


class RenewView(ScopedActionView):
    page_title = gettext_lazy("Renew")
    button = gettext_lazy("Renew")
    form_class = IssuedForm
    success_message = gettext_lazy("The certificate is renewed.")
    explanation = gettext_lazy(
        "It is valid anew for as long as its kind says. A pause that came because it had run out ends."
    )

    def apply(self, form):
        rules.renew(
            self.object, renewed_on=form.cleaned_data["day"], by=self.request.user, version=self.version
        )


class RevokeView(ScopedActionView):
    page_title = gettext_lazy("Revoke")
    button = gettext_lazy("Revoke")
    is_serious = True
    form_class = NeededReasonForm
    success_message = gettext_lazy("The certificate is revoked.")
    explanation = gettext_lazy("It stands for nothing any more, from today. This can't be undone.")

    def apply(self, form):
        rules.revoke(
            self.object, reason=form.cleaned_data["reason"], by=self.request.user, version=self.version
        )


class SendAgainView(ScopedActionView):
    page_title = gettext_lazy("Send the reminder again")
    permission_required = CHANGE
    button = gettext_lazy("Send again")
    success_message = gettext_lazy("The reminder is sent again.")

    def get_page_subtitle(self):
        # What it is about stands below: the header has no room for it.
        return str(self.object.certification.user)

    @property
    def explanation(self):
        said = _(
            "Nobody knows whether the first one arrived. If it did, the mentor gets the same mail twice; "
            "most mail programs show it once."
        )
        return f"{self.object}. {said}"

    def apply(self, form):
        reminders.send_again(self.object, by=self.request.user, version=self.version)


class PauseView(ScopedActionView):
    page_title = gettext_lazy("Pause")
    button = gettext_lazy("Pause")
    form_class = PauseForm
    success_message = gettext_lazy("The mentor is paused.")
    explanation = gettext_lazy("A paused mentor is not given assignments or people to support.")

    def apply(self, form):
        pausing.pause(self.object, **form.cleaned_data, by=self.request.user, version=self.version)


class ResumeView(ScopedActionView):
    page_title = gettext_lazy("End the pause")
    button = gettext_lazy("End the pause")
    form_class = ReasonForm
    success_message = gettext_lazy("The mentor is active again.")

    def apply(self, form):
        pausing.resume(
            self.object, reason=form.cleaned_data["reason"], by=self.request.user, version=self.version
        )


class PublishView(ScopedActionView):
    page_title = gettext_lazy("Publish")
    button = gettext_lazy("Publish")
    is_serious = True
    success_message = gettext_lazy("Published: everyone is asked to sign it.")
    explanation = gettext_lazy(
        "From now on this is what is signed. Whoever signed an earlier version is asked anew, and can't be "
        "assigned until they have signed. It can't be changed after that."
    )

    def apply(self, form):
        declarations.publish_text(self.object, by=self.request.user, version=self.version)


class RevokeDeclarationView(ScopedActionView):
    page_title = gettext_lazy("Revoke")
    button = gettext_lazy("Revoke")
    is_serious = True
    form_class = NeededReasonForm
    success_message = gettext_lazy("The declaration is revoked.")
    explanation = gettext_lazy("It holds no longer, and the person is asked to sign anew.")

    def apply(self, form):
        declarations.revoke_declaration(
            self.object, reason=form.cleaned_data["reason"], by=self.request.user, version=self.version
        )
