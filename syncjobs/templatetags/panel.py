"""The panel's small vocabulary in templates: icons, states, sides, environments, moments, the sidebar."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.db import models
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shops.models import ShopConnection
from syncjobs import navigation
from syncjobs.models.choices import KindName, Status

register = template.Library()

LOOKS = {
    Status.QUEUED: ("off", "clock"),
    Status.RUNNING: ("run", "loader-2"),
    Status.WAITING: ("wait", "hourglass"),
    Status.SUCCEEDED: ("ok", "circle-check"),
    Status.PARTLY: ("part", "circle-half-2"),
    Status.FAILED: ("fail", "circle-x"),
    Status.BLOCKED: ("block", "lock"),
    Status.CANCELLED: ("off", "circle-minus"),
}
"""Colour and icon of each state, the same on every page."""


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A symbol of the sprite. Decoration: the word beside it says the same."""
    return format_html(
        '<svg class="i{}" aria-hidden="true"><use href="{}#i-{}"></use></svg>',
        f" {extra}" if extra else "",
        static("icons.svg"),
        name,
    )


@register.simple_tag
def chip_state(tone: str, symbol: str, text: str) -> SafeString:
    """A state as word, colour and icon. Tones: ok run wait part fail block off."""
    extra = "i-spin" if symbol == "loader-2" else ""
    return format_html('<span class="st st-{}">{}{}</span>', tone, icon(symbol, extra), text)


@register.simple_tag
def status(value: str, text: str = "") -> SafeString:
    """The state of a run or step; `text` says it more exactly in the same colour."""
    state = Status(value)
    tone, symbol = LOOKS[state]
    return chip_state(tone, symbol, text or capfirst(str(state.label)))


@register.simple_tag
def side(value: Any) -> SafeString:
    """The shape of a side: a square W for WAPRO, a circle with two letters for a shop (or "shop" in general)."""
    if isinstance(value, ShopConnection):
        letters, title, shape = value.platform[:2].capitalize(), value.name, "shop"
    elif value == "shop":
        letters, title, shape = "S", _("shop"), "shop"
    else:
        letters, title, shape = "W", "WAPRO Mag", "erp"
    return format_html('<abbr class="g g-{}" title="{}">{}</abbr>', shape, title, letters)


@register.simple_tag
def environment(connection: Any) -> SafeString:
    """Test or production, as a chip."""
    if connection.environment == "production":
        return format_html('<span class="env env-prod">{}{}</span>', icon("building-store"), _("Production"))
    return format_html('<span class="env env-test">{}{}</span>', icon("flask"), _("Test"))


@register.filter
def kind_name(value: str) -> str:
    """Name of a kind of elements: "products"."""
    return str(KindName(value).label) if value in KindName.values else value


def in_words(moment_: datetime, now: datetime) -> str:
    """A point in time, as short as it is clear: 12:31; yesterday, 12:31; 4 March, 12:31; 4 March 2025."""
    local, today = timezone.localtime(moment_), timezone.localtime(now).date()
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


@register.simple_tag
def moment(value: datetime | None, empty: str = "–") -> SafeString | str:
    """A point in time with its full form and zone on hover."""
    if value is None:
        return empty
    local = timezone.localtime(value)
    zone = f"{local.tzinfo}, UTC{local:%z}"
    return format_html(
        '<time datetime="{}" title="{} ({})">{}</time>',
        local.isoformat(timespec="seconds"),
        date_format(local, "j E Y, H:i:s"),
        zone,
        in_words(value, timezone.now()),
    )


def span_in_words(seconds: float) -> str:
    """A length of time in its largest unit: 26 min, 10 h, 3 days."""
    minutes = int(max(0, seconds) // 60)
    if minutes < 60:
        return _("%(count)s min") % {"count": minutes}
    if minutes < 60 * 36:
        return _("%(count)s h") % {"count": minutes // 60}
    days = minutes // 1440
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": days}


@register.filter
def lag(value: datetime | None) -> str:
    """How long ago (or until): "26 min"."""
    return "–" if value is None else span_in_words(abs((timezone.now() - value).total_seconds()))


@register.filter
def initials(value: str) -> str:
    """Two letters for a mark."""
    words = [word for word in str(value).split() if word[0].isalnum()] or ["?"]
    letters = words[0][:2] if len(words) == 1 else words[0][0] + words[1][0]
    return letters.upper()


@register.inclusion_tag("parts/sidebar.html", takes_context=True)
def sidebar(context: Context) -> dict[str, Any]:
    """The main navigation for where the request stands."""
    return navigation.sidebar(context["request"])


@register.simple_tag(takes_context=True)
def band(context: Context) -> str:
    """Class of the band on top: which environment this page writes to."""
    target = _target(context)
    connection = target if hasattr(target, "environment") else getattr(target, "connection", None)
    environments = {"production": "band-prod", "test": "band-test"}
    return environments.get(getattr(connection, "environment", ""), "")


def _target(context: Context) -> models.Model | None:
    place = getattr(context.get("request"), "place", None)
    return None if place is None else place.target


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The present query string with these parameters set (None or empty: left out), for links of filters and pages."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()
