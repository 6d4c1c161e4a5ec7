"""Every failure mode has a test that shows it is survived, and the committed table names just those tests."""

import re
from collections import Counter

import pytest

from tests.faults.modes import MODES
from tests.faults.table import ROOT, marked, table

pytestmark = pytest.mark.one_database
TABLE = ROOT / "docs" / "failure-modes.md"


def test_every_mode_has_a_marked_test_and_no_other_mode_is_named() -> None:
    assert {mode for mode, _ in marked()} == set(MODES)
    assert {f"F{number}" for number in range(1, 14)} <= set(MODES)


def test_the_committed_table_names_the_marked_tests() -> None:
    text = TABLE.read_text(encoding="utf-8")
    expected = table({one: Counter({"passed": 1}) for one in marked()})
    without_results = re.compile(r" \| [^|]* \|$", re.MULTILINE)
    assert without_results.sub("", text) == without_results.sub("", expected), "run `make failure-modes`"
