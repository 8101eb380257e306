"""Idempotency-Key: a request that is sent again takes effect once, and gets the same answer.

The answer is stored in the transaction of the effect, under a unique key per caller, for 24 hours. While the
first is under way a second one is told so (409): an advisory lock, held to the end of the transaction, tells.
Refusals are not stored: they had no effect, and what was refused may be mended and sent again.

Of a row about people only its key is stored: the answer sent again is the row as the caller sees it then.
When somebody is erased, the answers that name them go too (`forget_answers_about`).
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BinaryField, F, Func, IntegerField, Q, Value
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from api.models import StoredAnswer
from tenants.db import connection

from .errors import Problem
from .limits import address_of

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
# What of an answer is sent again besides its body.
_HEADERS = ("Content-Type", "ETag", "Location", "Content-Language")
# Among them: the key of the row that was the answer, in the place of its body.
_ROW = "row"
# Of a row's key and the status: the answer with the row as it is now.
Read = Callable[[str, int], HttpResponse]


def answer_once(request: Any, work: Callable[[], Any], read: Read | None = None) -> Any:
    """`work()`, or what it answered before to the request's Idempotency-Key.

    `work` gives a rendered response; where that has a `row_key`, `read` makes the answer anew. Raises
    Problem: 400 for a malformed key, 409 while the first request is under way, 422 when the key was used for
    something else.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not 1 <= len(key) <= LONGEST_KEY or not all(33 <= ord(character) <= 126 for character in key):
        raise Problem(
            "invalid-idempotency-key", _("An idempotency key is 1 to 255 visible ASCII characters.")
        )
    caller, fingerprint = _caller(request), _fingerprint(request)
    with transaction.atomic():
        if not _lock(caller, key):
            raise Problem(
                "request-in-flight",
                _("The first request with this idempotency key is still under way."),
                status_code=409,
                headers={"Retry-After": "1"},
            )
        stored = StoredAnswer.objects.filter(caller=caller, key=key).first()
        if stored is not None and stored.created_at < timezone.now() - KEPT_FOR:
            stored.delete()
            stored = None
        if stored is not None:
            return _again(stored, fingerprint, read)
        response = work()
        if response.status_code < 400:
            headers = {name: response[name] for name in _HEADERS if name in response}
            row_key = getattr(response, "row_key", None)
            if row_key is not None:
                headers[_ROW] = str(row_key)
            StoredAnswer.objects.create(
                caller=caller,
                key=key,
                fingerprint=fingerprint,
                status=response.status_code,
                headers=headers,
                body=response.content if row_key is None else b"",
            )
        return response


def forget_answers() -> int:
    """Remove the answers that are no longer sent again; returns how many."""
    removed, _by_model = StoredAnswer.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return removed


def forget_answers_about(keys: Iterable[Any]) -> None:
    """Remove the answers that name any of these ids: what is kept about them is being erased."""
    named = Q(pk__in=())
    for key in keys:
        inside = Func(
            Value(str(key).encode(), BinaryField()), F("body"), function="position", arg_joiner=" IN "
        )
        inside.output_field = IntegerField()
        named |= Q(pk__in=StoredAnswer.objects.alias(at=inside).filter(at__gt=0).values("pk"))
        for header in ("Location", _ROW):
            named |= Q(**{f"headers__{header}__contains": str(key)})
    StoredAnswer.objects.filter(named).delete()


def _again(stored: StoredAnswer, fingerprint: bytes, read: Read | None) -> HttpResponse:
    if bytes(stored.fingerprint) != fingerprint:
        raise Problem(
            "idempotency-key-reused",
            _("This idempotency key was used for another request."),
            status_code=422,
        )
    headers = dict(stored.headers)
    row_key = headers.pop(_ROW, None)
    if row_key is not None and read is not None:
        response = read(row_key, stored.status)
        if response.status_code != 204 and "Location" in headers:
            response["Location"] = headers["Location"]
    else:
        response = HttpResponse(bytes(stored.body), status=stored.status, headers=headers)
        if "Content-Type" not in headers:
            del response["Content-Type"]
    response["Idempotency-Replayed"] = "true"
    return response


def _caller(request: Any) -> str:
    """Whose key it is: the person's, in all their sessions; a stranger's by network address."""
    if request.user.is_authenticated:
        return str(request.user.pk)
    return "address:" + hashlib.sha256(address_of(request).encode()).hexdigest()[:32]


def _fingerprint(request: Any) -> bytes:
    """By our own key: of a short body, such as one with a diagnosis, a plain digest could be guessed."""
    digest = hmac.new(b"meander idempotency\0" + settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    for part in (request.method, request.get_full_path(), request.headers.get("If-Match", "")):
        digest.update(part.encode() + b"\0")
    if request.content_type.startswith("multipart/"):
        _add_form(digest, request.data)
    else:
        digest.update(request._request.body)
    return digest.digest()


def _add_form(digest: Any, form: Any) -> None:
    """The values and files of a form: the line that parts them is another each time it is sent."""
    for name, values in sorted(form.lists()):
        for value in values:
            parts = value.chunks() if hasattr(value, "chunks") else [str(value).encode()]
            inner = hashlib.sha256(str(getattr(value, "name", "")).encode() + b"\0")
            for part in parts:
                inner.update(part)
            digest.update(name.encode() + b"\0" + inner.digest())


def _lock(caller: str, key: str) -> bool:
    """Take the key to the end of the transaction; False where another transaction has it."""
    text = "\0".join(("idempotency", connection.schema_name, caller, key))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return cursor.fetchone()[0]
