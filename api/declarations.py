"""Declarations of confidentiality: their texts, what there is to sign, who signed what."""

from django.db.models import Q
from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.associations import NeededReasonSerializer, PersonSummarySerializer
from api.certification import TAG, AboutPeopleFilters, AboutPeopleViewSet
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.query import Query
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField, ScopedRelatedField
from api.core.synced import Synced
from api.core.views import MemberView
from domain.certification import declarations
from domain.certification.choices import SigningMethod
from domain.certification.models import (
    CHANGE_DECLARATION,
    CHANGE_TEXTS,
    ConfidentialityDeclaration,
    DeclarationText,
)
from domain.config.choices import Area
from domain.identity.models import User
from tenants.models import LANGUAGE_CODES


class DeclarationTextSerializer(EntitySerializer):
    class Meta:
        model = DeclarationText
        fields = [
            *BASE_FIELDS,
            *("role_context", "number", "title_nb", "title_nn", "title_en", "body_nb", "body_nn", "body_en"),
            *("validity_months", "published_at"),
        ]
        read_only_fields = [*BASE_FIELDS, "number", "published_at"]
        create_only_fields = ["role_context"]
        validators: list = []


class DeclarationTextFilters(filters.FilterSet):
    is_published = filters.BooleanFilter(field_name="published_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = DeclarationText
        fields = ["role_context", "number"]


DRAFT = Q(published_at__isnull=True)


class DeclarationTextViewSet(EntityViewSet):
    """Versions of what is signed. Published ones are read by every member and never changed."""

    path, noun, tag = "declaration-texts", "DeclarationText", TAG
    area = Area.CERTIFICATION
    synced = Synced()
    queryset = DeclarationText.objects.all()
    serializer_class = DeclarationTextSerializer
    filterset_class = DeclarationTextFilters
    ordering_fields = ("role_context", "number", "updated_at")
    verbs = ("list", "retrieve", "create", "update", "delete")
    permissions = {"delete": CHANGE_TEXTS}
    when = {"update": DRAFT, "delete": DRAFT, "publish": DRAFT}
    create_rule = staticmethod(lambda *, values, by: declarations.write_text(by=by, **values))
    update_rule = staticmethod(declarations.change_text)
    delete_rule = staticmethod(declarations.discard_text)
    actions = (
        Action(
            "publish",
            declarations.publish_text,
            "Let it be what is signed from now on; everyone is asked anew. Can't be undone.",
            permission=CHANGE_TEXTS,
        ),
    )


class DeclarationSerializer(EntitySerializer):
    user = MemberField(
        queryset=User.objects.all(),
        required=False,
        help_text="Whoever asks, unless given. For somebody else: `method` is `paper`.",
    )
    text = ScopedRelatedField(queryset=DeclarationText.objects.all())

    class Meta:
        model = ConfidentialityDeclaration
        fields = [
            *BASE_FIELDS,
            *("user", "text", "role_context", "language", "signed_text", "text_sha256", "method"),
            *("signed_at", "valid_until", "revoked_at", "revocation_reason"),
        ]
        read_only_fields = [
            *BASE_FIELDS,
            *("role_context", "signed_text", "signed_at", "valid_until", "revoked_at", "revocation_reason"),
        ]
        extra_kwargs = {
            "text_sha256": {"help_text": "Of the words that were shown (`declarations/to-sign/`)."},
            "method": {"required": False, "default": SigningMethod.APP.value},
        }
        expansions = {"user": PersonSummarySerializer, "text": DeclarationTextSerializer}


class DeclarationFilters(AboutPeopleFilters):
    user = filters.UUIDFilter(field_name="user")
    is_revoked = filters.BooleanFilter(field_name="revoked_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = ConfidentialityDeclaration
        fields = ["text", "role_context", "method"]


class DeclarationViewSet(AboutPeopleViewSet):
    """Who signed which words. POST signs: one's own, or on paper for somebody whom one may note it for."""

    path, noun = "declarations", "ConfidentialityDeclaration"
    synced = Synced()
    queryset = ConfidentialityDeclaration.objects.all()
    serializer_class = DeclarationSerializer
    filterset_class = DeclarationFilters
    search_fields = ("user__name_search",)
    ordering_fields = ("signed_at", "updated_at")
    verbs = ("list", "retrieve", "create")
    # The rule asks for the right to add where it is for somebody else.
    permissions = {"create": ""}
    when = {"revoke": Q(revoked_at__isnull=True)}
    create_rule = staticmethod(
        lambda *, values, by: declarations.sign_declaration(by=by, **{"user": by, **values})
    )
    actions = (
        Action(
            "revoke",
            declarations.revoke_declaration,
            "Let it hold no longer; the person is asked anew.",
            permission=CHANGE_DECLARATION,
            body=NeededReasonSerializer,
        ),
    )


class DeclarationToSignSerializer(serializers.Serializer):
    text = serializers.UUIDField(help_text="Which version; `text` of the declaration.")
    role_context = serializers.CharField()
    number = serializers.IntegerField()
    language = serializers.ChoiceField(choices=LANGUAGE_CODES)
    words = serializers.CharField(help_text="Exactly what is signed. Show all of it.")
    text_sha256 = serializers.CharField(help_text="Of the words in UTF-8.")
    declaration = serializers.UUIDField(allow_null=True, help_text="The caller's own that holds today.")


class DeclarationsToSignSerializer(serializers.Serializer):
    results = DeclarationToSignSerializer(many=True)


class DeclarationsToSignView(MemberView):
    """What there is to sign, in the caller's language, with what the caller has signed already."""

    area = Area.CERTIFICATION

    @extend_schema(
        operation_id="listDeclarationsToSign",
        parameters=[Query],
        responses=DeclarationsToSignSerializer,
        tags=[TAG],
        summary="What there is to sign, in the caller's language",
    )
    def get(self, request):
        found = [
            {
                "text": shown.text.pk,
                "role_context": shown.text.role_context,
                "number": shown.text.number,
                "language": shown.language,
                "words": shown.words,
                "text_sha256": shown.sha256,
                "declaration": signed.pk if signed else None,
            }
            for shown, signed in declarations.to_sign(request.user, self.locale)
        ]
        return Response(DeclarationsToSignSerializer({"results": found}).data)


urlpatterns = [
    path("declarations/to-sign/", DeclarationsToSignView.as_view()),
    *addresses(DeclarationTextViewSet),
    *addresses(DeclarationViewSet),
]
