"""Whether sale documents may be made from orders by procedure: the gate, which is closed. Pure.

A document realises an order only when its lines name the lines of the order. The calls that are publicly known (one
source, for a receipt with its goods issue) have no place for that: a document made by them would leave the order open
and its goods reserved beside those that were issued. So people make documents in WAPRO, and their numbers are read
back. A list of parameters that is proven on a copy to tie the lines belongs into TYING, with the code that calls it.
"""

from collections.abc import Mapping

from integrator.canonical.problems import Code
from integrator.canonical.records import Problem, problem
from wapro.procedures import Signature

LINE = "JL_ZatwierdzPozycje_Server"
MAKING = ("JL_DodajParagonServer_Pre", "AP_DodajWTleDokMag_Server", LINE, "JL_ZatwierdzDokumentHandlowy_Server")
"""Procedures of the known calls; a database without them is of another version."""
TYING: tuple[Signature, ...] = ()
"""Lists of LINE that are proven to take the line of an order."""


def closed(found: Mapping[str, Signature]) -> Problem | None:
    """Why no document may be made with what this database has; None where it may. `found`: its procedures of MAKING."""
    if LINE in found and found[LINE] in TYING:
        return None
    shown = [f"{name} ({len(found[name].parameters)})" if name in found else f"{name}: -" for name in MAKING]
    return problem(Code.DOCUMENTS_BY_PEOPLE, procedures=", ".join(shown))
