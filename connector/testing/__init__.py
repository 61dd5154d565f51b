"""For tests of plugins and of this program: values at hand, a plugin asked alone, a tracker in memory."""

from .asking import proposals
from .tracker import FakeTracker
from .values import FixedClock, a_desk, a_ticket, an_event

__all__ = ["FakeTracker", "FixedClock", "a_desk", "a_ticket", "an_event", "proposals"]
