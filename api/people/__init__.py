"""The people who are supported: contacts, those close to them, and what is written about them."""

from django.urls import path

from api.core.routes import addresses

from .categories import DiagnosisCategoryViewSet
from .contacts import ContactViewSet
from .figures import ContactCountsView, DiagnosisView
from .notes import ContactNoteViewSet, NoteViewSet
from .relatives import CaregiverViewSet, ContactRelativeViewSet, RegisteredRelativeViewSet

urlpatterns = [
    path("contacts/counts/", ContactCountsView.as_view()),
    path("contacts/<uuid:id>/diagnosis/", DiagnosisView.as_view()),
    *addresses(ContactViewSet),
    *addresses(DiagnosisCategoryViewSet),
    *addresses(CaregiverViewSet),
    *addresses(RegisteredRelativeViewSet),
    *addresses(ContactRelativeViewSet),
    *addresses(ContactNoteViewSet),
    *addresses(NoteViewSet),
]
