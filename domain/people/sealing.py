"""A text sealed with a phrase, to be opened by whoever knows it, in a browser and without us.

AES-256-GCM; the key is made from the phrase by PBKDF2 with SHA-256, as browsers can (`templates/people/
sealed.html`). The number of rounds is what OWASP asks for since 2023.
"""

import base64
import json
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from django.views.decorators.debug import sensitive_variables

ROUNDS = 600_000
# Characters: three or four words.
SHORTEST_PHRASE = 16


@sensitive_variables()
def seal(text: str, phrase: str) -> str:
    """The text sealed, as JSON of base64; each time with another salt and nonce."""
    salt, nonce = os.urandom(16), os.urandom(12)
    sealed = AESGCM(_key(phrase, salt, ROUNDS)).encrypt(nonce, text.encode(), None)
    parts = {"salt": salt, "nonce": nonce, "text": sealed}
    written = {name: base64.b64encode(part).decode() for name, part in parts.items()}
    return json.dumps({"rounds": ROUNDS, **written})


@sensitive_variables()
def unseal(envelope: str, phrase: str) -> str:
    """What was sealed, as the page in the copy does it. Raises InvalidTag for another phrase."""
    parts = json.loads(envelope)
    salt, nonce, text = (base64.b64decode(parts[name]) for name in ("salt", "nonce", "text"))
    return AESGCM(_key(phrase, salt, parts["rounds"])).decrypt(nonce, text, None).decode()


@sensitive_variables()
def _key(phrase: str, salt: bytes, rounds: int) -> bytes:
    return PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt, iterations=rounds).derive(phrase.encode())
