"""Runs a job for each of many items in several processes, for both harnesses."""

import argparse
import multiprocessing
import time

STALL = 100
"""Seconds without a result after which the harness gives up."""


def parser(description):
    """Returns a parser of the options that both harnesses have."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("program")
    made.add_argument("--seconds", type=float, help="only for this long")
    made.add_argument("--seed", type=int, default=12)
    made.add_argument("--workers", type=int, default=3)
    made.add_argument("--report", help="a file for all violations")
    return made


def outcomes(work, items, options, start, stalled):
    """Yields `work.one(item)` for each item until the time is up.

    `work.begin` is called in each process with a queue of the processes' numbers. `stalled` yields outcomes in place of those
    that do not arrive.
    """
    numbers = multiprocessing.Queue()
    for number in range(options.workers):
        numbers.put(number)
    with multiprocessing.Pool(options.workers, work.begin, (numbers,)) as pool:
        results = pool.imap_unordered(work.one, items)
        for _ in items:
            try:
                yield results.next(timeout=STALL)
            except multiprocessing.TimeoutError:
                yield from stalled()
                break
            if options.seconds and time.monotonic() - start > options.seconds:
                break
        pool.terminate()
