"""Print what things cost, as ratios against a baseline of the same run. `python -m bench [rows …]`"""

import sys
import tempfile
from pathlib import Path

from bench import web
from bench.measure import Result
from bench.sites import databases

ROWS = (10, 100_000)


def main(sizes: list[int]) -> None:
    """Measure at each size on each database and print one table."""
    print("| what | database | signatures | per second | baseline per second | ratio | budget |")
    print("|---|---|---|---|---|---|---|")
    for rows in sizes:
        with databases() as urls, tempfile.TemporaryDirectory() as folder:
            for name, url in urls.items():
                for result in web.results(name, url, Path(folder) / name, rows):
                    print(_line(result), flush=True)


def _line(result: Result) -> str:
    return (
        f"| {result.what} | {result.database} | {result.rows:,} | {result.rate:,.0f} | {result.baseline_rate:,.0f} "
        f"| **{result.ratio:.2f}** | {result.budget} |"
    )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or list(ROWS))
