"""Content as the app and the website see it.

`id` names a text whatever its language (it is the translation key), so that a bookmark survives a change of
language; `locale` says in which language it came.
"""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.core.fields import UtcDateTimeField
from domain.config.default_terms import Forms

from .images import describe
from .richtext import to_text


class RenditionSerializer(serializers.Serializer):
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    url = serializers.URLField()


class ImageSerializer(serializers.Serializer):
    alt = serializers.CharField(help_text="Alternative text.")
    width = serializers.IntegerField(help_text="Of the original, in pixels.")
    height = serializers.IntegerField(help_text="Of the original, in pixels.")
    renditions = RenditionSerializer(many=True, help_text="The same image, narrowest first.")


class GroupReferenceSerializer(serializers.Serializer):
    """The category or deck that an item is in."""

    id = serializers.UUIDField(source="translation_key")
    name = serializers.CharField()


class LocalizedSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="translation_key", help_text="The same in every language.")
    locale = serializers.CharField(
        source="locale.language_code", help_text="Language of the text: nb, nn or en."
    )


class ItemSerializer(LocalizedSerializer):
    """What all kinds of content have."""

    # Text and not an enumeration: values may be added, and generated clients refuse one they don't know.
    audience = serializers.CharField(help_text="Whom it is meant for: public, members, roles; more may come.")
    updated_at = UtcDateTimeField()


class ImageItemSerializer(ItemSerializer):
    image = serializers.SerializerMethodField()

    @extend_schema_field(ImageSerializer(allow_null=True))
    def get_image(self, item):
        return describe(item.image, self.context["build_url"])


class FaqSerializer(ItemSerializer):
    question = serializers.CharField()
    answer_html = serializers.SerializerMethodField(
        help_text="Safe HTML: p, h3, h4, b, i, ol, ul, li, a, br."
    )
    answer_text = serializers.SerializerMethodField(help_text="The answer without markup.")
    category = GroupReferenceSerializer()

    @extend_schema_field(serializers.CharField())
    def get_answer_html(self, item) -> str:
        return self.context["html"][item.pk]

    @extend_schema_field(serializers.CharField())
    def get_answer_text(self, item) -> str:
        return to_text(self.context["html"][item.pk])


class ResourceLinkSerializer(ImageItemSerializer):
    title = serializers.CharField()
    url = serializers.URLField(help_text="Always https.")
    description = serializers.CharField()
    category = GroupReferenceSerializer()


class ConversationCardSerializer(ImageItemSerializer):
    title = serializers.CharField()
    prompt = serializers.CharField()
    follow_ups = serializers.ListField(child=serializers.CharField())
    theme = serializers.CharField()
    difficulty = serializers.CharField(help_text="easy, medium, deep; more may come.")
    sensitive_advice = serializers.CharField(help_text="What to have in mind before using the card.")
    deck = GroupReferenceSerializer()


class CategorySerializer(LocalizedSerializer):
    name = serializers.CharField()


class DeckSerializer(CategorySerializer):
    description = serializers.CharField()


class TermSerializer(serializers.Serializer):
    singular = serializers.CharField()
    plural = serializers.CharField()
    definite_singular = serializers.CharField()
    definite_plural = serializers.CharField()


assert set(TermSerializer().fields) == set(Forms._fields)


class TerminologySerializer(serializers.Serializer):
    locale = serializers.CharField()
    etag = serializers.CharField(help_text="Changes when any word does; `me` has it too.")
    terms = serializers.DictField(
        child=TermSerializer(), help_text="The organisation's words, by stable key."
    )


class FaqBundleSerializer(serializers.Serializer):
    categories = CategorySerializer(many=True)
    items = FaqSerializer(many=True)


class ResourceLinkBundleSerializer(serializers.Serializer):
    categories = CategorySerializer(many=True)
    items = ResourceLinkSerializer(many=True)


class ConversationCardBundleSerializer(serializers.Serializer):
    decks = DeckSerializer(many=True)
    items = ConversationCardSerializer(many=True)


class BundleSerializer(serializers.Serializer):
    """Everything for use without a network. An area that is not in use is null."""

    locale = serializers.CharField()
    terminology = TerminologySerializer()
    faqs = FaqBundleSerializer(allow_null=True)
    resource_links = ResourceLinkBundleSerializer(allow_null=True)
    conversation_cards = ConversationCardBundleSerializer(allow_null=True)
