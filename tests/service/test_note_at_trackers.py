"""The reasoning note at each tracker: edited, deleted, edited by a person; always one, never public by mistake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .far import KINDS, Far, Five, five


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Five]:
    with pytest.MonkeyPatch.context() as patch, five(tmp_path_factory.mktemp("five"), patch) as opened:
        yield opened


@pytest.fixture(params=KINDS)
def far(request: pytest.FixtureRequest, desk: Five) -> Far:
    return desk.far(request.param)


def change_one_thing(far: Far, ticket: str) -> None:
    """Something that lets the rules want another priority."""
    far.fake.edit(ticket, "bo", title="All is well")
    far.settle()


EDITS = {
    "gitlab": ["PUT ", "PUT /notes/"],
    "plain": ["PUT "],
    "service": ["PUT ", "PUT /comment/"],
}


def test_the_note_is_edited_by_the_fewest_requests(far: Far) -> None:
    ticket = far.new()
    id, before = far.note(ticket)["id"], len(far.writes(ticket))
    change_one_thing(far, ticket)
    note = far.note(ticket)
    assert note["id"] == id
    assert "priority low" in note["text"]
    assert note["public"] is far.plain
    kind = "plain" if far.plain else "service" if far.service else "gitlab"
    tails = [f"{r.method} {r.path}" for r in far.writes(ticket)[before:]]
    assert len(tails) == len(EDITS[kind])
    if far.plain:
        (step,) = far.writes(ticket)[-1].body["update"]["comment"]
        assert set(step["edit"]) == {"id", "body"}
        assert step["edit"]["id"] == id


def test_a_deleted_note_is_made_anew_at_the_next_write(far: Far) -> None:
    ticket = far.new()
    gone = far.note(ticket)["id"]
    far.fake.delete_comment(ticket, gone, "bo")
    far.settle()
    assert not [c for c in far.comments(ticket) if "Pointsman · why" in c["text"]]
    change_one_thing(far, ticket)
    note = far.note(ticket)
    assert note["id"] != gone
    assert note["public"] is far.plain
    texts = [c["text"].splitlines()[0] for c in far.comments(ticket)]
    assert len(texts) == len(set(texts)) == 3


def test_a_note_that_a_person_edited_is_overwritten_at_the_next_write(far: Far) -> None:
    ticket = far.new()
    far.fake.edit_comment(ticket, far.note(ticket)["id"], "bo", "*Pointsman · why*\n- bo was here")
    far.settle()
    change_one_thing(far, ticket)
    assert "bo was here" not in far.note(ticket)["text"]
    assert far.note(ticket)["public"] is far.plain


def test_what_a_person_changed_stays_and_the_note_names_them(far: Far) -> None:
    ticket = far.new()
    far.fake.edit(ticket, "bo", priority=far.at_level(3))
    far.settle()
    far.fake.edit(ticket, "bo", assignee="bo")
    far.settle()
    labels = {label for label in far.fake.state(ticket)["labels"] if not label.startswith("team")}
    backend = "team::backend" if far.name == "gitlab" else "team-backend"
    far.fake.edit(ticket, "bo", labels=sorted({*labels, backend}))
    far.settle()
    far.fake.comment(ticket, "ann", "@pointsman release team")
    far.settle()
    assert far.level(ticket) == far.at_level(3)
    assert far.fake.state(ticket)["assignee"] == "bo"
    assert "front" in far.team(ticket).pop()
    assert "left alone: priority (Bo changed it)" in far.note(ticket)["text"]


def test_a_note_deleted_between_read_and_write_is_made_anew_and_takes_no_text_along(far: Far) -> None:
    ticket = far.new()
    note = far.note(ticket)["id"]
    usual = far.fake.answer
    done: list[str] = []

    def answer(recorded):
        if recorded.method == "PUT" and not done:
            done.append(note)
            hooks, far.fake.hooks = far.fake.hooks, None
            far.fake.delete_comment(ticket, note, "bo")
            far.fake.hooks = hooks
        return usual(recorded)

    far.fake.answer = answer
    try:
        far.fake.comment(ticket, "ann", "@pointsman priority high\n@pointsman priorty low")
        far.settle()
    finally:
        far.fake.answer = usual
    assert done
    assert far.note(ticket)["id"] != note
    assert far.level(ticket) == far.at_level(2)
    assert sum("did you mean" in c["text"] for c in far.comments(ticket)) == 1
    assert far.running.services.store.inbox.count_parked() == 0


def test_a_note_on_a_ticket_with_many_comments_is_still_one(far: Far) -> None:
    ticket = far.new("Hello")
    id = far.note(ticket)["id"]
    for turn in range(60):
        far.fake.comment(ticket, "dana", f"One more thing: {turn}")
    far.settle()
    usual = far.fake.answer
    far.fake.answer = lambda recorded: first_comments_only(usual(recorded))
    try:
        far.fake.edit(ticket, "bo", title="An outage")
        far.settle()
    finally:
        far.fake.answer = usual
    assert far.note(ticket)["id"] == id
    assert "urgent" in far.note(ticket)["text"]


def first_comments_only(response):
    """An issue shows but one page of its comments: the newest."""
    fields = response.body.get("fields") if isinstance(response.body, dict) else None
    if fields and "comment" in fields:
        shown = fields["comment"]
        shown["comments"] = shown["comments"][-20:]
        shown["maxResults"] = 20
    return response
