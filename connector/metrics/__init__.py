"""What is counted, and the door through which every layer counts: nothing until `start` was called.

Like the log, it belongs to the process: an edge counts where something happens, and knows nothing of who reads it.
"""

from . import names
from .meter import Meter, count, kept, observe, running, start, stop, timed, trouble

__all__ = ["Meter", "count", "kept", "names", "observe", "running", "start", "stop", "timed", "trouble"]
