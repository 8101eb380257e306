"""Finding a person by what they sign in with."""

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from .models import User


def people_with(address: str) -> QuerySet[User]:
    """The person with this e-mail address, whatever its capitals: by the unique index on lower(email)."""
    return User.objects.alias(login=Lower("email")).filter(login=Lower(Value(address)))
