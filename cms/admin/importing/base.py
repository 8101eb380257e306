"""What all pages of an import have in common: who may be there, and which file they are about."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View
from wagtail.admin.auth import permission_denied
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.models.imports import ContentImport, ImportState

from . import background, staging
from .existing import Rights
from .kinds import FAQ, ImportKind


class ImportView(View):
    """Base: for whoever may add or change this kind of content."""

    viewset: Any = None
    kind: ImportKind = FAQ

    def dispatch(self, request, *args, **kwargs):
        if not (self.rights.add or self.rights.change):
            return permission_denied(request)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def rights(self) -> Rights:
        return Rights.of(self.kind.model, self.request.user)  # type: ignore[arg-type]

    def url(self, name: str, *args: str) -> str:
        return reverse(self.viewset.get_url_name(name), args=args)

    @cached_property
    def large(self) -> ContentImport | None:
        """The person's import of this token, where it is done in the background."""
        return background.find(self.kwargs["token"], self.kind, self.request.user)

    @cached_property
    def staged(self) -> staging.Staged:
        if self.large is not None and self.large.state == ImportState.DONE:
            return background.as_staged(self.large)
        return staging.load(self.request, self.kind, self.kwargs["token"], known=self.large is not None)

    @cached_property
    def is_under_way(self) -> bool:
        """Whether a job works with the file, so that nothing can be chosen now."""
        return self.large is not None and self.large.state in (ImportState.CHECKING, ImportState.WRITING)


class ImportPage(ImportView, WagtailAdminTemplateMixin, TemplateView):
    """A step with a page."""

    step: ClassVar[int] = 1
    header_icon = "upload"

    def get_page_title(self):
        return _("Import")

    def get_breadcrumbs_items(self):
        plural = capfirst(str(self.kind.name))
        return [
            *self.breadcrumbs_items,
            {"url": self.url("list"), "label": plural},
            {"url": "", "label": self.get_page_title(), "sublabel": plural},
        ]

    def get_context_data(self, **kwargs):
        steps = [_("File"), _("Columns"), _("Result"), _("Done")]
        return super().get_context_data(
            kind=self.kind,
            kind_name=self.kind.name,
            steps=[
                {"number": number, "label": label, "current": number == self.step, "past": number < self.step}
                for number, label in enumerate(steps, start=1)
            ],
            list_url=self.url("list"),
            start_url=self.url("import"),
            **kwargs,
        )
