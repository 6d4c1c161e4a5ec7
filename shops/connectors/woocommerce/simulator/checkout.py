"""The shop sells: carts become orders, priced as WooCommerce prices them. Orders are kept as JSON, money as text."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shops.connectors.woocommerce.simulator import order_flow
from shops.connectors.woocommerce.simulator.order_money import (
    Coupon,
    Part,
    Rates,
    Rules,
    cents,
    discounts,
    part,
    rounded,
    split,
    taxes,
    total,
)
from shops.connectors.woocommerce.simulator.product_rows import price_of
from shops.connectors.woocommerce.simulator.store import Store
from shops.simulation.tables import Row

BUYER: Row = {
    "first_name": "Anna",
    "last_name": "Żółkiewska",
    "company": "",
    "address_1": "ul. Długa 5/6",
    "address_2": "",
    "city": "Gdańsk",
    "state": "",
    "postcode": "80-001",
    "country": "PL",
    "email": "anna@example.com",
    "phone": "501501501",
}
_AWAITED = {"bacs": "on-hold", "cheque": "on-hold", "cod": "processing"}
"""The state in which a gateway leaves a new order; any other one waits for its own answer."""


def place_order(
    state: Store,
    lines: Mapping[int, int],
    *,
    buyer: Mapping[str, str] | None = None,
    shipping: Mapping[str, str] | None = None,
    payment: str = "bacs",
    delivery: str = "flat_rate:1",
    cost: str | None = None,
    coupon: Coupon | None = None,
    fees: Sequence[tuple[str, str, str]] = (),
    status: str = "",
    meta: Mapping[str, Any] | None = None,
    **fields: Any,
) -> int:
    """An order of (product or variation -> pieces). Fees are (name, net amount, tax class); `cost` of the delivery is
    net, by default what its method costs. `fields` are fields of the order as it is kept. Returns its id."""
    rules = Rules(
        inclusive=state.setting("tax/woocommerce_prices_include_tax") == "yes",
        at_subtotal=state.setting("tax/woocommerce_tax_round_at_subtotal") == "yes",
    )
    who = {**BUYER, **(buyer or {})}
    till = Till(state, rules, (shipping or who).get("country", who["country"]))
    items = till.items(lines, coupon)
    delivered = till.delivery(delivery, cost, items)
    extra = [till.fee(name, Decimal(amount), tax_class, items) for name, amount, tax_class in fees]
    row: Row = {
        **_empty(state),
        "lines": [row for row, _ in items],
        "shipping_lines": [row for row, _ in delivered],
        "fee_lines": [row for row, _ in extra],
        "coupon_lines": _coupons(state, coupon, items),
        **_sums([one for _, one in items], [one for _, one in extra], [one for _, one in delivered], rules),
        "tax_lines": till.tax_lines(items, extra, delivered),
        "prices_include_tax": rules.inclusive,
        "billing": who,
        "shipping": {name: {**who, **(shipping or {})}[name] for name in BUYER if name != "email"} | {"phone": ""},
        "payment_method": payment,
        "payment_method_title": _gateway_title(state, payment),
        "meta_data": [order_flow.meta(state, key, value) for key, value in (meta or {}).items()],
        **fields,
    }
    order_id = state.insert_post(state.orders, row)
    order_flow.enter(state, order_id, status or _AWAITED.get(payment, "pending"), new=True)
    return order_id


def _empty(state: Store) -> Row:
    now = state.now()
    row: Row = dict.fromkeys(("status", "number", "transaction_id", "customer_note"), "")
    row |= dict.fromkeys(("paid", "completed"))
    row |= {name: [] for name in ("notes", "fulfillments", "refunds")}
    row |= {"created": now, "modified": now, "customer_id": 0, "stock_reduced": False, "created_via": "checkout"}
    return row | {"currency": state.setting("general/woocommerce_currency")}


def _gateway_title(state: Store, payment: str) -> str:
    return next((one["title"] for one in state.gateways if one["id"] == payment), payment)


def _sums(lines: Sequence[Part], fees: Sequence[Part], delivered: Sequence[Part], rules: Rules) -> Row:
    shipping = sum((one.net for one in delivered), Decimal(0))
    return {
        "total": str(total(rules, lines, [*fees, *delivered])),
        "cart_tax": str(taxes([*lines, *fees])),
        "shipping_total": str(shipping),
        "shipping_tax": str(taxes(delivered)),
    }


def _coupons(state: Store, coupon: Coupon | None, items: Sequence[tuple[Row, Part]]) -> list[Row]:
    if coupon is None:
        return []
    off = {
        name: sum((Decimal(row[f"subtotal{end}"]) - Decimal(row[f"total{end}"]) for row, _ in items), Decimal(0))
        for name, end in (("discount", ""), ("discount_tax", "_tax"))
    }
    row: Row = {"id": order_flow.next_id(state), "code": coupon.code, **{name: str(one) for name, one in off.items()}}
    nominal = {"discount_type": coupon.kind, "nominal_amount": float(coupon.amount), "free_shipping": False}
    return [{**row, "meta_data": [], **nominal}]


class Till:
    """Prices one cart for a buyer of one country."""

    def __init__(self, state: Store, rules: Rules, country: str) -> None:
        self.state = state
        self.rules = rules
        self.country = country
        self.home = str(state.setting("general/woocommerce_default_country")).partition(":")[0]
        self.taxed = state.setting("general/woocommerce_calc_taxes") == "yes"

    def rates(self, tax_class: str, country: str, *, shipping: bool = False) -> Rates:
        if not self.taxed:
            return {}
        rows = ((one, self.state.taxes.get(one)) for one in self.state.taxes)
        return {
            one: Decimal(row["rate"])
            for one, row in rows
            if row["class"] == (tax_class or "standard") and row["country"] in ("", country)
            if row["shipping"] or not shipping
        }

    def items(self, lines: Mapping[int, int], coupon: Coupon | None) -> list[tuple[Row, Part]]:
        priced = [self._price(one, pieces) for one, pieces in lines.items()]
        off = discounts(
            coupon, [(amount, pieces) for (amount, _, _), pieces in zip(priced, lines.values(), strict=True)]
        )
        made = []
        for (one, pieces), (amount, rates, inclusive), less in zip(lines.items(), priced, off, strict=True):
            before = part(self.rules, amount, rates, inclusive=inclusive)
            after = part(self.rules, amount - less, rates, inclusive=inclusive)
            made.append((self._line(one, pieces, before, after), after))
        return made

    def _price(self, product_id: int, pieces: int) -> tuple[Decimal, Rates, bool]:
        """Amount, rates, and whether the amount holds the tax. Where a buyer abroad has other rates, the shop's own tax
        is taken out of the price first."""
        row = self.state.products.get(product_id)
        amount = Decimal(price_of(self.state, product_id, row)[0] or 0) * pieces
        if row["tax_status"] != "taxable":
            return amount, {}, False
        tax_class = self._tax_class(row)
        rates, at_home = self.rates(tax_class, self.country), self.rates(tax_class, self.home)
        if self.rules.inclusive and rates != at_home:
            return cents(part(self.rules, amount, at_home, inclusive=True).net), rates, False
        return amount, rates, self.rules.inclusive

    def _tax_class(self, row: Row) -> str:
        """A variation may say that it is taxed as its parent is."""
        taxed = self.state.products.get(row["parent_id"]) if row["tax_class"] == "parent" else row
        return str(taxed["tax_class"])

    def _line(self, product_id: int, pieces: int, before: Part, after: Part) -> Row:
        row = self.state.products.get(product_id)
        is_variation = row["type"] == "variation"
        line: Row = {
            "id": order_flow.next_id(self.state),
            "name": row["name"],
            "product_id": row["parent_id"] if is_variation else product_id,
            "variation_id": product_id if is_variation else 0,
            "quantity": pieces,
            "tax_class": self._tax_class(row),
            "subtotal": str(before.net),
            "subtotal_tax": str(before.tax),
            "total": str(after.net),
            "total_tax": str(after.tax),
            "taxes": [_tax(one, after.taxes[one], before.taxes[one]) for one in after.taxes],
            "meta_data": [],
            "sku": row["sku"],
            "image": {"id": "", "src": ""},
            "parent_name": row["name"] if is_variation else None,
        }
        if self.state.features.all_variations:
            line["global_unique_id"] = row["global_unique_id"]
        return line

    def delivery(self, method: str, cost: str | None, items: Sequence[tuple[Row, Part]]) -> list[tuple[Row, Part]]:
        """Taxed like the goods: at the standard rate if any has it, else at that of the first."""
        if not method:
            return []
        known = next((one for _, one in self.state.methods() if one["key"] == method), None)
        classes = [row["tax_class"] for row, _ in items]
        rates = self.rates("" if "" in classes or not classes else classes[0], self.country, shipping=True)
        asked = Decimal(cost if cost is not None else known["cost"] if known else "0")
        exact = part(self.rules, asked, rates, inclusive=False)
        made = Part(cents(exact.net), exact.taxes, exact.tax)
        row: Row = {
            "id": order_flow.next_id(self.state),
            "method_title": known["title"] if known else method,
            "method_id": method.partition(":")[0],
            "instance_id": method.partition(":")[2],
            "total": str(made.net),
            "total_tax": str(made.tax),
            "taxes": [_tax(one, tax) for one, tax in made.taxes.items()],
            "tax_status": "taxable",
            "meta_data": [],
        }
        return [(row, made)]

    def fee(self, name: str, amount: Decimal, tax_class: str, items: Sequence[tuple[Row, Part]]) -> tuple[Row, Part]:
        """A negative one has the taxes of all goods in proportion, so that it works as a discount."""
        if amount < 0:
            weights: dict[str, Decimal] = {}
            for row, one in items:
                weights[row["tax_class"]] = weights.get(row["tax_class"], Decimal(0)) + one.net
            pieces = split(amount, weights)
            found = [
                part(self.rules, share, self.rates(of, self.country), inclusive=False) for of, share in pieces.items()
            ]
            by_rate = {rate: tax for one in found for rate, tax in one.taxes.items()}
            made = Part(amount, by_rate, taxes(found))
        else:
            made = part(self.rules, amount, self.rates(tax_class, self.country), inclusive=False)
        row = {"id": order_flow.next_id(self.state), "name": name, "tax_class": tax_class, "tax_status": "taxable"}
        row |= {"amount": str(amount), "total": str(made.net), "total_tax": str(made.tax), "meta_data": []}
        return {**row, "taxes": [_tax(one, tax) for one, tax in made.taxes.items()]}, made

    def tax_lines(self, *groups: Sequence[tuple[Row, Part]]) -> list[Row]:
        """One for each rate that is used; the last group is what is paid for the delivery."""
        found: dict[int, Row] = {}
        for place, group in enumerate(groups):
            name = "shipping_tax_total" if place == len(groups) - 1 else "tax_total"
            for rate, tax in ((rate, tax) for _, one in group for rate, tax in one.taxes.items()):
                row = found.setdefault(rate, self._tax_line(rate))
                added = tax if self.rules.at_subtotal else cents(tax)
                row[name] = str(Decimal(row[name]) + added)
        return list(found.values())

    def _tax_line(self, rate: int) -> Row:
        row = self.state.taxes.get(rate)
        percent = float(row["rate"])
        return {
            "id": order_flow.next_id(self.state),
            "rate_code": f"{row['country']}-{row['name'].upper()}-{row['priority']}",
            "rate_id": rate,
            "label": row["name"],
            "compound": row["compound"],
            "tax_total": "0.00",
            "shipping_tax_total": "0.00",
            "rate_percent": int(percent) if percent.is_integer() else percent,
            "meta_data": [],
        }


def _tax(rate: int, tax: Decimal, before: Decimal | None = None) -> Row:
    return {"id": rate, "total": str(tax), "subtotal": str(tax if before is None else before)}


def edit(state: Store, order_id: int, pieces: Mapping[int, int]) -> None:
    """Other quantities of some lines (line id -> pieces), as a person edits an order and presses *Recalculate*."""
    with state.orders.editing(order_id) as row:
        rules = Rules(row["prices_include_tax"], state.setting("tax/woocommerce_tax_round_at_subtotal") == "yes")
        row["lines"] = [
            _rescaled(state, row, line, pieces.get(line["id"], line["quantity"]), rules) for line in row["lines"]
        ]
        lines, fees, delivered = (
            [_part(one) for one in row[f"{name}s"]] for name in ("line", "fee_line", "shipping_line")
        )
        row |= _sums(lines, fees, delivered, rules)
        for one in row["tax_lines"]:
            used = [tax for line in (*row["lines"], *row["fee_lines"]) for tax in line["taxes"]]
            of_rate = [Decimal(tax["total"]) for tax in used if tax["id"] == one["rate_id"]]
            one["tax_total"] = str(sum((tax if rules.at_subtotal else cents(tax) for tax in of_rate), Decimal(0)))
    order_flow.touch(state, order_id)


def _rescaled(state: Store, order: Row, line: Row, pieces: int, rules: Rules) -> Row:
    if pieces == line["quantity"]:
        return line
    if order["stock_reduced"]:
        order_flow.take(state, line, pieces - line["quantity"])
    factor = Decimal(pieces) / line["quantity"]
    scaled = {name: str(Decimal(line[name]) * factor) for name in ("subtotal", "total")}
    taxed = [
        {"id": one["id"], **{name: str(Decimal(one[name]) * factor) for name in ("total", "subtotal")}}
        for one in line["taxes"]
    ]
    sums = {"subtotal_tax": "subtotal", "total_tax": "total"}
    taxes_ = {name: str(rounded(rules, [Decimal(one[of]) for one in taxed])) for name, of in sums.items()}
    return {**line, "quantity": pieces, **scaled, **taxes_, "taxes": taxed}


def _part(row: Row) -> Part:
    by_rate = {one["id"]: Decimal(one["total"]) for one in row["taxes"]}
    return Part(Decimal(row["total"]), by_rate, Decimal(row["total_tax"]))
