"""Secrets of a development installation: made once, kept in files for their owner alone."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from .errors import LocalError, full_disk, is_full


def kept(folder: Path, name: str, make: Callable[[], str]) -> str:
    """The secret in that file, which is made (mode 0600) when it doesn't exist.

    Two processes that make it at the same moment get the same one.
    """
    path = folder / name
    try:
        if not path.exists():
            new = folder / f".{name}.{os.getpid()}"
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(make() + "\n")
            try:
                os.link(new, path)  # unlike a rename it never replaces what another process has put there
            except FileExistsError:
                pass
            finally:
                new.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        if is_full(error):
            raise full_disk(folder) from error
        raise LocalError(f"The secret in {path} cannot be read or made ({error.strerror}).") from error


def django_secret() -> str:
    """A SECRET_KEY for Django, 50 characters of the URL-safe alphabet or more."""
    return secrets.token_urlsafe(50)


def master_key() -> str:
    """A key for MEANDER_MASTER_KEYS: 32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def password() -> str:
    """A password that needs no quoting in an address."""
    return secrets.token_urlsafe(24)
