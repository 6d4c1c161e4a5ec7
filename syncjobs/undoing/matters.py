"""What undos hold, as a matter that waits for a person."""

from collections.abc import Mapping

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shops.models import ShopConnection
from syncjobs.matters import Matter
from syncjobs.models import UndoHold
from syncjobs.navigation import address


def held(shops: Mapping[int, ShopConnection]) -> list[tuple[Matter, ShopConnection]]:
    """One matter for each shop where something is held."""
    rows = UndoHold.objects.filter(connection__in=list(shops)).values_list("connection")
    counted = rows.annotate(count=Count("id"), since=Min("at")).order_by()
    found = []
    for pk, count, since in counted:
        title = ngettext(
            "%(count)s value or element is held after an undo",
            "%(count)s values and elements are held after an undo",
            count,
        )
        matter = Matter(
            sort="held",
            tone="wait",
            icon="lock",
            word=_("Held"),
            title=title % {"count": count},
            detail=_("No run writes them again before somebody releases them. Mend the cause first."),
            side=shops[pk],
            since=since,
            url=address("held", shop=pk),
            action=_("Look at them"),
            count=count,
            brief=ngettext("%(count)s held", "%(count)s held", count) % {"count": count},
        )
        found.append((matter, shops[pk]))
    return found
