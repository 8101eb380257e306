"""Importing a register: a file, a look at what would happen, then it happens."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from cms.admin.importing import whole
from cms.admin.importing.forms import UploadForm
from cms.admin.importing.output import CONTENT_TYPES, write_table
from cms.admin.importing.planning import Outcome
from cms.admin.importing.staging import FOLDER
from cms.admin.importing.tables import Table
from cms.admin.importing.views import download, with_reasons
from cms.admin.scoped import ScopedPageView
from domain.core.errors import DomainError, StaleVersion
from tenants.choices import JobState
from tenants.jobs import JobRefused, retry
from tenants.models import JobRun

from .import_plan import BY_NAME, COLUMNS, Plan, carry_out, described
from .words import name

PER_PAGE = 50
_SESSION = "association_imports"


@dataclass
class Staged:
    """An uploaded table between the steps; thrown away with those of content after a day."""

    token: str
    file_name: str
    table: Table
    # Of a long file, once a job has looked it through (`whole.summary`).
    look: dict[str, Any] | None = None

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.token}.json"


def stage(request, table: Table, file_name: str) -> Staged:
    staged = Staged(secrets.token_hex(16), file_name[:200], table)
    data = {"file_name": staged.file_name, "table": table.as_json(), "user": str(request.user.pk)}
    default_storage.save(staged.path, ContentFile(json.dumps(data).encode()))
    request.session[_SESSION] = [*request.session.get(_SESSION, []), staged.token][-5:]
    return staged


def load(request, token: str) -> Staged:
    """The staged table of this session; Http404 for any other, and once it is gone."""
    if token not in request.session.get(_SESSION, []):
        raise Http404
    try:
        with default_storage.open(f"{FOLDER}/{token}.json") as file:
            data = json.loads(file.read())
    except FileNotFoundError:
        raise Http404 from None
    if data["user"] != str(request.user.pk):
        raise Http404
    return Staged(token, data["file_name"], Table.from_json(data["table"]), data.get("look"))


class ImportStep(ScopedPageView):
    """For whoever may add or change some. Another kind of rows says here what differs."""

    plan_class: Any = Plan
    columns: Any = COLUMNS
    described = staticmethod(described)
    carry_out = staticmethod(carry_out)
    file_prefix = "local-associations"
    note: Any = gettext_lazy(
        "A row whose number is there already changes that one; any other adds a new one. Exported files can "
        "be changed and imported again."
    )

    step = 1
    page_title = gettext_lazy("Import")
    header_icon = "upload"

    def may(self, verb, row=None):
        if verb == "import":
            return super().may("add") or super().may("change")
        return super().may(verb, row)

    permission = "import"

    def kind_name(self) -> str:
        return name("plural")

    def begin_look(self, token: str, file_name: str) -> None:
        whole.begin_look(
            kind=self.file_prefix,
            token=token,
            file_name=file_name,
            by=self.request.user,
            organization=self.request.tenant,
        )

    def url(self, view: str, *args: str) -> str:
        return reverse(self.viewset.get_url_name(view), args=args)

    def get_context_data(self, **kwargs):
        labels = [_("File"), _("Look and import")]
        steps = [
            {"number": at, "label": label, "current": at == self.step, "past": at < self.step}
            for at, label in enumerate(labels, start=1)
        ]
        return super().get_context_data(
            steps=steps,
            kind_name=self.kind_name(),
            start_url=self.url("import"),
            list_url=self.url("index"),
            **kwargs,
        )


class StartView(ImportStep):
    """Step 1: choose a file."""

    template_name = "importing/start.html"

    def get_context_data(self, **kwargs):
        kwargs.setdefault("form", UploadForm())
        templates = [
            {"format": format.upper(), "url": self.url("import_template", format)}
            for format in ("xlsx", "csv")
        ]
        under_way = [
            {
                "name": run.arguments["file_name"],
                "at": run.created_at,
                "state": _("Looked through")
                if (run.name, run.state) == (whole.LOOK, JobState.DONE)
                else run.get_state_display(),
                "url": self.url("import_progress", run.key),
            }
            for run in whole.under_way(self.request.user, self.file_prefix, self.request.tenant)
        ]
        return super().get_context_data(
            columns=self.described(), templates=templates, note=self.note, under_way=under_way, **kwargs
        )

    def post(self, request, *args, **kwargs):
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            missing = self.missing(self.plan_class.names_of(form.table))
            if missing:
                form.add_error("file", missing)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        staged = stage(request, form.table, form.cleaned_data["file"].name)
        if whole.is_large(staged.table):
            self.begin_look(staged.token, staged.file_name)
            return redirect(self.url("import_progress", staged.token))
        return redirect(self.url("import_check", staged.token))

    def missing(self, names: list[str | None]) -> str:
        if "number" in names:
            return ""
        return _("No column has the heading “%(heading)s”: it tells which one a row is about.") % {
            "heading": capfirst(str(BY_NAME["number"].label))
        }


class TemplateFileView(ImportStep):
    """An empty spreadsheet with the headings."""

    def get(self, request, *args, **kwargs):
        format = self.kwargs["format"]
        if format not in CONTENT_TYPES:
            raise Http404
        headers = [capfirst(str(column.label)) for column in self.columns]
        return download(f"{self.file_prefix}-import.{format}", format, write_table(format, headers, []))


class CheckView(ImportStep):
    """Step 2: what would happen, row by row; then carry it out."""

    template_name = "importing/check.html"
    step = 2

    @cached_property
    def staged(self) -> Staged:
        return load(self.request, self.kwargs["token"])

    @cached_property
    def look(self) -> dict[str, Any]:
        """What would happen: of a long file as a job has found it, of another one as it is now."""
        return self.staged.look or whole.summary(self.plan_class(self.staged.table, self.scope))

    @property
    def is_waiting(self) -> bool:
        """Whether it is a long file that a job has still to look through."""
        return self.staged.look is None and whole.is_large(self.staged.table)

    def get(self, request, *args, **kwargs):
        if self.is_waiting:
            return redirect(self.url("import_progress", self.staged.token))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        look = self.look
        counts = look["counts"]
        show = self.request.GET.get("show", "error" if counts["error"] else "all")
        tabs = [("all", _("All"), len(look["rows"]))]
        tabs += [(outcome.value, str(outcome.label), counts[outcome.value]) for outcome in Outcome]
        rows = [row for row in look["rows"] if show in ("all", row["outcome"])]
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        headers = self.staged.table.headers
        formats = sorted(CONTENT_TYPES, key=lambda format: format != self.staged.table.format)
        token = self.staged.token
        if self.staged.look is None:
            # The stamps are kept by us and not in the form, where they could be made up.
            self.request.session[f"{_SESSION}:{token}"] = look["stamps"]
        return super().get_context_data(
            staged=self.staged,
            counts=counts,
            good=whole.good(look),
            ignored=[header for header, named in zip(headers, look["names"], strict=False) if not named],
            tabs=[
                {"key": key, "label": label, "count": count, "current": key == show}
                for key, label, count in tabs
                if count or key == "all"
            ],
            page=page,
            page_range=page.paginator.get_elided_page_range(page.number),
            show=show,
            cancel_url=self.url("import_cancel", token),
            failed_urls=[
                {"format": format.upper(), "url": self.url("import_failed", token, format)}
                for format in formats
                if counts["error"]
            ],
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        token = self.staged.token
        if whole.is_large(self.staged.table):
            if self.staged.look is not None:
                whole.begin(
                    kind=self.file_prefix,
                    token=token,
                    file_name=self.staged.file_name,
                    by=request.user,
                    organization=request.tenant,
                )
            return redirect(self.url("import_progress", token))
        stamps = request.session.get(f"{_SESSION}:{token}")
        if stamps is None:
            return redirect(request.path)
        try:
            figures = self.carry_out(
                self.staged.table,
                stamps=stamps,
                scope=self.scope,
                by=request.user,
                file_name=self.staged.file_name,
            )
        except StaleVersion as refusal:
            messages.warning(request, str(refusal.message))
            return redirect(request.path)
        except DomainError as refusal:
            messages.error(request, _("Nothing was imported. %(reason)s") % {"reason": refusal.message})
            return redirect(request.path)
        request.session.pop(f"{_SESSION}:{token}", None)
        default_storage.delete(self.staged.path)
        messages.success(request, imported(figures))
        return redirect(self.url("index"))


class LongImport(ImportStep):
    """Base: a file that a job looks through or writes, for whoever asked for it."""

    @cached_property
    def run(self) -> JobRun:
        runs = whole.runs_of(self.request.user, self.file_prefix, self.request.tenant)
        return get_object_or_404(runs.filter(key=self.kwargs["token"])[:1])

    def state(self) -> dict[str, Any]:
        """How far it is, and where the way goes on once it is done."""
        run = self.run
        stopped = run.state in (JobState.FAILED, JobState.PARKED)
        is_done = run.state == JobState.DONE
        following = "import_progress" if run.name == whole.CARRY_OUT else "import_check"
        return {
            "percent": 100 if is_done else run.progress,
            "text": run.error if stopped and run.error else run.step or run.get_state_display(),
            "stopped": stopped,
            "next": self.url(following, run.key) if is_done else "",
        }


class ProgressView(LongImport):
    """Until a long file is looked through, and again until it is written; leads on then.

    A POST tries again what has stopped. What was refused is looked through anew: what is there has changed.
    """

    template_name = "importing/progress.html"
    step = 2

    def get(self, request, *args, **kwargs):
        if self.run.state == JobState.DONE:
            if self.run.name == whole.LOOK:
                return redirect(self.url("import_check", self.run.key))
            messages.success(request, imported(self.run.result))
            return redirect(self.url("index"))
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if self.run.state == JobState.FAILED:
            self.begin_look(self.run.key, self.run.arguments["file_name"])
            return redirect(request.path)
        try:
            retry(self.run)
        except JobRefused as refusal:
            messages.warning(request, str(refusal))
        return redirect(request.path)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            current={"file_name": self.run.arguments["file_name"]},
            is_writing=self.run.name == whole.CARRY_OUT,
            is_whole=True,
            cancel_url=self.url("import_cancel", self.run.key),
            state=self.state(),
            state_url=self.url("import_state", self.run.key),
            **kwargs,
        )


class StateView(LongImport):
    """What the progress page asks for every few seconds."""

    def get(self, request, *args, **kwargs):
        response = JsonResponse(self.state())
        response["Cache-Control"] = "no-store"
        return response


def imported(figures: dict[str, int]) -> str:
    words = _("Imported: %(created)d added, %(updated)d changed, %(failed)d left out because of errors.")
    return words % figures


class FailedFileView(CheckView):
    """The rows with errors, as they came, with why: to mend and upload again."""

    def get(self, request, *args, **kwargs):
        format = self.kwargs["format"]
        if format not in CONTENT_TYPES:
            raise Http404
        if self.is_waiting:
            raise Http404
        table = self.staged.table
        cells = {row.number: row.cells for row in table.rows}
        failed = [
            (cells[row["number"]], " ".join(row["problems"])) for row in self.look["rows"] if row["problems"]
        ]
        headers, rows = with_reasons(table.headers, failed)
        data = write_table(format, headers, rows, delimiter=table.delimiter)
        return download(f"{self.file_prefix}-errors.{format}", format, data)

    def post(self, request, *args, **kwargs):
        return HttpResponse(status=405)


class CancelView(CheckView):
    """Throws the file away."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs) -> Any:
        default_storage.delete(self.staged.path)
        messages.success(request, _("The file was thrown away; nothing was imported."))
        return redirect(self.url("index"))
