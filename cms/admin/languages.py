"""Languages in use: what is written anew is written in one of these.

What is there already in another language stays as it is: it can be edited, published and deleted, readers
get it, and the list says that its language is not in use.
"""

from typing import Any

from wagtail.admin.ui.tables import LocaleColumn
from wagtail.models import Locale

from domain.config.queries import current_organization, locales_in_use
from tenants.models import LANGUAGE_CODES


def is_in_use(locale: Locale) -> bool:
    return locale.language_code in locales_in_use()


def main_locale() -> Locale:
    """That of the organisation's main language, which is always in use."""
    return Locale.objects.get(language_code=current_organization().default_language)


class ContentLocaleColumn(LocaleColumn):
    """The language, and whether it is one that is not in use."""

    cell_template_name = "content/locale_cell.html"

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "is_in_use": is_in_use(instance.locale)}


def drop_translate_button(buttons: list[Any], snippet: Any, user: Any) -> None:
    """Take Wagtail's "Translate" from what is translated to every language in use."""
    in_use = locales_in_use()
    if len(in_use) == len(LANGUAGE_CODES) or not hasattr(snippet, "translation_key"):
        return
    there = set(snippet.get_translations(inclusive=True).values_list("locale__language_code", flat=True))
    if set(in_use) <= there:
        buttons[:] = [
            button for button in buttons if "/translation/submit/" not in (getattr(button, "url", "") or "")
        ]
