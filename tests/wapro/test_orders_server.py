"""How the real driver brings a batch to a server and its answer back, against a stand-in that answers from a list.

The stand-in runs no SQL. What is proved: result sets before ours, an error after ours, a line that breaks.
"""

import ssl
import struct
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from integrator.canonical.errors import IntegrationError, OutcomeUnknown
from tests.wapro import tds_server
from tests.wapro.driver import need_driver
from tests.wapro.order_stand import GOODS, line, order
from tests.wapro.tds_answers import AnsweringServer, _samples, _type, _value, _word
from tests.wapro.tds_server import listening
from tests.wapro.test_orders_batch import NEWEST, prepared
from wapro.database import open_database, revive
from wapro.models import WaproConnection
from wapro.orders.batch import PLACED_COLUMNS, REFUSED_COLUMNS, build, status_batch
from wapro.orders.outcome import placed, refusal
from wapro.orders.place import run

MORE, FAILED = 0x0001, 0x0002
PLACED = ("placed", 0, 7, "ZO 0001/26", 0, "212.20", "261.00", 1, "", 1000, "2", "1", "2", "0")
REFUSED = ("refused", "RM_ZatwierdzZamowienie", 0, "", 1, 50000, "Okres jest zamknięty", 7, "", "0", "0")
SAVED = {"write_user": "writer", "write_password": "w"}


def result(names: Sequence[str], rows: Sequence[Sequence[Any]], *, more: bool = False) -> bytes:
    samples = _samples(rows)
    columns = b"".join(
        struct.pack("<IH", 0, 0x0001) + _type(sample) + _word(name) for name, sample in zip(names, samples, strict=True)
    )
    body = b"".join(b"\xd1" + b"".join(map(_value, row, samples)) for row in rows)
    head = struct.pack("<BH", 0x81, len(samples)) + columns
    return head + body + struct.pack("<BHHQ", 0xFD, 0x0010 | (MORE if more else 0), 0xC1, len(rows))


def thrown(number: int, text: str) -> bytes:
    told = text.encode("utf-16-le")
    body = struct.pack("<iBB", number, 1, 16) + struct.pack("<H", len(text)) + told + _word("srv") + _word("")
    body += struct.pack("<i", 1)
    return b"\xaa" + struct.pack("<H", len(body)) + body + struct.pack("<BHHQ", 0xFD, FAILED, 0, 0)


class BatchServer(AnsweringServer):
    """Gives these bytes to a batch of ours, or breaks the line when there are none."""

    def __init__(self, answer: bytes | None, context: ssl.SSLContext) -> None:
        opening: dict[str, Any] = {
            "@@TRANCOUNT": [[0]],
            "'ProductVersion'": [["16.0.4085.2", 4]],
            "SYSDATETIME": [[datetime(2026, 11, 25, 12)]],  # noqa: DTZ001 - as the server says it
        }
        super().__init__(opening, context=context)
        self.answer = answer
        self.batches: list[str] = []

    def _answer(self, kind: int, payload: bytes) -> bytes:
        text = payload.decode("utf-16-le", errors="replace") + payload[1:].decode("utf-16-le", errors="replace")
        if "sp_getapplock" not in text:
            return super()._answer(kind, payload)
        self.batches.append(text)
        if self.answer is None:
            raise OSError("the line broke")
        return self.answer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    return tds_server.self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def send(certificate: ssl.SSLContext, db: None, settings: Any) -> Callable[..., tuple[list[Any], BatchServer]]:
    need_driver()
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True

    def sent(answer: bytes | None, text: str, parameters: Sequence[Any]) -> tuple[list[Any], BatchServer]:
        server = BatchServer(answer, certificate)
        with listening(server) as port:
            erp = WaproConnection(
                pk=1, server=f"127.0.0.1,{port}", database="WAPRO", encryption="trust", credentials=SAVED
            )
            with open_database(erp, write=True) as alias:
                return run(alias, text, parameters), server

    return sent


Send = Callable[..., tuple[list[Any], BatchServer]]
ORDER = prepared(order())
BATCH = build(ORDER, NEWEST, has_json=False)


def test_the_answer_is_found_behind_what_the_procedures_say(send: Send) -> None:
    chatter = result(["komunikat"], [["1 wiersz"]], more=True) + result([""], [[17]], more=True)
    rows, server = send(chatter + result(PLACED_COLUMNS, [PLACED, PLACED]), BATCH.text, BATCH.parameters)
    made = placed(ORDER, rows, {1000: GOODS[0]})
    assert (made.key, made.number, made.gross, made.found) == ("7", "ZO 0001/26", Decimal("261.00"), False)
    assert [(one.card, one.ordered, one.reserved) for one in made.lines] == [(GOODS[0], 2, 2)] * 2
    assert len(server.batches) == 1


@pytest.mark.parametrize("has_json", [False, True])
def test_150_lines_go_in_one_request(send: Send, has_json: bool) -> None:
    lines = [line(GOODS[number % 4], "0.5", "10.01", note="Żółć " * 20) for number in range(150)]
    batch = build(prepared(order("A-1", *lines)), NEWEST, has_json=has_json)
    rows, server = send(result(PLACED_COLUMNS, [PLACED]), batch.text, batch.parameters)
    assert rows
    assert len(server.batches) == 1


def test_a_refusal_is_told_by_its_row_and_not_by_the_error_behind_it(send: Send) -> None:
    answer = result(REFUSED_COLUMNS, [REFUSED], more=True) + thrown(50000, "Okres jest zamknięty")
    rows, _ = send(answer, BATCH.text, BATCH.parameters)
    told = refusal(rows[0], ORDER).problem.as_dict()
    assert (told["procedure"], told["message"]) == ("RM_ZatwierdzZamowienie", "Okres jest zamknięty")


def test_an_error_without_a_row_is_no_success(send: Send) -> None:
    with pytest.raises(IntegrationError):
        send(thrown(50000, "Nie"), BATCH.text, BATCH.parameters)


@pytest.mark.parametrize("answer", [None, struct.pack("<BHHQ", 0xFD, 0, 0, 0)], ids=["broken line", "no answer"])
def test_what_is_not_known_is_said_to_be_unknown(send: Send, answer: bytes | None) -> None:
    with pytest.raises(OutcomeUnknown):
        send(answer, BATCH.text, BATCH.parameters)


def test_the_batch_of_a_status_goes_with_its_parameters(send: Send) -> None:
    text = status_batch(has_advances=True, has_ledger=True)
    rows, _ = send(result(["integrator", "dotychczas"], [["placed", " "]]), text, [7, 3000004, "A", "AB12-1", "x"])
    assert rows == [{"integrator": "placed", "dotychczas": " "}]


def test_after_a_broken_line_a_new_one_has_the_same_settings(
    certificate: ssl.SSLContext, db: None, settings: Any
) -> None:
    need_driver()
    settings.INTEGRATOR_ALLOW_REMOTE_IN_TRANSACTION = True
    server = BatchServer(None, certificate)
    with listening(server) as port:
        erp = WaproConnection(pk=1, server=f"127.0.0.1,{port}", database="WAPRO", encryption="trust", credentials=SAVED)
        with open_database(erp, write=True) as alias:
            with pytest.raises(OutcomeUnknown):
                run(alias, BATCH.text, BATCH.parameters)
            server.answer = result(PLACED_COLUMNS, [PLACED])
            revive(alias)
            assert run(alias, BATCH.text, BATCH.parameters)[0]["numer"] == "ZO 0001/26"
    assert len([text for text in server.asked if "LOCK_TIMEOUT" in text]) == 2
