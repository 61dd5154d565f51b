"""Jira Cloud and Data Center, plain and service projects: webhooks and REST v2 here, our words there."""

from .tracker import JiraTracker

__all__ = ["JiraTracker"]
