"""Rows about people that the makers of other rows need as well (tests/support/rows.py has the others)."""

from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile
from django.utils import timezone

from domain.associations import memberships
from domain.associations.models import LocalAssociation
from domain.files.rules import accept_file
from domain.files.uploads import begin_upload
from domain.identity.models import Membership, User
from domain.people.handing_out import ask_for_copy, make_copy
from domain.people.models import Contact, ContactHandOut, Note, NoteRequest
from domain.people.rules import create_contact
from domain.people.sharing import share_contact
from domain.sync.models import SyncDevice, SyncMutation


def make_copy_of(contact: Contact) -> Any:
    """A copy that is ready, and nobody's: the system asked for it."""
    asked: ContactHandOut = ask_for_copy(contact, by=None)
    return make_copy(asked, by=None)


def make_note_request(association: LocalAssociation, user: User) -> Any:
    """One that asks the user for a note of their own about somebody of the association."""
    contact = create_contact(
        first_name="Gro", last_name="Spurt", local_association=association, by=None, duplicate_checked=True
    )
    Note(author=user, contact=contact, title="Husk", body="Ord").save(force_insert=True)
    ask_for_copy(contact, by=None)
    return NoteRequest.objects.get(contact=contact)


def make_contact_share(association: LocalAssociation, user: User) -> Any:
    """Somebody of the association, shown to the user for a day."""
    contact = create_contact(
        first_name="Del", last_name="Delt", local_association=association, by=None, duplicate_checked=True
    )
    return share_contact(contact, user=user, until=timezone.localdate(), reason="Ferie", by=None)


def make_local_membership(association: LocalAssociation, user: User) -> Any:
    return memberships.join_association(user=user, association=association, by=None)


def make_membership(association: LocalAssociation, user: User) -> Membership:
    if not user.association_memberships.filter(association=association).exists():
        make_local_membership(association, user)
    return Membership.objects.here().select_related("user").get(user=user)


def make_sync_device(association: LocalAssociation, user: User) -> SyncDevice:
    return SyncDevice.objects.create(user=user, device_id=f"telefon-{user.pk}", name="Telefon")


def make_sync_mutation(association: LocalAssociation, user: User) -> SyncMutation:
    """Refused, and waiting for a decision."""
    return SyncMutation.objects.create(
        user=user,
        device=SyncDevice.objects.create(user=user, device_id=f"brett-{user.pk}", name="Nettbrett"),
        mutation_id=uuid4(),
        resource="contacts",
        op="create",
        payload_hash=b"",
        outcome="rejected",
        code="invalid-input",
        is_personal=False,
        content={"data": {}, "detail": "Mangler navn.", "errors": []},
    )


def make_upload(association: LocalAssociation | None, user: User):
    return begin_upload(by=user, length=1000, kind="document", filename="referat.pdf")[0]


def make_file(association: LocalAssociation | None, user: User):
    pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    return accept_file(ContentFile(pdf, name="referat.pdf"), by=user)
