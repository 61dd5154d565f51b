"""A plugin's source → its hooks, checked against what may be implemented; every refusal says where and what to do."""

from __future__ import annotations

import importlib
import inspect
import linecache
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from .. import hooks as specs
from ..errors import PluginError
from ..hooks import HOOKS, PROJECT
from .find import Source

LOAD = "load"
"""The name under which a failure to load is reported, beside those of the hooks."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plugin whose hooks can be asked. `wants` tells per hook which arguments it names."""

    name: str
    path: str
    digest: str
    help: str
    wants: Mapping[str, frozenset[str]]
    relay: Any

    @property
    def hooks(self) -> tuple[str, ...]:
        """The hooks it implements, in the order of `HOOKS`."""
        return tuple(hook for hook in HOOKS if hook in self.wants)


def load(source: Source) -> Loaded:
    """Run the plugin's module and check its hooks; raises `PluginError` with the place and the cause."""
    try:
        subject = _imported(source.target) if source.target else _executed(source)
    except PluginError:
        raise
    except BaseException as error:
        raise PluginError(source.name, LOAD, told(error, source.path)) from error
    path = source.path if not source.target else _file_of(subject) or source.path
    digest = source.digest or _digest(path)
    return implemented(source.name, subject, path=path, digest=digest)


def implemented(name: str, subject: Any, *, path: str = "", digest: str = "") -> Loaded:
    """The hooks that a module (or object) implements; raises `PluginError` for one that does not exist."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(specs)
    wants = _wants(name, manager, subject)
    try:
        manager.register(subject, name)
    except pluggy.PluginValidationError as error:
        raise PluginError(name, LOAD, str(error).replace("\n", " ")) from error
    return Loaded(name, path, digest, (subject.__doc__ or "").strip(), wants, manager.hook)


def told(error: BaseException, path: str) -> str:
    """`vip.py:12 KeyError: 'domains'`: the last place inside the plugin, then the cause, on one short line."""
    try:
        text = str(error)
    except BaseException:
        text = ""
    if isinstance(error, SyntaxError) and error.filename == path:
        return _line(f"{Path(path).name}:{error.lineno} {type(error).__name__}: {error.msg}")
    inside = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    place = f"{Path(path).name}:{inside[-1].lineno} " if inside else ""
    return _line(f"{place}{type(error).__name__}: {text}" if text else f"{place}{type(error).__name__}")


def _line(text: str, longest: int = 300) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _executed(source: Source) -> ModuleType:
    """Run exactly the bytes that were read: no byte code of an older version, none left behind."""
    module = ModuleType(f"pointsman_plugins.{source.name}")
    module.__file__ = source.path
    linecache.checkcache(source.path)
    code = compile(source.text, source.path, "exec", dont_inherit=True)
    sys.modules[module.__name__] = module  # dataclasses and enums look their module up
    exec(code, module.__dict__)  # noqa: S102 - a plugin is code that the admin put there
    return module


def _imported(target: str) -> Any:
    module, _, attribute = target.partition(":")
    subject: Any = importlib.import_module(module.strip())
    for part in filter(None, attribute.strip().split(".")):
        subject = getattr(subject, part)
    return subject


def _file_of(subject: Any) -> str:
    module = subject if isinstance(subject, ModuleType) else sys.modules.get(type(subject).__module__)
    return getattr(module, "__file__", None) or ""


def _digest(path: str) -> str:
    """SHA-256 of the file, or of all modules beside it for a package; '' if there is none to read."""
    file = Path(path)
    files = sorted(file.parent.rglob("*.py")) if file.name == "__init__.py" else [file]
    total = sha256()
    try:
        for one in files:
            total.update(one.read_bytes())
    except OSError:
        return ""
    return total.hexdigest()


def _wants(name: str, manager: pluggy.PluginManager, subject: Any) -> dict[str, frozenset[str]]:
    wants: dict[str, frozenset[str]] = {}
    for attribute in dir(subject):
        options = manager.parse_hookimpl_opts(subject, attribute)
        if options is not None:
            hook = options.get("specname") or attribute
            wants[hook] = _arguments(name, hook, inspect.getattr_static(subject, attribute), options)
    if not wants:
        raise PluginError(name, LOAD, _no_hook(subject))
    return wants


def _no_hook(subject: Any) -> str:
    bare = [hook for hook in HOOKS if callable(getattr(subject, hook, None))]
    if bare:
        return f"`{bare[0]}` is not marked as a hook: put @hookimpl (from connector) above it"
    return f"it implements no hook: write one of {', '.join(HOOKS)} with @hookimpl (from connector) above it"


def _arguments(name: str, hook: str, function: Any, options: Any) -> frozenset[str]:
    function = inspect.unwrap(getattr(function, "__func__", function))
    place = f"{Path(function.__code__.co_filename).name}:{function.__code__.co_firstlineno}"
    if hook not in HOOKS:
        raise PluginError(name, LOAD, f"{place} there is no hook `{hook}`{_near(hook, HOOKS)}")
    if options.get("wrapper") or options.get("hookwrapper"):
        raise PluginError(
            name, LOAD, f"{place} `{hook}` is a wrapper: each plugin is asked alone, yield your own answer"
        )
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise PluginError(name, LOAD, f"{place} `{hook}` is async: write a plain function")
    known = HOOKS[hook]
    named = [
        (parameter.name, parameter.default is parameter.empty)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.name != "self"
    ]
    for argument, needed in named:
        if needed and argument not in known:
            may = f"{_near(argument, known)}; it may ask for {', '.join(known) or 'nothing'}"
            raise PluginError(name, LOAD, f"{place} `{hook}` asks for `{argument}`, which it is not given{may}")
    return frozenset(argument for argument, _ in named) & frozenset(known)


def _near(word: str, known: Any) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f" (did you mean `{close[0]}`?)" if close else ""
