"""What can be wrong with the answer of an authenticator, in words."""

from django.utils.translation import gettext_lazy as _

FAULTS = {
    "passkey-algorithm": _("The passkey's kind of key isn't used here. Try another device."),
    "passkey-attestation": _("The device sent a certificate that wasn't asked for. Try another device."),
    "passkey-backup": _("The passkey contradicts what it said of itself before, so it was refused."),
    "passkey-challenge": _("This attempt has expired, was used already or began elsewhere. Try again."),
    "passkey-cross-origin": _("The passkey was used from inside another website. Open this site itself."),
    "passkey-known": _("This passkey is registered already."),
    "passkey-malformed": _("The answer of the device can't be read. Try again."),
    "passkey-no-membership": _(
        "You have no access to this organisation at the moment. Ask your organisation."
    ),
    "passkey-not-verified": _(
        "The device didn't check that it is you. Use fingerprint, face or PIN when it asks."
    ),
    "passkey-origin": _("The passkey was used on another website than this one. Check the address."),
    "passkey-owner": _("The passkey belongs to somebody else."),
    "passkey-relying-party": _("The passkey was made for another website."),
    "passkey-sign-count": _(
        "The passkey has been used elsewhere in a way that suggests a copy of it, so it was refused. "
        "Sign in another way and remove it."
    ),
    "passkey-signature": _("The passkey's signature isn't right. Try again."),
    "passkey-type": _("The device answered another question than was asked. Try again."),
    "passkey-unknown": _("This passkey isn't known here; perhaps it was removed. Sign in another way."),
}


class PasskeyFault(Exception):
    """An answer that is refused: `code` is a stable slug, `message` says it to the person."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
        self.message = FAULTS[code]
