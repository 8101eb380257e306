"""The menu group that holds all content."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from .conversation_cards import CardDeckViewSet, ConversationCardViewSet
from .faq import FaqCategoryViewSet, FaqViewSet
from .resource_links import ResourceCategoryViewSet, ResourceLinkViewSet
from .resource_links_report import BrokenLinksViewSet


class ContentViewSetGroup(SnippetViewSetGroup):
    menu_label = _("Content")
    menu_icon = "doc-full"
    menu_name = "content"
    menu_order = 200
    items = [
        FaqViewSet(),
        FaqCategoryViewSet(),
        ResourceLinkViewSet(),
        ResourceCategoryViewSet(),
        BrokenLinksViewSet(),
        ConversationCardViewSet(),
        CardDeckViewSet(),
    ]
