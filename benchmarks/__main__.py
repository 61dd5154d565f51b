"""`python -m benchmarks`: measure everything in one run, keep the figures, write the page."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from .databases import found
from .report import page
from .run import parts, run
from .service import ROOT
from .sizes import FULL, QUICK, TINY

HERE = Path(__file__).resolve().parent
SIZES = {"full": FULL, "quick": QUICK, "tiny": TINY}


def main(arguments: list[str] | None = None) -> None:
    """Print the page; a full run of all parts also keeps its figures in `results/` and rewrites `README.md`."""
    names = list(parts(TINY, []))
    reader = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    reader.add_argument("--size", choices=SIZES, default="full")
    reader.add_argument("--quick", dest="size", action="store_const", const="quick", help="the same as --size quick")
    reader.add_argument("--only", choices=names, action="append", help="this part alone; may be repeated")
    reader.add_argument(
        "--folder",
        type=Path,
        default=ROOT / "build",
        help="where databases lie while they are measured: the disk matters",
    )
    asked = reader.parse_args(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as folder:
        result = run(Path(folder), SIZES[asked.size], found(), asked.only or names)
    print(page(result))
    if asked.size == "full" and not asked.only:
        keep(result, HERE)


def keep(result: dict[str, Any], folder: Path) -> None:
    """The figures as `results/<day>.json`, the page as `README.md`, both in `folder`."""
    results = folder / "results"
    results.mkdir(exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1)
    (results / f"{result['at'][:10]}.json").write_text(text + "\n", encoding="utf-8")
    (folder / "README.md").write_text(page(result), encoding="utf-8")


if __name__ == "__main__":
    main()
