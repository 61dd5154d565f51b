"""Backups: one file with every row of the store and the keys beside it, for either database.

What is written does not depend on the database it came from: a backup of SQLite can be restored into PostgreSQL, and
the other way round.
"""

from .form import Contents, Trouble
from .reading import check, restore
from .writing import backup

__all__ = ["Contents", "Trouble", "backup", "check", "restore"]
