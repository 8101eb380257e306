"""What can be done with a member, a role, an invitation, a share: each says first what will happen."""

from typing import Any

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages

from cms.admin.confirmation import RecentlyVerifiedMixin
from cms.admin.scoped import ScopedActionView, ScopedForm, ScopedPageView
from domain.access import (
    breaches,
    erasing,
    erasure_jobs,
    invitations,
    leaving,
    members,
    memberships,
    rules,
    sharing,
)
from domain.access.models import RoleAssignment
from domain.access.models.shares import share_models
from domain.associations.models import LocalAssociationMembership
from domain.core.errors import DomainError
from domain.identity.models import UserSession
from domain.people import handing_over
from domain.people.models import Note
from tenants.jobs import enqueue

from .forms import EraseForm, NeededReasonForm, NewRoleForm, ReasonForm, SessionsForm, open_sessions
from .words import role_name


class MemberAction(ScopedActionView):
    """On a membership. `consequences` are listed above the form."""

    template_name = "members/action.html"
    form_class = ReasonForm

    def consequences(self) -> list[str]:
        return []

    def get_context_data(self, **kwargs):
        return super().get_context_data(consequences=self.consequences(), **kwargs)

    def sessions(self) -> str:
        count = len(open_sessions(self.object.user))
        if not count:
            return _("Nobody is signed in with this membership now.")
        return ngettext(
            "%(count)d session here ends at once, in the app and the admin.",
            "%(count)d sessions here end at once, in the app and the admin.",
            count,
        ) % {"count": count}


class SuspendView(MemberAction):
    page_title = gettext_lazy("Suspend")
    button = gettext_lazy("Suspend")
    is_serious = True

    def consequences(self):
        return [
            self.sessions(),
            _("Until you resume the membership, signing in here is refused."),
            _("Roles and local associations stay, and count again afterwards."),
            _("Other organisations the person belongs to are not touched, nor told."),
        ]

    def apply(self, form):
        memberships.suspend_member(
            self.object, by=self.request.user, reason=form.cleaned_data["reason"], version=self.version
        )

    def get_success_message(self):
        return _("%(name)s is suspended.") % {"name": self.object}


class ResumeView(MemberAction):
    page_title = gettext_lazy("Resume")
    button = gettext_lazy("Resume")

    def consequences(self):
        held = RoleAssignment.objects.filter(user=self.object.user).holding()
        names = ", ".join(sorted({role_name(role) for role in held.values_list("role", flat=True)}))
        return [
            _("The person can sign in here again."),
            _("These roles count again: %(roles)s.") % {"roles": names}
            if names
            else _("No role holds now: give one afterwards."),
        ]

    def apply(self, form):
        memberships.resume_member(
            self.object, by=self.request.user, reason=form.cleaned_data["reason"], version=self.version
        )

    def get_success_message(self):
        return _("%(name)s is a member again.") % {"name": self.object}


def notes_left(user) -> list[str]:
    """How many notes of their own about contacts nobody has chosen for: how many, and nothing else."""
    number = Note.objects.filter(author=user).undecided().count()
    if not number:
        return []
    return [
        ngettext(
            "%(count)d note of their own is about somebody they followed up, and they haven't chosen what "
            "becomes of it: handed over to the team or erased unread with them. Ask them first.",
            "%(count)d notes of their own are about people they followed up, and they haven't chosen what "
            "becomes of them: handed over to the team or erased unread with them. Ask them first.",
            number,
        )
        % {"count": number}
    ]


class AskAboutNotesView(MemberAction):
    page_title = gettext_lazy("Ask about notes")
    form_class = ScopedForm
    button = gettext_lazy("Send the mail")

    def consequences(self):
        return [
            *notes_left(self.object.user),
            _("The person gets a mail, and chooses for each of these notes while they are a member."),
        ]

    def apply(self, form):
        handing_over.ask_to_choose(self.object.user, by=self.request.user)

    def get_success_message(self):
        return _("%(name)s is asked.") % {"name": self.object}


class LeaveView(MemberAction):
    page_title = gettext_lazy("End the membership")
    button = gettext_lazy("End the membership")
    is_serious = True

    def consequences(self):
        user, today = self.object.user, timezone.localdate()
        roles = RoleAssignment.objects.filter(user=user).exclude(valid_to__lt=today).count()
        places = LocalAssociationMembership.objects.filter(user=user).exclude(valid_to__lt=today).count()
        return [
            self.sessions(),
            ngettext("%(count)d role ends.", "%(count)d roles end.", roles) % {"count": roles},
            ngettext(
                "%(count)d membership of a local association ends today.",
                "%(count)d memberships of local associations end today.",
                places,
            )
            % {"count": places},
            *self.further_ends(user),
            _("The account is the person's own and stays, as do other organisations."),
            _("Whoever comes back begins without roles."),
        ]

    def further_ends(self, user) -> list[str]:
        """What else goes, where there is any of it."""
        shares = sum(model.objects.filter(user=user).holding().count() for model in share_models)
        invitations = leaving.invitations_of(user).count()
        lines = []
        if shares:
            lines.append(
                ngettext(
                    "%(count)d shared access of this person ends.",
                    "%(count)d shared accesses of this person end.",
                    shares,
                )
                % {"count": shares}
            )
        if invitations:
            lines.append(
                ngettext(
                    "%(count)d invitation that the person sent, or could accept, is withdrawn.",
                    "%(count)d invitations that the person sent, or could accept, are withdrawn.",
                    invitations,
                )
                % {"count": invitations}
            )
        return [*lines, *notes_left(user)]

    def apply(self, form):
        memberships.end_membership(
            self.object, by=self.request.user, reason=form.cleaned_data["reason"], version=self.version
        )

    def get_success_message(self):
        return _("The membership of %(name)s has ended.") % {"name": self.object}


class EraseView(RecentlyVerifiedMixin, MemberAction):
    """Asks for the erasure; the worker does it, with rights that no web process has."""

    page_title = gettext_lazy("Erase the person")
    button = gettext_lazy("Erase")
    form_class = EraseForm
    permission_required = erasing.ERASE
    is_serious = True

    def consequences(self):
        return [
            self.sessions(),
            *notes_left(self.object.user),
            _("Name, address, roles, local associations, shared access and invitations of the person go."),
            _(
                "The audit record keeps that something happened, and when; names and what was written about "
                "the person are taken out. It can still be verified."
            ),
            _("What they wrote or uploaded for the organisation stays, without their name."),
            _("Other organisations are not touched, nor told. With the last one the account goes."),
            _("Copies that have left are not reached: exports, mails, dumps until they are deleted."),
            _("It can't be undone."),
        ]

    def apply(self, form):
        person = self.object.user
        reason = form.cleaned_data["reason"]
        asked = erasing.note_request(self.object, by=self.request.user, reason=reason)
        enqueue(
            erasure_jobs.ERASE,
            self.request.tenant,
            key=str(person.pk),
            person=str(person.pk),
            by=str(self.request.user.pk),
            request=str(asked.pk),
        )

    def get_success_message(self):
        return _("What is kept about %(name)s is being erased.") % {"name": self.object}


class AddRoleView(MemberAction):
    page_title = gettext_lazy("Give a role")
    button = gettext_lazy("Give the role")
    form_class = NewRoleForm
    permission_required = "access.add_roleassignment"

    def apply(self, form):
        values = dict(form.cleaned_data)
        rules.assign_role(self.object.user, values.pop("role"), by=self.request.user, **values)

    def get_success_message(self):
        return _("The role was given to %(name)s.") % {"name": self.object}


class EndSessionsView(MemberAction):
    page_title = gettext_lazy("End sessions")
    button = gettext_lazy("End")
    form_class = SessionsForm
    permission_required = "identity.change_usersession"
    explanation = gettext_lazy(
        "For a phone that was lost, for example. What is ended is refused from the next request on."
    )

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "user": self.object.user}

    def get_initial(self):
        return {**super().get_initial(), "session": self.request.GET.get("session", "all")}

    def apply(self, form):
        chosen = form.cleaned_data["session"]
        self.ended = members.end_member_sessions(
            self.object, by=self.request.user, session_id=None if chosen == "all" else chosen
        )

    def get_success_message(self):
        return ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", self.ended) % {
            "count": self.ended
        }


class EndAllSessionsView(ScopedPageView, RecentlyVerifiedMixin, FormView):
    """Everybody's sessions but the one that asks: for a suspected break-in."""

    permission = "identity.change_usersession"
    page_title = gettext_lazy("End all sessions")
    header_icon = "lock"
    template_name = "members/end_all.html"
    form_class = NeededReasonForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "scope": self.scope}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        sessions = UserSession.objects.filter(
            organization=self.request.tenant, revoked_at__isnull=True, expires_at__gt=timezone.now()
        ).exclude(pk=self.request.auth.pk)
        return {
            **context,
            "media": context["form"].media,
            "sessions": sessions.count(),
            "people": sessions.order_by().values("user").distinct().count(),
            "cancel_url": reverse(self.index_url_name),
        }

    def form_valid(self, form):
        try:
            ended = breaches.end_all_sessions(
                by=self.request.user, reason=form.cleaned_data["reason"], keep=self.request.auth
            )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.message))
            return self.form_invalid(form)
        messages.success(
            self.request,
            ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", ended)
            % {"count": ended},
        )
        return redirect(self.index_url_name)


class ToPerson(ScopedActionView):
    """Afterwards one is on the person's page."""

    def get_success_url(self):
        return person_url(self, self.object.user_id)


def person_url(view: Any, user_id: Any) -> str:
    from domain.identity.models import Membership

    row = Membership.objects.visible_to(view.scope).filter(user=user_id).first()
    return reverse("members:inspect", args=[row.pk]) if row else reverse("members:index")


class EndRoleView(ToPerson):
    page_title = gettext_lazy("End the role")
    button = gettext_lazy("End the role")
    is_serious = True
    form_class = ReasonForm
    explanation = gettext_lazy("It ends at once: from now on it allows nothing more.")

    def get_page_subtitle(self):
        return f"{self.object.user} – {role_name(self.object.role)}"

    def apply(self, form):
        rules.end_role(
            self.object, by=self.request.user, reason=form.cleaned_data["reason"], version=self.version
        )

    def get_success_message(self):
        return _("The role has ended.")


class EndShareView(ScopedActionView):
    page_title = gettext_lazy("End")
    button = gettext_lazy("End")
    is_serious = True
    explanation = gettext_lazy("It ends at once: from now on the person no longer sees who belongs there.")

    def apply(self, form):
        sharing.end_share(self.object, by=self.request.user, version=self.version)

    def get_success_url(self):
        return reverse("shares:index")

    def get_success_message(self):
        return _("This is no longer shared.")


class ResendView(ScopedActionView):
    page_title = gettext_lazy("Send again")
    button = gettext_lazy("Send again")
    permission_required = "add"
    explanation = gettext_lazy("A new link is sent by e-mail; the old one stops working at once.")

    def apply(self, form):
        invitations.resend(self.object, by=self.request.user, version=self.version)

    def get_success_message(self):
        return _("The invitation is sent to %(email)s.") % {"email": self.object.email}


class RevokeView(ScopedActionView):
    page_title = gettext_lazy("Withdraw")
    button = gettext_lazy("Withdraw")
    is_serious = True
    explanation = gettext_lazy("The link stops working. Who has accepted already stays a member.")

    def apply(self, form):
        invitations.revoke(self.object, by=self.request.user, version=self.version)

    def get_success_message(self):
        return _("The invitation was withdrawn.")
