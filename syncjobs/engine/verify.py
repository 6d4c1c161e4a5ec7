"""Whether the destination kept what it was sent."""

from collections.abc import Mapping

from integrator.canonical.capabilities import FieldSpec
from integrator.canonical.records import Fields
from syncjobs.engine.projection import same


def kept_differently(sent: Fields, kept: Fields, specs: Mapping[str, FieldSpec]) -> tuple[str, ...]:
    """Names of sent fields that read back as something else."""
    return tuple(
        name for name, value in sent.items() if name in kept and not same(name, value, kept[name], specs.get(name))
    )
