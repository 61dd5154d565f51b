"""`FrozenDict`: a mapping that cannot change, yet pickles, compares and prints like a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """Every method that would change it raises `TypeError`.

    `types.MappingProxyType` would do, but it neither pickles (plugins run in a child process) nor
    prints as JSON.
    """

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping is read-only")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict[K, V]], tuple[dict[K, V]]]:
        return type(self), (dict(self),)

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))

    def with_(self, key: K, value: V) -> FrozenDict[K, V]:
        """A copy in which `key` holds `value`."""
        return FrozenDict({**self, key: value})

    def without(self, *keys: K) -> FrozenDict[K, V]:
        """A copy that lacks `keys`; absent ones are no error."""
        return FrozenDict({k: v for k, v in self.items() if k not in keys})


EMPTY: FrozenDict[Any, Any] = FrozenDict()


def frozen(value: Any) -> Any:
    """`value` with every mapping, list and set inside made read-only; scalars are returned as they are."""
    if isinstance(value, FrozenDict):
        return value
    if isinstance(value, Mapping):
        return FrozenDict({k: frozen(v) for k, v in value.items()})
    if isinstance(value, list | tuple):
        return tuple(frozen(v) for v in value)
    if isinstance(value, set | frozenset):
        return frozenset(frozen(v) for v in value)
    return value
