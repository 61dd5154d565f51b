"""GitLab: webhooks in, REST v4 out."""

from .tracker import GitLabTracker

__all__ = ["GitLabTracker"]
