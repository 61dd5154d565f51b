"""What agents are answered who order by comment, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..frozen import FrozenDict
from .neutral import neutral
from .spelling import nearest

TEXTS: Mapping[str, Mapping[str, str]] = FrozenDict(
    {
        "en": {
            "verb": "`{word}` is no command{near}.",
            "verb?": "A command is missing.",
            "level": "`{word}` is no priority{near}; there are {known}.",
            "level?": "`priority` needs a level: {known}.",
            "team": "Team `{word}` is unknown{near}.",
            "team?": "`route` needs a team.",
            "slot": "`{word}` cannot be released{near}; there are {known}.",
            "alone": "`{word}` stands alone: nothing comes after it.",
            "nobody": "`take` does not know you: your account is in nobody's `ids` in `_people.yaml`.",
            "forbidden": "You may not use `{word}` here.",
            "many": "Only the first {known} commands of a comment are read.",
            "acknowledged": "Acknowledged: no further step for what is running now.",
            "near": " (did you mean `{word}`?)",
            "hint": "`@{handle} help` lists the commands.",
            "why": "Why:",
            "by": "{name} by command",
            "help": (
                "Each on a line of its own, after `@{handle}`:\n"
                "- `why`: the reasons\n"
                "- `priority LEVEL`, `priority LEVEL because …`: LEVEL is {levels}\n"
                "- `route TEAM`: {teams}\n"
                "- `take`: the ticket is yours\n"
                "- `release`, `release priority`, `release team`, `release assignee`: back to the rules\n"
                "- `ack`: no further escalation of what is running now\n"
                "- `help`: this list"
            ),
        },
        "zh": {
            "verb": "没有 `{word}` 这个命令{near}。",
            "verb?": "缺少命令。",
            "level": "没有 `{word}` 这个优先级{near}；可用：{known}。",
            "level?": "`priority` 后面要写级别：{known}。",
            "team": "没有 `{word}` 这个团队{near}。",
            "team?": "`route` 后面要写团队。",
            "slot": "`{word}` 不能释放{near}；可用：{known}。",
            "alone": "`{word}` 后面不能再写内容。",
            "nobody": "`take` 不认识您：`_people.yaml` 中没有人的 `ids` 是您的账号。",
            "forbidden": "您在这里不能使用 `{word}`。",
            "many": "每条评论只执行前 {known} 个命令。",
            "acknowledged": "已确认：正在计时的部分不再升级。",
            "near": "（是否想写 `{word}`？）",
            "hint": "`@{handle} help` 可查看所有命令。",
            "why": "原因：",
            "by": "{name} 的命令",
            "help": (
                "每行一个命令，写在 `@{handle}` 之后：\n"
                "- `why`：查看原因\n"
                "- `priority 级别`、`priority 级别 because …`：级别为 {levels}\n"
                "- `route 团队`：{teams}\n"
                "- `take`：由您接手\n"
                "- `release`、`release priority`、`release team`、`release assignee`：交还规则处理\n"
                "- `ack`：正在计时的部分不再升级\n"
                "- `help`：显示本列表"
            ),
        },
    }
)


@dataclass(frozen=True, slots=True)
class Answers:
    """The texts in `language`, `en` or `zh`."""

    language: str = "en"

    def text(self, which: str, **values: str) -> str:
        """One of the texts, filled in."""
        return TEXTS[self.language][which].format_map(values)

    def told(self, which: str, word: str = "", known: Iterable[str] = ()) -> str:
        """One of the texts, naming the nearest of the `known` words."""
        known = tuple(known)
        close = nearest(word, known)
        near = self.text("near", word=close) if close else ""
        return self.text(which, word=neutral(word[:60]), near=near, known=", ".join(known))
