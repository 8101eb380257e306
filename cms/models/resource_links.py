"""Curated links to external resources (entity: resource link)."""

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
    link_status = models.CharField(
        _("last check"), max_length=10, choices=LinkStatus, default=LinkStatus.UNCHECKED, editable=False
    )
    link_checked_at = models.DateTimeField(_("checked"), null=True, blank=True, editable=False)
    link_error = models.CharField(max_length=300, blank=True, editable=False)

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
                self.link_status, self.link_checked_at, self.link_error = LinkStatus.UNCHECKED, None, ""
        super().save(*args, **kwargs)
