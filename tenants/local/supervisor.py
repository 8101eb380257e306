"""Runs the processes of `make run`: starts them, relays their lines, restarts what crashes, ends all in
order.

Each runs under a guard (see `guard`) that ends it when the supervisor asks or dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from .errors import LocalError

GRACE_SECONDS = 30.0
# Beyond the child's grace the guard only has to kill and reap.
GUARD_SECONDS = 10.0
FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 30.0
# Who has run that long has not crashed at start: the delays begin anew.
SETTLED_SECONDS = 60.0
REMEMBERED_LINES = 500


def say(text: str) -> None:
    """Prints a line; a terminal that has gone away (SIGHUP) must not keep us from stopping in order."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


@dataclass(frozen=True)
class Program:
    """What to run: a name for its lines, the command, its whole environment and its folder."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path


@dataclass
class Child:
    """A program that is to be running: its current process and its history of crashes."""

    program: Program
    guard: subprocess.Popen[bytes]
    wish: int  # our end of the guard's pipe; closing it ends the child
    reader: threading.Thread
    started: float = field(default_factory=time.monotonic)
    ending: bool = False
    crashes: int = 0
    due: float | None = None


class Supervisor:
    """Keeps programs running until somebody asks to stop. To be used from the main thread."""

    def __init__(
        self,
        *,
        grace: float = GRACE_SECONDS,
        first_delay: float = FIRST_DELAY_SECONDS,
        output: Callable[[str], None] = say,
    ) -> None:
        self.grace = grace
        self.first_delay = first_delay
        self.say = output
        self.children: dict[str, Child] = {}
        self.recent: deque[str] = deque(maxlen=REMEMBERED_LINES)
        self._stop = threading.Event()
        self._asked = 0

    # -- being asked to stop

    def listen(self) -> None:
        """Makes Ctrl-C, SIGTERM and a closed terminal stop everything; a second Ctrl-C stops it at once."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # started with nohup
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked += 1
        self._stop.set()
        if self._asked > 1 and number == signal.SIGINT:
            for child in self.children.values():
                # The guard, who takes SIGINT while it waits as "do not wait longer".
                with contextlib.suppress(ProcessLookupError):
                    child.guard.send_signal(signal.SIGINT)

    def request_stop(self) -> None:
        """Lets `watch` and `run_step` return soon."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked to stop."""
        return self._stop.is_set()

    # -- programs

    def run_step(self, program: Program) -> int | None:
        """Runs a program to its end: its exit code, or None when it was ended because we are to stop."""
        child = self._launch(program)
        self.children[program.name] = child
        while child.guard.poll() is None:
            if self._stop.wait(0.02):
                self.stop()
                return None
        self._bury(child)
        del self.children[program.name]
        return child.guard.returncode

    def start(self, program: Program) -> None:
        """Starts a program that is to run until we stop."""
        self.children[program.name] = self._launch(program)

    def restart(self, name: str) -> None:
        """Ends a program; `watch` starts it again as soon as it has ended."""
        child = self.children[name]
        if not child.ending and child.due is None:
            child.ending = True
            self._end(child)

    def watch(
        self,
        *,
        until: Callable[[], bool] = lambda: False,
        every: float = 0.2,
        give_up_after: int | None = None,
    ) -> bool:
        """Restarts what crashes until `until()` holds (True) or somebody asks to stop (False).

        Raises LocalError when a program has crashed `give_up_after` times.
        """
        while not self._stop.is_set():
            for child in list(self.children.values()):
                self._tend(child, give_up_after)
            if until():
                return True
            self._stop.wait(every)
        return False

    def stop(self) -> None:
        """Ends all programs at the same time and waits until nothing of them is left."""
        self._stop.set()
        children = [child for child in self.children.values() if child.due is None]
        for child in children:
            child.ending = True
            self._end(child)
        for child in children:
            try:
                child.guard.wait(self.grace + GUARD_SECONDS)
            except subprocess.TimeoutExpired:
                child.guard.kill()
                child.guard.wait()
            self._bury(child)
        self.children.clear()

    # -- inside

    def _launch(self, program: Program) -> Child:
        asked, wish = os.pipe()
        try:
            guard = subprocess.Popen(
                [
                    sys.executable,
                    "-I",
                    str(Path(__file__).with_name("guard.py")),
                    str(asked),
                    str(self.grace),
                    "--",
                    *program.command,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=program.folder,
                env=dict(program.environment),
                pass_fds=(asked,),
                start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone
            )
        except OSError as error:
            os.close(wish)
            raise LocalError(f"The program {program.name} cannot be started: {error.strerror}.") from error
        finally:
            os.close(asked)
        assert guard.stdout is not None
        reader = threading.Thread(target=self._relay, args=(program.name, guard.stdout), daemon=True)
        reader.start()
        return Child(program, guard, wish, reader)

    def _relay(self, name: str, lines: IO[bytes]) -> None:
        with lines:
            for line in lines:
                self.recent.append(line.decode(errors="replace"))
                self.say(f"{name:>8} | {line.decode(errors='replace').rstrip()}")

    def _tend(self, child: Child, give_up_after: int | None) -> None:
        now = time.monotonic()
        if child.due is not None:
            if now >= child.due:
                self._replace(child)
            return
        code = child.guard.poll()
        if code is None:
            return
        self._bury(child)
        if child.ending:
            self._replace(child)
            return
        if now - child.started > SETTLED_SECONDS:
            child.crashes = 0
        child.crashes += 1
        name = child.program.name
        if give_up_after is not None and child.crashes >= give_up_after:
            del self.children[name]
            raise LocalError(
                f"The program {name} ended {child.crashes} times with code {code}: its last lines say why."
            )
        delay = min(self.first_delay * 2 ** (child.crashes - 1), LONGEST_DELAY_SECONDS)
        child.due = now + delay
        self.say(f"{name:>8} | ended with code {code}; starting it again in {delay:g} s")

    def _replace(self, child: Child) -> None:
        new = self._launch(child.program)
        new.crashes = child.crashes
        self.children[child.program.name] = new

    def _end(self, child: Child) -> None:
        if child.wish >= 0:
            os.close(child.wish)
            child.wish = -1

    def _bury(self, child: Child) -> None:
        """Lets the last lines through and frees what belonged to the process."""
        child.reader.join(timeout=2)
        self._end(child)
