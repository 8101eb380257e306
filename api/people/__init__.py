"""The people who are supported: contacts, those close to them, and what is written about them."""

from django.urls import path

from api.core.routes import addresses

from .categories import DiagnosisCategoryViewSet
from .contacts import ContactViewSet
from .figures import ContactCountsView, DiagnosisView
from .handing_out import HandOutView
from .notes import ContactNoteViewSet, NoteViewSet
from .relatives import CaregiverViewSet, ContactRelativeViewSet, RegisteredRelativeViewSet
from .requests import NoteRequestViewSet, NoteRequestWordsView
from .shares import ContactShareViewSet

urlpatterns = [
    path("contacts/counts/", ContactCountsView.as_view()),
    path("contacts/<uuid:id>/diagnosis/", DiagnosisView.as_view()),
    *addresses(ContactViewSet),
    path("contacts/<uuid:id>/hand-out/", ContactViewSet.as_view({"post": "hand_out"})),
    path("contacts/<uuid:id>/erase/", ContactViewSet.as_view({"post": "erase"})),
    path("contact-hand-outs/<uuid:id>/content/", HandOutView.as_view()),
    *addresses(DiagnosisCategoryViewSet),
    *addresses(CaregiverViewSet),
    *addresses(RegisteredRelativeViewSet),
    *addresses(ContactRelativeViewSet),
    *addresses(ContactNoteViewSet),
    *addresses(NoteViewSet),
    *addresses(NoteRequestViewSet),
    *addresses(ContactShareViewSet),
    path("note-requests/<uuid:id>/seal/", NoteRequestViewSet.as_view({"post": "seal"})),
    path("note-requests/<uuid:id>/confirm/", NoteRequestViewSet.as_view({"post": "confirm"})),
    path("note-requests/<uuid:id>/words/", NoteRequestWordsView.as_view()),
]
