"""The worker: django-q2's cluster, a ticker for the schedules, and an end that comes in seconds.

What is added to the cluster, and why:

* its processes end when the one that made them does (a killed worker would leave a second cluster behind);
* told to stop, it gives running jobs a grace, then takes them back into the queue;
* it notices when nothing moves any more although everything seems to run, and ends with code 1, so that
  whoever supervises it starts a new one.
"""

import logging
import os
import signal
import threading
import time
from multiprocessing import Event

from django.db import Error, connections
from django_q import signals as q_signals
from django_q.cluster import Cluster, Sentinel, get_mp_context
from django_q.conf import Conf

from tenants.db import connection

from . import housekeeping, schedules
from .broker import wake_all
from .job_runner import busy_count, fresh_start, recover, stop_soon
from .models import Heartbeat

TICK_SECONDS = 5.0
# A running job may finish within this when the worker is told to stop …
GRACE_SECONDS = 8.0
# … and all processes have this long to end; then they are killed.
STOP_SECONDS = 20.0
# Nothing has moved for so long although the database answers: the cluster is stuck.
STUCK_SECONDS = 75.0
logger = logging.getLogger(__name__)
_inherited: list[object] = []


class WorkerSentinel(Sentinel):
    """Guards the pool; on stopping, interrupts the jobs that outlast the grace."""

    def stop(self):
        hurry = threading.Timer(GRACE_SECONDS, self._hurry)
        hurry.daemon = True
        hurry.start()
        super().stop()
        hurry.cancel()

    def _hurry(self) -> None:
        for process in list(self.pool):
            if process.is_alive():
                os.kill(process.pid, signal.SIGUSR1)


class WorkerCluster(Cluster):
    """A cluster guarded by our sentinel."""

    def start(self) -> int:
        self.stop_event, self.start_event = Event(), Event()
        self.sentinel = get_mp_context().Process(
            target=WorkerSentinel,
            args=(self.stop_event, self.start_event, self.cluster_id, self.broker, self.timeout),
        )
        self.sentinel.start()
        while not self.start_event.is_set():
            if not self.sentinel.is_alive():
                raise RuntimeError(f"the worker's guard ended with code {self.sentinel.exitcode}")
            time.sleep(0.05)
        return self.pid

    def stop(self) -> bool:
        """Ask all processes to end, and wait. False when they had to be killed."""
        # In a thread: setting the event waits for the guard to wake up, for ever if that has been killed.
        threading.Thread(target=self.stop_event.set, daemon=True).start()
        self.sentinel.join(STOP_SECONDS)
        if self.sentinel.is_alive():
            self.kill()
            return False
        return True

    def kill(self) -> None:
        """End the guard at once; its children see that they are orphans and end too."""
        self.sentinel.kill()
        self.sentinel.join()


class Worker:
    """One worker process with its children, until told to stop."""

    def __init__(self) -> None:
        self.stopping = False
        self._beat_seen: object = None
        self._moved = time.monotonic()

    def run(self) -> int:
        """The exit code: 0 when told to stop, 1 when something was wrong."""
        os.register_at_fork(after_in_child=_in_child)
        q_signals.post_spawn.connect(_in_pool, dispatch_uid="tenants.worker")
        q_signals.pre_execute.connect(fresh_start, dispatch_uid="tenants.worker")
        wake_all()
        connection.close()
        cluster = WorkerCluster()
        # A flag only: the loop below does the stopping, outside the handler.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        cluster.start()
        logger.info("worker ready: %s processes", Conf.WORKERS)
        next_tick = 0.0
        while not self.stopping:
            if not cluster.sentinel.is_alive():
                logger.critical("the worker's guard has ended")
                return 1
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + TICK_SECONDS
                self.tick()
                if time.monotonic() - self._moved > STUCK_SECONDS:
                    logger.critical("the worker is stuck: nothing has moved for %s s", STUCK_SECONDS)
                    cluster.kill()
                    return 1
            time.sleep(0.1)
        logger.info("worker stopping")
        if not cluster.stop():
            logger.warning("worker: some processes had to be killed")
        return 0

    def tick(self) -> None:
        """Fan out schedules, take back what died, watch the heartbeat; survives a database that is away."""
        try:
            schedules.tick()
            recover()
            # With every process at a long job, the heartbeat's job has to wait; that isn't being stuck.
            if busy_count() >= Conf.WORKERS:
                housekeeping.beat()
            seen = Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first()
            if seen != self._beat_seen:
                self._beat_seen, self._moved = seen, time.monotonic()
        except Error:
            logger.exception("the database does not answer")
            self._moved = time.monotonic()
        finally:
            # A session remembers every table it has touched, and the schedules touch many.
            connection.close()

    def _on_signal(self, number: int, frame: object) -> None:
        self.stopping = True


def _in_child() -> None:
    """In every forked process: leave the parent's database sessions alone, and end when it ends."""
    for wrapper in connections.all(initialized_only=True):
        # Kept from being collected, which might say goodbye to the server on the parent's behalf.
        _inherited.append(wrapper.connection)
        wrapper.connection = None
    parent = os.getppid()
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


def _in_pool(**_kwargs: object) -> None:
    """In a process that does jobs; `post_spawn` is sent there before its first."""
    signal.signal(signal.SIGUSR1, stop_soon)
