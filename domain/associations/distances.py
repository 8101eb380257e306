"""Distances between positions, in the database and in words: no farther told than they are known."""

from decimal import Decimal
from math import cos, degrees, radians

from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import ASin, Cast, Cos, Least, Power, Radians, Sin, Sqrt
from django.utils.translation import gettext as _

from .choices import Precision
from .models import MentorLocation

# Mean radius of the Earth (IUGG), in kilometres.
EARTH = 6371.0088
# Distances are told in steps of so many kilometres, and nothing nearer than one step.
STEPS = {Precision.EXACT: 5, Precision.POSTCODE: 5, Precision.MUNICIPALITY: 10}


def near(
    rows: QuerySet[MentorLocation], latitude: Decimal, longitude: Decimal, km: float
) -> QuerySet[MentorLocation]:
    """Those within so many kilometres of a point, nearest first, with `km`, the great-circle distance.

    An index finds those in the box around the circle; of these alone the distance is computed.
    """
    north, east = float(latitude), float(longitude)
    high = degrees(km / EARTH)
    # A degree of longitude is the shorter the nearer a pole is: of the box, the side that is.
    wide = high / max(0.01, cos(radians(min(89.0, abs(north) + high))))
    found = rows.filter(
        latitude__range=(_degrees(north - high), _degrees(north + high)),
        longitude__range=(_degrees(east - wide), _degrees(east + wide)),
    )
    return found.annotate(km=_haversine(north, east)).filter(km__lte=km).order_by("km", "user_id")


def _haversine(north: float, east: float):
    phi = Radians(Cast(F("latitude"), FloatField()))
    half_north = (phi - Value(radians(north), FloatField())) / 2.0
    half_east = (Radians(Cast(F("longitude"), FloatField())) - Value(radians(east), FloatField())) / 2.0
    square = Power(Sin(half_north), 2) + Cos(phi) * Value(cos(radians(north)), FloatField()) * Power(
        Sin(half_east), 2
    )
    # Of opposite points a rounding error would have no arc sine.
    return Value(2 * EARTH, FloatField()) * ASin(Sqrt(Least(Value(1.0), square, output_field=FloatField())))


def _degrees(value: float) -> Decimal:
    return Decimal(value).quantize(Decimal("0.0001"))


def about(km: float, precision: str) -> str:
    """A distance in words, as exactly as it is known from a municipality to a position of this precision."""
    step = STEPS[Precision(precision)]
    whole = round(km / step) * step
    if whole < 2 * step:
        return _("less than %(km)d km") % {"km": 2 * step}
    return _("about %(km)d km") % {"km": whole}
