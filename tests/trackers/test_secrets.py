import pytest

from connector.trackers.secrets import as_bytes, matches_any, secret_matches


@pytest.mark.parametrize(
    ("given", "wanted", "same"),
    [
        ("a", ("a",), True),
        ("b", ("a", "b"), True),
        ("a", ("b",), False),
        ("", ("",), False),
        ("", (), False),
        ("a", ("",), False),
        ("ä".encode().decode("latin-1"), ("ä",), True),
        ("中", ("中",), True),
    ],
)
def test_a_secret_matches_only_itself(given, wanted, same):
    assert secret_matches(given, wanted) is same


def test_every_candidate_is_compared(monkeypatch):
    compared = []
    monkeypatch.setattr("hmac.compare_digest", lambda a, b: compared.append(b) or a == b)
    assert matches_any(b"a", [b"a", b"b", b"c"])
    assert len(compared) == 3


def test_lone_surrogates_are_survived():
    assert as_bytes("\ud800")
