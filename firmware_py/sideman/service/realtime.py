"""What a clock that must not be late asks of the system: scheduling class, locked memory, no garbage collection."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import sys
import time

SWITCH_INTERVAL_S = 0.0001
_LOCK = 1 | 2 | 4
"""MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT: pages stay once touched, untouched ones (thread stacks) cost nothing."""


def ask_for_fifo(priority: int) -> str:
    """Put the calling thread under SCHED_FIFO; its children and threads started later do not inherit it.

    Args:
        priority: 1-99; 0 asks for nothing.

    Returns:
        An empty text, or one sentence on why the clock runs without it.
    """
    if priority <= 0:
        return "realtime scheduling is switched off (service.realtime_priority = 0)"
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    except PermissionError:
        allowed = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
        if allowed >= priority or allowed == resource.RLIM_INFINITY:
            return (
                f"SCHED_FIFO {priority} was refused though the limit allows it: the clock has normal priority; "
                "look for RestrictRealtime= or a SystemCallFilter= in the unit"
            )
        return (
            f"no right to SCHED_FIFO {priority} (this user may use {allowed}): the clock has normal priority; "
            "run the systemd unit, or give the user an rtprio limit in /etc/security/limits.d"
        )
    except (OSError, ValueError) as error:
        return f"SCHED_FIFO {priority} was refused ({error}): the clock runs at normal priority"
    return ""


def under_fifo() -> bool:
    """Whether the calling thread runs under SCHED_FIFO."""
    return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO


def leave_fifo() -> None:
    """Put the calling thread back under the normal scheduler."""
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def lock_memory() -> str:
    """Keep the process's pages in memory, when the limit allows all of them.

    Returns:
        An empty text, or one sentence on why they are not locked.
    """
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if limit != resource.RLIM_INFINITY:
        return f"memory is not locked: the limit is {limit // 1024} KiB (LimitMEMLOCK=infinity in the unit lifts it)"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_LOCK) != 0:
        return f"memory is not locked: {os.strerror(ctypes.get_errno())}"
    return ""


def quick_switches() -> None:
    """Let the clock's thread get the interpreter within a tenth of a millisecond."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def collector_off() -> None:
    """Collect once, put what is left out of the collector's sight, and collect no more by itself."""
    gc.collect()
    gc.freeze()
    gc.disable()


def collect_now() -> float:
    """Collect in an idle bar; returns the milliseconds it took."""
    start = time.monotonic_ns()
    gc.collect()
    return (time.monotonic_ns() - start) / 1e6
