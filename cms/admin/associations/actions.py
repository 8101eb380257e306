"""Moving, merging, closing: what would happen is shown before it does."""

from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.admin.scoped import ScopedActionView
from domain.associations.memberships import choose_primary, leave_association
from domain.associations.models import CHANGE, LocalAssociation, LocalAssociationMembership
from domain.associations.queries import ancestors_of
from domain.associations.rules import merge_associations, move_association, set_active

from .forms import LastDayForm, MergeForm, PlaceForm, ReasonForm

# So many of what moves along are named; the others are counted.
SHOWN = 15


def place_of(association: LocalAssociation | None) -> str:
    """ "Norge › Øst › Grorud"."""
    if association is None:
        return _("the top of the tree")
    return " › ".join(str(each) for each in [*ancestors_of(association), association])


class PreviewedActionView(ScopedActionView):
    """First what would happen, then, with the same form, it happens."""

    template_name = "associations/previewed.html"
    preview_button: Any = gettext_lazy("See what would happen")

    def form_valid(self, form):
        chosen = "|".join(
            f"{name}={getattr(value, 'pk', value)}" for name, value in form.cleaned_data.items()
        )
        # What was changed after the preview has not been seen.
        if "confirm" in self.request.POST and self.request.POST.get("previewed") == chosen:
            return super().form_valid(form)
        return self.render_to_response(
            self.get_context_data(form=form, preview=self.preview(form), previewed=chosen)
        )

    def preview(self, form) -> dict[str, Any]:
        raise NotImplementedError

    def get_context_data(self, **kwargs):
        return super().get_context_data(preview_button=self.preview_button, **kwargs)

    def below(self) -> dict[str, Any]:
        """What hangs below the row: how many there are, the first of them, and how many people they have."""
        below = LocalAssociation.objects.below(self.object.path).exclude(pk=self.object.pk)
        count = below.count()
        first = list(below.order_by("path")[:SHOWN])
        people = (
            LocalAssociationMembership.objects.current()
            .filter(association__path__startswith=self.object.path)
            .values("user")
            .distinct()
            .count()
        )
        return {"count": count, "first": first, "more": count - len(first), "people": people}


class MoveView(PreviewedActionView):
    page_title = gettext_lazy("Move")
    button = gettext_lazy("Move")
    form_class = PlaceForm
    explanation = gettext_lazy(
        "Everything below it moves along. Whoever has a role at the new place reaches it from now on, and "
        "whoever had one at the old place no longer does."
    )

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "moved": self.object, "permission": CHANGE}

    def preview(self, form):
        to = form.cleaned_data["to"]
        return {
            "lines": [
                (_("From"), place_of(self.object)),
                (_("To"), f"{place_of(to)} › {self.object}"),
                (_("From the day"), form.cleaned_data["from_day"]),
            ],
            "below": self.below(),
            "below_title": _("Moves along"),
        }

    def apply(self, form):
        move_association(
            self.object,
            to=form.cleaned_data["to"],
            from_day=form.cleaned_data["from_day"],
            by=self.request.user,
            version=self.version,
        )

    def get_success_message(self):
        return _("“%(name)s” was moved.") % {"name": self.object}


class MergeView(PreviewedActionView):
    page_title = gettext_lazy("Merge into another")
    button = gettext_lazy("Merge")
    is_serious = True
    form_class = MergeForm
    explanation = gettext_lazy(
        "Its members and everything below it go to the other one. It is kept as a closed alias: its number "
        "still leads to the other, and reports of earlier days still name it. This can't be undone."
    )

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "merged": self.object, "permission": CHANGE}

    @cached_property
    def members(self) -> int:
        return LocalAssociationMembership.objects.current().filter(association=self.object).count()

    def preview(self, form):
        return {
            "lines": [
                (_("Becomes an alias"), place_of(self.object)),
                (_("Remains"), place_of(form.cleaned_data["into"])),
                (_("Members that go over"), self.members),
            ],
            "below": self.below(),
            "below_title": _("Moves along"),
        }

    def apply(self, form):
        self.remaining = merge_associations(
            self.object,
            into=form.cleaned_data["into"],
            reason=form.cleaned_data["reason"],
            by=self.request.user,
            version=self.version,
        )

    def get_success_message(self):
        return _("“%(name)s” is now part of “%(into)s”.") % {"name": self.object, "into": self.remaining}

    def get_success_url(self):
        return self.viewset.url_after(self, self.remaining)


class CloseView(ScopedActionView):
    page_title = gettext_lazy("Close")
    button = gettext_lazy("Close")
    is_serious = True
    form_class = ReasonForm
    explanation = gettext_lazy(
        "Nobody can join it and nothing can be put below it any more. Nothing is deleted; it can be opened "
        "again."
    )

    def apply(self, form):
        set_active(
            self.object,
            active=False,
            reason=form.cleaned_data["reason"],
            by=self.request.user,
            version=self.version,
        )

    def get_success_message(self):
        return _("“%(name)s” was closed.") % {"name": self.object}


class ReopenView(ScopedActionView):
    page_title = gettext_lazy("Open again")
    button = gettext_lazy("Open again")
    form_class = ReasonForm

    def apply(self, form):
        set_active(
            self.object,
            active=True,
            reason=form.cleaned_data["reason"],
            by=self.request.user,
            version=self.version,
        )

    def get_success_message(self):
        return _("“%(name)s” is open again.") % {"name": self.object}


class LeaveView(ScopedActionView):
    page_title = gettext_lazy("End the membership")
    button = gettext_lazy("End the membership")
    form_class = LastDayForm

    def apply(self, form):
        leave_association(
            self.object,
            last_day=form.cleaned_data["last_day"],
            by=self.request.user,
            version=self.version,
        )

    def get_success_message(self):
        return _("The membership ends on the day you named.")


class PrimaryView(ScopedActionView):
    page_title = gettext_lazy("Make it the primary one")
    button = gettext_lazy("Make it the primary one")

    def apply(self, form):
        choose_primary(self.object, by=self.request.user, version=self.version)

    def get_success_message(self):
        return _("“%(name)s” is the primary one now.") % {"name": self.object.association}
