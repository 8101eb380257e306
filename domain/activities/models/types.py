"""Types of activities: the organisation's own list."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from domain.activities.choices import DocumentType, Icon
from domain.certification.names import in_reading_language
from domain.core.models import Entity
from domain.core.scope import Scope
from domain.grants.choices import GrantCategory

VIEW_TYPE = "activities.view_activitytype"
ADD_TYPE = "activities.add_activitytype"
CHANGE_TYPE = "activities.change_activitytype"
# Minutes: a day.
LONGEST = 24 * 60


class ActivityTypeQuerySet(models.QuerySet["ActivityType"]):
    def visible_to(self, scope: Scope) -> Self:
        """Every member reads the list: it tells about nobody."""
        return self.all() if scope.is_inside else self.none()

    def active(self) -> Self:
        return self.filter(is_active=True)


class ActivityType(Entity):
    """A kind of activity. What it is to the grant (`category`) decides by which rules it counts.

    Never deleted: one that isn't used any more is retired (`is_active`), and what was registered keeps it.
    """

    key = models.CharField(
        _("key"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]*\Z", _("Small letters, digits and hyphens."))],
        help_text=_("How apps and imports name it; it never changes."),
    )
    name_nb = models.CharField(_("name in Bokmål"), max_length=100)
    name_nn = models.CharField(_("name in Nynorsk"), max_length=100, blank=True)
    name_en = models.CharField(_("name in English"), max_length=100, blank=True)
    category = models.CharField(_("category of the grant"), max_length=10, choices=GrantCategory)
    needs_contact = models.BooleanField(_("asks for whom it was"), default=False)
    needs_duration = models.BooleanField(_("asks how long it lasted"), default=True)
    allows_expenses = models.BooleanField(_("expenses can be claimed"), default=True)
    default_duration = models.PositiveSmallIntegerField(
        _("usual duration"),
        default=60,
        validators=[MinValueValidator(5), MaxValueValidator(LONGEST)],
        help_text=_("In minutes; what the form begins with."),
    )
    required_documents = ArrayField(
        models.CharField(max_length=20, choices=DocumentType),
        verbose_name=_("documents asked for"),
        default=list,
        blank=True,
        help_text=_("Without them an activity can't be approved."),
    )
    icon = models.CharField(_("icon"), max_length=10, choices=Icon, default=Icon.OTHER)
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("One that isn't can't be chosen any more.")
    )
    position = models.PositiveSmallIntegerField(
        _("position"),
        default=100,
        validators=[MaxValueValidator(32767)],
        help_text=_("Lower numbers come first."),
    )

    audit_noun = "activity-type"

    objects = models.Manager.from_queryset(ActivityTypeQuerySet)()

    class Meta:
        verbose_name = _("type of activity")
        verbose_name_plural = _("types of activities")
        ordering = ["position", "name_nb"]
        constraints = [
            models.CheckConstraint(name="activity_type_named", condition=~Q(key="") & ~Q(name_nb="")),
            models.CheckConstraint(
                name="activity_type_category_known", condition=Q(category__in=GrantCategory.values)
            ),
            models.CheckConstraint(
                name="activity_type_documents_known",
                condition=Q(required_documents__contained_by=DocumentType.values),
            ),
            models.CheckConstraint(name="activity_type_icon_known", condition=Q(icon__in=Icon.values)),
            models.CheckConstraint(
                name="activity_type_duration",
                condition=Q(default_duration__gte=5, default_duration__lte=LONGEST),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self) -> str:
        """In the reader's language; Bokmål is always there."""
        return in_reading_language(self, "name")
