"""Curated links to external resources (entity: resource link)."""

from datetime import datetime

from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from domain.config.terminology import term_lazy

from .base import Category, ContentItem


class LinkStatus(models.TextChoices):
    UNCHECKED = "unchecked", _("Not checked yet")
    OK = "ok", _("Works")
    BROKEN = "broken", _("Broken")


class ResourceCategory(Category):
    class Meta(Category.Meta):
        verbose_name = term_lazy("link_category")
        verbose_name_plural = term_lazy("link_category", "plural")


class ResourceLink(ContentItem):
    """A link worth following, with what one finds there."""

    title = models.CharField(_("title"), max_length=255)
    url = models.URLField(
        _("address"),
        max_length=1000,
        validators=[URLValidator(schemes=["https"], message=_("The address must begin with https://."))],
    )
    description = models.TextField(_("description"), max_length=2000, blank=True)
    image = models.ForeignKey(
        "cms.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("image"),
    )
    category = models.ForeignKey(
        ResourceCategory, on_delete=models.PROTECT, related_name="links", verbose_name=_("category")
    )

    search_fields = [
        index.SearchField("title", boost=4),
        index.SearchField("description"),
        index.AutocompleteField("title"),
        index.FilterField("audience"),
        index.FilterField("category_id"),
        index.FilterField("locale_id"),
        index.FilterField("live"),
    ]

    class Meta(ContentItem.Meta):
        verbose_name = term_lazy("resource_link")
        verbose_name_plural = term_lazy("resource_link", "plural")
        ordering = ["category__sort_order", "sort_order", "title"]
        constraints = [
            *ContentItem.Meta.constraints,
            models.CheckConstraint(name="resourcelink_https", condition=Q(url__startswith="https://")),
        ]

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        if not self._state.adding and kwargs.get("update_fields") is None:
            stored = type(self)._base_manager.filter(pk=self.pk).values_list("url", flat=True).first()
            if stored != self.url:
                # What was found out about another address says nothing of this one.
                LinkCheck.objects.filter(link_id=self.pk).delete()
        super().save(*args, **kwargs)

    @property
    def link_status(self) -> LinkStatus:
        """What the last look at the address found."""
        check = getattr(self, "link_check", None)
        return LinkStatus(check.status) if check else LinkStatus.UNCHECKED

    @property
    def link_checked_at(self) -> datetime | None:
        """When the address was last looked at."""
        check = getattr(self, "link_check", None)
        return check.checked_at if check else None

    @property
    def link_error(self) -> str:
        """What was wrong with it then, as a code of cms.link_check; empty if nothing was."""
        check = getattr(self, "link_check", None)
        return check.error if check else ""


class LinkCheck(models.Model):
    """The last look at a link's address; no row, no look.

    A table of its own: readers see nothing of it, so a look must change neither the link's version nor the
    state that the apps' copies are compared with. Goes with the address it is about.
    """

    link = models.OneToOneField(
        ResourceLink, on_delete=models.CASCADE, primary_key=True, related_name="link_check"
    )
    status = models.CharField(
        _("last check"), max_length=10, choices=LinkStatus, default=LinkStatus.UNCHECKED
    )
    checked_at = models.DateTimeField(_("checked"))
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("link check")
        verbose_name_plural = _("link checks")
        default_permissions = ()

    def __str__(self):
        return f"{self.link_id}: {self.status}"
