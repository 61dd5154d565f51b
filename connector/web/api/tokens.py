"""API tokens: which there are, never what they are, and how one is taken back."""

from __future__ import annotations

from typing import Any

from flask import abort

from ..desk import NAME_LIMIT
from ..flows import Flows
from ..typed import clean
from ..visitor import Standing, visitor
from . import schemas as of
from .part import Part


class TokenSchema(of.Shape):
    id = of.number()
    name = of.text()
    scopes = of.words()
    made_at = of.instant()
    made_by = of.text()
    used_at = of.instant("When it was last used, to the minute.", allow_none=True)
    revoked_at = of.instant("Null while it is good.", allow_none=True)


class RevokedSchema(of.Shape):
    name = of.text()
    state = of.text("`revoked`.")


def part(flows: Flows) -> Part:
    """`/tokens` and `/tokens/<name>/revoke`; a token is made by `pointsman token make` alone."""
    tokens = Part("tokens", "API tokens, without their values.")

    @tokens.shows("/tokens", TokenSchema(many=True), needed=Standing.ADMIN)
    def list_tokens() -> Any:
        """Every token that was ever made, the newest first."""
        return flows.tokens.all()

    @tokens.does("/tokens/<name>/revoke", RevokedSchema(), needed=Standing.ADMIN, errors=(404,))
    def revoke_token(name: str) -> dict[str, str]:
        """From now on the token opens nothing; 404 if none that is good has this name."""
        known = clean(name)[:NAME_LIMIT]
        return {"name": known, "state": "revoked"} if flows.tokens.revoke(known, visitor().name) else abort(404)

    return tokens
