"""How many cases there are, what they are made of, and what has to hold of all of them: nothing breaks, nothing hangs,
memory does not grow."""

import copy
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

Case = TypeVar("Case")
SHARE = float(os.environ.get("FUZZ", "0"))
"""How much of the large number is tried: 1 all of it, 0 (not set) only `FEW`."""
SEED = int(os.environ.get("FUZZ_SEED", "0"))
FEW = 25
PARSER, FORM, VIEW = 100_000, 5_000, 200
_BATCH = 1_000
"""Hypothesis remembers what it has tried, so many cases go in batches of their own."""
_SECONDS = 5.0
"""A case that takes longer hangs."""
_GROWTH = 80 * 1024 * 1024
"""Bytes that a process may take more at the end than after the first tenth: caches fill, leaks go on."""


def amount(full: int, few: int = FEW) -> int:
    return max(few, int(full * SHARE))


def fuzz(name: str, strategy: st.SearchStrategy[Case], check: Callable[[Case], None], full: int, few: int = FEW) -> int:
    """Try `check` on as many cases as this run is for; the number of those that were tried. What fails is shrunk and
    shown by Hypothesis, with the seed of its batch in the name of the test's log line."""
    wanted, tried, early = amount(full, few), 0, 0
    started = time.monotonic()
    for number in range(-(-wanted // _BATCH)):
        tried += _batch(strategy, check, min(_BATCH, wanted - number * _BATCH), SEED + number)
        if not early and tried * 10 >= wanted:
            early = resident()
    grown = resident() - early
    assert grown < _GROWTH, f"{name}: {grown} bytes more after {tried} cases"
    _report(f"{name}\t{tried}\t{time.monotonic() - started:.1f} s\t{grown // 1024:+d} KB\tseed {SEED}")
    return tried


def _batch(strategy: st.SearchStrategy[Case], check: Callable[[Case], None], size: int, number: int) -> int:
    tried = 0

    @seed(number)
    @settings(max_examples=size, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def run(case: Case) -> None:
        nonlocal tried
        tried += 1
        # Of the processor alone: a busy machine is no hang.
        started = time.thread_time()
        check(case)
        taken = time.thread_time() - started
        assert taken < _SECONDS, f"{taken:.1f} s"

    # The test runner keeps every line of the log in memory, and each refusal is one.
    logging.disable(logging.CRITICAL)
    try:
        run()
    finally:
        logging.disable(logging.NOTSET)
    return tried


def resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def _report(line: str) -> None:
    where = os.environ.get("FUZZ_REPORT")
    if where:
        with Path(where).open("a", encoding="utf-8") as file:
            file.write(line + "\n")


NASTY = (
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "x\udfff",
        "\u202e\u2066",
        "NaN",
        "Infinity",
        "-0",
        "1e999999999",
        "0e-9999999",
    ),
    *("1e-999999999", "9" * 5000, "1,5", "1.5.5", "٣", "0x10", "+7", "1_000", "--1", "-1", "0", "1", "17", "17:33"),
    *("0000-00-00 00:00:00", "0001-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-02-30"),
    *("2026-10-25 02:30:00", "=1+1", "@cmd", "<script>alert(1)</script>", "&#0;&#xd800;&amp;&bogus;", "{{ 7*7 }}"),
    *("%s%n", "' OR 1=1 --", "../../etc/passwd", "http://169.254.169.254/", "Ż" * 400, "a" * 20_000, "İ", "ﬀ", "é"),
    *(None, True, False, 0, -1, 1, 17, 2**31, 2**63, -(2**63) - 1, 10**400, 0.1, -0.0, float("inf"), float("nan")),
    *([], {}, [[]], [None], [{}], {"": ""}, {"id": None}, [1, "2", None], {"0": {"id": "1"}}, [{"id": 1, "value": {}}]),
)
"""What systems send when they are wrong, and what people send who try something."""


SCALAR = st.sampled_from(NASTY) | st.text(max_size=30) | st.integers() | st.decimals(allow_nan=False) | st.booleans()
ANYTHING = (
    st.sampled_from(NASTY)
    | SCALAR
    | st.lists(SCALAR, max_size=2)
    | st.dictionaries(st.text(max_size=8), SCALAR, max_size=2)
)
"""Values as JSON with exact decimals gives them, and a few that it cannot give."""
_REMOVED = object()
Damage = list[tuple[int, Any]]
DAMAGE: st.SearchStrategy[Damage] = st.lists(
    st.tuples(st.integers(0, 10_000), ANYTHING | st.just(_REMOVED)), min_size=1, max_size=3
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in nested JSON, the outermost first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from places(one, (*path, name))


def damaged(good: Any, damage: Damage) -> Any:
    """A good row in which a few values were replaced or left out."""
    row = copy.deepcopy(good)
    for number, value in damage:
        known = list(places(row))
        if not known:
            return value
        *way, last = known[number % len(known)]
        here = row
        for step in way:
            here = here[step]
        if value is _REMOVED:
            del here[last]
        else:
            here[last] = copy.deepcopy(value)
    return row


def storable(text: str) -> None:
    """What a database takes: UTF-8 without zeros, of a length that somebody could have typed."""
    text.encode()
    assert "\x00" not in text
    assert len(text) < 200_000


def storable_all(value: Any) -> None:
    """The same of everything in a record or in JSON."""
    storable(json.dumps(value, ensure_ascii=False, default=repr).replace("\\u0000", "\x00"))
