"""The durable inbox: a row is both the record of an event and the unit of work.

Nobody outside this package and `timers.py` touches `inbox`, `seen`, `lane` and `timer`. What must hold:

1. *Lane first.* A transaction that adds an event touches the row of its lane before it inserts the event. The row
   lock makes the order of ids the order of commits within a lane. The lanes of a batch are touched in the order of
   their keys, so that two batches cannot wait for each other.
2. *No lost wake-up.* Whoever ends events holds the lane's row, looks for more pending events afterwards, and only
   then deletes the row or leaves it. Hence: a pending event has a lane row, and one that nobody holds is ready.
3. *A fence is a number from one global sequence*, taken anew by every claim, never from a row that can be deleted
   and made anew. Claims are small (as many lanes as there are free threads); a holder renews every third of a lease.
4. *A loser writes nothing.* Every transaction in a lane's name begins by locking the row `(key, owner, fence)`, and
   raises `LaneLost` if it is gone: the check and the writes commit together or not at all.
5. On SQLite every writing transaction begins IMMEDIATE, and accepts of a process share one writer thread.
6. No network call inside a transaction.
7. A delivery id is stored once in `seen`, which outlives the event: a doubled delivery adds nothing.
"""

from .inbox import Inbox

__all__ = ["Inbox"]
