"""Files: uploaded by themselves, then named by what they belong to (`{"activity": …, "file": "<id>"}`)."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from api.core.errors import CONTENT_TYPE, NotFound, Problem, document
from api.core.fields import UtcDateTimeField
from api.core.parsing import StrictJsonParser
from api.core.query import Query
from api.core.rendering import to_json
from api.core.serializers import EntitySerializer, refuse_members
from api.core.views import MemberView
from domain.audit.guard import recorded
from domain.core.errors import InvalidState, NotAllowed
from domain.files.choices import FileKind, FileStatus, ScanStatus
from domain.files.content import MOST_BYTES, RENDITIONS
from domain.files.models import StoredFile
from domain.files.refusals import TOO_LARGE, UNSUPPORTED, FileRefused
from domain.files.registry import owner_of
from domain.files.rules import accept_file, describe_file, discard_file
from domain.files.serving import RangeRefused, file_response

# Room for the other members of the form, and for what separates them.
LARGEST_FORM = MOST_BYTES + 64 * 1024
ADDRESS = "/api/v1/files/"


class StoredFileSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    created_at = UtcDateTimeField()
    kind = serializers.ChoiceField(choices=FileKind.choices)
    name = serializers.CharField(help_text="As it is called when it is saved; empty once it is destroyed.")
    content_type = serializers.CharField(help_text="Of what is kept: HEIC becomes JPEG.")
    size = serializers.IntegerField(help_text="Bytes of what is kept.")
    sha256 = serializers.CharField(help_text="Of the bytes that are kept, in hex; empty without any.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    alt_text = serializers.CharField()
    status = serializers.ChoiceField(
        choices=FileStatus.choices,
        help_text="`quarantined`: kept, and opened by nobody until the virus scanner has answered. "
        "`refused`: it found something. `destroyed`: erased, or its time was up.",
    )
    scan = serializers.ChoiceField(
        choices=ScanStatus.choices, help_text="`not_scanned`: the platform has no virus scanner."
    )
    url = serializers.SerializerMethodField(help_text="Where the bytes are.")

    def get_url(self, file) -> str:
        return f"{ADDRESS}{file.pk}/"


class StoredFileSummarySerializer(EntitySerializer):
    """For `expand=file` of what owns files."""

    class Meta:
        model = StoredFile
        fields = [
            *("id", "kind", "name", "content_type", "size", "width", "height", "alt_text", "status", "scan"),
        ]


class UploadSerializer(serializers.Serializer):
    file = serializers.FileField(help_text="JPEG, PNG, WebP or HEIC; PDF or DOCX.", allow_empty_file=True)
    kind = serializers.ChoiceField(
        choices=FileKind.choices, required=False, help_text="What it must be; without it, any of them."
    )
    alt_text = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        help_text="What a picture shows, in one sentence, for those who don't see it.",
    )


class AltTextSerializer(serializers.Serializer):
    alt_text = serializers.CharField(max_length=300, allow_blank=True)


class FileQuery(Query):
    size = serializers.ChoiceField(
        choices=[str(size) for size in RENDITIONS],
        required=False,
        help_text="A picture at most so many pixels long on its longer side, as WebP if that is smaller.",
    )


def refusal_response(refusal: FileRefused, instance: str) -> HttpResponse:
    """The answer to a file that isn't taken: 413 for its size, 415 for its type, 422 for what is in it."""
    status, slug = 422, "file-refused"
    if refusal.code in TOO_LARGE:
        status, slug = 413, "request-too-large"
    elif refusal.code in UNSUPPORTED:
        status, slug = 415, "unsupported-media-type"
    detail = str(refusal.message)
    body = document(
        slug,
        status=status,
        detail=detail,
        instance=instance,
        errors=[{"pointer": "#/file", "code": refusal.code, "detail": detail}],
    )
    # Answered and not raised: that a virus was found stays on the record.
    return HttpResponse(
        to_json(body), status=status, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"}
    )


class FilesView(MemberView):
    """Uploads: `multipart/form-data`, one file at a time.

    What a file is, is told by its content. Pictures are written anew, upright and without EXIF or GPS;
    documents that hold programs, other files or passwords are refused (422). The file is the caller's alone
    until something refers to it, and is destroyed after some days if nothing does.
    """

    parser_classes = [MultiPartParser]

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if not self.scope.is_member:
            raise NotAllowed(_("You may not do this."))
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            length = 0
        if length > LARGEST_FORM:
            raise Problem("request-too-large", _("The file is too big."), status_code=413)

    @extend_schema(
        operation_id="uploadFile",
        tags=["Files"],
        parameters=[Query],
        request={"multipart/form-data": UploadSerializer},
        responses={201: StoredFileSerializer},
    )
    def post(self, request):
        form = UploadSerializer(data=request.data)
        refuse_members(form, request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        kinds = (given["kind"],) if "kind" in given else tuple(FileKind.values)
        try:
            with recorded(what="file upload"):
                file = accept_file(given["file"], by=request.user, kinds=kinds, alt_text=given["alt_text"])
        except FileRefused as refusal:
            return refusal_response(refusal, request.path)
        headers = {"Location": f"{ADDRESS}{file.pk}/", "ETag": f'"{file.version}"'}
        return Response(StoredFileSerializer(file).data, status=201, headers=headers)


class OneFileView(MemberView):
    """What is below one file's address."""

    def file(self) -> StoredFile:
        """Raises NotFound for one that the caller may not see, as for one that isn't there."""
        found = StoredFile.objects.visible_to(self.scope).filter(pk=self.kwargs["id"]).first()
        if found is None:
            raise NotFound
        return found


class FileView(OneFileView):
    """The bytes of a file, whole or one range of them; for whoever may see what the file belongs to.

    409 while it waits for the virus scanner, and once it is destroyed.
    """

    query_class = FileQuery

    @extend_schema(
        operation_id="getFile",
        tags=["Files"],
        parameters=[
            FileQuery,
            OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="One range: `bytes=0-99`."),
        ],
        responses={
            (200, "*/*"): OpenApiTypes.BINARY,
            (206, "*/*"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request, id) -> HttpResponseBase:
        size = int(self.query["size"]) if "size" in self.query else None
        try:
            return file_response(request._request, self.file(), size=size)
        except RangeRefused as refusal:
            raise Problem(
                refusal.code,
                str(refusal.message),
                status_code=416,
                headers={"Content-Range": f"bytes */{refusal.size}"},
            ) from refusal

    @extend_schema(
        operation_id="deleteFile",
        tags=["Files"],
        parameters=[Query],
        request=None,
        responses={204: OpenApiResponse(description="Destroyed.")},
    )
    def delete(self, request, id):
        file = self.file()
        with recorded(file, what="file delete"):
            discard_file(file, by=request.user)
        return HttpResponse(status=204)


class FileDetailsView(OneFileView):
    """What is known of a file, without its bytes."""

    parser_classes = [StrictJsonParser]

    @extend_schema(
        operation_id="getFileDetails", tags=["Files"], parameters=[Query], responses=StoredFileSerializer
    )
    def get(self, request, id):
        return Response(StoredFileSerializer(self.file()).data)

    @extend_schema(
        operation_id="describeFile",
        tags=["Files"],
        parameters=[Query],
        request=AltTextSerializer,
        responses=StoredFileSerializer,
    )
    def patch(self, request, id):
        """Change what is read out to those who don't see a picture; for whoever uploaded it."""
        file = self.file()
        if file.created_by_id != request.user.pk:
            raise NotAllowed(_("You may not do this."))
        if owner_of(file) is not None:
            raise InvalidState(_("The file belongs to something. Describe it there."), code="in-use")
        form = AltTextSerializer(data=request.data)
        refuse_members(form, request.data)
        form.is_valid(raise_exception=True)
        with recorded(file, what="file description"):
            file = describe_file(file, by=request.user, alt_text=form.validated_data["alt_text"])
        return Response(StoredFileSerializer(file).data)


urlpatterns = [
    path("files/", FilesView.as_view()),
    path("files/<uuid:id>/", FileView.as_view()),
    path("files/<uuid:id>/details/", FileDetailsView.as_view()),
]
