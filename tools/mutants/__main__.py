"""Changes the product's code, one fault at a time, and counts the faults that no test notices.

`python -m tools.mutants [FILE OR FOLDER...] [--sample N] [--seed N] [--workers N] [--near] [--least PERCENT]`

Each mutant is tested in a copy of the tree: first by the tests that mirror its file, then by those
of its context, then by the suites that run the whole system. One that passes all is printed. It is
either a missing test, or a change that no caller can notice; which of them, a person decides.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tools.mutants.checkout import ROOT, Checkout
from tools.mutants.mutations import Mutant, mutants

_PRODUCT = ("kernel", "services", "gateway")


class Case(NamedTuple):
    """A mutant of a file."""

    file: Path
    mutant: Mutant


def main(arguments: Sequence[str]) -> int:
    """Runs the sample. Returns 1 if fewer than `--least` percent of the mutants were noticed."""
    options = _parser().parse_args(arguments)
    cases = list(sample(options.paths, options.sample, options.seed))
    print(f"{len(cases)} mutants, seed {options.seed}", flush=True)
    survivors: list[Case] = []
    with TemporaryDirectory() as folder:
        copies: SimpleQueue[Checkout] = SimpleQueue()
        for number in range(options.workers):
            copies.put(Checkout.make(Path(folder) / str(number)))

        def judge(case: Case) -> str | None:
            copy = copies.get()
            try:
                return copy.noticed_by(case.file, case.mutant.source, near=options.near)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(options.workers) as pool:
            for number, (case, noticed) in enumerate(
                zip(cases, pool.map(judge, cases), strict=True), 1
            ):
                print(
                    f"{number}. {noticed or 'NOT NOTICED'}: {case.file}:{case.mutant}", flush=True
                )
                if noticed is None:
                    survivors.append(case)
    return _report(cases, survivors, options.least)


def sample(paths: Sequence[Path], size: int, seed: int) -> Iterator[Case]:
    """Chooses mutants of the files; the same ones for the same tree and seed."""
    files = sorted(file for path in paths for file in _files(path))
    cases = [Case(file, mutant) for file in files for mutant in mutants((ROOT / file).read_text())]
    yield from random.Random(seed).sample(cases, min(size, len(cases)))  # noqa: S311 - no secret


def _files(path: Path) -> Iterator[Path]:
    inside = ROOT / path
    found = inside.rglob("*.py") if inside.is_dir() else [inside]
    return (file.relative_to(ROOT) for file in found if file.name != "__main__.py")


def _report(cases: Sequence[Case], survivors: Sequence[Case], least: float) -> int:
    noticed = len(cases) - len(survivors)
    percent = 100 * noticed / len(cases) if cases else 100.0
    print(f"\n{noticed} of {len(cases)} mutants were noticed ({percent:.1f} %)")
    for case in survivors:
        print(f"not noticed: {case.file}:{case.mutant}")
    return int(percent < least)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path(name) for name in _PRODUCT])
    parser.add_argument("--sample", type=int, default=50, help="the number of mutants")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--workers", type=int, default=1, help="mutants tested at the same time")
    parser.add_argument(
        "--near", action="store_true", help="leave out the suites of the whole system"
    )
    parser.add_argument("--least", type=float, default=0.0, help="the percentage to be noticed")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
