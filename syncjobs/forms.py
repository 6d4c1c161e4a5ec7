"""Forms of the synchronisation: the options of one kind, exactly as far as both sides can do them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrator.canonical.capabilities import Can
from integrator.canonical.kinds import PRODUCT_STATE_KINDS, Kind
from syncjobs.engine.policy import (
    CRITERIA,
    Criterion,
    ErpGone,
    FirstAgreement,
    Linked,
    Owner,
    offered_owners,
    owned_fields,
    preset_owners,
)
from syncjobs.fields import field_label
from syncjobs.forms_times import check_ends
from syncjobs.models import SyncOptions
from syncjobs.setup import Setup

CRITERION_LABELS = {
    Criterion.CODE_AND_NAME: gettext_lazy("Code and name"),
    Criterion.CODE: gettext_lazy("Code alone"),
    Criterion.EAN: gettext_lazy("EAN"),
    Criterion.SYMBOL_OR_NAME: gettext_lazy("Abbreviation, else name"),
    Criterion.NAME: gettext_lazy("Name"),
    Criterion.PATH: gettext_lazy("Path"),
    Criterion.TAX_CODE: gettext_lazy("Code of the rate, else name"),
    Criterion.CONTENT_OR_POSITION: gettext_lazy("Content, else position"),
}
CRITERION_HELP = {
    Criterion.CODE_AND_NAME: gettext_lazy("The safest: the same code with another name is only suggested."),
    Criterion.CODE: gettext_lazy("When names differ on purpose."),
    Criterion.EAN: gettext_lazy("When codes differ; an EAN used twice links nothing."),
    Criterion.SYMBOL_OR_NAME: gettext_lazy("Dots and case do not count: “Szt.” is “szt”."),
    Criterion.NAME: gettext_lazy("Case and accents do not count."),
    Criterion.PATH: gettext_lazy("The whole path from the root must be the same."),
    Criterion.TAX_CODE: gettext_lazy("Never by the percent alone: several rates have 0 %."),
    Criterion.CONTENT_OR_POSITION: gettext_lazy("The same picture, else the same place in the gallery."),
}
LINKED_LABELS = {
    Linked.LEAVE: (gettext_lazy("Leave unchanged"), gettext_lazy("step c is skipped")),
    Linked.SHOP: (gettext_lazy("Update in the shop"), gettext_lazy("the shop gets the data of WAPRO")),
    Linked.LOCAL: (gettext_lazy("Update locally"), gettext_lazy("WAPRO gets the data of the shop")),
    Linked.BOTH: (gettext_lazy("Both ways, ask on conflict"), gettext_lazy("a person decides when both sides changed")),
}
OWNER_LABELS = {
    Owner.ERP: gettext_lazy("WAPRO"),
    Owner.SHOP: gettext_lazy("Shop"),
    Owner.ASK: gettext_lazy("Ask"),
    Owner.IGNORE: gettext_lazy("Leave alone"),
}
FIRST_LABELS = {
    FirstAgreement.ERP: gettext_lazy("WAPRO wins"),
    FirstAgreement.SHOP: gettext_lazy("the shop wins"),
    FirstAgreement.ASK: gettext_lazy("ask a person"),
}
GONE_LABELS = {
    ErpGone.DEACTIVATE: gettext_lazy("Hide it in the shop"),
    ErpGone.DELETE: gettext_lazy("Delete it from the shop"),
    ErpGone.LEAVE: gettext_lazy("Leave it as it is"),
}
INTERVALS = (5, 15, 30, 60, 180, 360, 720, 1440)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the two sides allow for one kind: the form shows this and nothing else."""

    kind: Kind
    incremental: bool
    criteria: tuple[Criterion, ...]
    linked: tuple[Linked, ...]
    owners: Mapping[str, tuple[Owner, ...]]
    export: bool
    imports: bool
    delete: bool
    erp_gone: tuple[ErpGone, ...]

    @property
    def updates(self) -> bool:
        return bool(self.owners)

    @property
    def creates(self) -> bool:
        return self.export or self.imports or self.delete


def offer_of(setup: Setup, kind: Kind) -> Offer:
    """Read the capabilities of both sides for one kind."""
    erp, shop = setup.erp_of(kind), setup.shop.of(kind)
    owners = {name: offered_owners(name, erp, shop) for name in owned_fields(erp, shop)}
    offered = {owner for choices in owners.values() for owner in choices}
    presets = ((Linked.SHOP, Owner.ERP), (Linked.LOCAL, Owner.SHOP), (Linked.BOTH, Owner.ASK))
    alone = kind not in PRODUCT_STATE_KINDS
    delete, hide = Can.DELETE in shop.can, Can.DEACTIVATE in shop.can
    gone = [ErpGone.DEACTIVATE] * hide + [ErpGone.DELETE] * delete + [ErpGone.LEAVE]
    return Offer(
        kind=kind,
        incremental=Can.INCREMENTAL in shop.can,
        criteria=CRITERIA.get(kind, ()),
        linked=(Linked.LEAVE, *(preset for preset, owner in presets if owner in offered)),
        owners=owners,
        export=alone and Can.CREATE in shop.can,
        imports=alone and bool(erp.can & (Can.CREATE | Can.HAND_OVER)),
        delete=alone and delete,
        erp_gone=tuple(gone) if alone and (hide or delete) else (),
    )


class OptionsForm(forms.Form):
    """The options of one kind. The two questions of step d are one choice each, so import and delete cannot both be
    chosen here; `clean` refuses what the sides cannot do, however it was sent."""

    enabled = forms.BooleanField(required=False)
    interval_minutes = forms.IntegerField(min_value=1, max_value=10080)
    quiet_from = forms.TimeField(required=False)
    quiet_to = forms.TimeField(required=False)
    fetch_all = forms.BooleanField(required=False)
    criterion = forms.CharField(required=False)
    linked = forms.CharField(required=False)
    only_erp = forms.ChoiceField(choices=[("leave", ""), ("export", "")], required=False)
    only_shop = forms.ChoiceField(choices=[("leave", ""), ("import", ""), ("delete", "")], required=False)
    first_agreement = forms.ChoiceField(choices=[(str(f), "") for f in FirstAgreement], required=False)
    erp_gone = forms.ChoiceField(choices=[(str(g), "") for g in ErpGone], required=False)

    def __init__(self, options: SyncOptions, offer: Offer, setup: Setup, data: Any = None) -> None:
        super().__init__(data, initial=_initial(options, offer))
        self.options, self.offer, self.setup = options, offer, setup
        for name, choices in offer.owners.items():
            self.fields[f"owner-{name}"] = forms.ChoiceField(
                choices=[(str(owner), OWNER_LABELS[owner]) for owner in choices],
                required=False,
                label=field_label(name),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        offer = self.offer
        if not data.get("fetch_all") and not offer.incremental:
            data["fetch_all"] = True
        self._only_offered(data, "criterion", [str(c) for c in offer.criteria])
        self._only_offered(data, "linked", [str(preset) for preset in offer.linked])
        self._only_offered(data, "erp_gone", [str(g) for g in offer.erp_gone])
        chosen = {("only_erp", "export"): offer.export, ("only_shop", "import"): offer.imports}
        chosen[("only_shop", "delete")] = offer.delete
        for (name, value), possible in chosen.items():
            if data.get(name) == value and not possible:
                self.add_error(name, _("The shop or WAPRO cannot do this for this kind."))
        check_ends(self, "quiet_from", "quiet_to")
        if isinstance(self.data, QueryDict) and len(set(self.data.getlist("only_shop"))) > 1:
            raise ValidationError(_("Import from the shop and delete from the shop cannot both be on."))
        return data

    def _only_offered(self, data: dict[str, Any], name: str, offered: list[str]) -> None:
        """An empty choice means the first offered; anything else must be among them."""
        if not data.get(name):
            data[name] = offered[0] if offered else ""
        elif data[name] not in offered:
            self.add_error(name, _("The shop or WAPRO cannot do this for this kind."))

    def apply(self) -> SyncOptions:
        """The options as the form says, not yet saved. A changed preset fills the owners, single owners overrule it."""
        options, data = self.options, self.cleaned_data
        for name in ("enabled", "interval_minutes", "quiet_from", "quiet_to", "fetch_all", "criterion"):
            setattr(options, name, data[name])
        options.owners = self._owners()
        options.linked = str(preset_of(options.owners, data["linked"]))
        if data.get("first_agreement"):
            options.first_agreement = data["first_agreement"]
        if data.get("erp_gone"):
            options.erp_gone = data["erp_gone"]
        options.export_unlinked = data.get("only_erp") == "export"
        options.import_unlinked = data.get("only_shop") == "import"
        options.delete_unlinked = data.get("only_shop") == "delete"
        return options

    def _owners(self) -> dict[str, str]:
        """A preset that was chosen just now fills the owners; fields that were changed by hand keep what they got."""
        kind, options = self.offer.kind, self.options
        before = {name: options.owners.get(name, str(Owner.IGNORE)) for name in self.offer.owners}
        owners = dict(before)
        preset = self.cleaned_data["linked"]
        if preset and preset != options.linked:
            filled = preset_owners(Linked(preset), kind, self.setup.erp_of(kind), self.setup.shop.of(kind))
            owners = {name: str(owner) for name, owner in filled.items()}
        for name in owners:
            sent = self.cleaned_data.get(f"owner-{name}")
            if sent and sent != before.get(name):
                owners[name] = sent
        return owners


def preset_of(owners: Mapping[str, str], chosen: str) -> Linked:
    """The preset to show beside these owners: the chosen one while it tells the truth, else the nearest."""
    used = {owner for owner in owners.values() if owner != Owner.IGNORE}
    if not used:
        return Linked.LEAVE
    if chosen and chosen != Linked.LEAVE:
        return Linked(chosen)
    if used == {str(Owner.ERP)}:
        return Linked.SHOP
    return Linked.LOCAL if used == {str(Owner.SHOP)} else Linked.BOTH


def _initial(options: SyncOptions, offer: Offer) -> dict[str, Any]:
    only_shop = "import" if options.import_unlinked else "delete" if options.delete_unlinked else "leave"
    plain = ("enabled", "interval_minutes", "quiet_from", "quiet_to", "fetch_all", "criterion", "linked")
    initial = {name: getattr(options, name) for name in plain}
    initial |= {"first_agreement": options.first_agreement, "erp_gone": options.erp_gone}
    initial |= {"only_erp": "export" if options.export_unlinked else "leave", "only_shop": only_shop}
    return initial | {f"owner-{name}": options.owners.get(name, str(Owner.IGNORE)) for name in offer.owners}
