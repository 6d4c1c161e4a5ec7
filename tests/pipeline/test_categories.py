"""New categories are made below the partner of their parent, level by level, whatever order they are kept in."""

import pytest

from integrator.canonical.capabilities import Can, FieldSpec, Find, KindCapabilities
from integrator.canonical.errors import OutcomeUnknown, Rejected
from integrator.canonical.kinds import Kind
from integrator.canonical.problems import Code
from integrator.canonical.records import Category
from syncjobs import pairs
from syncjobs.models.choices import ChangeStatus, Status
from tests.pipeline.lab import Lab, memory_lab
from tests.pipeline.memory import shop_capabilities

pytestmark = pytest.mark.one_database

TREE = {
    "9": ("Dom", "Kuchnia", "Noże"),
    "7": ("Dom", "Kuchnia"),
    "8": ("Dom",),
    "6": ("Dom", "Łazienka"),
    "1:1": ("Ogród", "Narzędzia"),
    "1:0": ("Ogród",),
    "1:2": ("Ogród", "Węże"),
}


@pytest.fixture
def lab(monkeypatch, db):
    with memory_lab(monkeypatch, products=2) as made:
        category = KindCapabilities(
            can=Can.READ | Can.CREATE, fields={"path": FieldSpec(required=True)}, find=Find.NATURAL_KEY
        )
        made.shop.capabilities = shop_capabilities(category=category)
        keys = {path: key for key, path in TREE.items()}
        for key, path in TREE.items():
            made.erp.rows[Kind.CATEGORY][key] = Category(path=path, parent=keys.get(path[:-1]))
        made.options(Kind.CATEGORY, export_unlinked=True)
        yield made


def shop_paths(lab: Lab) -> set[tuple[str, ...]]:
    return {row.path for row in lab.shop.rows[Kind.CATEGORY].values()}


def test_a_tree_is_made_from_the_top(lab):
    run = lab.run(Kind.CATEGORY)
    assert lab.step(run, Kind.CATEGORY).status == Status.SUCCEEDED
    assert shop_paths(lab) == set(TREE.values())
    assert set(lab.links(Kind.CATEGORY)) == set(TREE)
    again = lab.run(Kind.CATEGORY)
    assert lab.changes(again) == []


def test_a_parent_may_have_another_name_in_the_shop(lab):
    """Linked by hand to "Do domu": its children go there, and no second "Dom" appears."""
    lab.shop.rows[Kind.CATEGORY]["50"] = Category(path=("Do domu",))
    lab.run(Kind.CATEGORY, approve=False)
    pairs.link(lab.shop_connection, Kind.CATEGORY, "8", "50", lab.user)
    lab.run(Kind.CATEGORY)
    assert {path for path in shop_paths(lab) if "dom" in path[0].casefold()} == {
        ("Do domu",),
        ("Do domu", "Kuchnia"),
        ("Do domu", "Kuchnia", "Noże"),
        ("Do domu", "Łazienka"),
    }
    assert lab.changes(lab.run(Kind.CATEGORY)) == []


@pytest.mark.failure_mode("F9")
def test_below_a_refused_parent_nothing_is_made(lab):
    """And the rest is: then the next run makes what is missing."""
    lab.shop.refuse = lambda kind, fields: (
        Rejected(Code.REJECTED, message="nie") if fields.get("path") == ["Dom", "Kuchnia"] else None
    )
    run = lab.run(Kind.CATEGORY)
    failed = {change.erp_key: change.problem["code"] for change in lab.changes(run, ChangeStatus.FAILED)}
    assert failed == {"7": Code.REJECTED, "9": Code.PARENT_UNLINKED}
    assert ("Dom", "Łazienka") in shop_paths(lab)
    lab.shop.refuse = lambda kind, fields: None
    lab.run(Kind.CATEGORY)
    assert shop_paths(lab) == set(TREE.values())


def test_a_lost_answer_leaves_one_category(lab):
    """The shop made them and its answer never came: they are looked for and adopted, and the next level follows."""
    lost = ["after create"]

    def fault(call, kind):
        if kind is Kind.CATEGORY and call in lost:
            lost.remove(call)
            raise OutcomeUnknown(path="categories")

    lab.shop.fault = fault
    lab.run(Kind.CATEGORY)
    assert not lost
    assert sorted(row.path for row in lab.shop.rows[Kind.CATEGORY].values()) == sorted(TREE.values())
    assert set(lab.links(Kind.CATEGORY)) == set(TREE)
