"""The inverse of writes: what was written and still stands goes back, what was changed since stays."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from integrator.canonical.capabilities import Can, FieldSpec, KindCapabilities
from integrator.canonical.problems import Code
from integrator.canonical.records import Fields
from syncjobs.engine.inverse import Ground, Inverse, Outlook, Way, Written, Wrote, inverse, outlook
from syncjobs.engine.plan import FieldChange
from syncjobs.engine.policy import ErpGone

EVERYTHING = Can.READ | Can.CREATE | Can.UPDATE | Can.DELETE | Can.DEACTIVATE
FIELDS = {"name": FieldSpec(required=True), "ean": FieldSpec(), "weight": FieldSpec(decimals=2), "active": FieldSpec()}
ALL = Ground(can=KindCapabilities(can=EVERYTHING, fields=FIELDS), wish=ErpGone.DELETE)
names = st.text("abc", min_size=1, max_size=3)
values = st.fixed_dictionaries(
    {"name": names, "ean": st.text("12", max_size=2), "weight": st.sampled_from(["1", "2.5"])}
)
elements = st.builds(lambda fields, active: {**fields, "active": active}, values, st.booleans())
shops = st.dictionaries(st.sampled_from("pqrs"), elements, max_size=4)
acts = st.lists(st.tuples(st.sampled_from(list(Wrote)), values), min_size=4, max_size=4)


def written(shop: dict[str, Fields], key: str, wrote: Wrote, wanted: Fields) -> Written | None:
    """One write, done to the shop as a run does it: None where it would have written nothing."""
    now = shop.get(key)
    if wrote is Wrote.CREATED and now is None:
        shop[key] = {**wanted, "active": True}
        made = tuple(FieldChange(name=name, old=None, new=value) for name, value in shop[key].items())
        return Written(wrote=wrote, fields=made)
    if now is None:
        return None
    if wrote is Wrote.UPDATED:
        changed = tuple(FieldChange(name=n, old=now[n], new=v) for n, v in wanted.items() if now[n] != v)
        shop[key] = {**now, **wanted}
        return Written(wrote=wrote, fields=changed) if changed else None
    if wrote is Wrote.DELETED:
        return Written(wrote=wrote, gone=shop.pop(key))
    if wrote is Wrote.HIDDEN and now["active"]:
        shop[key] = {**now, "active": False}
        return Written(wrote=wrote)
    return None


def carry_out(shop: dict[str, Fields], key: str, found: Inverse) -> None:
    if found.way is Way.DELETE:
        assert all(shop[key][change.name] == change.old for change in found.fields)
        del shop[key]
    elif found.way is Way.CREATE:
        shop[key] = {change.name: change.new for change in found.fields}
    elif found.way in (Way.RESTORE, Way.HIDE):
        shop[key] |= {change.name: change.new for change in found.fields}


@settings(max_examples=150, deadline=None)
@given(shops, acts)
def test_what_was_written_and_taken_back_is_as_it_was(before: dict[str, Fields], planned: Any) -> None:
    shop = {key: dict(fields) for key, fields in before.items()}
    history = {key: written(shop, key, *act) for key, act in zip("pqrs", planned, strict=True)}
    for key, one in reversed(history.items()):
        if one is not None:
            found = inverse(one, shop.get(key), ALL)
            assert not found.left
            carry_out(shop, key, found)
            assert inverse(one, shop.get(key), ALL).way is Way.NOTHING, "taken back twice is taken back once"
    assert shop == before


@settings(max_examples=150, deadline=None)
@given(elements, values, values)
def test_what_somebody_changed_since_stays(before: Fields, wanted: Fields, by_hand: Fields) -> None:
    shop = {"p": dict(before)}
    one = written(shop, "p", Wrote.UPDATED, wanted)
    if one is None:
        return
    shop["p"] |= by_hand
    found = inverse(one, shop["p"], ALL)
    carry_out(shop, "p", found)
    for change in one.fields:
        stood = by_hand[change.name] in (change.new, change.old)
        assert shop["p"][change.name] == (change.old if stood else by_hand[change.name])
        told = [left.problem.code for left in found.left if left.field and left.field.name == change.name]
        assert told == ([] if stood else [Code.UNDO_CHANGED_SINCE])


def code(found: Inverse) -> str:
    assert found.way is Way.NOTHING
    return found.left[0].problem.code


def test_what_cannot_be_taken_back_says_why() -> None:
    def ground(can: Can, wish: ErpGone = ErpGone.DELETE, **fields: FieldSpec) -> Ground:
        return Ground(can=KindCapabilities(can=can, fields=FIELDS | fields), wish=wish, needs={})

    made = Written(wrote=Wrote.CREATED, fields=(FieldChange(name="name", old=None, new="a"),))
    here: Fields = {"name": "a", "active": True}
    assert inverse(made, here, ground(EVERYTHING, ErpGone.DEACTIVATE)).way is Way.HIDE
    assert inverse(made, here | {"name": "b"}, ground(EVERYTHING, ErpGone.DEACTIVATE)).way is Way.HIDE
    assert code(inverse(made, here | {"name": "b"}, ground(EVERYTHING))) == Code.UNDO_MADE_CHANGED
    text = here | {"description": "written by hand since"}
    assert code(inverse(made, text, ground(EVERYTHING, description=FieldSpec()))) == Code.UNDO_MADE_CHANGED
    assert code(inverse(made, here, ground(EVERYTHING, ErpGone.LEAVE))) == Code.UNDO_STAYS_BY_OPTIONS
    assert code(inverse(made, here, ground(Can.READ | Can.CREATE))) == Code.UNDO_STAYS
    kept = Written(wrote=Wrote.UPDATED, fields=(FieldChange(name="name", old="a", new="bb"),), kept={"name": "b"})
    assert inverse(kept, {"name": "b"}, ALL).way is Way.RESTORE, "a shop that cut what it was sent"
    assert code(inverse(kept, None, ALL)) == Code.UNDO_GONE
    assert code(inverse(kept, {"name": "b"}, ground(Can.READ))) == Code.UNDO_NOT_WRITABLE
    emptied = Written(wrote=Wrote.UPDATED, fields=(FieldChange(name="name", old="", new="b"),))
    assert code(inverse(emptied, {"name": "b"}, ALL)) == Code.UNDO_WAS_EMPTY
    for gone, variant, expected in (
        (None, False, Code.UNDO_RECORD_UNKNOWN),
        ({"name": "a"}, True, Code.UNDO_VARIANT),
        ({"ean": "1"}, False, Code.UNDO_PART_UNKNOWN),
    ):
        deleted = Written(wrote=Wrote.DELETED, gone=gone, variant=variant)
        assert code(inverse(deleted, None, ALL)) == expected
    hidden = Written(wrote=Wrote.HIDDEN, variant=True)
    single = ground(EVERYTHING, active=FieldSpec(variant=False))
    assert code(inverse(hidden, {"active": False}, single)) == Code.UNDO_NOT_WRITABLE


def test_the_outlook_before_writing_is_what_the_inverse_will_do() -> None:
    for wish in ErpGone:
        for can in (EVERYTHING, Can.READ | Can.CREATE | Can.DELETE, Can.READ | Can.CREATE):
            ground = Ground(can=KindCapabilities(can=can, fields=FIELDS), wish=wish)
            way = inverse(Written(wrote=Wrote.CREATED), {"active": True}, ground).way
            told = {Way.DELETE: Outlook.WHOLE, Way.HIDE: Outlook.PARTLY, Way.NOTHING: Outlook.NOT}[way]
            assert outlook(Wrote.CREATED, ground) is told
