"""Whether a certificate is valid: the page that its QR code leads to, on the organisation's host.

It says yes or no and nothing else. A code of nobody is answered like one of a certificate that has run out:
same words, headers and queries.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from api.core.limits import address_of
from domain.certification.queries import is_in_use, is_valid_code, today_here
from domain.certification.verification import VERIFICATIONS
from domain.identity.limits import TooManyAttempts, count


@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """The page; 404 where the organisation doesn't certify, 429 for who has asked too often."""
    if not is_in_use():
        raise Http404
    today = today_here()
    try:
        count(VERIFICATIONS, address_of(request))
        page = render(
            request, "certification/verify.html", {"is_valid": is_valid_code(code, today), "today": today}
        )
    except TooManyAttempts as refusal:
        page = render(request, "certification/verify.html", {"wait": True}, status=429)
        page["Retry-After"] = str(refusal.retry_after)
    page["Cache-Control"] = "no-store"
    page["X-Robots-Tag"] = "noindex, nofollow"
    # The address is the secret: no page that is opened from here learns it.
    page["Referrer-Policy"] = "no-referrer"
    patch_vary_headers(page, ["Accept-Language", "Cookie"])
    return page
