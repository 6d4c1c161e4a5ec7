"""The words of the pipeline in templates: states of changes, names and values of fields, changed words, scores."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.template import Context
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrator.canonical.kinds import REFERENCE_FIELDS
from integrator.canonical.text import fold_html
from shops.models import ShopConnection
from syncjobs.fields import MONO, NUMBERS, References, field_label, money, shown
from syncjobs.models.choices import Action, ChangeStatus, Side
from syncjobs.templatetags.panel import chip_state, icon, with_query
from syncjobs.worddiff import Piece, word_diff

register = template.Library()

CHANGE_LOOKS = {
    ChangeStatus.PLANNED: ("off", "clock"),
    ChangeStatus.SENT: ("run", "loader-2"),
    ChangeStatus.APPLIED: ("ok", "circle-check"),
    ChangeStatus.UNKNOWN: ("run", "help-circle"),
    ChangeStatus.FAILED: ("fail", "circle-x"),
    ChangeStatus.BLOCKED: ("block", "lock"),
    ChangeStatus.STALE: ("off", "player-skip-forward"),
    ChangeStatus.DECLINED: ("off", "circle-minus"),
    ChangeStatus.HANDED_OVER: ("wait", "hourglass"),
    ChangeStatus.DRIFTED: ("off", "equal-not"),
}
ACTION_LOOKS = {
    Action.UPDATE_SHOP: ("upd", "pencil"),
    Action.UPDATE_ERP: ("upd", "pencil"),
    Action.CREATE_SHOP: ("new", "plus"),
    Action.CREATE_ERP: ("new", "plus"),
    Action.DELETE_SHOP: ("del", "trash"),
    Action.DEACTIVATE_SHOP: ("del", "eye-off"),
    Action.UNLINK: ("del", "unlink"),
}
EVIDENCE = {
    "code": ("ok", gettext_lazy("code equal")),
    "ean": ("ok", gettext_lazy("EAN equal")),
    "name": ("ok", gettext_lazy("name equal")),
    "similar_name": ("mid", gettext_lazy("name similar")),
}
_SYMBOLS = {"ok": "check", "mid": "minus", "no": "x"}
JUMP = 50
"""Percent from which a price change is pointed at."""

register.filter("field_label", field_label)
register.filter("cap", capfirst)
register.filter("money", money)


@register.simple_tag
def change_status(value: str) -> SafeString:
    state = ChangeStatus(value)
    tone, symbol = CHANGE_LOOKS[state]
    return chip_state(tone, symbol, capfirst(str(state.label)))


@register.simple_tag
def action_mark(value: str) -> SafeString:
    """A small sign of what a change does, with its name for hover and screen readers."""
    action = Action(value)
    tone, symbol = ACTION_LOOKS[action]
    return format_html(
        '<span class="act act-{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
        tone,
        action.label,
        icon(symbol),
        action.label,
    )


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """A value of a mapping by key, nothing where there is none."""
    return mapping.get(key) if mapping else None


@register.filter
def time_value(value: Any) -> str:
    """A time as `<input type=time>` takes it, whether it came from the database or from the form."""
    return value.strftime("%H:%M") if hasattr(value, "strftime") else str(value or "")


@register.filter
def label_of(pairs: Any, key: str) -> str:
    """The label of one value among (value, label) pairs."""
    return next((str(label) for value, label in pairs if value == key), str(key))


@register.filter
def is_update(action: str) -> bool:
    return action in (Action.UPDATE_SHOP, Action.UPDATE_ERP)


@register.filter
def side_of(side: str, connection: ShopConnection) -> Any:
    """What the `side` tag draws for `erp` or `shop` on pages of one connection."""
    return "erp" if side == Side.ERP else connection


@register.simple_tag(takes_context=True)
def with_pos(context: Context, name: str, position: str) -> str:
    """The present query string at another place of the list; the name of the position is a variable."""
    return with_query(context, **{name: position, "at": None})


@register.filter
def num(value: Any) -> str:
    """A number grouped by the reader's locale: 12 345."""
    return number_format(value or 0, use_l10n=True, force_grouping=True)


@register.filter
def clock(seconds: float | None) -> str:
    """A length of time with its seconds: "3 s", "2 min 05 s", "1 h 12 min"."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return _("%(s)s s") % {"s": whole}
    if whole < 3600:
        return _("%(min)s min %(s)s s") % {"min": whole // 60, "s": f"{whole % 60:02}"}
    return _("%(h)s h %(min)s min") % {"h": whole // 3600, "min": f"{whole % 3600 // 60:02}"}


@register.simple_tag
def value(name: str, raw: Any, side: str = "", references: References | None = None) -> SafeString:
    """A field's value as people read it; an empty one as a grey word."""
    text = _plain(name, raw, side, references)
    if not text:
        return format_html('<span class="meta">{}</span>', _("empty"))
    return _typeset(name, text)


@register.simple_tag
def diff(name: str, old: Any, new: Any, side: str = "", references: References | None = None) -> SafeString:
    """Old and new value of one field: short ones as old -> new, texts with the changed words marked."""
    before, after = _plain(name, old, side, references), _plain(name, new, side, references)
    if name in NUMBERS or isinstance(old, bool) or isinstance(new, bool):
        return _arrow(name, before, after) + _percent(name, old, new)
    pieces = word_diff(before, after)
    if all(piece.mark in ("old", "new") for piece in pieces):
        return _arrow(name, before, after)
    return _typeset(name, format_html_join("", "{}", ((_piece(piece),) for piece in pieces)))


@register.simple_tag
def against(
    name: str, base: Any, now: Any, side: str = "", references: References | None = None, base_side: str = ""
) -> SafeString:
    """The present value with what was added since `base` marked (what was taken away is struck out)."""
    if base is None:
        return value(name, now, side, references)
    before, after = _plain(name, base, base_side or side, references), _plain(name, now, side, references)
    if before == after or name in NUMBERS or name in REFERENCE_FIELDS or not after or not before:
        text = value(name, now, side, references)
        return text if before == after or not after else format_html("<ins>{}</ins>", text)
    return _typeset(name, format_html_join("", "{}", ((_piece(piece),) for piece in word_diff(before, after))))


def _plain(name: str, raw: Any, side: str, references: References | None) -> str:
    text = shown(name, raw, side, references)
    return fold_html(text) if name.endswith("description") else text


def _typeset(name: str, text: str) -> SafeString:
    return format_html('<span class="mono">{}</span>' if name in MONO else "{}", text)


def _arrow(name: str, before: str, after: str) -> SafeString:
    old = format_html("<del>{}</del>", before) if before else format_html('<span class="meta">{}</span>', _("empty"))
    new = format_html("<ins>{}</ins>", after) if after else format_html('<span class="meta">{}</span>', _("empty"))
    return _typeset(name, format_html('{}<span class="arr" aria-hidden="true">→</span>{}', old, new))


def _piece(piece: Piece) -> SafeString:
    """Spaces at the edges of a mark stand outside it, so the colour covers words only."""
    if piece.mark == "skip":
        count = int(piece.text)
        words = ngettext("… %(count)s character unchanged …", "… %(count)s characters unchanged …", count)
        return format_html(' <span class="meta">{}</span> ', words % {"count": num(count)})
    if piece.mark == "same":
        return format_html("{}", piece.text)
    core = piece.text.strip()
    head = piece.text[: len(piece.text) - len(piece.text.lstrip())]
    tail = piece.text[len(piece.text.rstrip()) :] if core else ""
    tag = "del" if piece.mark == "old" else "ins"
    return format_html("{}<{}>{}</{}>{}", head, tag, core, tag, tail) if core else format_html("{}", piece.text)


def _percent(name: str, old: Any, new: Any) -> SafeString:
    if name != "price":
        return mark_safe("")
    try:
        before, after = Decimal(str(old)), Decimal(str(new))
    except InvalidOperation:
        return mark_safe("")
    if not before:
        return mark_safe("")
    change = (after - before) * 100 / before
    text = f"{'+' if change > 0 else '−'}{number_format(abs(change), decimal_pos=1)} %"
    if abs(change) > JUMP:
        return format_html(" {}", chip_state("wait", "alert-triangle", text))
    return format_html(' <span class="meta pct">{}</span>', text)


@register.simple_tag
def score(points: int) -> SafeString:
    """How likely a suggestion is, as a ring and a number."""
    level = "hi" if points >= 90 else "mid" if points >= 70 else "lo"
    return format_html(
        '<span class="score score-{}"><svg class="ring" viewBox="0 0 20 20" aria-hidden="true">'
        '<circle class="ring-bg" cx="10" cy="10" r="8"></circle><circle class="ring-fg" cx="10" cy="10" r="8" '
        'pathLength="100" stroke-dasharray="{} 100" transform="rotate(-90 10 10)"></circle></svg>{} %</span>',
        level,
        points,
        points,
    )


@register.simple_tag
def evidence(words: Any) -> SafeString:
    """What speaks for a suggestion, as small marked words."""
    known = [EVIDENCE.get(str(word), ("mid", str(word))) for word in words]
    return format_html_join(
        " ",
        '<span class="chip chip-{}">{}{}</span>',
        ((tone, icon(_SYMBOLS[tone]), text) for tone, text in known),
    )


@register.simple_tag
def bar(share: float | None, height: int = 6) -> SafeString:
    """A progress bar; decoration beside the numbers that say the same."""
    width = round(max(0.0, min(1.0, share or 0)) * 100)
    return format_html(
        '<svg class="bar" width="100%" height="{}" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 {}">'
        '<rect class="bar-bg" width="100" height="{}"></rect><rect class="bar-fg" width="{}" height="{}"></rect></svg>',
        height,
        height,
        height,
        width,
        height,
    )
