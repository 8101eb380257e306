"""Periods in months: "valid for two years" ends on the day before the same date."""

import calendar
from datetime import date, timedelta


def last_day(first: date, months: int) -> date:
    """The last day of so many months that begin on `first`: 15 March and one month: 14 April.

    Where the month is shorter it ends with it: 31 January and one month: 28 (or 29) February.
    """
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    if first.day > length:
        return date(year, month + 1, length)
    return date(year, month + 1, first.day) - timedelta(days=1)
