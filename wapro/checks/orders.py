"""Checks of what orders need: the switch, procedures and the right to run them, the user, types, numbering, services.

They look with the login that writes. Nothing is written.
"""

from collections.abc import Callable
from functools import wraps

from django.db import connections

from integrator.canonical.errors import IntegrationError
from integrator.canonical.preflight import Check, failed, passed, warned
from integrator.canonical.problems import Code, Turn
from integrator.canonical.records import problem
from wapro.checks.look import EXAMPLES, Look, left_out, listed
from wapro.orders import documents, read, words
from wapro.orders.forms import STATUS, refuse_unknown
from wapro.orders.ground import Ground
from wapro.orders.tables import OPTIONAL, ORDER_TABLES, OrderHeader
from wapro.procedures import read_signatures

EXECUTE_SQL = "SELECT v.name, HAS_PERMS_BY_NAME('dbo.' + v.name, 'OBJECT', 'EXECUTE') FROM (VALUES {names}) AS v(name)"
TABLE_RIGHTS_SQL = """
SELECT HAS_PERMS_BY_NAME('dbo.ZAMOWIENIE', 'OBJECT', 'UPDATE'), HAS_PERMS_BY_NAME('dbo.DOSTAWA', 'OBJECT', 'INSERT'),
       HAS_PERMS_BY_NAME('dbo.KONTRAHENT', 'OBJECT', 'INSERT')
"""


def switched_on(check: Callable[[Look], Check]) -> Callable[[Look], Check]:
    """A check that has nothing to look at while orders are not written."""

    @wraps(check)
    def run(look: Look) -> Check:
        return check(look) if look.connection.write_orders else left_out(check.__name__, Code.WRITE_DISABLED)

    return run


def _ground(look: Look) -> Ground:
    if "orders" not in look.rows:
        look.rows["orders"] = Ground(look.connection, look.writer or look.alias)
    found: Ground = look.rows["orders"]
    return found


@switched_on
def order_tables(look: Look) -> Check:
    """Every table and column that orders are read from, apart from those of the newest versions."""
    name = "order_tables"
    missing = [model._meta.db_table for model in ORDER_TABLES if model._meta.db_table.casefold() not in look.columns]
    if missing:
        user = "" if look.sample else look.read_user
        return failed(name, problem(Code.TABLES_MISSING, user=user, tables=", ".join(missing)), Turn.ERP_SETTINGS)
    lost = [
        f"{model._meta.db_table}.{field.column}"
        for model in ORDER_TABLES
        for field in model._meta.concrete_fields
        if field.column not in OPTIONAL
        and str(field.column).casefold() not in look.columns[model._meta.db_table.casefold()]
    ]
    if lost:
        return failed(name, problem(Code.COLUMNS_MISSING, columns=", ".join(lost), count=len(lost)), Turn.US)
    return passed(name, str(len(ORDER_TABLES)))


@switched_on
def order_procedures(look: Look) -> Check:
    """The forms that would be called, with the number of parameters each takes."""
    ground = _ground(look)
    try:
        forms = ground.forms
        refuse_unknown([STATUS], ground.signatures)
    except IntegrationError as error:
        return failed("order_procedures", error.problem, error.turn)
    used = (forms.header, forms.line, forms.approval)
    return passed("order_procedures", ", ".join(f"{one.procedure} ({len(one.parameters)})" for one in used))


@switched_on
def order_rights(look: Look) -> Check:
    """EXECUTE on what is called, and the few tables that no procedure writes to."""
    ground = _ground(look)
    forms = ground.forms
    names = [call.procedure for call in forms.calls().values()] + [STATUS]
    rows = look.query(EXECUTE_SQL.format(names=", ".join(["(%s)"] * len(names))), names, alias=ground.alias)
    user = str(connections[ground.alias].settings_dict["USER"])
    denied = [str(row[0]) for row in rows if not row[1]]
    if denied:
        lost = problem(Code.RIGHT_MISSING, user=user, right="EXECUTE", resource=", ".join(denied))
        return failed("order_rights", lost, Turn.ERP_SETTINGS)
    ((update, deliver, contract),) = look.query(TABLE_RIGHTS_SQL, alias=ground.alias)
    wanted = [("UPDATE", "ZAMOWIENIE", update), ("INSERT", "DOSTAWA", deliver)]
    if look.connection.create_contractors:
        wanted.append(("INSERT", "KONTRAHENT", contract))
    for right, table, has in wanted:
        if not has:
            lost = problem(Code.RIGHT_MISSING, user=user, right=right, resource=table)
            return failed("order_rights", lost, Turn.ERP_SETTINGS)
    return passed("order_rights", "EXECUTE, UPDATE, INSERT")


@switched_on
def order_user(look: Look) -> Check:
    try:
        return passed("order_user", str(_ground(look).user))
    except IntegrationError as error:
        return failed("order_user", error.problem, error.turn)


@switched_on
def order_type(look: Look) -> Check:
    """The type of orders from customers in the company of the leading warehouse, by its signature."""
    ground = _ground(look)
    try:
        company = ground.company(ground.main_warehouse)
        return passed("order_type", f"ZO ({ground.order_type(company)})")
    except IntegrationError as error:
        return failed("order_type", error.problem, error.turn)


@switched_on
def order_contractors(look: Look) -> Check:
    """The contractors of retail and one-off sales exist and are not blocked, where they are set."""
    ground = _ground(look)
    shown = []
    for field in ("retail_contractor", "one_off_contractor"):
        chosen = str(getattr(look.connection, field)).strip()
        if not chosen:
            continue
        try:
            ground.check_contractor(chosen, ground.company(ground.main_warehouse))
        except IntegrationError as error:
            told = error.problem.as_dict() | {"field": field, "value": chosen}
            return failed("order_contractors", problem(error.problem.code, **told), error.turn)
        shown.append(chosen)
    return passed("order_contractors", ", ".join(shown))


@switched_on
def service_cards(look: Look) -> Check:
    """Charges of orders are put on service cards: there must be one in the leading warehouse."""
    ground = _ground(look)
    here = [card for card in words.services(ground) if card.active and ground.main_warehouse in card.warehouses]
    if not here:
        lost = problem(Code.SERVICE_CARDS_MISSING, warehouse=ground.main_warehouse)
        return warned("service_cards", lost, Turn.ERP_DATA)
    rates = sorted({card.vat_code for card in here})
    return passed("service_cards", f"{len(here)} (VAT {', '.join(rates)})")


@switched_on
def order_documents(look: Look) -> Check:
    """Whether documents may be made from orders by procedure: not while no known list ties them to their order."""
    ground = _ground(look)
    found = {} if ground.sample else read_signatures(ground.alias, documents.MAKING)
    reason = documents.closed(found)
    return left_out("order_documents", reason) if reason else passed("order_documents")


@switched_on
def half_made(look: Look) -> Check:
    """Orders of our user that were begun and never approved."""
    found = read.left_behind(_ground(look), _ground(look).user)
    if not found:
        return passed("half_made", "0")
    examples = listed([f"{OrderHeader._meta.db_table} {one.key}" for one in found], EXAMPLES)
    return warned("half_made", problem(Code.ORDERS_HALF_MADE, count=len(found), examples=examples), Turn.ERP_DATA)
