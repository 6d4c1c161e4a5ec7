"""Contractors of orders: found however their number was typed, never guessed, created only when that is switched on."""

import threading
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrator.canonical.errors import PlanRefused, Rejected
from integrator.canonical.problems import Code
from tests.wapro.order_stand import OrderStand, order
from wapro.orders.contractors import LIMITS, fits, normalised
from wapro.orders.draft import ContractorsFound, FoundContractor, NewContractor

NEW = NewContractor(
    name="Zieleniak Anna Żółw", tax_number="PL 526-10-40-567", street="ul. Świętojańska 3/4", postcode="61-001",
    city="Poznań", email="biuro@zieleniak.example.com", phone="+48 600 100 200", payment_form="przelew",
    payment_days=14,
)  # fmt: skip


@pytest.fixture
def creating(stand: OrderStand) -> OrderStand:
    stand.connection.create_contractors = True
    stand.connection.experimental_tested_on = date(2026, 11, 1)
    return stand


def by_tax(stand: OrderStand, number: str) -> ContractorsFound:
    with stand.orders(write=False) as opened:
        return opened.contractors_by_tax_number(number)


def by_email(stand: OrderStand, email: str) -> ContractorsFound:
    with stand.orders(write=False) as opened:
        return opened.contractors_by_email(email)


def create(stand: OrderStand, new: NewContractor) -> FoundContractor:
    with stand.orders() as opened:
        return opened.create_contractor(new)


@pytest.mark.parametrize("key", [401, 402, 403])
def test_a_company_is_found_however_its_number_was_typed(stand: OrderStand, key: int) -> None:
    ((typed, digits),) = stand.rows("SELECT NIP, NIPL FROM KONTRAHENT WHERE ID_KONTRAHENTA = %s", key)
    stand.rows("UPDATE KONTRAHENT SET NIPL = NULL WHERE ID_KONTRAHENTA = %s", key)
    for number in (typed, digits, f"PL{digits}", f"pl {digits[:3]}-{digits[3:6]}-{digits[6:]}"):
        found = by_tax(stand, number)
        assert [one.key for one in found.found] == [str(key)]
    assert (found.found[0].payment_form, found.found[0].payment_days) == ("przelew 14 dni", 14)


def test_several_are_all_told_and_blocked_ones_apart(stand: OrderStand) -> None:
    ((digits,),) = stand.rows("SELECT NIPL FROM KONTRAHENT WHERE ID_KONTRAHENTA = 401")
    stand.rows("UPDATE KONTRAHENT SET NIP = %s WHERE ID_KONTRAHENTA IN (405, 406)", digits)
    stand.rows("UPDATE KONTRAHENT SET ZABLOKOWANY = 1 WHERE ID_KONTRAHENTA = 405")
    found = by_tax(stand, digits)
    assert [one.key for one in found.found] == ["401", "406"]
    assert [one.key for one in found.blocked] == ["405"]


def test_the_same_digits_of_another_country_are_another_company(stand: OrderStand) -> None:
    stand.rows("UPDATE KONTRAHENT SET NIP = 'DE 123456789', NIPL = '123456789' WHERE ID_KONTRAHENTA = 401")
    assert by_tax(stand, "123456789") == ContractorsFound()
    assert [one.key for one in by_tax(stand, "DE123456789").found] == ["401"]


@pytest.mark.parametrize("number", ["", "  -", "PL", "0000000000"])
def test_no_number_finds_nobody(stand: OrderStand, number: str) -> None:
    assert by_tax(stand, number) == ContractorsFound()


def test_a_private_person_is_found_by_e_mail_and_a_company_is_not(stand: OrderStand) -> None:
    assert [one.key for one in by_email(stand, " KLIENT1@example.com ").found] == ["501"]
    stand.rows("UPDATE KONTRAHENT SET ADRES_EMAIL = 'klient1@example.com' WHERE ID_KONTRAHENTA IN (1, 401)")
    assert [one.key for one in by_email(stand, "klient1@example.com").found] == ["501"]
    assert by_email(stand, "nikt@example.com") == by_email(stand, "") == ContractorsFound()
    ((mail,),) = stand.rows("SELECT ADRES_EMAIL FROM KONTRAHENT WHERE ZABLOKOWANY = 1")
    assert (by_email(stand, mail).found, len(by_email(stand, mail).blocked)) == ((), 1)


def test_a_new_contractor_takes_an_order_at_once(creating: OrderStand) -> None:
    made = create(creating, NEW)
    assert (made.name, made.tax_number, made.city) == ("Zieleniak Anna Żółw", "PL 526-10-40-567", "Poznań")
    columns = "NIPL, ID_PLATNIKA, ID_FIRMY, ID_GRUPY, ID_KLASYFIKACJI, ODBIORCA, DOSTAWCA, PLATNIK_VAT, SYM_KRAJU_KOR"
    assert creating.rows(f"SELECT {columns} FROM KONTRAHENT WHERE ID_KONTRAHENTA = %s", made.key) == [
        ("5261040567", int(made.key), 1, 1, 1, 1, 0, 1, "PL"),
    ]  # fmt: skip
    assert creating.place(order(contractor=made.key)).number == "ZO 0001/26"
    assert [one.key for one in by_tax(creating, "5261040567").found] == [made.key]


def test_creating_twice_creates_once(creating: OrderStand) -> None:
    assert create(creating, NEW) == create(creating, NEW)
    person = NewContractor(name="Kos Jan", email="kos@example.com")
    assert create(creating, person) == create(creating, person)
    nameless = NewContractor(name="Kos Jan", marker="sklep-77")
    assert create(creating, nameless) == create(creating, nameless)


def test_nobody_is_created_beside_a_blocked_one_or_two(creating: OrderStand) -> None:
    made = create(creating, NEW)
    creating.rows("UPDATE KONTRAHENT SET NIP = '5261040567' WHERE ID_KONTRAHENTA = 401")
    with pytest.raises(Rejected) as caught:
        create(creating, NEW)
    assert caught.value.problem.code == Code.FOUND_SEVERAL
    creating.rows("UPDATE KONTRAHENT SET ZABLOKOWANY = 1 WHERE ID_KONTRAHENTA = %s", made.key)
    with pytest.raises(Rejected) as caught:
        create(creating, NEW)
    assert caught.value.problem.code == Code.CONTRACTOR_BLOCKED


@pytest.mark.parametrize("tested", [date(2026, 11, 1), None])
def test_without_the_switch_and_a_dated_test_nobody_is_created(stand: OrderStand, tested: date | None) -> None:
    stand.connection.create_contractors = tested is None
    stand.connection.experimental_tested_on = tested
    before = stand.rows("SELECT COUNT(*) FROM KONTRAHENT")
    with pytest.raises(PlanRefused):
        create(stand, NEW)
    assert stand.rows("SELECT COUNT(*) FROM KONTRAHENT") == before


@pytest.mark.parametrize("field", LIMITS)
def test_what_does_not_fit_is_refused_by_the_name_of_its_field(creating: OrderStand, field: str) -> None:
    texts = {"name": "Kos"} | {field: "x" * (LIMITS[field] + 1)}
    with pytest.raises(Rejected) as caught:
        create(creating, NewContractor(**texts))  # type: ignore[arg-type]
    assert caught.value.problem.code == Code.TOO_LONG
    assert caught.value.problem.as_dict()["limit"] == str(LIMITS[field])
    assert caught.value.field == field


@pytest.mark.django_db(transaction=True)
def test_workers_never_take_one_key(creating: OrderStand) -> None:
    made: list[FoundContractor] = []

    def work(name: str) -> None:
        for number in range(5):
            made.append(create(creating, NewContractor(name=f"{name}{number}", email=f"{name}{number}@example.com")))

    threads = [threading.Thread(target=work, args=(name,)) for name in "XY"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one.key for one in made}) == len({one.number for one in made}) == 10


@given(st.text("0123456789", min_size=10, max_size=10), st.text(" -./", max_size=3), st.booleans())
def test_normalising_knows_no_difference_in_typing(digits: str, noise: str, prefixed: bool) -> None:
    typed = ("pl " if prefixed else "") + digits[:3] + noise + digits[3:6] + noise + digits[6:]
    assert normalised(typed) == digits
    assert normalised(normalised(typed)) == digits


@given(st.text("aąbżć ŁÓ.-/1", min_size=1, max_size=60), st.sampled_from(sorted(LIMITS)))
def test_a_text_comes_through_whole_or_not_at_all(text: str, field: str) -> None:
    new = NewContractor(**({"name": "Kos"} | {field: text}))  # type: ignore[arg-type]
    plain = text.strip()
    if len(plain) > LIMITS[field] or (field == "name" and not plain):
        with pytest.raises(Rejected):
            fits(new)
    else:
        # An empty full name is the name, an empty country Poland.
        assert fits(new)[field] == (plain or {"full_name": "Kos", "country": "PL"}.get(field, ""))
