"""Which language a ticket is written in: script first, then a model, and nothing where it is unclear."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from connector.testing import a_ticket, an_event, proposals
from plugins import language

SHARED = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared"))
SENTENCES = SHARED / "nlp" / "open" / "langid_16.jsonl.gz"


@pytest.fixture(autouse=True, scope="module")
def _the_model_is_read():
    language._model.begin().result(60)


def told(title, body="", rules=None, **ticket) -> str | None:
    changes = proposals(language, a_ticket(title=title, body=body, **ticket), rules)
    return changes[0].value if changes else None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("支付失败，全部用户无法登录", "zh-Hans"),
        ("打不开", "zh-Hans"),
        ("請問後台為什麼打不開", "zh-Hant"),
        ("你好，一直不行", "zh"),
        ("お支払いが完了しません。確認してください。", "ja"),
        ("会議室の予約ができません", "ja"),
        ("로그인이 되지 않습니다", "ko"),
        ("ไม่สามารถเข้าสู่ระบบได้", "th"),
        ("Δεν μπορώ να συνδεθώ στο σύστημα", "el"),
        ("לא ניתן להתחבר למערכת", "he"),
        ("Не удаётся войти в личный кабинет после обновления", "ru"),
        ("لا أستطيع تسجيل الدخول إلى حسابي منذ الصباح", "ar"),
        ("The invoice of last month is missing from the portal.", "en"),
        ("Die Rechnung vom letzten Monat fehlt im Portal, bitte prüfen.", "de"),
        ("La facture du mois dernier manque dans le portail client.", "fr"),
        ("La factura del mes pasado no aparece en el portal.", "es"),
    ],
)
def test_a_sentence_is_known(text, wanted):
    assert told(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "登录 SSO 报 invalid_grant",
        "Jenkins pipeline deploy stage 卡住了",
        "升级 Windows Server 2019 之后 Remote Desktop Gateway 无法连接",
        "Docker build 报错 no space left on device",
        "请问 Outlook calendar sync 怎么设置",
    ],
)
def test_chinese_with_english_terms_is_chinese(text):
    assert told(text).startswith("zh")


def test_english_that_quotes_some_chinese_is_english():
    assert told("The payment page shows 支付失败 after I click on the button") == "en"


LOG = """2026-03-01 09:30:01,123 ERROR [main] com.acme.Orders - Connection to host db-1 timed out
java.net.SocketTimeoutException: Read timed out
\tat java.base/java.net.SocketInputStream.read(SocketInputStream.java:186)
\tat com.acme.Orders.list(Orders.java:12)
Caused by: java.io.IOException: the peer closed the connection
GET /api/v1/orders HTTP/1.1
Content-Type: application/json
SELECT * FROM orders WHERE customer = 3;"""


@pytest.mark.parametrize("title", ["订单列表打不开了", "訂單列表打不開了"])
def test_chinese_above_or_below_a_log_is_chinese(title):
    assert told(title, LOG).startswith("zh-")
    assert told("", f"{LOG}\n{title}").startswith("zh-")


def test_a_log_alone_has_no_language():
    assert told("", LOG) is None


def test_code_and_quoted_lines_are_not_read():
    body = "请看代码，为什么不行？\n```\nthis is what the others said and it is not ours\n```\n> and so is this one"
    assert told("", body) == "zh-Hans"


@pytest.mark.parametrize("text", ["", "   ", "12345", "🙂🙂", "OK", "Login?", "https://x.example/the/way/to/it"])
def test_where_nothing_can_be_told_nothing_is_set(text):
    assert told(text) is None


def test_a_short_text_takes_the_customers_language_then_the_trackers():
    assert told("Login?", customer_language="de") == "de"
    assert told("Login?", language="fr") == "fr"
    assert told("Login?", language="fr", customer_language="de") == "de"


def test_a_clear_text_outranks_what_is_known_of_the_customer():
    assert told("支付失败，无法登录", customer_language="en") == "zh-Hans"
    assert told("The invoice of last month is missing from the portal.", customer_language="zh") == "en"


def test_characters_alone_are_japanese_only_for_somebody_known_to_write_it():
    assert told("会議室予約") == "zh"
    assert told("会議室予約", customer_language="ja") == "ja"


def test_candidates_narrow_the_choice():
    text = "Problema con la factura"
    assert told(text, rules={"candidates": ["zh", "en", "it"]}) == "it"
    assert told(text, rules={"candidates": ["zh", "en", "es"]}) in ("es", None)


def test_a_text_that_is_surely_in_no_candidate_language_stays_open():
    text = "La facture du mois dernier manque dans le portail client."
    assert told(text, rules={"candidates": ["zh", "en"]}) is None


def test_the_comment_of_an_event_does_not_change_the_language():
    event = an_event("commented", "agent", "We are looking into it and will be back with an answer soon.")
    assert [fact.value for fact in proposals(language, a_ticket(title="支付失败，无法登录"), event=event)] == [
        "zh-Hans"
    ]


def test_a_huge_text_is_cut_not_read_to_the_end():
    assert told("支付失败，无法登录", "x" * 5_000_000) == "zh-Hans"


@pytest.mark.parametrize("text", ["a-" * 8000, "{code}" * 3000, "<!--" * 3000, "`" * 9000, "a@" * 9000, "/a" * 9000])
@pytest.mark.timeout(5)
def test_hostile_texts_take_no_time(text):
    told("支付失败", text)


def test_sentences_of_sixteen_languages_are_told_or_left_open():
    """Of the shared sentences at least 97 % are right and at most 0.5 % wrong; the rest is left open."""
    if not SENTENCES.exists():
        pytest.skip(f"{SENTENCES} is not here")
    with gzip.open(SENTENCES, "rt", encoding="utf-8") as lines:
        rows = [row for row in map(json.loads, lines) if row["kind"] == "sent"]
    answers = [((told(row["text"]) or "").partition("-")[0], row["label"]) for row in rows[::8]]
    right = sum(answer == label for answer, label in answers)
    wrong = sum(answer not in ("", label) for answer, label in answers)
    assert right >= 0.97 * len(answers)
    assert wrong <= 0.005 * len(answers)


def test_while_the_model_is_being_read_only_the_script_decides(monkeypatch):
    monkeypatch.setattr(language.Model, "_load", staticmethod(lambda read: None))
    monkeypatch.setattr(language, "_model", language.Model())
    monkeypatch.setattr(language, "PATIENCE", 0)
    assert told("The invoice of last month is missing from the portal.") is None
    assert told("支付失败，无法登录") == "zh-Hans"


def test_a_model_that_cannot_be_read_is_heard_of(monkeypatch):
    def broken(text):
        raise OSError("no such model")

    monkeypatch.setattr(language, "rank", broken)
    with pytest.raises(OSError, match="no such model"):
        language.Model().shares("hello")
