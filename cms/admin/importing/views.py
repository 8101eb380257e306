"""The steps of an import: file, columns, result, done."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.models.imports import ImportState
from domain.access.choices import Role
from domain.config.queries import locales_in_use
from domain.core.errors import DomainError

from . import background, background_views, staging
from .base import ImportPage, ImportView
from .columns import ID, ChoiceColumn, Column, LocaleColumn, RolesColumn
from .forms import ALL, GOOD, PUBLISH, CarryOutForm, ColumnsForm, UploadForm
from .looking import look
from .output import CONTENT_TYPES, write_table
from .planning import Outcome
from .writing import run_import

PER_PAGE = 50


class StartView(ImportPage):
    """Step 1: choose a file."""

    template_name = "importing/start.html"

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", UploadForm())
        return super().get_context_data(
            columns=[describe(column) for column in self.kind.columns],
            under_way=background_views.listed(self),
            templates=[
                {"format": format, "url": self.url("import_template", format)} for format in ("xlsx", "csv")
            ],
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        staged = staging.stage(request, self.kind, form.table, form.cleaned_data["file"].name)
        return redirect(self.url("import_columns", staged.token))


def describe(column: Column) -> dict[str, Any]:
    """A column for the page that says what a file may hold."""
    help = str(column.help)
    if isinstance(column, ChoiceColumn):
        help = _("One of: %(choices)s.") % {"choices": ", ".join(f"{k} ({v})" for k, v in column.choices)}
    elif isinstance(column, RolesColumn):
        help = f"{help} " + _("Of: %(choices)s.") % {
            "choices": ", ".join(f"{key} ({label})" for key, label in Role.choices)
        }
    elif isinstance(column, LocaleColumn):
        help = _("One of: %(choices)s. Where it is empty, you choose in the next step.") % {
            "choices": ", ".join(locales_in_use())
        }
    return {
        "label": capfirst(str(column.label)),
        "name": column.name,
        "required": column.required,
        "help": help,
        "example": str(column.example),
    }


class TemplateFileView(ImportView):
    """An empty spreadsheet with the headings."""

    def get(self, request, format: str):
        if format not in CONTENT_TYPES:
            raise Http404
        headers = [capfirst(str(column.label)) for column in self.kind.columns if column is not ID]
        return download(f"{self.kind.key}-import.{format}", format, write_table(format, headers, []))


def download(name: str, format: str, data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type=CONTENT_TYPES[format])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


class ColumnsView(ImportPage):
    """Step 2: say which column is what; guessed from the headings."""

    template_name = "importing/columns.html"
    step = 2

    def form(self, data=None) -> ColumnsForm:
        staged = self.staged
        guessed = staged.names or self.kind.columns_of(staged.table.headers)
        organization = self.request.tenant  # type: ignore[attr-defined]
        initial: dict[str, Any] = {f"column_{index}": name or "" for index, name in enumerate(guessed)}
        initial["language"] = staged.options.language if staged.options else organization.default_language
        initial["create_headings"] = staged.options.create_headings if staged.options else False
        return ColumnsForm(
            self.kind, staged.table, data, initial=initial, may_create_headings=self.rights.add_heading
        )

    def dispatch(self, request, *args, **kwargs):
        if self.rights.add or self.rights.change:
            if self.is_under_way:
                return redirect(self.url("import_progress", self.kwargs["token"]))
            if not self.staged.table.rows:  # Carried out already.
                return redirect(self.url("import_done", self.staged.token))
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", self.form())
        return super().get_context_data(
            staged=self.staged,
            cancel_url=self.url("import_cancel", self.staged.token),
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        staged = self.staged
        staged.names, staged.options = form.names, form.options
        if background.is_large(staged.table):
            background.begin_check(staged, request.tenant)
            return redirect(self.url("import_progress", staged.token))
        look(staged, self.kind, request.user)
        return redirect(self.url("import_check", staged.token))


class CheckView(ImportPage):
    """Step 3: what would happen, row by row; then carry it out."""

    template_name = "importing/check.html"
    step = 3

    def dispatch(self, request, *args, **kwargs):
        may = self.rights.add or self.rights.change
        if may and self.is_under_way:
            return redirect(self.url("import_progress", self.kwargs["token"]))
        if may and self.staged.plan is None:
            staged = self.staged
            if not staged.table.rows:
                return redirect(self.url("import_done", staged.token))
            if staged.options is None:
                return redirect(self.url("import_columns", staged.token))
            look(staged, self.kind, request.user)
        return super().dispatch(request, *args, **kwargs)

    @property
    def plan(self) -> dict[str, Any]:
        assert self.staged.plan is not None
        return self.staged.plan

    def form(self, data=None) -> CarryOutForm:
        may_publish = self.request.user.has_perm(f"cms.publish_{self.kind.model._meta.model_name}")
        return CarryOutForm(
            self.plan["counts"], data, may_publish=may_publish, in_background=self.large is not None
        )

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", self.form())
        counts = self.plan["counts"]
        show = self.request.GET.get("show", "error" if counts["error"] else "all")
        rows = [row for row in self.plan["rows"] if show in ("all", row["outcome"])]
        tabs = [("all", _("All"), sum(counts.values()))]
        tabs += [(outcome.value, str(outcome.label), counts[outcome.value]) for outcome in Outcome]
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        for row in page.object_list:
            row["outcome_label"] = Outcome(row["outcome"]).label
        token = self.staged.token
        return super().get_context_data(
            staged=self.staged,
            counts=counts,
            good=counts["new"] + counts["update"],
            new_headings=self.plan["new_headings"],
            heading_label=self.kind.heading_column.label,
            tabs=[
                {"key": key, "label": label, "count": count, "current": key == show}
                for key, label, count in tabs
                if count or key == "all"
            ],
            page=page,
            page_range=page.paginator.get_elided_page_range(page.number),
            show=show,
            columns_url=self.url("import_columns", token),
            cancel_url=self.url("import_cancel", token),
            failed_urls=failed_urls(self, token) if counts["error"] else [],
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        form = self.form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        staged = self.staged
        assert staged.options is not None
        if self.large is not None:
            background.begin_write(
                staged, publish=form.cleaned_data["state"] == PUBLISH, organization=request.tenant
            )
            return redirect(self.url("import_progress", staged.token))
        try:
            report = run_import(
                self.kind,
                staged.table,
                staged.names,
                staged.options,
                stamps=self.plan["stamps"],
                only_good=form.cleaned_data["rows"] == GOOD,
                publish=form.cleaned_data["state"] == PUBLISH,
                by=request.user,
                file_name=staged.file_name,
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect(request.path)
        staged.report = report.as_json() | {"all_or_none": form.cleaned_data["rows"] == ALL}
        staged.plan = None
        staged.finish()
        return redirect(self.url("import_done", staged.token))


def failed_urls(view: ImportView, token: str) -> list[dict[str, str]]:
    """Where to get the rows that failed; first in the format they came in."""
    formats = sorted(CONTENT_TYPES, key=lambda format: format != view.staged.table.format)
    return [{"format": format.upper(), "url": view.url("import_failed", token, format)} for format in formats]


class DoneView(ImportPage):
    """Step 4: what was done."""

    template_name = "importing/done.html"
    step = 4

    def get(self, request, *args, **kwargs):
        if self.is_under_way:
            return redirect(self.url("import_progress", self.kwargs["token"]))
        if self.staged.report is None:
            return redirect(self.url("import_check", self.staged.token))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        report = self.staged.report
        assert report is not None
        token = self.staged.token
        return super().get_context_data(
            staged=self.staged,
            report=report,
            written=report["created"] + report["updated"],
            drafts=report["created"] + report["updated"] - report["published"],
            failed=[{"number": number, "why": why} for number, _cells, why in report["failed"][:PER_PAGE]],
            more_failed=max(0, len(report["failed"]) - PER_PAGE),
            failed_urls=failed_urls(self, token) if report["failed"] else [],
            again_url=self.url("import_check", token) if self.staged.table.rows else "",
            heading_label=self.kind.heading_column.label,
            **kwargs,
        )


class FailedFileView(ImportView):
    """The rows that failed, as they came, with why: to mend and upload again."""

    def get(self, request, token: str, format: str):
        staged = self.staged
        if format not in CONTENT_TYPES:
            raise Http404
        if staged.report is not None:
            failed = [(cells, why) for _number, cells, why in staged.report["failed"]]
        elif staged.plan is not None:
            cells = {row.number: row.cells for row in staged.table.rows}
            failed = [
                (cells[row["number"]], " ".join(row["problems"]))
                for row in staged.plan["rows"]
                if row["problems"]
            ]
        else:
            raise Http404
        headers, rows = with_reasons(staged.table.headers, failed)
        data = write_table(format, headers, rows, delimiter=staged.table.delimiter)
        return download(f"{self.kind.key}-errors.{format}", format, data)


# The heading of the column that says what is wrong; told apart from the others when the file comes back.
REASON = gettext_lazy("Error")


def with_reasons(
    headers: list[str], failed: list[tuple[list[str], str]]
) -> tuple[list[str], list[list[str]]]:
    """The file's own columns and one more. A reason from an earlier round gives way to the new one."""
    width = len(headers)
    if headers and headers[-1] == str(REASON):
        width -= 1
    rows = []
    for cells, why in failed:
        extra = [cell for cell in cells[len(headers) :] if cell.strip()]
        rows.append([*cells[:width], why, *extra])
    return [*headers[:width], str(REASON)], rows


class CancelView(ImportView):
    """Throws the file away."""

    http_method_names = ["post"]

    def post(self, request, token: str):
        if self.large is not None:
            if self.large.state in (ImportState.WRITING, ImportState.DONE):
                return redirect(self.url("import_progress", token))
            self.large.delete()
        staging.discard(request, self.staged)
        messages.success(request, _("The file was thrown away; nothing was imported."))
        return redirect(self.url("list"))
