"""The book keeps the net change of every row."""

from trunkline.sims.floor.book import Book, Link


def test_a_row_that_came_and_went_leaves_nothing() -> None:
    book = Book()
    book.insert("auto_calls", 1, status="SENT")
    book.update("auto_calls", 1, status="LIVE")
    book.delete("auto_calls", 1)
    changes = book.take()
    assert (changes.deletes, changes.inserts, changes.updates) == ([], [], [])


def test_a_new_row_is_written_as_it_became() -> None:
    book = Book()
    book.insert("log", "1.2", status="QUEUE", user="VDAD")
    book.update("log", "1.2", status="SALE")
    (row,) = book.take().inserts
    assert (row.values, row.where, row.is_ended) == (
        {"status": "SALE", "user": "VDAD"},
        {"uniqueid": "1.2"},
        False,
    )


def test_of_an_older_row_only_what_changed_is_written() -> None:
    book = Book()
    book.insert("list", 3, status="NEW", city="Tampa")
    book.take()
    book.update("list", 3, status="INCALL", lead=Link("list", 4))
    book.update("list", 3, status="SALE")
    (row,) = book.take().updates
    assert (row.values, row.links, row.where) == ({"status": "SALE"}, {"lead": Link("list", 4)}, {})


def test_a_value_takes_the_place_of_a_link_and_the_other_way_round() -> None:
    book = Book()
    book.insert("live_agents", "a", lead_id=Link("list", 1), callerid="")
    book.update("live_agents", "a", lead_id=0, callerid=Link("list", 1, "V"))
    (row,) = book.take().inserts
    assert (row.values, row.links) == ({"lead_id": 0}, {"callerid": Link("list", 1, "V")})


def test_a_row_that_comes_again_is_deleted_and_made_anew() -> None:
    book = Book()
    book.insert("hopper", 3, status="READY")
    book.take()
    book.delete("hopper", 3)
    book.end("hopper", 3)
    book.insert("hopper", 3, status="READY")
    changes = book.take()
    assert [row.key for row in changes.deletes] == [row.key for row in changes.inserts] == [3]
    assert (changes.inserts[0].is_ended, changes.ended) == (False, [])


def test_rows_that_others_hold_come_first() -> None:
    book = Book()
    for table in ("recording_log", "live_agents", "agent_log", "recording_log", "closer_log", "list"):
        book.insert(table, object(), held=Link("list", 1))
    changes = book.take()
    first = ["list", "closer_log", "agent_log"]
    assert [row.table for row in changes.inserts] == [*first, "live_agents", *["recording_log"] * 2]
    assert changes.linked == {("list", 1)}


def test_numbers_stand_alone_or_after_a_text() -> None:
    assert Link("list", 1).of(1234) == 1234
    assert Link("list", 1, "V6141151000").of(1234) == "V61411510000000001234"
