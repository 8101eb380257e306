"""Content to show on a dashboard."""

import pytest
from django.utils import timezone


@pytest.fixture
def make_faq(db):
    """A FAQ in the organisation that is selected, with a revision: `make_faq("Question?", by=user)`."""
    from wagtail.models import Locale

    from cms.models import FaqCategory, FaqEntry

    def make(question: str, *, by=None, language: str = "nb", live: bool = True, **fields) -> FaqEntry:
        locale = Locale.objects.get(language_code=language)
        category = FaqCategory.objects.filter(locale=locale).first() or FaqCategory.objects.create(
            name="Om ordningen", locale=locale
        )
        entry = FaqEntry(
            question=question,
            answer="<p>Svar</p>",
            category=category,
            locale=locale,
            live=live,
            has_unpublished_changes=not live,
            created_by=by,
            updated_by=by,
            **fields,
        )
        if live:
            entry.first_published_at = entry.last_published_at = timezone.now()
        entry.save()
        revision = entry.save_revision(user=by)
        if live:
            FaqEntry.objects.filter(pk=entry.pk).update(live_revision=revision, has_unpublished_changes=False)
        return entry

    return make
