"""FAQs and their categories in the admin."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, PublishingPanel

from cms.models import FaqCategory, FaqEntry

from .content import CategoryViewSet, ContentViewSet
from .content_forms import ContentForm, audience_panel
from .content_listing import content_columns, content_filterset

EXPORT_HEADINGS = {
    "locale.language_code": _("Language"),
    "translation_key": _("Translation key"),
    "category.name": _("Category"),
    "deck.name": _("Deck"),
}


class FaqViewSet(ContentViewSet):
    model = FaqEntry
    icon = "help"
    base_url_path = "content/faqs"
    base_form_class = ContentForm
    panels = [
        FieldPanel("question", help_text=_("As a member would ask it, in one sentence.")),
        FieldPanel("answer", help_text=_("Begin with the answer itself; explain afterwards.")),
        FieldPanel("category"),
        audience_panel(),
        PublishingPanel(),
    ]
    list_display = content_columns(_("Category"))
    filterset_class = content_filterset(FaqEntry)
    export_filename = "faqs"
    export_headings = EXPORT_HEADINGS
    list_export = [
        "id",
        "translation_key",
        "locale.language_code",
        "category.name",
        "question",
        "answer",
        "audience",
        "audience_roles",
        "sort_order",
        "live",
        "go_live_at",
        "expire_at",
        "updated_at",
    ]


class FaqCategoryViewSet(CategoryViewSet):
    model = FaqCategory
    icon = "folder-open-inverse"
    base_url_path = "content/faq-categories"
    export_filename = "faq-categories"
    panels = [FieldPanel("name", help_text=_("A heading in the app's list of questions."))]
