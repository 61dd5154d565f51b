"""`demo`: a small day of tickets, Chinese and English, typed into a running instance."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import requests
from tqdm import tqdm

from ..errors import PointsmanError
from ..settings import Settings
from .wiring import Wiring

TIMEOUT = 10.0
DAY = (
    (
        "ada@northwind.example",
        "Invoice for October",
        "Hello, could you send me the October invoice once more? Thanks, Ada",
    ),
    (
        "wang.lei@harbour-bank.example",
        "支付失败，全部用户无法登录",
        "从今天上午九点开始，所有门店的支付都失败，用户也无法登录后台。请尽快处理！",
    ),
    ("sam@globex.example", "How do I add a second user?", "We hired somebody new. Where do I invite her?"),
    ("chen.yu@qingyun.example", "如何修改发票抬头？", "我们公司改名了，之前的发票抬头可以改吗？"),
    (
        "it@harbour-bank.example",
        "API answers 502 since 10:40",
        "All requests to /v2/orders answer 502. Production is down for us.",
    ),
    ("lin.mei@formosa.example", "無法匯出報表", "按下「匯出」之後畫面一直轉圈，換瀏覽器也一樣。"),
    (
        "joe@initech.example",
        "Unacceptable",
        "This is the third time I write about the same broken export. I will call our lawyer.",
    ),
    (
        "security@redteam.example",
        "Possible data loss in shared folders",
        "Files of other tenants show up in our folder.",
    ),
    ("zhao@hobby.example", "希望增加深色模式", "晚上使用太刺眼了，希望能有深色模式。"),
    ("mia@northwind.example", "Thanks!", "The export works again. Thank you for the quick help."),
    ("liu.na@qingyun.example", "退款什么时候到账", "上周申请的退款还没有到账，订单号 20261108-77。"),
    ("ops@globex.example", "Question about maintenance window", "Will the service be up on Saturday night?"),
)


def add(commands: Any) -> None:
    demo = commands.add_parser("demo", help="type a small day of tickets into a running instance")
    demo.add_argument("--url", help="where it runs (default: POINTSMAN_HOST and POINTSMAN_PORT)")
    demo.set_defaults(run=run)


def run(asked: argparse.Namespace, wiring: Wiring) -> int:
    settings = wiring.settings()
    url = (asked.url or f"http://{settings.host}:{settings.port}").rstrip("/")
    session = _session(settings)
    pages = []
    for email, title, body in tqdm(DAY, unit="ticket", disable=None, file=sys.stderr):
        pages.append(_type(session, url, {"email": email, "title": title, "body": body}))
    print(f"{len(pages)} tickets typed. Look at them: {url}/")
    print(f"The most urgent one and its why: {url}{pages[1]}")
    return 0


def _session(settings: Settings) -> requests.Session:
    session = requests.Session()
    if settings.console_token:
        session.headers["Authorization"] = f"Bearer {settings.console_token}"
    return session


def _type(session: requests.Session, url: str, ticket: dict[str, str]) -> str:
    try:
        answer = session.post(f"{url}/tickets", json=ticket, timeout=TIMEOUT)
    except requests.RequestException:
        raise PointsmanError(f"nothing answers at {url}: start it with `make run`, or name it with --url") from None
    if answer.status_code in (401, 403):
        raise PointsmanError(f"{url} does not let us in: set POINTSMAN_CONSOLE_TOKEN to its console token")
    if answer.status_code != 201:
        raise PointsmanError(f"{url} answered {answer.status_code} to a typed ticket")
    return str(answer.json()["url"])
