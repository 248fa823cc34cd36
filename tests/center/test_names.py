"""Names that nothing has: the nearest, or the names there are."""

from trunkline.center.names import unknown


def test_the_nearest_name_is_told() -> None:
    assert unknown("dataset", "cals", ["calls", "texts"]).todo == "Did you mean calls?"


def test_few_names_are_listed() -> None:
    assert unknown("dataset", "zzz", ["texts", "calls"]).todo == "Known: calls, texts."


def test_a_cut_list_says_so() -> None:
    todo = unknown("dataset", "zzz", [f"calls_{n:02}" for n in range(30)]).todo
    assert todo.startswith("Known: calls_00, ")
    assert todo.endswith(", calls_19, … (30 in all).")


def test_without_any_the_way_to_make_one() -> None:
    assert "trunkline account add" in unknown("account", "main", []).todo
