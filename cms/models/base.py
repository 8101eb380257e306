"""What all content has in common: audience, order, drafts, translations, and who may read what."""

from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)
from wagtail.search import index

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


class Category(TranslatableMixin, Entity):
    """A heading that content is sorted under."""

    name = models.CharField(_("name"), max_length=120)
    sort_order = models.PositiveIntegerField(_("order"), default=0, editable=False, db_index=True)

    class Meta(TranslatableMixin.Meta):
        abstract = True
        ordering = ["sort_order", "name"]

    def __str__(self):
        return self.name


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

    `sort_order` is the place within the category. `audience_roles` names roles (domain.access.choices.Role)
    and is empty unless the audience is `roles`.
    """

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
