"""What a pair held when it was last settled: the memory that tells an edit from a difference."""

from collections.abc import Iterable

from integrator.canonical.kinds import Kind
from integrator.canonical.records import Fields
from syncjobs.models import Conflict, KindState, Link
from syncjobs.setup import Setup

_WRITTEN = ["erp_seen", "shop_seen", "erp_fp", "shop_fp", "options_version", "refs_version", "open", "drifted"]


def save(states: Iterable[KindState]) -> None:
    KindState.objects.bulk_create(
        list(states), update_conflicts=True, unique_fields=["link", "kind"], update_fields=_WRITTEN
    )


def settle(state: KindState, erp: Fields, shop: Fields) -> None:
    """Remember what each side holds of these fields, each in its own terms."""
    state.erp_seen = {**state.erp_seen, **erp}
    state.shop_seen = {**state.shop_seen, **shop}
    state.drifted = [name for name in state.drifted if name not in erp]


def close_conflicts(link: Link, kind: str, names: Iterable[str]) -> None:
    """Conflicts of fields that are settled now."""
    Conflict.objects.filter(link=link, kind=kind, field__in=list(names)).exclude(status=Conflict.Status.CLOSED).update(
        status=Conflict.Status.CLOSED
    )


def current(setup: Setup, state: KindState | None, link: Link, kind: Kind) -> KindState:
    """The state to write: the stored one or a fresh one, stamped with the options it is planned under."""
    state = state or KindState(link=link, connection_id=link.connection_id, kind=kind)
    state.options_version, state.refs_version = setup.version(kind), setup.options[kind].refs_version
    return state
