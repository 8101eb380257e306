"""Files of activities: /api/v1/activity-attachments/ and /api/v1/activity-documents/."""

from django.db.models import Q
from django_filters import rest_framework as filters

from api.associations import NeededReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.serializers import BASE_FIELDS, EntitySerializer, ScopedRelatedField
from api.core.synced import Synced
from api.files import StoredFileSummarySerializer
from domain.activities.evidence import (
    add_document,
    attach,
    refuse_document,
    remove_attachment,
    remove_document,
    verify_document,
)
from domain.activities.models import ActivityAttachment, ActivityDocument
from domain.activities.models.activities import APPROVE
from domain.config.choices import Area
from domain.files.models import StoredFile


class ActivityAttachmentSerializer(EntitySerializer):
    file = ScopedRelatedField(queryset=StoredFile.objects.all())

    class Meta:
        model = ActivityAttachment
        fields = [*BASE_FIELDS, "activity", "file", "kind", "caption"]
        read_only_fields = ["kind"]
        expansions = {"file": StoredFileSummarySerializer}


class ActivityAttachmentFilters(filters.FilterSet):
    class Meta:
        model = ActivityAttachment
        fields = ["activity", "kind"]


class ActivityAttachmentViewSet(EntityViewSet):
    """Photos and documents of activities. Upload to `files/` first, then name the file here."""

    path, noun, tag = "activity-attachments", "ActivityAttachment", "Activities"
    area = Area.ACTIVITIES
    queryset = ActivityAttachment.objects.all()
    serializer_class = ActivityAttachmentSerializer
    synced = Synced(push=("create",), shared=True)
    filterset_class = ActivityAttachmentFilters
    ordering_fields = ("id", "created_at")
    verbs = ("list", "retrieve", "create", "delete")
    # Whose activity it is decides: the rules look.
    permissions = {"create": "", "delete": ""}
    create_rule = staticmethod(lambda *, values, by: attach(by=by, **values))
    delete_rule = staticmethod(remove_attachment)


class ActivityDocumentSerializer(EntitySerializer):
    file = ScopedRelatedField(queryset=StoredFile.objects.all())

    class Meta:
        model = ActivityDocument
        fields = [
            *(*BASE_FIELDS, "activity", "file", "document_type", "is_for_grant"),
            *("verified_by", "verified_at", "refused_by", "refused_at", "refusal_reason"),
        ]
        read_only_fields = ["verified_by", "verified_at", "refused_by", "refused_at", "refusal_reason"]
        expansions = {"file": StoredFileSummarySerializer}


class ActivityDocumentFilters(filters.FilterSet):
    class Meta:
        model = ActivityDocument
        fields = ["activity", "document_type", "is_for_grant"]


class ActivityDocumentViewSet(EntityViewSet):
    """Documents for the grant; a type of activity may ask for some before it can be approved."""

    path, noun, tag = "activity-documents", "ActivityDocument", "Activities"
    area = Area.ACTIVITIES
    queryset = ActivityDocument.objects.all()
    serializer_class = ActivityDocumentSerializer
    synced = Synced(push=("create",), shared=True)
    filterset_class = ActivityDocumentFilters
    ordering_fields = ("id", "created_at")
    place = "activity__local_association__path"
    verbs = ("list", "retrieve", "create", "delete")
    permissions = {"create": "", "delete": ""}
    when = dict.fromkeys(("verify", "refuse"), Q(verified_at=None, refused_at=None))
    create_rule = staticmethod(lambda *, values, by: add_document(by=by, **values))
    delete_rule = staticmethod(remove_document)
    actions = (
        Action("verify", verify_document, "Say that one has looked at it.", permission=APPROVE),
        Action(
            "refuse",
            refuse_document,
            "Say why it doesn't prove what it should: another one is needed in its place.",
            permission=APPROVE,
            body=NeededReasonSerializer,
        ),
    )
