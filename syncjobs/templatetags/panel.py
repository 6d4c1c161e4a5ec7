"""The panel's small vocabulary in templates: icons, states, sides, environments, moments, the sidebar."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.db import models
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from integrator.accounts import audit
from integrator.accounts.models import AuditEntry
from shops.models import ShopConnection
from syncjobs import checks, decisions, navigation
from syncjobs.explain import Explained, explain
from syncjobs.health import Day, Flow
from syncjobs.models import Errand
from syncjobs.models.choices import OPEN_STATUSES, KindName, Status
from syncjobs.words import in_words, span_in_words

register = template.Library()

SLOW = timedelta(seconds=10)

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


@register.filter
def lag(value: datetime | None) -> str:
    """How long ago (or until): "26 min"."""
    return "–" if value is None else span_in_words(abs((timezone.now() - value).total_seconds()))


@register.filter
def initials(value: str) -> str:
    """Two letters for a mark."""
    words = [word for word in str(value).split() if word[0].isalnum()] or ["?"]
    letters = words[0][:2] if len(words) == 1 else words[0][0] + words[-1][0]
    return letters.upper()


@register.inclusion_tag("parts/sidebar.html", takes_context=True)
def sidebar(context: Context) -> dict[str, Any]:
    """The main navigation for where the request stands."""
    return navigation.sidebar(context["request"])


@register.inclusion_tag("parts/queue.html")
def queue_note() -> dict[str, Any]:
    """What everybody must know while nothing can be worked on."""
    return navigation.queue()


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


BAR = {"ok": 0.4, "part": 0.7, "fail": 1.0, "none": 0.1}
"""Height of a day in the strip: a bad day is taller, not only of another colour."""


@register.simple_tag
def strip(days: list[Day], width: int = 89, height: int = 18) -> SafeString:
    """The last thirty days as bars. The words for screen readers are in `days_in_words`."""
    if not days:
        return SafeString("")
    gap = 1 if width < 150 else 2
    bar = max(1, (width + gap) // len(days) - gap)
    marks = [
        format_html(
            '<rect class="b-{}" x="{}" y="{}" width="{}" height="{}" rx="1"><title>{}</title></rect>',
            day.tone,
            at * (bar + gap),
            height - round(height * BAR[day.tone]),
            bar,
            round(height * BAR[day.tone]),
            day_in_words(day),
        )
        for at, day in enumerate(days)
    ]
    return format_html(
        '<svg class="strip30" width="{0}" height="{1}" viewBox="0 0 {0} {1}" preserveAspectRatio="none" role="img"'
        ' aria-label="{2}">{3}</svg>',
        width,
        height,
        days_in_words(days),
        SafeString("".join(marks)),
    )


def day_in_words(day: Day) -> str:
    """One day of the strip: its date and what happened."""
    date = date_format(day.date, "j E")
    if not day.runs:
        return _("%(date)s: no run") % {"date": date}
    return _("%(date)s: %(ok)s well, %(partly)s partly, %(failed)s failed") % {
        "date": date,
        "ok": day.succeeded,
        "partly": day.partly,
        "failed": day.failed,
    }


@register.filter
def days_in_words(days: list[Day]) -> str:
    """The strip in one sentence."""
    tones = [day.tone for day in days]
    return _("last 30 days: %(ok)s without errors, %(partly)s partly, %(failed)s with errors") % {
        "ok": tones.count("ok"),
        "partly": tones.count("part"),
        "failed": tones.count("fail"),
    }


@register.simple_tag
def spark(flow: Flow, width: int = 128, height: int = 20) -> SafeString:
    """Minutes since the last success over a day, with the flow's limit as a dashed line."""
    values = flow.spark
    if len(values) < 2:
        return SafeString("")
    top = max(*values, flow.limit * 1.15, 1)
    step = (width - 2) / (len(values) - 1)
    points = [f"{1 + at * step:.1f} {height - 2 - value / top * (height - 4):.1f}" for at, value in enumerate(values)]
    limit = height - 2 - flow.limit / top * (height - 4)
    line = "M" + " L".join(points)
    return format_html(
        '<svg class="sp{}" width="{}" height="{}" role="img" aria-label="{}"><path class="sp-area" d="{} V{} H1 Z"/>'
        '<path class="sp-lim" d="M0 {} H{}"/><path class="sp-line" d="{}"/>'
        '<circle class="sp-dot" cx="{}" cy="{}" r="1.8"/>'
        "</svg>",
        " sp-hot" if flow.enabled and values[-1] > flow.limit else "",
        width,
        height,
        _("%(flow)s: lag over 24 hours, now %(lag)s, at most %(most)s")
        % {"flow": flow.name, "lag": span_in_words(values[-1] * 60), "most": span_in_words(max(values) * 60)},
        line,
        height - 1,
        f"{limit:.1f}",
        width,
        line,
        points[-1].split()[0],
        points[-1].split()[1],
    )


@register.filter
def is_late(flow: Flow | None, now: datetime) -> bool:
    """Whether the flow is past its limit."""
    return flow is not None and flow.late(now)


@register.simple_tag
def url_if(name: str, **params: Any) -> str:
    """The address of a page, empty while no such page exists."""
    return navigation.address(name, **params)


@register.filter
def verb_words(verb: str) -> str:
    """A verb of the audit in the reader's language."""
    return audit.words(verb)


@register.filter
def is_future(value: datetime | None) -> bool:
    return value is not None and value > timezone.now()


@register.filter
def plain_number(value: Decimal | int) -> str:
    """A quantity without trailing zeros, in the reader's way of writing."""
    return number_format(f"{value.normalize():f}" if isinstance(value, Decimal) else value, use_l10n=True)


@register.simple_tag
def explained(problem: dict[str, Any]) -> Explained:
    """A stored problem as sentences."""
    return explain(problem)


@register.simple_tag
def check_rows(connection: Any) -> dict[str, Any]:
    """The checks of the last test as the page shows them: what needs a person first, with reason and way out."""
    rows = checks.rows_of(connection)
    verdicts = [row.verdict for row in rows]
    return {
        "rows": rows,
        "total": len(rows),
        "failed": verdicts.count("failed"),
        "warnings": verdicts.count("warning"),
        "passed": verdicts.count("passed"),
    }


@register.simple_tag
def open_errand(connection: Any) -> Errand | None:
    """The test of this connection that waits or runs."""
    asked = connection.errands.filter(verb=Errand.Verb.TEST_SETTINGS, status__in=OPEN_STATUSES)
    found: Errand | None = asked.order_by("-id").first()
    return found


@register.filter
def is_slow(errand: Errand) -> bool:
    """Nobody has taken the errand for a while."""
    return errand.status == Status.QUEUED and timezone.now() - errand.created_at > SLOW


@register.filter
def errand_problem(errand: Errand) -> str:
    """Why an errand did not work, in words."""
    problem = errand.result.get("problem")
    return explain(problem).sentence if problem else ""


@register.filter
def decided_about(entry: AuditEntry) -> str:
    """The subject of a decision in the reader's language."""
    return decisions.subject(entry)


@register.filter
def decided_details(entry: AuditEntry) -> str:
    """The details of a decision in one short line."""
    return decisions.details(entry)


@register.filter
def is_ahead(value: datetime | None, now: datetime) -> bool:
    """At least a minute ahead: sooner than that is called now."""
    return value is not None and value - now >= timedelta(minutes=1)


@register.simple_tag
def named(erp: Any, what: str, keys: str | list[str]) -> str:
    """Names of warehouses or price types that a test of the ERP has read; a key without a name is shown itself."""
    names = {row["key"]: row["name"] for row in erp.facts.get(what, ())} if erp is not None else {}
    chosen = [keys] if isinstance(keys, str) else keys
    return ", ".join(str(names.get(str(key), key)) for key in chosen)
