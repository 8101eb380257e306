"""How a test process reads the tests: the processes of one run share the work of preparing them.

pytest rewrites the assertions of each module once and keeps the result beside it. In a fresh checkout all
processes would rewrite all modules at the same time; here each begins at another one, and finds most of the
others done when it comes to them.
"""

import gc
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    worker = getattr(session.config, "workerinput", None)
    if worker is None:
        return
    # What is made by importing and collecting stays: looking through it for garbage would be in vain.
    gc.disable()
    modules = modules_of(session.config)
    first = len(modules) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    for name in modules[first:] + modules[:first]:
        # What is wrong with a module is said when its tests are collected.
        with suppress(Exception):
            import_module(name)


def modules_of(config) -> list[str]:
    """Names of the modules below the folders that were asked for."""
    folders = [
        path for argument in config.args if (path := Path(config.invocation_params.dir, argument)).is_dir()
    ]
    files = sorted({file for folder in folders for file in folder.rglob("test_*.py")})
    return [
        ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files if file.is_relative_to(ROOT)
    ]


def pytest_collection_finish(session):
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)
    gc.enable()
