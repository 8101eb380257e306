"""The form of images: a description for those who don't see them."""

from django.utils.translation import gettext_lazy as _
from wagtail.images.forms import BaseImageForm


class ImageForm(BaseImageForm):
    """Asks for the description; the page for many uploads asks in its second step, file by file."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if field := self.fields.get("description"):
            field.label = _("Description")
            field.help_text = _(
                "What the picture shows, in one sentence: it is read out to those who don't see it."
            )
            field.required = not self.is_bound or self.add_prefix("description") in self.data
