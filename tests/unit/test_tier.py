"""Scope and tier: the two tables, whole."""

from __future__ import annotations

from itertools import product

from jfsrules.tier import SCOPE, TIERS, scope, tier

GROUPS = ("enlargement", "neighbourhood", "strategic_partner")
VALUES = (True, None, False)


def ways() -> list[tuple[bool | None, ...]]:
    return list(product(VALUES, repeat=3))


def test_a_partner_is_in_scope_where_no_reason_holds() -> None:
    """Any reason that holds puts a partner out; an unknown one leaves it open."""
    names = [name for name, _ in SCOPE]
    for values in product(VALUES, repeat=len(names)):
        reasons = dict(zip(names, values, strict=True))
        in_scope, reason = scope(reasons)
        if True in values:
            assert (in_scope, reason) == (False, names[values.index(True)])
        else:
            assert (in_scope, reason) == (None if None in values else True, None)


def test_the_first_group_that_holds_leads() -> None:
    """Every way three groups can stand: the first true one leads unless one before it is open."""
    for values in ways():
        groups = list(zip(GROUPS, values, strict=True))
        open_at = values.index(None) if None in values else 3
        true_at = values.index(True) if True in values else 3
        expected = "none"
        if open_at < true_at:
            expected = "undetermined"
        elif true_at < 3:
            expected = GROUPS[true_at]
        assert tier(True, groups) == expected
        assert tier(False, groups) == "out_of_scope"
        assert tier(None, groups) == "undetermined"
        assert expected in TIERS


def test_learning_never_changes_a_tier() -> None:
    """Whatever becomes known of the groups or of scope, a tier other than `undetermined` stays."""
    for in_scope, values in product(VALUES, ways()):
        decided = tier(in_scope, list(zip(GROUPS, values, strict=True)))
        for later, more in product(VALUES, ways()):
            if decided != "undetermined" and refines((in_scope, *values), (later, *more)):
                assert tier(later, list(zip(GROUPS, more, strict=True))) == decided


def refines(less: tuple[bool | None, ...], more: tuple[bool | None, ...]) -> bool:
    return all(one is None or one is other for one, other in zip(less, more, strict=True))
