"""What the team of the example looks after: its rules, its people, and tickets as they come in on a busy day."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

LAB = """version: 1
applies_to: {gitlab: [acme/lab]}
mode: shadow
plugins: [priority, forecast]
priority:
  levels: {normal: 15, low: 0}
  signals:
    - {id: broken, when: {text: {contains_any: [broken, fails]}}, score: 20, because: "Something fails: {hits}"}
"""
LAB_MISTAKEN = LAB.replace("priority:\n  levels", "priorty:\n  levels")
FORECAST = '''"""Says how long a ticket will take, and always fails at it: its model is not there."""

from connector import hookimpl


@hookimpl
def propose(ticket):
    raise FileNotFoundError("model.bin")
'''


@dataclass(frozen=True, slots=True)
class Seed:
    """An issue of the tracker: how long ago it was made, by whom, and where."""

    title: str
    body: str = ""
    by: str = "dana"
    age: timedelta = timedelta()
    project: str = "acme/support"
    labels: tuple[str, ...] = ()


def _ago(days: int = 0, hours: int = 0, minutes: int = 0) -> timedelta:
    return timedelta(days=days, hours=hours, minutes=minutes)


PEOPLE = {
    "ann.li": ("Ann Li", "ann@desk.example", "agent"),
    "bo.park": ("Bo Park", "bo@desk.example", "agent"),
    "chen.jing": ("陈静", "chen@desk.example", "agent"),
    "dana": ("Dana Reyes", "dana@harbour-bank.example", "customer"),
    "wei": ("王伟", "wei@qingyun.example", "customer"),
    "otto": ("Otto Brandt", "otto@hobby.example", "customer"),
    "mina": ("Mina Sato", "mina@north.school.example", "customer"),
}
URGENT = "Outage: card payments fail for all users since 9:00"
CHINESE = "支付失败，全部用户无法登录，请尽快处理"
SEEDS = (
    Seed(
        URGENT, "Every card payment ends with error 502.\nThe whole shop in Shanghai cannot sell.", "dana", _ago(0, 2)
    ),
    Seed(
        CHINESE,
        "从今天早上九点开始，所有同事都无法登录系统。\n已经影响到客户下单，请尽快处理。",
        "wei",
        _ago(0, 1, 10),
    ),
    Seed("Customer data leaked through the export link", "Anybody with the link can read it.", "mina", _ago(0, 5)),
    Seed("VPN gateway unreachable from the Rotterdam office", "Timeout after 30 seconds.", "mina", _ago(1, 3)),
    Seed("Invoice 2291 was charged twice", "Please refund one of them as soon as possible.", "dana", _ago(0, 7)),
    Seed("How do I change the address on my invoice?", "No hurry. We moved to a new office.", "otto", _ago(3)),
    Seed("导出报表很慢，经常超时", "每次导出都要十分钟以上。", "wei", _ago(2, 4)),
    Seed("Certificate of the staging API expires on Friday", "", "mina", _ago(4)),
    Seed("Login page crashes on older tablets", "White page, error in the console.", "mina", _ago(5, 2)),
    Seed("请问如何批量导入联系人？", "想一次导入两千个联系人。", "wei", _ago(0, 20)),
    Seed("Would like to know when dark mode comes", "", "otto", _ago(8)),
    Seed("Printer queue in room 4.12 shows jobs of other teams", "", "dana", _ago(6, 5)),
    Seed("Disk of the build server is nearly full", "91 percent this morning.", "mina", _ago(0, 0, 25)),
    Seed("Refund for order 88120 has not arrived", "The customer asks for the third time.", "dana", _ago(2, 1)),
)
LAB_SEEDS = tuple(
    Seed(f"Bench {n}: the sensor fails after an hour", "", "mina", _ago(n), "acme/lab") for n in (1, 2, 3)
)

HOSTILE = (
    '<script>document.title="taken over"</script><img src=x onerror="document.title=1">',
    "W" * 240,
    "\u202eright to left \u2067and isolated\u202d for the rest of the page",
    "ḧ̴̢̛͙́e̵͉͝l̷̰̚l̶͚̇o̸̢͗ !" * 8,
    "無" * 250,
    '"></a></td></table><style>*{display:none}</style>{{ 7*7 }} ${7*7} %(x)s',
)


def write_rules(folder: Path) -> Path:
    """The rules that come with the product, for a tracker as well, and a laboratory in shadow mode."""
    shutil.copytree(ROOT / "rules", folder)
    desk = folder / "desk.yaml"
    text = desk.read_text(encoding="utf-8")
    assert "applies_to: {local: [desk]}" in text
    both = text.replace("applies_to: {local: [desk]}", "applies_to: {local: [desk], gitlab: [acme/support]}")
    (folder / "support.yaml").write_text(both, encoding="utf-8")
    desk.unlink()
    (folder / "lab.yaml").write_text(LAB, encoding="utf-8")
    return folder


def write_plugins(folder: Path) -> Path:
    """A plugin that fails whenever it is asked."""
    folder.mkdir()
    (folder / "forecast.py").write_text(FORECAST, encoding="utf-8")
    return folder
