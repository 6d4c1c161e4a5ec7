"""What waits on homes and in alerts because elements have no partner, or more than one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrator.canonical.kinds import Kind
from shops.models import ShopConnection
from syncjobs.matters import Matter
from syncjobs.models import Unlinked
from syncjobs.models.choices import KindName
from syncjobs.navigation import address

FIRST = (Kind.PRODUCT, *(kind for kind in KindName.values if kind != Kind.PRODUCT))
"""Products first: most of the work is there, and the page of one kind leads to the others."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Elements of one kind in one state, and since when the first of them waits."""

    kind: str
    count: int
    since: datetime


def unlinked(shops: dict[int, ShopConnection]) -> list[tuple[Matter, ShopConnection]]:
    """One matter for each shop and state, whatever number of kinds it is about."""
    rows = (
        Unlinked.objects.filter(connection__in=list(shops))
        .exclude(state=Unlinked.State.IGNORED)
        .values_list("connection", "state", "kind")
        .annotate(count=Count("id"), since=Min("since"))
        .order_by()
    )
    found: dict[tuple[int, str], list[Waiting]] = defaultdict(list)
    for pk, state, *rest in rows:
        found[pk, state].append(Waiting(*rest))
    return [(_matter(shops[pk], state, kinds), shops[pk]) for (pk, state), kinds in found.items()]


def _matter(shop: ShopConnection, state: str, unordered: Sequence[Waiting]) -> Matter:
    kinds = sorted(unordered, key=lambda one: FIRST.index(one.kind))
    count = sum(one.count for one in kinds)
    if state == Unlinked.State.AMBIGUOUS:
        title = _ambiguous(kinds, count)
        detail, word, action = _("Nothing is guessed: somebody has to choose."), _("Ambiguous"), _("Choose")
        brief = _("%(count)s ambiguous")
    else:
        title = _alone(kinds, count)
        detail, word, action = _("Link them, create them on the other side, or ignore them."), _("Unlinked"), _("Link")
        brief = _("%(count)s unlinked")
    if len(kinds) > 1:
        listed = ", ".join(f"{KindName(one.kind).label} {one.count}" for one in kinds)
        detail = f"{capfirst(listed)}. {detail}"
    return Matter(
        sort=state,
        tone="wait",
        icon="hourglass",
        word=word,
        title=title % {"kind": capfirst(str(KindName(kinds[0].kind).label)), "count": count},
        detail=detail,
        side=shop,
        since=min(one.since for one in kinds),
        url=f"{address('unlinked_kind', shop=shop.pk, kind=kinds[0].kind)}?show={state}",
        action=action,
        count=count,
        brief=brief % {"count": count},
        about=kinds[0].kind if len(kinds) == 1 else "",
    )


def _alone(kinds: Sequence[Waiting], count: int) -> str:
    if len(kinds) == 1:
        return ngettext("%(kind)s: %(count)s without a partner", "%(kind)s: %(count)s without a partner", count)
    return ngettext("%(count)s element without a partner", "%(count)s elements without a partner", count)


def _ambiguous(kinds: Sequence[Waiting], count: int) -> str:
    if len(kinds) == 1:
        return ngettext(
            "%(kind)s: %(count)s fits more than one element", "%(kind)s: %(count)s fit more than one element", count
        )
    return ngettext(
        "%(count)s element fits more than one partner", "%(count)s elements fit more than one partner", count
    )
