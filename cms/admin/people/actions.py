"""What can be done with a contact: each says first what will happen."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables
from wagtail.admin import messages

from cms.admin.confirmation import RecentlyVerifiedMixin
from cms.admin.scoped import ScopedActionView, ScopedForm
from domain.core.errors import DomainError
from domain.encryption.errors import ContentErased
from domain.encryption.reading import read_sealed
from domain.people import erasing, erasure_jobs, handing_out, handing_out_jobs, mentoring, merging, rules
from domain.people.models import ContactHandOut
from domain.people.models.contacts import CHANGE, ERASE, EXPORT, READ_HEALTH
from tenants.models import JobRun

from .forms import (
    AssignForm,
    CloseForm,
    EndMentorForm,
    EraseForm,
    MentorForm,
    MergeForm,
    MoveForm,
    ReasonForm,
)
from .writing_forms import DiagnosisForm


class ContactAction(ScopedActionView):
    """On a contact; `rule` takes the contact, what was typed, `by` and `version`."""

    permission_required = CHANGE
    form_class: Any = ReasonForm
    rule: Any = None

    def apply(self, form):
        type(self).rule(self.object, by=self.request.user, version=self.version, **form.cleaned_data)


class PauseView(ContactAction):
    page_title = gettext_lazy("Pause")
    button = gettext_lazy("Pause")
    explanation = gettext_lazy("The support rests until it is made active again. Who supports them stays.")
    rule = staticmethod(rules.pause_contact)
    success_message = gettext_lazy("The support rests now.")


class ActivateView(ContactAction):
    page_title = gettext_lazy("Make active")
    button = gettext_lazy("Make active")
    rule = staticmethod(rules.activate_contact)
    success_message = gettext_lazy("The support goes on.")


class CloseView(ContactAction):
    page_title = gettext_lazy("End the support")
    button = gettext_lazy("End the support")
    is_serious = True
    form_class = CloseForm
    explanation = gettext_lazy(
        "The support ends. Mentors who are assigned see this person until the end of today. Nothing is "
        "deleted; it can be opened again."
    )
    rule = staticmethod(rules.close_contact)
    success_message = gettext_lazy("The support has ended.")


class ReopenView(ContactAction):
    page_title = gettext_lazy("Open again")
    button = gettext_lazy("Open again")
    explanation = gettext_lazy("The support is taken up again. Mentors are assigned anew.")
    rule = staticmethod(rules.reopen_contact)
    success_message = gettext_lazy("The support is taken up again.")


class MoveView(ContactAction):
    page_title = gettext_lazy("Move")
    button = gettext_lazy("Move")
    form_class = MoveForm
    explanation = gettext_lazy(
        "Whoever has a role at the new place sees this person from now on; at the old place nobody does any "
        "more. Mentors who are assigned stay."
    )
    rule = staticmethod(rules.move_contact)
    success_message = gettext_lazy("The person was moved.")

    def get_success_url(self):
        if self.rows().filter(pk=self.object.pk).exists():
            return super().get_success_url()
        return reverse(self.viewset.get_url_name("index"))


class AssignView(ContactAction):
    page_title = gettext_lazy("Assign a mentor")
    button = gettext_lazy("Assign")
    form_class = AssignForm
    explanation = gettext_lazy(
        "The mentor sees this person, those close to them and what the team writes for as long as they are "
        "assigned."
    )
    rule = staticmethod(mentoring.assign_mentor)
    success_message = gettext_lazy("The mentor was assigned.")

    def get_initial(self):
        # Chosen on the page of who is near.
        return {**super().get_initial(), "user": self.request.GET.get("user") or None}


class _OfMentor(ContactAction):
    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "contact": self.object}

    def get_initial(self):
        return {**super().get_initial(), "user": self.request.GET.get("user", "")}


class EndMentorView(_OfMentor):
    page_title = gettext_lazy("End the support by a mentor")
    button = gettext_lazy("End")
    form_class = EndMentorForm
    rule = staticmethod(mentoring.end_mentor)
    success_message = gettext_lazy("The support by this mentor ends on the day you named.")


class PrimaryView(_OfMentor):
    page_title = gettext_lazy("Choose the primary mentor")
    button = gettext_lazy("Save")
    form_class = MentorForm
    success_message = gettext_lazy("The primary mentor was chosen.")

    def apply(self, form):
        user = form.cleaned_data["user"]
        mentoring.make_primary(self.object, user=user, by=self.request.user, version=self.version)


class MergeView(ContactAction):
    page_title = gettext_lazy("Merge into another")
    button = gettext_lazy("Merge")
    is_serious = True
    form_class = MergeForm
    explanation = gettext_lazy(
        "Mentors, relatives and notes go to the other one, which learns what it doesn't know yet. This one "
        "is kept as a closed alias that leads there. For 30 days it can be undone."
    )

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "contact": self.object}

    def get_initial(self):
        return {**super().get_initial(), "into": self.request.GET.get("into", "")}

    def apply(self, form):
        self.remaining = merging.merge_contacts(
            self.object, by=self.request.user, version=self.version, **form.cleaned_data
        )

    def get_success_message(self):
        return _("“%(name)s” was merged into “%(into)s”.") % {"name": self.object, "into": self.remaining}

    def get_success_url(self):
        return self.viewset.url_after(self, self.remaining)


class UndoMergeView(ContactAction):
    page_title = gettext_lazy("Undo the merge")
    button = gettext_lazy("Undo the merge")
    explanation = gettext_lazy("Everything that the merge moved comes back here, and nothing else.")
    rule = staticmethod(merging.undo_merge)
    success_message = gettext_lazy("The merge was undone.")


class DiagnosisView(ContactAction):
    """What is written of the diagnosis: opened to be read and changed, which is on the record."""

    page_title = gettext_lazy("Diagnosis")
    button = gettext_lazy("Save")
    permission_required = READ_HEALTH
    form_class = DiagnosisForm
    explanation = gettext_lazy("Kept encrypted. That you opened it is on the record.")

    @sensitive_variables()
    def get_initial(self):
        if self.request.method != "GET":
            return super().get_initial()  # What was typed is there: nothing is opened to be written anew.
        try:
            text = read_sealed(self.object, "diagnosis", by=self.request.user, scope=self.scope)
        except ContentErased:
            text = ""
        return {**super().get_initial(), "diagnosis": text or ""}

    def apply(self, form):
        rules.change_contact(
            self.object, changes=form.cleaned_data, by=self.request.user, version=self.version
        )


class OfWhoIsKept(RecentlyVerifiedMixin, ScopedActionView):
    """Of a person who was erased there is nothing to hand out or erase: back to what is left of them."""

    def dispatch(self, request, *args, **kwargs):
        row = self.get_object()
        if row.erased_at is not None and self.may(self.permission_required, row):
            messages.warning(request, _("What was kept about this person was erased."))
            return redirect(self.viewset.url_after(self, row))
        return super().dispatch(request, *args, **kwargs)


class ExportView(OfWhoIsKept):
    page_title = gettext_lazy("Hand out what is kept")
    button = gettext_lazy("Ask for the copy")
    permission_required = EXPORT
    form_class = ScopedForm
    explanation = gettext_lazy(
        "A ZIP with a page to read and the same as data: facts, diagnosis, relatives, mentors and notes of "
        "the team. Private notes are counted; their authors have them. The copy is sealed, only you can "
        "fetch it, and it is destroyed after three days. That you asked for it is on the record."
    )
    success_message = gettext_lazy("The copy is being made. It takes a moment.")

    def apply(self, form):
        handing_out_jobs.ask(self.object, by=self.request.user)

    def get_success_url(self):
        return reverse(self.viewset.get_url_name("copy"), args=[self.object.pk])


class CopyView(OfWhoIsKept):
    """The copy that the reader asked for last: how far it is, and where it is fetched."""

    template_name = "people/copy.html"
    page_title = gettext_lazy("The copy you asked for")
    button = gettext_lazy("Download")
    permission_required = EXPORT
    form_class = ScopedForm

    @cached_property
    def copy(self) -> ContactHandOut | None:
        return ContactHandOut.objects.visible_to(self.scope).filter(contact=self.object).first()

    def form_valid(self, form):
        if self.copy is None:
            return self.form_invalid(form)
        try:
            content = handing_out.fetch_copy(self.copy, by=self.request.user)
        except DomainError as refusal:
            form.add_error(None, str(refusal.message))
            return self.form_invalid(form)
        return HttpResponse(
            content,
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="contact-{str(self.object.pk)[-6:]}.zip"',
                "Cache-Control": "no-store",
            },
        )

    def get_context_data(self, **kwargs):
        copy = self.copy
        run = (
            None
            if copy is None
            else JobRun.objects.filter(
                organization=self.request.tenant, name=handing_out_jobs.HAND_OUT, key=str(copy.pk)
            ).first()
        )
        return super().get_context_data(copy=copy, run=run, **kwargs)


class EraseView(OfWhoIsKept):
    page_title = gettext_lazy("Erase")
    button = gettext_lazy("Erase")
    permission_required = ERASE
    is_serious = True
    form_class = EraseForm
    explanation = gettext_lazy(
        "Name, address, diagnosis, notes and those close to them go for ever; keys are destroyed. A row "
        "without a name is left, so that figures stay right. The record stays provable and names nobody. It "
        "can't be undone."
    )
    success_message = gettext_lazy("What is kept about this person is being erased.")

    def apply(self, form):
        erasing.require_erasable(self.object, by=self.request.user)
        erasure_jobs.ask_for_contact(self.object, by=self.request.user, **form.cleaned_data)
