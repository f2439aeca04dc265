"""Deterministic simulation of the use cases: `python -m tests.simulation --help`.

A seed decides everything, and a failing one replays to the letter.

A run has one or two replicas of each context, built by their real `app.build` and served by the real
`kernel.rpc.server`, with their outboxes, mail queues, sweepers and feeds. Under them is what a real run
has from the machine:

- `loop`: an event loop without waiting. Time is a number; chance decides which process runs next.
- `store`, `rows`, `transactions`: the store port in memory, with FoundationDB's semantics: snapshots,
  conflicts, results that stay unknown, commits that take place after their process has died. It passes
  the conformance suite.
- `network`, `channel`: calls as bytes, which are late, lost or doubled; streams that stall and break.
- `process`: the processes, which die at any await, stand still, and have clocks of their own.
- `chance`: clocks, ids, secrets and faults from the seed. A third of the runs are calm: nothing goes
  wrong in them, and promises hold without delay.

On top are `people`, `life`, `sessions`, `teams`, `programs` and `grants`: what people do, what they were
answered, and what may still take effect of calls that were not answered. An answer that contradicts an
earlier one breaks a promise. In a third of the runs there is an operator, too (`operators`), who disables
people, logs them out, holds and deletes their accounts and suspends their organizations, and whose log must
have each act once (`operator_acts`). `promises` waits until nothing is under way any more, has the doctor
examine the store, and asks for everything again.

`make simulate SEEDS=100000` runs seeds on all cores (`JOBS=`), `make simulate SEED=123` replays one with
its journal. `faults` breaks the product on purpose, to show that each kind of fault is found.

Workers are processes with a fixed hash seed, so that sets and dictionaries are in the same order in every
run. Each runs some hundred seeds and is replaced, which bounds its memory.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

_HASH_SEED = "0"
_SEEDS_OF_A_WORKER = 250
_LAST_LINES = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the arguments ask for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds to run")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--seed", type=int, help="replay this seed and print its journal")
    parser.add_argument("--fault", default="", help="break the product in one way, to see it found")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != _HASH_SEED:
        environ = {**os.environ, "PYTHONHASHSEED": _HASH_SEED}
        command = [sys.executable, "-m", "tests.simulation", *(arguments or sys.argv[1:])]
        return subprocess.run(command, env=environ, check=False).returncode
    if options.seed is not None:
        return _replay(options.seed, options.fault)
    if options.worker:
        return _work(range(options.first, options.first + options.seeds), options.fault)
    return _spread(options.first, options.seeds, options.jobs, options.fault)


def _replay(seed: int, fault: str) -> int:
    """Prints the journal of a seed, with the answers."""
    from tests.simulation.faults import broken  # noqa: PLC0415 - only where seeds are run
    from tests.simulation.runs import simulate  # noqa: PLC0415

    with broken(fault):
        result = simulate(seed, talkative=True)
    _say("\n".join(result.journal))
    _say(f"seed {seed}: {'; '.join(result.problems) or 'all promises hold'}")
    return int(bool(result.problems))


def _work(seeds: range, fault: str) -> int:
    """Runs seeds in this process, and prints a line of JSON for each that fails and one at the end."""
    from tests.simulation.faults import broken  # noqa: PLC0415 - only where seeds are run
    from tests.simulation.runs import simulate  # noqa: PLC0415

    calm, seconds = 0, 0.0
    with broken(fault):
        for seed in seeds:
            result = simulate(seed)
            calm += result.calm
            seconds += result.seconds
            if result.problems:
                last = result.journal[-_LAST_LINES:]
                _say(json.dumps({"seed": seed, "problems": result.problems, "journal": last}))
    cpu = time.clock_gettime(time.CLOCK_PROCESS_CPUTIME_ID)
    _say(json.dumps({"ran": len(seeds), "calm": calm, "seconds": seconds, "cpu": cpu}))
    return 0


def _spread(first: int, seeds: int, jobs: int, fault: str) -> int:
    """Runs seeds in several processes, and reports."""
    began, totals, failed = time.monotonic(), Counter[str](), 0
    with ThreadPoolExecutor(jobs) as pool:
        starts = range(first, first + seeds, _SEEDS_OF_A_WORKER)
        for lines in pool.map(
            lambda start: list(
                _worker(start, min(_SEEDS_OF_A_WORKER, first + seeds - start), fault)
            ),
            starts,
        ):
            for line in lines:
                if "seed" not in line:
                    totals.update(line)
                    continue
                failed += 1
                _say(f"seed {line['seed']}: {'; '.join(line['problems'])}")
                if failed == 1:
                    _say("\n".join(line["journal"]))
                    _say(f"replay it: make simulate SEED={line['seed']}")
    _say(
        f"{totals['ran']} seeds ({totals['calm']} calm), {totals['seconds'] / 3600:.1f} simulated hours,"
        f" {totals['cpu']:.0f} s of processor time, {time.monotonic() - began:.0f} s: {failed} failed"
    )
    return int(bool(failed) or totals["ran"] != seeds)


def _worker(first: int, seeds: int, fault: str) -> Iterator[dict[str, object]]:
    """What a worker process prints."""
    command = [
        sys.executable, "-m", "tests.simulation", "--worker",
        "--first", str(first), "--seeds", str(seeds), "--fault", fault,
    ]  # fmt: skip
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in ended.stdout.splitlines():
        yield json.loads(line)
    if ended.returncode:
        yield {"seed": first, "problems": ["the worker ended"], "journal": [ended.stderr[-3000:]]}


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
