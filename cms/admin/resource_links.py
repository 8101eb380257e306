"""Resource links and their categories in the admin."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PublishingPanel
from wagtail.admin.ui.tables import StatusTagColumn

from cms.models import ResourceCategory, ResourceLink
from cms.models.resource_links import LinkStatus

from .content import CategoryViewSet, ContentViewSet
from .content_forms import ContentForm, audience_panel
from .content_listing import ContentIndexView, content_columns, content_filterset
from .faq import EXPORT_HEADINGS


def of_link_status(queryset, _name, value):
    """Filter by what the last check found; what was never looked at is unchecked."""
    found = Q(link_check__status=value)
    if value == LinkStatus.UNCHECKED:
        found |= Q(link_check__isnull=True)
    return queryset.filter(found)


class ResourceLinkIndexView(ContentIndexView):
    related = ("link_check",)


class ResourceLinkViewSet(ContentViewSet):
    model = ResourceLink
    index_view_class = ResourceLinkIndexView
    icon = "link"
    base_url_path = "content/resource-links"
    base_form_class = ContentForm
    panels = [
        FieldPanel("title", help_text=_("What it is, not “click here”.")),
        FieldPanel("url", help_text=_("The whole address, beginning with https://.")),
        FieldPanel("description", help_text=_("What one finds there, and for whom it is useful.")),
        FieldPanel("image", help_text=_("The picture's description is read out to those who don't see it.")),
        FieldPanel("category"),
        audience_panel(),
        PublishingPanel(),
    ]
    list_display = content_columns(
        _("Category"),
        StatusTagColumn(
            "link_status",
            label=_("Last check"),
            accessor=lambda link: link.link_status.label,
            sort_key="link_check__status",
            primary=lambda link: link.link_status == LinkStatus.OK,
        ),
    )
    filterset_class = content_filterset(
        ResourceLink,
        link_status=django_filters.ChoiceFilter(
            label=_("Last check"),
            choices=LinkStatus.choices,
            empty_label=_("All"),
            widget=forms.RadioSelect,
            method=of_link_status,
        ),
    )
    export_filename = "resource-links"
    export_headings = EXPORT_HEADINGS
    list_export = [
        "id",
        "translation_key",
        "locale.language_code",
        "category.name",
        "title",
        "url",
        "description",
        "audience",
        "audience_roles",
        "sort_order",
        "live",
        "link_status",
        "link_checked_at",
        "updated_at",
    ]


class ResourceCategoryViewSet(CategoryViewSet):
    model = ResourceCategory
    icon = "folder-open-inverse"
    base_url_path = "content/link-categories"
    export_filename = "link-categories"
    panels = [FieldPanel("name", help_text=_("A heading in the app's list of links."))]
