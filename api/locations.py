"""Where mentors are, as roughly as they allow; where municipalities are; who is near a contact."""

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.urls import path
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.associations import PersonSummarySerializer
from api.certification import AboutPeopleFilters
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.errors import NotFound
from api.core.query import Query
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField
from api.core.synced import Synced
from api.core.views import MemberView
from domain.assignments.matching import FARTHEST, NEAREST, USUAL, Match, mentors_near, origin_of
from domain.associations.choices import Precision
from domain.associations.locations import protect_location, set_location, withdraw_location
from domain.associations.models import MentorLocation, MunicipalityPosition
from domain.associations.models.locations import CHANGE_LOCATIONS, VIEW_LOCATIONS
from domain.associations.places import about_people
from domain.audit.reading import RecordsReads
from domain.config.choices import Area
from domain.core.errors import InvalidInput, NotAllowed
from domain.identity.models import User
from domain.people.models import Contact

TAG = "Positions of mentors"


class DegreesField(serializers.DecimalField):
    """Phones tell more decimals than are kept: they are taken, and rounded before anything else."""

    def validate_precision(self, value):
        # Of too many digits before the point nothing is rounded: they are refused.
        with suppress(InvalidOperation):
            value = value.quantize(Decimal(1).scaleb(-(self.decimal_places or 0)))
        return super().validate_precision(value)


class MentorLocationSerializer(EntitySerializer):
    user = MemberField(queryset=User.objects.all(), required=False)
    latitude = DegreesField(
        max_digits=6,
        decimal_places=4,
        required=False,
        allow_null=True,
        help_text="Degrees north (WGS 84), rounded to `precision` before it is stored.",
    )
    longitude = DegreesField(
        max_digits=7, decimal_places=4, required=False, allow_null=True, help_text="Degrees east, likewise."
    )

    class Meta:
        model = MentorLocation
        fields = [
            *BASE_FIELDS,
            *("user", "latitude", "longitude", "precision", "source", "consent", "consented_at"),
            "is_protected",
        ]
        validators: list = []
        extra_kwargs = {
            "precision": {"help_text": "What the mentor agreed to."},
            "consent": {"help_text": "Needed only where somebody notes it for a mentor."},
            "is_protected": {
                "help_text": "With it nothing else may be given: what was kept is deleted, none can be."
            },
        }
        expansions = {"user": PersonSummarySerializer}


class MentorLocationFilters(AboutPeopleFilters):
    user = filters.UUIDFilter(field_name="user")

    class Meta:
        model = MentorLocation
        fields = ["precision", "is_protected"]


def keep_location(*, values: dict[str, Any], by: Any) -> MentorLocation:
    """Set or protect it, as the body says."""
    user = values.pop("user", None)
    given = {name: value for name, value in values.items() if value not in ("", None)}
    if given.pop("is_protected", False):
        if given:
            raise InvalidInput(
                _("Of a protected address no position is kept."), code="no-position", field=next(iter(given))
            )
        return protect_location(user=user, by=by)
    for name in ("latitude", "longitude", "precision"):
        if name not in given:
            raise InvalidInput(_("This field is required."), code="required", field=name)
    return set_location(user=user, by=by, **given)


class MentorLocationViewSet(EntityViewSet):
    """Where mentors are: one's own, and of people whom one may see them of.

    POST sets one's own, in the place of what was kept before; DELETE takes the consent back, and the row is
    gone. Of a protected address there is no point; that it is so, the mentor and whoever noted it see alone.
    """

    path, noun, tag = "mentor-locations", "MentorLocation", TAG
    queryset = MentorLocation.objects.all()
    serializer_class = MentorLocationSerializer
    synced = Synced(push=("create", "delete", "protect"))
    filterset_class = MentorLocationFilters
    search_fields = ("user__name_search",)
    ordering_fields = ("id", "updated_at")
    verbs = ("list", "retrieve", "create", "delete")
    # One's own needs none; the rules ask for it of others'.
    permissions = {"create": "", "delete": ""}
    when = {"protect": Q(is_protected=False)}
    create_rule = staticmethod(keep_location)
    delete_rule = staticmethod(withdraw_location)
    actions = (
        Action(
            "protect",
            lambda row, *, by, version: protect_location(user=row.user, by=by),
            "Note that the address is protected: the position is deleted, and none can be kept.",
        ),
    )

    def condition(self, verb: str) -> Q:
        reached = about_people(self.scope, CHANGE_LOCATIONS)
        own = Q(user=self.scope.user_id)
        return super().condition(verb) & (own | reached if reached else Q())


class MunicipalityPositionSerializer(EntitySerializer):
    class Meta:
        model = MunicipalityPosition
        fields = [*BASE_FIELDS, "number", "name", "latitude", "longitude", "source"]


class MunicipalityPositionFilters(filters.FilterSet):
    class Meta:
        model = MunicipalityPosition
        fields = ["number"]


class MunicipalityPositionViewSet(EntityViewSet):
    """The middle of municipalities, as the organisation entered them: from where one looks for mentors."""

    path, noun, tag = "municipality-positions", "MunicipalityPosition", TAG
    queryset = MunicipalityPosition.objects.all()
    serializer_class = MunicipalityPositionSerializer
    filterset_class = MunicipalityPositionFilters
    search_fields = ("name", "number")
    ordering_fields = ("name", "number", "updated_at")
    ordering_columns = {"name": "name_key"}
    verbs = ("list", "retrieve", "create", "update", "delete")
    bulk = ("create",)


class NearQuery(Query):
    within = serializers.IntegerField(
        required=False, min_value=NEAREST, max_value=FARTHEST, default=USUAL, help_text="Kilometres."
    )
    municipality = serializers.RegexField(
        r"^[0-9]{4}\Z",
        required=False,
        help_text="Number of the municipality from which to look, where the contact's own isn't known.",
    )


class OriginSerializer(serializers.Serializer):
    number = serializers.CharField()
    name = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=4, decimal_places=2)
    longitude = serializers.DecimalField(max_digits=4, decimal_places=2)


class MatchSerializer(serializers.Serializer):
    user = serializers.UUIDField()
    name = serializers.CharField()
    latitude = serializers.DecimalField(max_digits=6, decimal_places=4)
    longitude = serializers.DecimalField(max_digits=7, decimal_places=4)
    precision = serializers.ChoiceField(choices=Precision.choices)
    distance = serializers.CharField(source="words", help_text="As exactly as it is known: “about 30 km”.")
    is_available = serializers.BooleanField(help_text="Whether they may be given somebody to support today.")
    reason = serializers.CharField(help_text="Why not; empty where they may.")
    certified_until = serializers.DateField(allow_null=True)
    open_assignments = serializers.IntegerField()
    contacts = serializers.IntegerField(help_text="How many they support today.")


class MentorsNearSerializer(serializers.Serializer):
    origin = OriginSerializer(
        allow_null=True,
        help_text="The middle of a municipality: a contact has no coordinates. null where nobody has entered "
        "where it is; then nobody is found.",
    )
    within = serializers.IntegerField()
    results = MatchSerializer(many=True)


class MentorsNearView(RecordsReads, MemberView):
    """Mentors near a contact, nearest first: those whose position the caller sees. It is on the record."""

    area = Area.CONTACTS
    query_class = NearQuery

    @extend_schema(
        operation_id="listMentorsNearContact",
        parameters=[NearQuery],
        responses=MentorsNearSerializer,
        tags=[TAG],
        summary="Mentors near a contact, with distance, availability, certificate and load.",
    )
    def get(self, request, **path) -> Response:
        contacts = Contact.objects.visible_to(self.scope).present().select_related("local_association")
        contact = contacts.filter(pk=self.kwargs["id"]).first()
        if contact is None:
            raise NotFound
        if not self.scope.can(VIEW_LOCATIONS):
            raise NotAllowed(_("You may not do this."))
        number, within = self.query.get("municipality"), self.query["within"]
        origin = MunicipalityPosition.objects.filter(number=number).first() if number else origin_of(contact)
        found = mentors_near(self.scope, origin, km=within) if origin else []
        self.note_read(contact)
        self.note_list([each.location for each in found])
        answer = {
            "origin": OriginSerializer(origin).data if origin else None,
            "within": within,
            "results": [MatchSerializer(_match(each)).data for each in found],
        }
        return Response(answer, headers={"Cache-Control": "no-store"})


def _match(each: Match) -> dict[str, Any]:
    return {
        "user": each.user.pk,
        "name": str(each.user),
        "latitude": each.location.latitude,
        "longitude": each.location.longitude,
        "precision": each.location.precision,
        "words": each.distance,
        "is_available": each.standing.is_allowed,
        "reason": each.standing.words,
        "certified_until": each.certified_until,
        "open_assignments": each.open_assignments,
        "contacts": each.contacts,
    }


urlpatterns = [
    path("contacts/<uuid:id>/mentors-near/", MentorsNearView.as_view()),
    *addresses(MentorLocationViewSet),
    *addresses(MunicipalityPositionViewSet),
]
