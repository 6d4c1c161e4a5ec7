"""Everything about a connection that planning depends on: capabilities, options, settings, as the engine wants them."""

import dataclasses
from dataclasses import dataclass
from typing import Literal

from integrator.canonical.capabilities import Can, Capabilities, KindCapabilities
from integrator.canonical.errors import PlanRefused
from integrator.canonical.kinds import REFERENCE_KINDS, SYNC_KINDS, Kind
from integrator.canonical.problems import Code, Turn
from shops.models import ShopConnection
from shops.sessions import shop_capabilities
from syncjobs.engine.guard import Limits
from syncjobs.engine.item_filter import ItemFilter
from syncjobs.engine.offer import PriceSettings, StockSettings
from syncjobs.engine.plan import References, Rules
from syncjobs.engine.policy import Criterion, ErpGone, FirstAgreement, Owner, Policy
from syncjobs.models import Link, SyncOptions
from wapro.models import WaproConnection
from wapro.side import erp_capabilities

_ONLY_READ = Can.READ | Can.INCREMENTAL


@dataclass(slots=True)
class Setup:
    connection: ShopConnection
    erp_connection: WaproConnection
    shop: Capabilities
    erp: Capabilities
    options: dict[Kind, SyncOptions]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds that both sides have."""
        return tuple(kind for kind in SYNC_KINDS if self.shop.can(kind, Can.READ) and self.erp.can(kind, Can.READ))

    def erp_of(self, kind: Kind) -> KindCapabilities:
        """What may be done in the ERP from this shop: only the leading shop of a client writes there."""
        capabilities = self.erp.of(kind)
        if self.connection.is_leading:
            return capabilities
        return dataclasses.replace(capabilities, can=capabilities.can & _ONLY_READ)

    def policy(self, kind: Kind) -> Policy:
        options = self.options.get(kind)
        if options is None:
            return Policy()
        return Policy(
            owners={name: Owner(owner) for name, owner in options.owners.items()},
            criterion=Criterion(options.criterion) if options.criterion else None,
            first_agreement=FirstAgreement(options.first_agreement),
            erp_gone=ErpGone(options.erp_gone),
            import_unlinked=options.import_unlinked,
            export_unlinked=options.export_unlinked,
            delete_unlinked=options.delete_unlinked,
        )

    def rules(self, kind: Kind) -> Rules:
        references = self._references() if kind is Kind.PRODUCT else References()
        return Rules(
            kind=kind,
            policy=self.policy(kind),
            erp=self.erp_of(kind),
            shop=self.shop.of(kind),
            references=references,
        )

    def _references(self) -> References:
        to_shop: dict[Kind, dict[str, str]] = {kind: {} for kind in REFERENCE_KINDS}
        to_erp: dict[Kind, dict[str, str]] = {kind: {} for kind in REFERENCE_KINDS}
        links = Link.objects.filter(connection=self.connection, kind__in=REFERENCE_KINDS)
        for kind, erp_key, shop_key, primary in links.values_list("kind", "erp_key", "shop_key", "primary"):
            to_shop[Kind(kind)][erp_key] = shop_key
            if primary:
                to_erp[Kind(kind)][shop_key] = erp_key
        return References(to_shop=to_shop, to_erp=to_erp, default_category=self.connection.default_category)

    def version(self, kind: Kind) -> int:
        """Under which options and settings an element of this kind is planned. Both parts only grow."""
        return self.options[kind].options_version + self.connection.settings_version

    def price_settings(self) -> PriceSettings:
        """Raises PlanRefused without a price type: which price a shop shows is not ours to guess."""
        if not self.connection.price_type:
            raise PlanRefused(Code.SETTING_MISSING, turn=Turn.CONNECTION, setting="price_type")
        basis: Literal["net", "gross"] = self.shop.price_basis
        return PriceSettings(price_type=self.connection.price_type, promotions=self.connection.promotions, basis=basis)

    def stock_settings(self) -> StockSettings:
        """Raises PlanRefused without warehouses: a sum over all of them would sell what is not there."""
        if not self.connection.warehouses:
            raise PlanRefused(Code.SETTING_MISSING, turn=Turn.CONNECTION, setting="warehouses")
        return StockSettings(
            warehouses=frozenset(str(key) for key in self.connection.warehouses),
            formula=self.connection.stock_formula,
            buffer=self.connection.stock_buffer,
            fractions=self.shop.fractions,
        )

    def item_filter(self) -> ItemFilter:
        return ItemFilter.of(self.connection.item_filter)

    def limits(self) -> Limits:
        return Limits.of(self.connection.limits)


def setup_of(connection: ShopConnection) -> Setup:
    """Raises PlanRefused when the client has no ERP connection."""
    erp = WaproConnection.objects.filter(client=connection.client_id).first()
    if erp is None:
        raise PlanRefused(Code.SETTING_MISSING, turn=Turn.CONNECTION, setting="erp")
    return Setup(
        connection=connection,
        erp_connection=erp,
        shop=shop_capabilities(connection),
        erp=erp_capabilities(erp),
        options={Kind(o.kind): o for o in SyncOptions.objects.filter(connection=connection)},
    )
