"""Deterministic simulation of the use cases: a seed decides everything, and a failing one replays.

A run has one or two replicas of each context, built by their real `app.build` and served by the real
`kernel.rpc.server`, with their outboxes, mail queues, sweepers and feeds. Under them is what a real run
has from the machine:

- `loop`: an event loop without waiting. Time is a number; chance decides which process runs next.
- `store`: the store port in memory, with FoundationDB's semantics: snapshots, conflicts, results that stay
  unknown, commits that take place after their process has died. It passes the conformance suite.
- `network`: calls as bytes, which are late, lost or doubled; streams that stall and break.
- `process`: the processes, which die at any await, stand still, and have clocks of their own.
- `chance`: clocks, ids, secrets and faults from the seed. A third of the runs are calm: nothing goes
  wrong in them, and promises hold without delay.

On top are `people` and `life`: what people do, what they were answered, and what may still take effect of
calls that were not answered. An answer that contradicts an earlier one breaks a promise. `promises` waits
until nothing is under way any more, has the doctor examine the store, and asks for everything again.

`make simulate SEEDS=100000` runs seeds on all cores (`JOBS=`), `make simulate SEED=123` replays one with
its journal. `faults` breaks the product on purpose, to show that each kind of fault is found.
"""
