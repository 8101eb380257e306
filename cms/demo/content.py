"""Puts the demo content into an organisation, by the same rules as an editor's work."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone
from wagtail.models import Locale

from cms import rules
from cms.models import (
    CardDeck,
    ConversationCard,
    CustomImage,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)
from cms.models.base import Category, ContentItem
from domain.access.choices import Role
from domain.identity.models import User

from . import content_blindeforbundet, content_nhf, content_platform
from .pictures import draw
from .texts import CHANGED, DRAFT, REVIEW, SCHEDULED, Card, Content, Faq, Group, Link

CONTENTS = {
    "nhf": content_nhf.CONTENT,
    "blindeforbundet": content_blindeforbundet.CONTENT,
    "platform": content_platform.CONTENT,
}


@transaction.atomic
def seed_content() -> bool:
    """Write the demo content of the organisation that is selected; False if it has content already.

    What an editor would have done is done by the organisation's administrator (drafts sent to review by its
    coordinator), so that histories and the audit look as they do in use.
    """
    content = CONTENTS.get(getattr(connection, "schema_name", ""))
    if content is None or FaqCategory.objects.exists() or CardDeck.objects.exists():
        return False
    _Seeder(content).run()
    return True


class _Seeder:
    def __init__(self, content: Content):
        self.content = content
        self.locales = {locale.language_code: locale for locale in Locale.objects.all()}
        self.editor = _someone(Role.ORG_ADMIN) or _someone(Role.PLATFORM_STAFF)
        self.author = _someone(Role.COORDINATOR) or self.editor

    def run(self) -> None:
        self.pictures = {key: self._picture(picture) for key, picture in self.content.pictures.items()}
        for groups, category_model, make in (
            (self.content.faqs, FaqCategory, self._faq),
            (self.content.links, ResourceCategory, self._link),
            (self.content.decks, CardDeck, self._card),
        ):
            for group in groups:
                self._group(group, category_model, make)

    def _picture(self, picture) -> CustomImage:
        file = ContentFile(draw(picture.motif, picture.colours), name=f"{picture.motif}.png")
        return CustomImage.objects.create(
            title=picture.title, description=picture.description, file=file, uploaded_by_user=self.editor
        )

    def _group(self, group: Group, model: type[Category], make: Callable[..., list[ContentItem]]) -> None:
        extra = {"description": group.description} if model is CardDeck else {}
        category = model(name=group.name, locale=self.locales["nb"], **extra)
        rules.create(category, by=self.editor)
        categories = {"nb": category}
        for code in ("nn", "en"):
            if name := getattr(group, code):
                categories[code] = model(
                    name=name, locale=self.locales[code], translation_key=category.translation_key
                )
                rules.create(categories[code], by=self.editor)
        for text in group.items:
            for item in make(text, categories):
                self._bring_to(item, text.state)

    def _save(self, model: type[ContentItem], text: Any, categories: dict, versions: dict[str, dict]) -> list:
        """The item and its translations as drafts; a language without its category is left out."""
        made: list[ContentItem] = []
        for code, fields in versions.items():
            if fields is None or code not in categories:
                continue
            item = model(
                locale=self.locales[code],
                audience=text.audience,
                audience_roles=sorted(text.roles) if text.audience == "roles" else [],
                **{model.category_field: categories[code]},
                **fields,
            )
            if made:
                item.translation_key = made[0].translation_key
            if text.state == SCHEDULED:
                item.go_live_at = timezone.now() + timedelta(days=7)
            if text.state in (REVIEW, DRAFT):
                rules.create(item, by=self.author)
            else:
                rules.create(item, by=self.editor, publish=True)
            made.append(item)
        return made

    def _faq(self, text: Faq, categories: dict) -> list[ContentItem]:
        def fields(version):
            return version and {"question": version[0], "answer": version[1]}

        versions = {"nb": fields((text.question, text.answer)), "nn": fields(text.nn), "en": fields(text.en)}
        return self._save(FaqEntry, text, categories, versions)

    def _link(self, text: Link, categories: dict) -> list[ContentItem]:
        same = {"url": text.url, "image": self.pictures.get(text.picture)}

        def fields(version):
            return version and {"title": version[0], "description": version[1], **same}

        versions = {
            "nb": fields((text.title, text.description)),
            "nn": fields(text.nn),
            "en": fields(text.en),
        }
        return self._save(ResourceLink, text, categories, versions)

    def _card(self, text: Card, categories: dict) -> list[ContentItem]:
        same = {"difficulty": text.difficulty, "image": self.pictures.get(text.picture)}

        def fields(version):
            return version and {
                "title": version[0],
                "prompt": version[1],
                "follow_ups": list(version[2]),
                **same,
            }

        original = fields((text.title, text.prompt, text.follow_ups))
        original.update(theme=text.theme, sensitive_advice=text.advice)
        versions = {"nb": original, "nn": fields(text.nn), "en": fields(text.en)}
        return self._save(ConversationCard, text, categories, versions)

    def _bring_to(self, item: ContentItem, state: str) -> None:
        if state == REVIEW and (workflow := item.get_workflow()) is not None:
            workflow.start(item, self.author)
        elif state == CHANGED:
            draft = type(item)._default_manager.get(pk=item.pk)
            field = "answer" if isinstance(draft, FaqEntry) else "description"
            addition = "<p>Mer om dette kommer.</p>" if field == "answer" else " Mer om dette kommer."
            setattr(draft, field, getattr(draft, field) + addition)
            rules.edit(draft, by=self.author)


def _someone(role: Role) -> User | None:
    return User.objects.filter(groups__name=role.value).order_by("date_joined").first()
