"""The figures of `python -m benchmarks.conditions` come from conditions that agree with Python's `eval`."""

from benchmarks.conditions import measure


def test_conditions_and_eval_give_the_same_answers_and_their_times_are_compared():
    figures = measure(sizes=(1, 300), tickets=3, looks=2)
    assert list(figures) == ["1", "300"]
    for row in figures.values():
        assert row["same_ticket_ratio"] == row["same_ticket_us"] / row["same_ticket_eval_us"] > 0
