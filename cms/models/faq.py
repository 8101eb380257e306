"""Questions and answers (entity: FAQ entry)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.fields import RichTextField
from wagtail.search import index

from domain.config.terminology import term_lazy

from .base import Category, ContentItem

# What an app can render: no embeds, no headings deeper than two levels.
RICH_TEXT_FEATURES = ["h3", "h4", "bold", "italic", "ol", "ul", "link", "document-link"]


class FaqCategory(Category):
    class Meta(Category.Meta):
        verbose_name = term_lazy("faq_category")
        verbose_name_plural = term_lazy("faq_category", "plural")


class FaqEntry(ContentItem):
    """One question with its answer."""

    question = models.CharField(_("question"), max_length=255)
    answer = RichTextField(_("answer"), features=RICH_TEXT_FEATURES)
    category = models.ForeignKey(
        FaqCategory, on_delete=models.PROTECT, related_name="entries", verbose_name=_("category")
    )

    search_fields = [
        index.SearchField("question", boost=4),
        index.SearchField("answer"),
        index.AutocompleteField("question"),
        index.FilterField("audience"),
        index.FilterField("category_id"),
        index.FilterField("locale_id"),
        index.FilterField("live"),
    ]

    class Meta(ContentItem.Meta):
        verbose_name = term_lazy("faq")
        verbose_name_plural = term_lazy("faq", "plural")
        ordering = ["category__sort_order", "sort_order", "question"]

    def __str__(self):
        return self.question
