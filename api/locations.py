"""Where mentors are, as roughly as they allow; where municipalities are; who is near a contact."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters

from api.associations import PersonSummarySerializer
from api.certification import AboutPeopleFilters
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField
from domain.associations.locations import protect_location, set_location, withdraw_location
from domain.associations.models import MentorLocation, MunicipalityPosition
from domain.associations.models.locations import CHANGE_LOCATIONS
from domain.associations.places import about_people
from domain.core.errors import InvalidInput
from domain.identity.models import User

TAG = "Positions of mentors"


class MentorLocationSerializer(EntitySerializer):
    user = MemberField(queryset=User.objects.all(), required=False)

    class Meta:
        model = MentorLocation
        fields = [
            *BASE_FIELDS,
            *("user", "latitude", "longitude", "precision", "source", "consent", "consented_at"),
            "is_protected",
        ]
        validators: list = []
        extra_kwargs = {
            "latitude": {"help_text": "Degrees north (WGS 84), rounded to `precision` before it is stored."},
            "longitude": {"help_text": "Degrees east, likewise."},
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


urlpatterns = [*addresses(MentorLocationViewSet), *addresses(MunicipalityPositionViewSet)]
