"""The page of a contact: who, mentors, those close to them, what is open, what happened."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.admin.activities.visits import open_follow_ups
from cms.admin.scoped.views import ScopedInspectView
from domain.associations.models import MunicipalityPosition
from domain.associations.models.locations import VIEW_LOCATIONS
from domain.config.choices import Area
from domain.config.queries import enabled_areas
from domain.people.merging import undoable
from domain.people.models import Contact, ContactNote, ContactShare
from domain.people.models.contacts import CHANGE, READ_HEALTH
from domain.people.queries import mentors_on
from domain.people.standing import may_keep_up, may_read_health
from domain.people.timeline import timeline

from .words import state_icon, state_of, state_tone, word

# So many moments and notes stand on the page; the rest is in the lists.
SHOWN = 30


def municipality_of(row: Contact) -> str:
    """Its number, and its name where somebody here has entered it."""
    known = MunicipalityPosition.objects.filter(number=row.municipality) if row.municipality else None
    name = known.values_list("name", flat=True).first() if known is not None else None
    return f"{name} ({row.municipality})" if name else row.municipality


class ContactInspectView(ScopedInspectView):
    template_name = "people/contact.html"

    def get_page_title(self):
        return word("contact")

    def get_context_data(self, **kwargs):
        row = self.object
        present = row.merged_into_id is None and row.erased_at is None
        changes = present and self.scope.can(CHANGE, row.local_association.path)
        keeps_up = present and may_keep_up(self.scope, row)
        reads = may_read_health(self.scope, row)
        caregivers = list(row.caregivers.all())
        links = list(row.relatives.select_related("relative"))
        self.note_list([*caregivers])
        self.note_list([each.relative for each in links])
        # Of two that were merged, who sees the one need not see the other.
        aliases = list(row.aliases.visible_to(self.scope))
        remaining = Contact.objects.visible_to(self.scope).filter(pk=row.merged_into_id).first()
        self.note_list([*aliases, *([remaining] if remaining else [])])
        open_notes = ContactNote.objects.visible_to(self.scope).filter(
            contact=row, follow_up_on__isnull=False, followed_up_at__isnull=True
        )
        sees_record = self.scope.can("audit.view_auditevent")
        return super().get_context_data(
            state=state_of(row),
            state_icon=state_icon(row),
            state_tone=state_tone(row),
            facts=self.facts(reads),
            consent=self.consent(),
            mentors=list(mentors_on(row)),
            caregivers=caregivers,
            links=links,
            visit_follow_ups=open_follow_ups(row, self.scope) if Area.ACTIVITIES in enabled_areas() else [],
            open_notes=list(open_notes.select_related("author").order_by("follow_up_on")[:SHOWN]),
            shares=list(self.shares()) if changes else [],
            moments=[(each, self.link(each)) for each in timeline(row, self.scope, limit=SHOWN)],
            aliases=aliases,
            remaining=remaining,
            undo_url=self.url("undo_merge") if row.is_alias and undoable(row) else "",
            today=timezone.localdate(),
            reads=reads,
            has_diagnosis=row.diagnosis is not None,
            diagnosis_url=self.url("diagnosis") if present and self.may(READ_HEALTH, row) else "",
            assign_url=self.url("assign_mentor") if changes and row.status != "closed" else "",
            end_url=self.url("end_mentor") if changes else "",
            near_url=self.url("mentors_near") if present and self.scope.can(VIEW_LOCATIONS) else "",
            primary_url=self.url("primary_mentor") if changes else "",
            note_url=f"{reverse('contact_notes:add')}?contact={row.pk}" if keeps_up and reads else "",
            caregiver_url=f"{reverse('caregivers:add')}?contact={row.pk}" if keeps_up else "",
            relative_url=f"{reverse('contact_relatives:add')}?contact={row.pk}" if keeps_up else "",
            keeps_up=keeps_up,
            record_url=reverse("audit:person_read", args=[row.pk]) if sees_record else "",
            caregiver_word=word("caregiver", "plural"),
            **kwargs,
        )

    def shares(self):
        """With whom it is shared now, for who may end that."""
        rows = ContactShare.objects.holding().filter(content_object=self.object)
        return rows.select_related("user", "permission").order_by("valid_to")

    def url(self, name: str) -> str:
        return reverse(self.viewset.get_url_name(name), args=[self.object.pk])

    @staticmethod
    def link(moment) -> str:
        if moment.model == "people.contactnote":
            return reverse("contact_notes:inspect", args=[moment.pk])
        if moment.model == "activities.activity":
            return reverse("activities:inspect", args=[moment.pk])
        return ""

    def facts(self, reads: bool) -> list[tuple[str, Any]]:
        row = self.object
        place = " ".join(part for part in (row.postcode, row.city) if part)
        facts: list[tuple[str, Any]] = [
            (_("Year of birth"), row.birth_year),
            (_("E-mail"), row.email),
            (_("Address"), ", ".join(part for part in (row.address, place) if part)),
            (_("Municipality"), municipality_of(row)),
            (_("Language"), row.get_language_display()),
            (_("Diagnosis category"), row.diagnosis_category if reads else None),
            (_("Came by"), row.get_source_display()),
            (_("Registered"), timezone.localtime(row.created_at).date()),
        ]
        if row.closed_reason:
            facts.append((_("Why closed"), row.get_closed_reason_display()))
        return [(label, value) for label, value in facts if value not in ("", None)]

    def consent(self) -> str:
        row = self.object
        return str(row.get_consent_basis_display())
