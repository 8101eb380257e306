"""The process between the supervisor and one of its children; run as a script, never imported.

    guard.py DESCRIPTOR GRACE -- COMMAND...

It ends the child when the supervisor asks (it closes the pipe whose reading end is DESCRIPTOR) and just as
well when the supervisor was killed and the system closed the pipe, on every Unix. Ending means SIGTERM to the
command's first process alone, because django-q2 hangs when its whole group is signalled; after GRACE seconds
SIGKILL to whatever is left of its group. However the child ends, nothing of its group stays behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> int:
    """Runs the command and returns its exit code, or 128 plus the number of the signal that ended it."""
    descriptor, grace, command = int(arguments[0]), float(arguments[1]), arguments[3:]
    child_ended, ending = os.pipe()
    for end in (child_ended, ending):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(ending, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    # Whoever signals the guard means its child. SIGINT while it is already ending means: don't wait any
    # longer.
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: told.append(number))

    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        # Only in case the guard itself is killed. It has one thread, so the hook is safe.
        preexec_fn=_die_with_parent,
    )
    deadline = None
    while not _has_ended(child.pid):
        timeout = None if deadline is None else max(0.0, deadline - time.monotonic())
        watched = [child_ended] if deadline is not None else [child_ended, descriptor]
        readable, _, _ = select.select(watched, [], [], timeout)
        if child_ended in readable:
            with contextlib.suppress(BlockingIOError):
                os.read(child_ended, 4096)
        if deadline is None and (told or descriptor in readable):
            child.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + grace
            told.clear()
        elif deadline is not None and (signal.SIGINT in told or time.monotonic() >= deadline):
            break
    # Before the child is reaped: until then nobody else can get its number as a group.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _has_ended(pid: int) -> bool:
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return subprocess.run(
            ["/bin/ps", "-p", str(pid), "-o", "stat="], capture_output=True, text=True, check=False
        ).stdout.strip()[:1] in ("", "Z")
    # WNOWAIT leaves the ended child where it is, see above.
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
