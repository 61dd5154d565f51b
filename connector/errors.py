"""What can go wrong, and whose turn it is: one class for each way of treating a failure."""

from __future__ import annotations

from dataclasses import dataclass


class PointsmanError(Exception):
    """Everything this program raises on purpose."""


class Rejected(PointsmanError):
    """The request is not genuine or not readable; the sender has to act.

    `status` is the HTTP status to answer (400, 401, 404 or 413); `reason` names the check that
    failed and never quotes the body or a secret.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a rule file: where, what, and the likely remedy; lines and columns count from 1."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.text}"


class RulesError(PointsmanError):
    """The rule files hold mistakes; all of them are here, and the last good rules stay in force."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class PluginError(PointsmanError):
    """A plugin could not be loaded, raised, took too long or returned what is no change."""

    def __init__(self, plugin: str, hook: str, cause: str) -> None:
        super().__init__(f"{plugin}.{hook}: {cause}")
        self.plugin = plugin
        self.hook = hook
        self.cause = cause


class TrackerError(PointsmanError):
    """The tracker said no, or nothing.

    `status` is 0 when no answer came. `permanent` means that the same request will never succeed.
    `sent` is false only when the request certainly did not reach the tracker; otherwise the outcome
    is unknown for a status of 0 and for 5xx. `retry_after` is in seconds. `fields` names the fields
    that the tracker refused (its own names), so that the rest can be sent without them.
    """

    def __init__(
        self,
        call: str,
        *,
        status: int = 0,
        permanent: bool = False,
        sent: bool = True,
        retry_after: float | None = None,
        fields: tuple[str, ...] = (),
        detail: str = "",
    ) -> None:
        super().__init__(f"{call}: {status or 'no answer'} {detail}".rstrip())
        self.call = call
        self.status = status
        self.permanent = permanent
        self.sent = sent
        self.retry_after = retry_after
        self.fields = fields
        self.detail = detail


class Gone(TrackerError):
    """The ticket is deleted or not visible to us (404 on a read); retrying cannot help."""


class NoticeError(PointsmanError):
    """A notice did not get out to the receiver `to`; neither its address nor the text stands in here.

    `status` is what the receiver answered, 0 without an answer; `addressless` that there is no address to send to.
    """

    def __init__(self, to: str, *, status: int = 0, addressless: bool = False) -> None:
        self.to = to
        self.status = status
        self.addressless = addressless
        super().__init__(f"{to}: {'no address' if addressless else status or 'no answer'}")

    @property
    def permanent(self) -> bool:
        """Whether the same notice would never get there."""
        return self.addressless or (300 <= self.status < 500 and self.status not in (408, 425, 429))


class StoreUnavailable(PointsmanError):
    """The database could not make a row durable; nothing is stored and the sender should come again."""


class LaneLost(PointsmanError):
    """Another worker owns this lane by now; whoever sees this writes nothing and stops."""


class SettingsError(PointsmanError):
    """The environment holds a setting that is unknown or has no usable value; all of them are named."""


def described(error: Exception) -> str:
    """The error for the record: its class, and whom it was about where no text of others can stand in that.

    The text of an exception may quote what a customer wrote.
    """
    name = type(error).__name__
    if isinstance(error, TrackerError):
        return f"{name}: {error.call}: {error.status or 'no answer'}"
    return f"{name}: {error}" if isinstance(error, StoreUnavailable | NoticeError) else name
