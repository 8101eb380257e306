"""Uploads that go on where the line broke: tus 1.0 with creation, expiration and termination (https://tus.io).

What has arrived is kept piece by piece; the last byte brings the file, of the same id, or why it isn't taken.
"""

import base64
import binascii
from http import HTTPStatus
from typing import Any, NoReturn

from django.http import HttpResponse, UnreadablePostError
from django.urls import path
from django.utils.http import http_date
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound, Problem
from api.core.fields import UtcDateTimeField
from api.core.query import Query
from api.core.views import MemberView
from api.files import refusal_response
from domain.audit.guard import recorded
from domain.core.errors import DomainError, NotAllowed
from domain.files.choices import FileKind, UploadStatus
from domain.files.content import MEGABYTE, MOST_BYTES
from domain.files.models import FileUpload
from domain.files.refusals import REASONS, FileRefused
from domain.files.uploads import (
    TooManyUploads,
    UnderExamination,
    UploadExpired,
    WrongOffset,
    add_piece,
    begin_upload,
    end_upload,
    finish_upload,
)

VERSION = "1.0.0"
ADDRESS = "/api/v1/uploads/"
PIECES = "application/offset+octet-stream"
# So much of a request is kept at once: of a line that breaks, no more than this is lost.
PIECE_BYTES = MEGABYTE
LONGEST_METADATA = 4096
_STATUS: dict[type[DomainError], tuple[str, int]] = {
    TooManyUploads: ("too-many-uploads", HTTPStatus.TOO_MANY_REQUESTS),
    WrongOffset: ("upload-offset", HTTPStatus.CONFLICT),
    UnderExamination: ("request-in-flight", HTTPStatus.CONFLICT),
    UploadExpired: ("upload-expired", HTTPStatus.GONE),
}


class UploadMetadataSerializer(serializers.Serializer):
    """What `Upload-Metadata` may say; other keys are left alone."""

    filename = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    filetype = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=FileKind.choices, required=False, allow_blank=True, default="")
    alt_text = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    client_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class RefusalSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="Stable: docs/files.md.")
    detail = serializers.CharField(help_text="For the person, in their language.")


class FileUploadSerializer(serializers.Serializer):
    id = serializers.UUIDField(help_text="Of the upload, and of the file it becomes.")
    client_id = serializers.UUIDField(allow_null=True)
    kind = serializers.ChoiceField(choices=FileKind.choices, allow_blank=True)
    length = serializers.IntegerField(help_text="Bytes announced.")
    offset = serializers.IntegerField(source="received", help_text="Bytes received: where to go on.")
    status = serializers.ChoiceField(choices=UploadStatus.choices)
    file = serializers.SerializerMethodField(help_text="The file's id, once it is kept.")
    refusal = serializers.SerializerMethodField(help_text="Why it isn't taken.")
    expires_at = UtcDateTimeField(help_text="Until then it can go on, or is its outcome remembered.")

    def get_file(self, upload) -> str | None:
        return str(upload.pk) if upload.status == UploadStatus.KEPT else None

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_refusal(self, upload):
        if upload.status != UploadStatus.REFUSED:
            return None
        return {"code": upload.refusal, "detail": str(REASONS[upload.refusal])}


def _header(name: str, description: str, *, required: bool = True, kind: Any = str) -> OpenApiParameter:
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, required=required, description=description)


TUS = _header("Tus-Resumable", f"The protocol's version: `{VERSION}`.")
LENGTH = _header("Upload-Length", "Bytes of the whole file.", kind=OpenApiTypes.INT)
METADATA = _header(
    "Upload-Metadata",
    "`key base64(value)`, separated by commas: `filename`, `filetype`, `kind` (what it must be), `alt_text` "
    "(what a picture shows), `client_id` (a UUID of the caller's: the same again is the same upload).",
    required=False,
)
OFFSET = _header("Upload-Offset", "Where the piece begins: what was received so far.", kind=OpenApiTypes.INT)


class UploadView(MemberView):
    """What all of the protocol's calls have in common."""

    # PATCH and DELETE can be repeated by their nature, POST by its client_id.
    stores_answers = False
    upload: FileUpload | None = None

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if not self.scope.is_member:
            raise NotAllowed(_("You may not do this."))
        if "id" in kwargs:
            self.upload = FileUpload.objects.visible_to(self.scope).filter(pk=kwargs["id"]).first()
            if self.upload is None:
                raise NotFound
        # Reading asks for none: GET is ours and not the protocol's, and HEAD the same without a body.
        if request.method in ("POST", "PATCH", "DELETE") and request.headers.get("Tus-Resumable") != VERSION:
            raise Problem(
                "tus-version",
                _("Send the header “Tus-Resumable: %(version)s”.") % {"version": VERSION},
                status_code=412,
                headers={"Tus-Version": VERSION},
            )

    def handle_exception(self, error):
        if isinstance(error, FileRefused):
            self.headers = {**self.headers, **self.progress()}
            return refusal_response(error, self.request.path)
        if type(error) in _STATUS:
            slug, status = _STATUS[type(error)]
            headers = {"Retry-After": "1"} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
            if isinstance(error, WrongOffset):
                headers["Upload-Offset"] = str(error.received)
            if isinstance(error, UnderExamination):
                headers["Retry-After"] = "1"
            error = Problem(slug, str(error.message), status_code=status, headers=headers)
        return super().handle_exception(error)

    def finalize_response(self, request, response, *args, **kwargs):
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = VERSION
        return response

    def options(self, request, *args, **kwargs):
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,expiration,termination",
            "Tus-Max-Size": str(MOST_BYTES),
        }
        return HttpResponse(status=204, headers=headers)

    def progress(self) -> dict[str, str]:
        """How far the upload is, in the protocol's headers."""
        upload = self.upload
        if upload is None:
            return {}
        headers = {
            "Upload-Offset": str(upload.received),
            "Upload-Length": str(upload.length),
            "Upload-Expires": http_date(upload.expires_at.timestamp()),
        }
        if upload.status == UploadStatus.KEPT:
            headers["Upload-File-Id"] = str(upload.pk)
        if said := _metadata_of(upload):
            headers["Upload-Metadata"] = said
        return headers


class UploadsView(UploadView):
    """Begin to send a file that is continued where the line breaks (tus 1.0, https://tus.io)."""

    @extend_schema(
        operation_id="beginUpload",
        tags=["Files"],
        parameters=[Query, TUS, LENGTH, METADATA],
        request=None,
        responses={
            201: FileUploadSerializer,
            200: OpenApiResponse(FileUploadSerializer, description="It was begun before, by its client_id."),
        },
    )
    def post(self, request):
        given = UploadMetadataSerializer(data=_metadata(request.headers.get("Upload-Metadata", "")))
        given.is_valid(raise_exception=True)
        length = _number(request, "Upload-Length")
        self.upload, is_new = begin_upload(by=request.user, length=length, **given.validated_data)
        headers = {"Location": f"{ADDRESS}{self.upload.pk}/", **self.progress()}
        body = FileUploadSerializer(self.upload).data
        return Response(body, status=201 if is_new else 200, headers=headers)


class OneUploadView(UploadView):
    """One upload, its sender's alone: how far it is, its next bytes, its end."""

    upload: FileUpload

    @extend_schema(
        operation_id="getUpload", tags=["Files"], parameters=[Query], responses=FileUploadSerializer
    )
    def get(self, request, id):
        """How far it is (also by HEAD, in `Upload-Offset`), and what became of it."""
        headers = {**self.progress(), "Cache-Control": "no-store"}
        return Response(FileUploadSerializer(self.upload).data, headers=headers)

    def conditional(self, request, response):
        return response  # Where to go on is never answered from a cache.

    @extend_schema(
        operation_id="continueUpload",
        tags=["Files"],
        parameters=[Query, TUS, OFFSET],
        request={PIECES: OpenApiTypes.BINARY},
        responses={204: OpenApiResponse(description="Kept; `Upload-File-Id` with the last of it.")},
    )
    def patch(self, request, id):
        """The next bytes. The last answers with the file's id or why it isn't taken, however often asked."""
        if (request.content_type or "").split(";")[0].strip().lower() != PIECES:
            detail = _("Send bytes, with the header “Content-Type: %(type)s”.") % {"type": PIECES}
            raise Problem("unsupported-media-type", detail, status_code=415)
        offset, upload = _number(request, "Upload-Offset"), self.upload
        end = offset + int(request.META.get("CONTENT_LENGTH") or 0)
        if not (upload.is_complete and end == upload.length):
            if offset != upload.received:
                raise WrongOffset(upload.received)
            if end > upload.length:
                raise Problem("request-too-large", _("This is more than was announced."), status_code=413)
            self._receive(offset, end)
        if self.upload.is_complete:
            self._finish()
        return HttpResponse(status=204, headers=self.progress())

    def _receive(self, offset: int, end: int) -> None:
        while offset < end and (data := _piece(self.request._request, min(PIECE_BYTES, end - offset))):
            self.upload = add_piece(self.upload, offset=offset, data=data)
            offset += len(data)

    def _finish(self) -> None:
        try:
            finish_upload(self.upload, by=self.request.user)
        finally:
            self.upload = FileUpload.objects.filter(pk=self.upload.pk).first() or self.upload

    @extend_schema(
        operation_id="endUpload",
        tags=["Files"],
        parameters=[Query, TUS],
        request=None,
        responses={204: OpenApiResponse(description="Forgotten, with what had arrived of it.")},
    )
    def delete(self, request, id):
        """Give it up. A file it became already stays: `DELETE files/{id}/`."""
        with recorded(self.upload, what="end of an upload"):
            end_upload(self.upload, by=request.user)
        return HttpResponse(status=204)


def _piece(stream: Any, size: int) -> bytes:
    """The next bytes of a request; fewer, or none, where the line was cut."""
    found: list[bytes] = []
    try:
        while size and (data := stream.read(size)):
            found.append(data)
            size -= len(data)
    except UnreadablePostError:
        pass  # What came before is kept; nobody is there to be answered.
    return b"".join(found)


def _number(request: Any, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        _refuse(name, _("The header “%(name)s” must be a whole number.") % {"name": name})
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """What `Upload-Metadata` says, by key. Raises Problem where it can't be read."""
    said: dict[str, str] = {}
    for pair in filter(None, (one.strip() for one in text[:LONGEST_METADATA].split(","))):
        key, _space, value = pair.partition(" ")
        try:
            decoded = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            _refuse("Upload-Metadata", _("The value of “%(key)s” is not text in Base64.") % {"key": key[:50]})
        if key in said:
            _refuse("Upload-Metadata", _("“%(key)s” is there twice.") % {"key": key[:50]})
        said[key] = decoded
    if len(text) > LONGEST_METADATA:
        _refuse("Upload-Metadata", _("This header is too long."))
    return said


def _metadata_of(upload: FileUpload) -> str:
    values = {
        "filename": upload.filename,
        "filetype": upload.filetype,
        "kind": upload.kind,
        "alt_text": upload.alt_text,
        "client_id": str(upload.client_id or ""),
    }
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items() if value
    )


def _refuse(header: str, detail: str) -> NoReturn:
    raise Problem("invalid-input", detail, errors=[{"pointer": header, "code": "invalid", "detail": detail}])


urlpatterns = [
    path("uploads/", UploadsView.as_view()),
    path("uploads/<uuid:id>/", OneUploadView.as_view()),
]
