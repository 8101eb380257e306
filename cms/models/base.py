"""What all content has in common: audience, order, drafts, translations, and who may read what."""

from typing import Any, ClassVar, Self

from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)
from wagtail.search import index

# isort: split
# Wagtail's actions import its models: they must be loaded by now.
from wagtail.actions.publish_revision import PublishRevisionAction

from cms.preview.mixin import PhonePreviewMixin
from domain.access.choices import Role
from domain.core.models import Entity
from domain.core.scope import Scope


class Audience(models.TextChoices):
    PUBLIC = "public", _("Everyone")
    MEMBERS = "members", _("Signed-in members")
    ROLES = "roles", _("Members with certain roles")


class ContentQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope):
        """Published items whose audience the caller belongs to."""
        audience = Q(audience=Audience.PUBLIC)
        if scope.is_member:
            audience |= Q(audience=Audience.MEMBERS)
            if scope.roles:
                audience |= Q(audience=Audience.ROLES, audience_roles__overlap=sorted(scope.roles))
        return self.filter(audience, live=True)


# What belongs to one row and not to its translations or copies.
ROW_FIELDS = ["id", "created_at", "created_by", "updated_at", "updated_by", "version", "change_xid"]


class Category(TranslatableMixin, Entity):
    """A heading that content is sorted under, in one language; a new one comes last."""

    exclude_fields_in_copy = ROW_FIELDS

    name = models.CharField(_("name"), max_length=120)
    sort_order = models.PositiveIntegerField(_("order"), default=0, editable=False, db_index=True)

    class Meta(TranslatableMixin.Meta):
        abstract = True
        ordering = ["sort_order", "name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if self._state.adding and not self.sort_order:
            self.sort_order = _next_order(type(self)._base_manager.filter(locale_id=self.locale_id))
        super().save(*args, **kwargs)


class ContentItem(
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    PhonePreviewMixin,
    index.Indexed,
    Entity,
):
    """A piece of content with drafts, revisions, workflow, locking, translation and an audience.

    `sort_order` is the place within the category, from 1. `audience_roles` names roles
    (domain.access.choices.Role) and is empty unless the audience is `roles`.
    """

    # The field that names the category, and its reverse name on the category.
    category_field: ClassVar[str] = "category"
    exclude_fields_in_copy = [
        *ROW_FIELDS,
        "live",
        "has_unpublished_changes",
        "live_revision",
        "first_published_at",
        "last_published_at",
        "go_live_at",
        "expire_at",
        "expired",
        "locked",
        "locked_at",
        "locked_by",
    ]

    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.MEMBERS)
    audience_roles = ArrayField(
        models.CharField(max_length=20, choices=Role), verbose_name=_("roles"), default=list, blank=True
    )
    sort_order = models.PositiveIntegerField(_("order"), default=0, editable=False, db_index=True)

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        for_concrete_model=False,
    )
    _revisions = GenericRelation(
        "wagtailcore.Revision", content_type_field="base_content_type", object_id_field="object_id"
    )

    objects = models.Manager.from_queryset(ContentQuerySet)()

    class Meta(TranslatableMixin.Meta):
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_roles_match_audience",
                condition=Q(audience=Audience.ROLES, audience_roles__len__gt=0)
                | (~Q(audience=Audience.ROLES) & Q(audience_roles__len=0)),
            ),
        ]

    @property
    def revisions(self):
        return self._revisions

    @property
    def group(self) -> Category:
        """The category or deck the item is in."""
        return getattr(self, self.category_field)

    @property
    def group_id(self):
        return getattr(self, f"{self.category_field}_id")

    def clean(self):
        super().clean()
        if self.audience != Audience.ROLES:
            self.audience_roles = []
        elif not self.audience_roles:
            raise ValidationError(
                {"audience_roles": _("Tick at least one role, or choose another audience.")}
            )
        if self.group_id and self.locale_id and self.group.locale_id != self.locale_id:
            raise ValidationError({self.category_field: _("Choose one in the language of the text.")})

    def save(self, *args, **kwargs):
        self._take_place(kwargs.get("update_fields"))
        super().save(*args, **kwargs)

    def _take_place(self, update_fields) -> None:
        """Last in its category, when new or moved there."""
        column = f"{self.category_field}_id"
        if self._state.adding:
            if self.sort_order:
                return
        else:
            if update_fields is not None and self.category_field not in update_fields:
                return
            stored = type(self)._base_manager.filter(pk=self.pk).values_list(column, flat=True).first()
            if stored in (None, self.group_id):
                return
            if update_fields is not None:
                update_fields.append("sort_order")
        self.sort_order = _next_order(type(self)._base_manager.filter(**{column: self.group_id}))

    def with_content_json(self, content) -> Self:
        """A revision as an object. What nobody edits (order, version, who and when, state) is the row's own.

        Otherwise publishing a draft would bring back the order and the numbers of the day it was written.
        """
        obj = super().with_content_json(content)
        for field in self._meta.concrete_fields:
            if not field.editable and not field.primary_key:
                setattr(obj, field.attname, getattr(self, field.attname))
        obj.loaded_in_schema = self.loaded_in_schema
        return obj

    @transaction.atomic
    def publish(
        self,
        revision,
        user=None,
        changed=True,
        log_action=True,
        previous_revision=None,
        skip_permission_checks=False,
    ):
        """Make a revision what readers see; the row, the log and the audit event in one transaction."""
        # The revision may remember the row as it was when the form was opened.
        row = type(self)._default_manager.select_for_update(of=("self",)).get(pk=self.pk)
        revision.content_object = row
        action = PublishRevisionAction(
            revision,
            user=user,
            changed=changed,
            log_action=log_action,
            previous_revision=previous_revision,
        )
        if user is not None:
            action.object.updated_by = user
        # The log entry names this revision, so the audit finds here what readers will see changed.
        action.revision.reader_changes = row._reader_changes(action.object)
        return action.execute(skip_permission_checks=skip_permission_checks)

    @transaction.atomic
    def unpublish(self, set_expired=False, commit=True, user=None, log_action=True):
        return super().unpublish(set_expired=set_expired, commit=commit, user=user, log_action=log_action)

    def _reader_changes(self, new: Self) -> dict[str, tuple[Any, Any]]:
        """{field: (old, new)} of what a person edits, between this row and the object to come."""
        if not self.first_published_at:
            return {}
        return {
            field.name: (self._shown(field), new._shown(field))
            for field in self._meta.concrete_fields
            if field.editable and getattr(self, field.attname) != getattr(new, field.attname)
        }

    def _shown(self, field) -> Any:
        value = getattr(self, field.name)
        return value if value is None or isinstance(value, bool | int | list) else str(value)[:300]

    def copy_for_translation(self, locale, exclude_fields=None) -> Self:
        """An unsaved draft in another language, in the translated category, which is made if missing."""
        copy = super().copy_for_translation(locale, exclude_fields=exclude_fields)
        group = self.group.get_translation_or_none(locale)
        if group is None:
            group = self.group.copy_for_translation(locale)
            group.save()
        setattr(copy, self.category_field, group)
        copy.live = False
        copy.has_unpublished_changes = True
        return copy


def _next_order(siblings) -> int:
    return (siblings.aggregate(last=Max("sort_order"))["last"] or 0) + 1
