"""Runs a command and writes what it used to a file, as JSON; being small, it adds nothing to the peak.

A process counts the memory of the process that starts it as its own until it has loaded its program; this one
is small. Used by `benchmarks.harness.command`.
"""

import json
import os
import resource
import signal
import sys
import time


def main(report: str, seconds: str, *command: str) -> None:
    """Run the command, and end it after so many seconds of processor time, or 15 minutes."""
    start = time.monotonic()
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    child = os.spawnv(os.P_NOWAIT, command[0], command)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGTERM))
    signal.alarm(900)
    _, status, used = os.wait4(child, 0)
    figures = {
        "cpu": used.ru_utime + used.ru_stime,
        "elapsed": time.monotonic() - start,
        "peak": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "status": os.waitstatus_to_exitcode(status),
    }
    with open(report, "w") as file:
        json.dump(figures, file)


main(*sys.argv[1:])
