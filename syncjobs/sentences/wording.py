"""How a wording is written down, and sentences that several of them share."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from integrator.canonical.problems import Turn

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, slots=True)
class Wording:
    """`says` and `todo` are msgids; `erp_turn` and `erp_todo` replace `turn` and `todo` when the problem was met on the
    ERP's side.

    The first sentence whose every placeholder is known is used, so they stand the most telling first, and the last one
    needs no placeholder but `system`, which is always known (the name of the side the problem was met on).
    """

    says: tuple[str, ...]
    todo: tuple[str, ...]
    turn: Turn
    erp_turn: Turn | None = None
    erp_todo: tuple[str, ...] = ()


WAIT = _("Nothing to do for now: we will try again by ourselves. If it lasts, check whether the system is working.")
CORRECT_THERE = _("Correct this value at its source and synchronise again.")
