"""Python's lock is given away while networks run."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import platewarden


def test_threads_share_an_engine(engine, street):
    expected = engine.read(street, color="rgb")
    with ThreadPoolExecutor(4) as pool:
        for reads in pool.map(lambda _: engine.read(street, color="rgb"), range(16)):
            assert reads == expected


def longest_pause(work):
    """Runs `work` in another thread; how long it took, and the longest time that this one had to wait meanwhile."""
    started, ended = threading.Event(), []

    def run():
        started.set()
        work()
        ended.append(time.perf_counter())

    thread = threading.Thread(target=run)
    begin = time.perf_counter()
    thread.start()
    started.wait()
    longest, last = 0.0, time.perf_counter()
    while not ended:
        time.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    thread.join()
    return ended[0] - begin, longest


def test_other_threads_run_while_a_frame_is_read(street):
    # The slower backend, on many frames in one call: a second or more without a line of Python.
    engine = platewarden.Engine(backend="embedded", threads=1)
    taken, longest = longest_pause(lambda: engine.read_batch([street] * 24, color="rgb"))
    assert taken > 0.2 and longest < 0.8 * taken, (taken, longest)
