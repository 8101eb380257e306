"""What phones do, the usual way, inside our own stack: `/peers/sync/contacts/` is every contact the caller
sees in one answer (`?updated_since=` those changed since), `/peers/sync/caregivers/` saves a list, each."""

from django.urls import path
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from api.people.contact_serializers import ContactPersonSerializer
from api.people.relatives import CaregiverSerializer
from cms.urls import urlpatterns as ours
from domain.people.models import Caregiver, Contact


def _readable(serializer: type) -> list[str]:
    made = serializer()
    return [name for name, field in made.fields.items() if not field.write_only]


class ContactPeerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Contact
        fields = _readable(ContactPersonSerializer)


class CaregiverPeerSerializer(serializers.ModelSerializer):
    class Meta:
        model = Caregiver
        fields = _readable(CaregiverSerializer)


class Contacts(generics.ListAPIView):
    serializer_class = ContactPeerSerializer
    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer]
    pagination_class = None

    def get_queryset(self):
        rows = Contact.objects.visible_to(self.request._request.caller_scope).order_by("pk")
        since = self.request.query_params.get("updated_since")
        return rows.filter(updated_at__gte=since) if since else rows


class Caregivers(APIView):
    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer]

    def post(self, request):
        saved = []
        for given in request.data:
            serializer = CaregiverPeerSerializer(data=given)
            serializer.is_valid(raise_exception=True)
            serializer.save()
            saved.append(serializer.data)
        return Response(saved, status=201)


urlpatterns = [
    path("peers/sync/contacts/", Contacts.as_view()),
    path("peers/sync/caregivers/", Caregivers.as_view()),
    *ours,
]
