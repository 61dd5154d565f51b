"""What Apprise really sends, and what we make of an answer: real receivers, and the shapes of real services."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import threading
import time

import pytest
import responses

from connector.errors import NoticeError, described
from connector.log import start_logging
from connector.notices.answers import KINDS
from connector.notices.apprised import Apprised

from .receiver import a_receiver

TOKEN = "a" * 24
SLACK = "https://hooks.slack.com/services/T0SECRET1/B0SECRET1/" + TOKEN
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=" + TOKEN
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/" + TOKEN + "/"
LARK = "https://open.larksuite.com/open-apis/bot/v2/hook/" + "a" * 8 + "-" + "-".join(["a" * 4] * 3) + "-" + "a" * 12
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + TOKEN


@pytest.fixture
def receiver():
    with a_receiver() as receiver:
        yield receiver


def said(body) -> str:
    """All texts anywhere in a JSON body."""
    return re.sub(r"\s+", " ", " ".join(re.findall(r'"((?:[^"\\]|\\.)*)"', json.dumps(body, ensure_ascii=False))))


def test_a_webhook_of_ones_own_gets_title_and_text(receiver):
    Apprised().send("duty", receiver.url, "SUP-42 支付失败", "First reply is overdue\nhttps://desk.example/42")

    (told,) = receiver.told
    assert told["title"] == "SUP-42 支付失败"
    assert told["message"] == "First reply is overdue\nhttps://desk.example/42"


SERVICES = [
    ("slack", f"slack://T0SECRET1/B0SECRET1/{TOKEN}/#ops", SLACK, "ok"),
    ("slack", SLACK, SLACK, "ok"),
    ("dingtalk", f"dingtalk://{TOKEN}", DINGTALK, {"errcode": 0, "errmsg": "ok"}),
    ("feishu", f"feishu://{TOKEN}", FEISHU, {"code": 0, "msg": "success"}),
    ("lark", LARK.replace("https://open.larksuite.com/open-apis/bot/v2/hook/", "lark://"), LARK, {"StatusCode": 0}),
    ("wecom", f"wecombot://{TOKEN}", WECOM, {"errcode": 0, "errmsg": "ok"}),
    (
        "teams",
        f"workflows://prod.logic.azure.example/{TOKEN}/{TOKEN}",
        re.compile("https://prod.logic.azure.example.*"),
        {},
    ),
]


@pytest.mark.parametrize(
    ("name", "address", "asked", "answer"), SERVICES, ids=[f"{s[0]}-{s[1][:5]}" for s in SERVICES]
)
@responses.activate
def test_chats_get_title_and_text_in_their_own_shape(name, address, asked, answer):
    body = {"body": answer} if isinstance(answer, str) else {"json": answer}
    responses.post(asked, **body)

    Apprised().send("duty", address, "SUP-42 支付失败", "First reply is overdue")

    (call,) = responses.calls
    told = said(json.loads(call.request.body))
    assert "SUP-42 支付失败" in told
    assert "First reply is overdue" in told
    assert "github" not in told


REFUSALS = [
    (f"dingtalk://{TOKEN}", DINGTALK, {"errcode": 310000, "errmsg": "keywords not in content"}, 403),
    (f"dingtalk://{TOKEN}", DINGTALK, {"errcode": 130101, "errmsg": "send too fast"}, 429),
    (
        f"feishu://{TOKEN}",
        FEISHU,
        {"code": 19001, "msg": "param invalid: incoming webhook access token invalid"},
        403,
    ),
    (f"feishu://{TOKEN}", FEISHU, {"code": 11232, "msg": "frequency limited"}, 429),
    (f"wecombot://{TOKEN}", WECOM, {"errcode": 93000, "errmsg": "invalid webhook url"}, 403),
    (f"wecombot://{TOKEN}", WECOM, {"errcode": 45009, "errmsg": "api freq out of limit"}, 429),
    (SERVICES[4][1], LARK, {"code": 19001, "msg": "token invalid"}, 403),
]


@pytest.mark.parametrize(("address", "asked", "answer", "status"), REFUSALS)
@responses.activate
def test_a_service_that_refuses_with_a_200_is_not_believed(address, asked, answer, status):
    responses.post(asked, json=answer)

    with pytest.raises(NoticeError) as caught:
        Apprised().send("duty", address, "SUP-42", "text")

    assert caught.value.status == status
    assert caught.value.permanent is (status == 403)


@pytest.mark.parametrize("kind", KINDS)
def test_apprise_still_sends_these_by_the_name_that_we_read_answers_under(kind):
    import sys

    from apprise.plugins import N_MGR

    Apprised()

    assert type(sys.modules[N_MGR[kind].__module__].requests).__name__ == "_Reading"


@pytest.mark.parametrize(
    ("status", "permanent"),
    [(400, True), (401, True), (403, True), (404, True), (302, True), (408, False), (429, False), (500, False)],
)
def test_what_a_receiver_answers_decides_whether_the_same_is_tried_again(receiver, status, permanent):
    receiver.status = status

    with pytest.raises(NoticeError) as caught:
        Apprised().send("duty", receiver.url, "SUP-42", "text")

    assert (caught.value.status, caught.value.permanent) == (status, permanent)
    assert described(caught.value) == f"NoticeError: duty: {status}"


def test_a_receiver_that_is_down_is_tried_again():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))

        with pytest.raises(NoticeError) as caught:
            Apprised().send("duty", f"json://127.0.0.1:{taken.getsockname()[1]}", "SUP-42", "text")

    assert not caught.value.permanent
    assert described(caught.value) == "NoticeError: duty: no answer"


def test_a_receiver_that_never_answers_costs_a_bounded_time_and_one_thread(receiver):
    sender = Apprised(seconds=0.2)
    receiver.release.clear()
    began, before = time.monotonic(), threading.active_count()

    for _ in range(3):
        with pytest.raises(NoticeError):
            sender.send("duty", f"{receiver.url}?rto=30", "SUP-42", "text")

    assert time.monotonic() - began < 2
    assert sum(thread.name == "notice" for thread in threading.enumerate()) == 1
    assert threading.active_count() <= before + 2  # and the receiver's own
    receiver.release.set()


def test_an_address_that_can_no_longer_be_read_is_none():
    with pytest.raises(NoticeError) as caught:
        Apprised().send("duty", "slack://nonsense", "SUP-42", "text")

    assert described(caught.value) == "NoticeError: duty: no address"


def test_neither_address_nor_text_reaches_a_log(receiver, capfd):
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    start_logging("debug", stream)
    logging.getLogger("urllib3").setLevel(1)
    sender, errors = Apprised(), []
    try:
        logging.getLogger("urllib3").debug("heard")
        for status in (200, 404, 500):
            receiver.status = status
            try:
                sender.send("duty", receiver.url, "title7351", "text7351")
            except NoticeError as error:
                errors.append(f"{error!r} {error} {described(error)}")
    finally:
        root.handlers[:], root.level = handlers, level
        logging.getLogger("urllib3").setLevel(logging.NOTSET)

    logged = stream.getvalue() + "".join(errors) + "".join(capfd.readouterr())
    assert len(errors) == 2
    assert "heard" in logged
    assert not re.search("hunter2|SECRET|7351", logged), logged


@responses.activate
def test_what_is_too_long_for_a_receiver_is_cut_and_not_sent_in_many_parts():
    responses.post(WECOM, json={"errcode": 0})

    Apprised().send("duty", f"wecombot://{TOKEN}", "t" * 500, "很" * 20_000)

    (call,) = responses.calls
    assert len(call.request.body) < 20_000
