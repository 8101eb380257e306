"""Files on the pages of what they belong to: a panel to add, describe and remove them, without scripts.

    attachments = FileSection(
        "activity-files", owner=ActivityAttachment, parent_field="activity", attach=…, detach=…,
        may_change=…, page_url=…,
    )
    hooks.register("register_admin_urls", attachments.urls)

docs/files.md tells how an area uses it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from laces.components import Component
from wagtail.admin import messages

from domain.audit.guard import recorded
from domain.core.errors import DomainError, InvalidState
from domain.files.choices import FileKind
from domain.files.content import MAX_BYTES, MEGABYTE, TYPES
from domain.files.models import StoredFile
from domain.files.rules import accept_file, describe_file, discard_file
from domain.files.serving import RangeRefused, file_response

from .scoped.access import scope_of, scoped

FILE_ADDRESS = "stored_file"


class AddFileForm(forms.Form):
    """One file, and what it shows."""

    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=True)
    alt_text = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=300,
        required=False,
        help_text=gettext_lazy(
            "What the picture shows, in one sentence: it is read out to those who don't see it."
        ),
    )

    def __init__(self, *args, kinds: Iterable[str], **kwargs):
        super().__init__(*args, **kwargs)
        kinds = tuple(kinds)
        field = self.fields["file"]
        field.widget.attrs["accept"] = ",".join(one for kind in kinds for one in TYPES[kind])
        field.help_text = " ".join(_limits(kinds))


class DescriptionForm(forms.Form):
    alt_text = AddFileForm.base_fields["alt_text"]
    version = forms.IntegerField(widget=forms.HiddenInput)


def _limits(kinds: tuple[str, ...]) -> list[str]:
    said = []
    if FileKind.PHOTO in kinds:
        said.append(
            _("Pictures: JPEG, PNG, WebP or HEIC, up to %(size)d MB.")
            % {"size": MAX_BYTES[FileKind.PHOTO] // MEGABYTE}
        )
    if FileKind.DOCUMENT in kinds:
        said.append(
            _("Documents: PDF or DOCX, up to %(size)d MB.")
            % {"size": MAX_BYTES[FileKind.DOCUMENT] // MEGABYTE}
        )
    return said


class FilePanel(Component):
    """The files of one object, as a component of its page: `{% component panel %}`."""

    template_name = "files/panel.html"

    def __init__(self, section: "FileSection", request: HttpRequest, parent: Any):
        self.section, self.request, self.parent = section, request, parent

    @property
    def media(self) -> forms.Media:
        return forms.Media(css={"all": ["cms/files/files.css"]})

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        section = self.section
        may_change = section.may_change(self.request, self.parent)
        rows = scoped(section.owner, scope_of(self.request)).filter(**{section.parent_field: self.parent})
        return {
            "panel": self,
            "name": section.name,
            "title": section.title,
            "request": self.request,
            "rows": [
                {
                    "row": row,
                    "file": getattr(row, section.field),
                    "change_url": reverse(section.url_name("file"), args=[row.pk]) if may_change else "",
                    "about": section.about(self.request, row) if section.about else None,
                }
                for row in rows.select_related(section.field, *section.related)
            ],
            "form": AddFileForm(kinds=section.kinds, prefix=section.name) if may_change else None,
            "add_url": reverse(section.url_name("add"), args=[self.parent.pk]),
        }


class FileSection:
    """How the files of one kind of object are added, described and removed in the admin.

    `owner` is the model that owns files (`domain.files.registry`), `parent_field` its reference to the object
    whose page has the panel. `attach(parent, file, *, by)` and `detach(row, *, by)` are the area's rules.
    `may_change(request, parent)` says who adds and removes; who may see rows say `visible_to` of both models.
    `page_url(parent)` is where the panel is. `about(request, row)` says more of a row: its `title`, a
    `state` (`words`, `icon`, `tone`), `lines` of text and `links` (address, words); `related` is what it
    reads for that.
    """

    def __init__(
        self,
        name: str,
        *,
        owner: Any,
        parent_field: str,
        attach: Callable[..., Any],
        detach: Callable[..., Any],
        may_change: Callable[[HttpRequest, Any], bool],
        page_url: Callable[[Any], str],
        field: str = "file",
        kinds: Iterable[str] = (FileKind.PHOTO, FileKind.DOCUMENT),
        title: Any = "",
        about: Callable[[HttpRequest, Any], dict[str, Any]] | None = None,
        related: Iterable[str] = (),
    ):
        self.name, self.owner, self.parent_field, self.field = name, owner, parent_field, field
        self.attach, self.detach, self.may_change, self.page_url = attach, detach, may_change, page_url
        self.kinds, self.title = tuple(str(kind) for kind in kinds), title or gettext_lazy("Files")
        self.about, self.related = about, tuple(related)

    def panel(self, request: HttpRequest, parent: Any) -> FilePanel:
        return FilePanel(self, request, parent)

    def url_name(self, what: str) -> str:
        return f"{self.name.replace('-', '_')}_{what}"

    def urls(self) -> list[Any]:
        """For the hook `register_admin_urls`."""
        return [
            path(f"{self.name}/to/<uuid:parent>/", require_POST(self.add), name=self.url_name("add")),
            path(
                f"{self.name}/<uuid:pk>/",
                require_http_methods(["GET", "HEAD", "POST"])(self.change),
                name=self.url_name("file"),
            ),
        ]

    def add(self, request: HttpRequest, parent: Any) -> HttpResponse:
        """Take a file in and attach it, then go back to the page of the panel."""
        target = self._parent(request, parent)
        form = AddFileForm(request.POST, request.FILES, kinds=self.kinds, prefix=self.name)
        back = redirect(f"{self.page_url(target)}#{self.name}")
        if not form.is_valid():
            messages.error(request, " ".join(text for texts in form.errors.values() for text in texts))
            return back
        given = form.cleaned_data
        try:
            # Two transactions: that a virus was found stays on the record.
            with recorded(what="file upload"):
                file = accept_file(
                    given["file"], by=request.user, kinds=self.kinds, alt_text=given["alt_text"]
                )
        except DomainError as refusal:
            messages.error(request, str(refusal.message))
            return back
        try:
            with transaction.atomic(), recorded(what=f"{self.name} attach"):
                self.attach(target, file, by=request.user)
        except (DomainError, ValidationError) as refusal:
            discard_file(file, by=request.user)
            messages.error(request, _words(refusal))
            return back
        messages.success(request, _("“%(name)s” was added.") % {"name": file.name})
        return back

    def change(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """One file: change its description, or remove it."""
        row = scoped(self.owner, scope_of(request)).select_related(self.field).filter(pk=pk).first()
        if row is None:
            raise Http404
        parent = self._parent(request, getattr(row, f"{self.parent_field}_id"))
        file: StoredFile = getattr(row, self.field)
        back = f"{self.page_url(parent)}#{self.name}"
        form = DescriptionForm(
            request.POST or None, initial={"alt_text": file.alt_text, "version": file.version}
        )
        if request.method == "POST":
            try:
                if "remove" in request.POST:
                    with transaction.atomic(), recorded(row, what=f"{self.name} detach"):
                        self.detach(row, by=request.user)
                    messages.success(request, _("“%(name)s” was removed.") % {"name": file.name})
                    return redirect(back)
                if form.is_valid():
                    with transaction.atomic(), recorded(file, what=f"{self.name} description"):
                        describe_file(file, by=request.user, **form.cleaned_data)
                    messages.success(request, _("Saved."))
                    return redirect(back)
            except (DomainError, ValidationError) as refusal:
                form.add_error(None, _words(refusal))
        crumbs = [
            {"url": self.page_url(parent), "label": capfirst(str(parent))},
            {"url": "", "label": _("File"), "sublabel": str(file)},
        ]
        context = {"row": row, "file": file, "form": form, "back_url": back, "breadcrumbs_items": crumbs}
        return render(
            request,
            "files/file.html",
            {**context, "page_title": _("File"), "page_subtitle": str(file), "header_title": str(file)},
        )

    def _parent(self, request: HttpRequest, pk: Any) -> Any:
        """Raises Http404 for what the caller may not see, PermissionDenied for what they may not change."""
        model = self.owner._meta.get_field(self.parent_field).related_model
        found = scoped(model, scope_of(request)).filter(pk=pk).first()
        if found is None:
            raise Http404
        if not self.may_change(request, found):
            raise PermissionDenied
        return found


@require_safe
def stored_file(request: HttpRequest, id: Any) -> Any:
    """The bytes of a file, for the session of the admin; a 404 for who may not see what it belongs to."""
    file = StoredFile.objects.visible_to(scope_of(request)).filter(pk=id).first()
    if file is None:
        raise Http404
    asked = request.GET.get("size", "")
    try:
        return file_response(request, file, size=int(asked) if asked in ("320", "1280") else None)
    except RangeRefused as refusal:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{refusal.size}"})
    except InvalidState as refusal:
        return HttpResponse(str(refusal.message), status=409, content_type="text/plain; charset=utf-8")


def file_urls() -> list[Any]:
    """For the hook `register_admin_urls`."""
    return [path("files/<uuid:id>/", stored_file, name=FILE_ADDRESS)]


def _words(refusal: DomainError | ValidationError) -> str:
    if isinstance(refusal, DomainError):
        return str(refusal.message)
    return " ".join(refusal.messages)
