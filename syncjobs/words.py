"""Time as the panel writes it."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def in_words(value: datetime, now: datetime) -> str:
    """A point in time, as short as it is clear: 12:31; yesterday, 12:31; 4 March, 12:31; 4 March 2025."""
    local, today = timezone.localtime(value), timezone.localtime(now).date()
    clock = date_format(local, "H:i")
    if local.date() == today:
        return clock
    if local.date() == today - timedelta(days=1):
        return _("yesterday, %(time)s") % {"time": clock}
    if local.date() == today + timedelta(days=1):
        return _("tomorrow, %(time)s") % {"time": clock}
    if local.year == today.year:
        return f"{date_format(local, 'j E')}, {clock}"
    return date_format(local, "j E Y")


def span_in_words(seconds: float) -> str:
    """A length of time in its largest unit: 26 min, 10 h, 3 days."""
    minutes = int(max(0, seconds) // 60)
    if minutes < 60:
        return _("%(count)s min") % {"count": minutes}
    if minutes < 60 * 36:
        return _("%(count)s h") % {"count": minutes // 60}
    days = minutes // 1440
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}
