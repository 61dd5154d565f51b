"""What a person says in a text of their own: without code, quotations, log lines and addresses.

Understands the Markdown of GitLab and the wiki markup of Jira alike, since people paste one into the
other. Every pass is linear in the length of the text.
"""

from __future__ import annotations

import re

REMOVED = "\ufffc"
"""Stands where a block was taken out of a line, so that what follows does not become a line start."""

_FENCE = re.compile(r"^[ \u3000]{0,3}(`{3,}|~{3,}|>{3,}[ \t]*$)")
_QUOTED = re.compile(r"^[ \u3000]{0,3}(?:>|＞|bq\. )")
_BLOCK = re.compile(
    r"\{(code|noformat|quote|panel)(?::[^}\n]{0,200})?\}.*?(?:\{\1\}|\Z)"
    r"|<!--.*?(?:-->|\Z)"
    r"|<(pre|blockquote|code)\b[^>\n]{0,200}>.*?(?:</\2>|\Z)",
    re.DOTALL | re.IGNORECASE,
)

_MAX_LINE = 400
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,20}://[!-~]+|\bwww\.[!-~]+|[a-z0-9.+_-]{1,64}@[a-z0-9.-]+", re.IGNORECASE
)
_INLINE = re.compile(r"`[^`\n]{1,200}`|\{\{[^}\n]{1,200}\}\}|</?[a-z][^>\n]{0,200}>|&\w{1,10};", re.IGNORECASE)
_TOKEN = re.compile(
    r"""
      (?<![\w./\\]) (?:[A-Za-z]:)? (?:[\\/][\w.$-]++){2,}                      # /var/log/x, C:\temp\x
    | (?<![A-Za-z0-9_-]) [A-Za-z0-9_-]++ (?:[._/\\:=]++[A-Za-z0-9_$-]++)+ (?:\(\))?  # a.b.C, key=value, x/y
    | (?<![A-Za-z0-9]) [A-Za-z]*+ [0-9_] [A-Za-z0-9_]*+                          # SUP42, order_id
    | [A-Za-z]{40,}+                                                             # keys, encoded files
    | (?<![A-Za-z]) [A-Za-z]?[a-z]++ (?:[A-Z][a-z]*+)+ (?![a-z])                 # camelCase
    """,
    re.VERBOSE | re.ASCII,
)

_HEADERS = (
    "Accept|Authorization|Cache-Control|Connection|Content-[A-Za-z]+|Date|ETag|Host|Server|Set-Cookie|User-Agent|X-"
)
_LOG_LINE = re.compile(
    rf"""\s*(?:
        \[?\d{{4}}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d                            # 2026-03-01 09:30 …
      | \[?\d\d:\d\d:\d\d                                                # 09:30:01 …
      | (?:[A-Z][a-z]{{2}}\s+)?[A-Z][a-z]{{2}}\s+\d{{1,2}}\s+\d\d:\d\d:\d\d   # Mar  1 09:30:01 host …
      | [\[<(]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE)
        (?:[\]>)|]|:\s|\s+[\[(\d]|\s+[\w.$-]+[:\]]\s)
      | at\s+[\w$<>]+(?:[.$/][\w$<>]+)+\s*\(                               # frames of Java, JavaScript, Python, C
      | at\s+\S.*:\d+\)?\s*$
      | \#\d+\s+0x
      | File\s+".*",\s+line\s+\d+
      | Traceback\s+\(
      | Caused\s+by:
      | \.\.\.\s+\d+\s+(?:more|common)
      | (?:[\w$]+\.)*[A-Z][\w$]*(?:Exception|Error)\b\s*(?::|\(|$)
      | (?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\s+(?:/|https?:)
      | HTTP/\d
      | (?:{_HEADERS})[\w-]*:\s
      | (?:\$|%|>>>|C:\\[^>]*>|\w+@[\w-]+[:~][^\s]*[\#$])\s                 # a prompt
      | (?:sudo|curl|wget|git|docker|kubectl|npm|pip|ssh|cd|ls|cat|grep|apt|yum|systemctl)\s+(?:\S+\s+)?[-./~]\S
      | (?:npm|pip|apt|yum|docker|kubectl|git)\s+(?:install|run|get|pull|push|clone|exec|logs|apply)\s
      | (?:SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM|CREATE|ALTER|DROP|FROM|WHERE|VALUES|SET)\s.*[=*;,()_]
      | (?:(?:ORDER|GROUP)\s+BY|(?:(?:LEFT|INNER)\s+)?JOIN)\s+\w
      | [{{}}\[\]();,]+\s*$
      | "[\w.-]+"\s*:
      | <\?xml
      | (?:def|class)\s+\w+.*:\s*$
      | (?:from\s+[\w.]+\s+)?import\s+[\w.*, ]+;?\s*$
      | (?:public|private|protected|static|return|const|let|var|function|if|for|while|try|catch|else)\b.*[;{{]\s*$
    )""",
    re.VERBOSE | re.ASCII,
)


def own_words(text: str) -> str:
    """`text` without code blocks, quoted lines and hidden comments; the other lines stay as they are.

    A block that is never closed reaches to the end.
    """
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        opened = _FENCE.match(line)
        if fence:
            if opened and opened[1].rstrip().startswith(fence) and not line.strip(" \u3000\t" + fence[0]):
                fence = ""
        elif opened:
            fence = opened[1].rstrip()
        elif not _QUOTED.match(line):
            lines.append(line)
    return _BLOCK.sub(REMOVED, "\n".join(lines))


def plain_words(text: str, most: int = 16_000) -> str:
    """Own words without log lines, commands, addresses, paths and identifiers: what tells a language.

    At most `most` characters of what is no log are looked at.
    """
    kept = [line for line in own_words(text).splitlines() if not _LOG_LINE.match(line[:_MAX_LINE])]
    words = "\n".join(kept)[:most]
    for pattern in (_ADDRESS, _INLINE, _TOKEN):
        words = pattern.sub(" ", words)
    return words.replace(REMOVED, " ")
