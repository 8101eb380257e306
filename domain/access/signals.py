"""What happens when somebody signs in."""

from django.contrib.auth import get_user_model
from django.utils import timezone


def note_sign_in(sender, user, **kwargs) -> None:
    """In place of Django's own: an organisation writes nothing to a person who doesn't belong to it."""
    user.last_login = timezone.now()
    get_user_model()._default_manager.filter(pk=user.pk).update(last_login=user.last_login)
