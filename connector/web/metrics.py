"""`GET /metrics`, for viewers and for API tokens of the scope `metrics`."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from .flows import Flows


def blueprint(flows: Flows) -> Blueprint:
    """The one route."""
    pages = Blueprint("metrics", __name__)

    @pages.get("/metrics")
    def show() -> Response:
        return Response(flows.metrics(), content_type=CONTENT_TYPE_LATEST)

    return pages
