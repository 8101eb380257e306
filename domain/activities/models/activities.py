"""Activities: what was done, by whom, with whom, and whether it counts."""

from datetime import date, datetime, timedelta
from datetime import timezone as fixed_zone
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from domain.activities.choices import ActivityStatus, FlagStatus, Mode
from domain.associations.models import LocalAssociation
from domain.config.terminology import term_lazy
from domain.core.models import SchemaBound
from domain.core.names import NameSearchField, WordsOf
from domain.core.scope import EVERYWHERE, Scope
from domain.encryption.entities import SealedEntity
from domain.encryption.fields import EncryptedTextField
from domain.people.models import Contact
from tenants.fields import uuid7

from .types import LONGEST, ActivityType

VIEW = "activities.view_activity"
ADD = "activities.add_activity"
CHANGE = "activities.change_activity"
# One's own, as a peer mentor.
LOG = "activities.log_activity"
APPROVE = "activities.approve_activity"
OVERRIDE = "activities.override_activity"
# What is written of somebody's health.
READ_SUMMARY = "activities.read_summary"
# Minutes from UTC: what there is on earth.
FURTHEST_OFFSET = 14 * 60


class ActivityQuerySet(models.QuerySet["Activity"]):
    def visible_to(self, scope: Scope) -> Self:
        """Those one led or registered, and those of the local associations where the caller sees them."""
        if not scope.is_inside:
            return self.none()
        if EVERYWHERE in scope.reach(VIEW):
            return self.all()
        return self.filter(scope.within(VIEW, "local_association__path") | own(scope))

    def waiting(self) -> Self:
        """Submitted, and not decided yet."""
        return self.filter(status=ActivityStatus.SUBMITTED)

    def with_open_flags(self) -> Self:
        return self.filter(flags__status=FlagStatus.OPEN).distinct()


def own(scope: Scope, column: str = "pk") -> Q:
    """The condition that the caller, a mentor, led or registered an activity (`column` is its key)."""
    if not (scope.is_member and scope.can(LOG)):
        return Q(pk__in=())
    led = ActivityLeader.objects.filter(user=scope.user_id).order_by().values("activity")
    registered = Activity.objects.filter(registered_by=scope.user_id).order_by().values("pk")
    # One question, not two with an "or": a mentor's few are then looked up, not looked for among all.
    return Q(**{f"{column}__in": led.union(registered)})


class Activity(SealedEntity):
    """A visit, a call, a meeting or a course day. Its status moves by actions alone (`choices.TRANSITIONS`).

    `mentor` is the leader named first; all of them are `leaders`. `participants` are the people besides those
    who led it: contacts and others. `day` is the day where it took place, by `utc_offset_minutes`.

    The verdict is kept as it was judged last: `unmet` are the requirements of `rule_set` that aren't met,
    as codes; `counts` is what reports go by: the rules' verdict or what an administrator decided
    (`override`), and never with a confirmed flag.
    """

    type = models.ForeignKey(
        ActivityType, on_delete=models.PROTECT, related_name="activities", verbose_name=_("type")
    )
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=term_lazy("peer_mentor"),
    )
    local_association = models.ForeignKey(
        LocalAssociation,
        on_delete=models.PROTECT,
        related_name="activities",
        verbose_name=term_lazy("local_association"),
    )
    # Of the association on the day of approval; reports of that time go by it.
    stamped_path = models.TextField(editable=False, default="")
    theme = models.CharField(_("theme"), max_length=200, blank=True)
    further_participants = models.PositiveSmallIntegerField(
        _("further participants"),
        default=0,
        validators=[MaxValueValidator(9999)],
        help_text=_("Besides those who are named and those who led it."),
    )
    participants = models.PositiveSmallIntegerField(_("participants"), default=0, editable=False)
    started_at = models.DateTimeField(_("began"))
    utc_offset_minutes = models.SmallIntegerField(
        _("offset from UTC"),
        validators=[MinValueValidator(-FURTHEST_OFFSET), MaxValueValidator(FURTHEST_OFFSET)],
        help_text=_("In minutes, where it took place."),
    )
    day = models.DateField(_("day"), editable=False)
    duration_minutes = models.PositiveSmallIntegerField(
        _("duration"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7 * LONGEST)],
        help_text=_("In minutes."),
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    # Of theme and place, for finding.
    text_search = NameSearchField(of=("theme", "place"), db_default="")
    mode = models.CharField(_("how"), max_length=10, choices=Mode, default=Mode.PHYSICAL)
    country = models.CharField(
        _("country"),
        max_length=2,
        default="NO",
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, for example NO."))],
    )
    summary = EncryptedTextField(
        _("summary"), max_length=10_000, blank=True, help_text=_("Sealed: opening it is on the record.")
    )
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("registered by"),
    )
    # Registered by somebody who didn't lead it.
    is_proxy = models.BooleanField(_("registered by proxy"), default=False, editable=False)
    status = models.CharField(
        _("status"), max_length=10, choices=ActivityStatus, default=ActivityStatus.DRAFT, editable=False
    )
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decision_reason = models.CharField(_("why rejected"), max_length=500, blank=True, editable=False)
    counts = models.BooleanField(_("counts for the grant"), default=False, editable=False)
    rule_set = models.CharField(_("counting rules"), max_length=60, blank=True, editable=False)
    unmet = models.JSONField(_("what is missing"), default=list, editable=False)
    override = models.BooleanField(_("decided otherwise"), null=True, editable=False)
    override_reason = models.CharField(_("reason"), max_length=500, blank=True, editable=False)
    override_evidence = models.CharField(_("evidence"), max_length=500, blank=True, editable=False)
    overridden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided otherwise by"),
    )
    overridden_at = models.DateTimeField(_("decided otherwise on"), null=True, editable=False)

    audit_subjects: ClassVar[tuple[str, ...]] = ("mentor_id",)

    objects = models.Manager.from_queryset(ActivityQuerySet)()

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet["Activity"]:
        """Whose summary the caller may read: one's own, and where that right holds."""
        return cls.objects.visible_to(scope).filter(
            scope.within(READ_SUMMARY, "local_association__path") | own(scope)
        )

    class Meta:
        verbose_name = term_lazy("activity")
        verbose_name_plural = term_lazy("activity", "plural")
        ordering = ["-started_at", "-id"]
        permissions = [
            ("log_activity", "Can register activities of their own"),
            ("approve_activity", "Can approve and reject activities"),
            ("override_activity", "Can decide otherwise whether an activity counts"),
            ("read_summary", "Can read summaries of activities"),
        ]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="activity_latest"),
            models.Index(fields=["local_association", "-started_at"], name="activity_of_place"),
            models.Index(fields=["mentor", "started_at"], name="activity_of_mentor"),
            GinIndex(WordsOf(F("text_search")), name="activity_by_words"),
            models.Index(
                fields=["submitted_at", "id"], name="activity_waiting", condition=Q(status="submitted")
            ),
            # Of a hundred thousand all but a few are approved: lists of another status read these alone.
            models.Index(
                fields=["started_at", "id"], name="activity_unapproved", condition=~Q(status="approved")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="activity_status_known", condition=Q(status__in=ActivityStatus.values)
            ),
            models.CheckConstraint(name="activity_mode_known", condition=Q(mode__in=Mode.values)),
            models.CheckConstraint(name="activity_country", condition=Q(country__regex=r"^[A-Z]{2}$")),
            models.CheckConstraint(
                name="activity_offset",
                condition=Q(
                    utc_offset_minutes__gte=-FURTHEST_OFFSET, utc_offset_minutes__lte=FURTHEST_OFFSET
                ),
            ),
            models.CheckConstraint(
                name="activity_duration",
                condition=Q(duration_minutes__isnull=True)
                | Q(duration_minutes__gte=1, duration_minutes__lte=7 * LONGEST),
            ),
            models.CheckConstraint(
                name="activity_participants", condition=Q(participants__gte=F("further_participants"))
            ),
            models.CheckConstraint(
                name="activity_approved_is_stamped",
                condition=~Q(status=ActivityStatus.APPROVED)
                | (~Q(stamped_path="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="activity_rejected_for_a_reason",
                condition=~Q(status=ActivityStatus.REJECTED) | ~Q(decision_reason=""),
            ),
            models.CheckConstraint(
                name="activity_override_explained",
                condition=Q(override__isnull=True, override_reason="", override_evidence="")
                | (Q(override__isnull=False) & ~Q(override_reason="") & ~Q(override_evidence="")),
            ),
        ]

    def __str__(self):
        return f"{self.type}, {date_format(self.day, 'SHORT_DATE_FORMAT')}"

    def save(self, *args: Any, **kwargs: Any):
        fields = kwargs.get("update_fields")
        if fields is not None and {"theme", "place"} & set(fields):
            kwargs["update_fields"] = {*fields, "text_search"}
        super().save(*args, **kwargs)

    @property
    def local_start(self) -> datetime:
        """When it began by the clocks where it was."""
        return self.started_at.astimezone(fixed_zone(timedelta(minutes=self.utc_offset_minutes)))

    @property
    def ended_at(self) -> datetime:
        """When it ended; one without a duration ends as it begins."""
        return self.started_at + timedelta(minutes=self.duration_minutes or 0)

    def local_day(self) -> date:
        return self.local_start.date()


class ActivityLeader(SchemaBound):
    """That somebody led an activity; `approved_on_day`: as an approved peer mentor, on its day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="leaders")
    # Empty for somebody who was erased: that it was led, and that they were approved, stays.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="led_activities",
        verbose_name=term_lazy("peer_mentor"),
    )
    approved_on_day = models.BooleanField(_("approved on the day"), default=False)

    audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

    class Meta:
        verbose_name = _("leader of an activity")
        verbose_name_plural = _("leaders of activities")
        ordering = ["id"]
        indexes = [models.Index(fields=["user", "activity"], name="activity_leader_by_user")]
        constraints = [models.UniqueConstraint(fields=["activity", "user"], name="activity_leader_once")]

    def __str__(self):
        return str(self.user or "")


class ActivityContact(SchemaBound):
    """That an activity was with, or for, a contact."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="contact_links")
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="activity_links", verbose_name=term_lazy("contact")
    )

    audit_subjects: ClassVar[tuple[str, ...]] = ("contact_id",)
    audit_label: ClassVar[tuple[str, ...]] = ("contact_id",)

    class Meta:
        verbose_name = _("participant of an activity")
        verbose_name_plural = _("participants of activities")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["activity", "contact"], name="activity_contact_once")]

    def __str__(self):
        return str(self.activity)


def shown_contacts(activity: Any, scope: Scope) -> list[Contact]:
    """The contacts of an activity whom the caller sees: names are for who may read about people."""
    links = ActivityContact.objects.filter(activity=activity).order_by().values("contact")
    return list(Contact.objects.visible_to(scope).filter(pk__in=links).order_by("name_key", "pk"))
