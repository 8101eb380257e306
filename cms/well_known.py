"""What browsers and phones look up before they let a page or an app use the platform's passkeys.

Each describes the RP ID's domain, which is the platform's: on other hosts there is nothing.
"""

from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from domain.identity import webauthn

# Seconds. An organisation's new host is asked for rarely, and a removed one must not linger.
_MAX_AGE = 300


def _of_the_platform(view):
    @require_safe
    def answered(request: HttpRequest) -> JsonResponse:
        if not request.tenant.is_platform:  # type: ignore[attr-defined]
            raise Http404
        response = JsonResponse(view(), safe=False)
        response["Cache-Control"] = f"public, max-age={_MAX_AGE}"
        return response

    return answered


@_of_the_platform
def related_origins():
    """WebAuthn level 3, section 5.11: hosts of organisations outside the platform's domain."""
    return {"origins": webauthn.related_origins()}


@_of_the_platform
def apple_apps():
    """Apple: Supporting associated domains (`webcredentials`)."""
    return {"webcredentials": {"apps": webauthn.apple_apps()}}


@_of_the_platform
def android_apps():
    """Google: Digital Asset Links, for Credential Manager."""
    return [
        {
            "relation": [
                "delegate_permission/common.handle_all_urls",
                "delegate_permission/common.get_login_creds",
            ],
            "target": {
                "namespace": "android_app",
                "package_name": package,
                "sha256_cert_fingerprints": [digest.hex(":").upper()],
            },
        }
        for package, digest in webauthn.android_apps()
    ]


urlpatterns = [
    path("webauthn", related_origins),
    path("apple-app-site-association", apple_apps),
    path("assetlinks.json", android_apps),
]
