"""Factories for ``python -m vmfdag.executor``, each of which gives an object with ``submit`` and ``shutdown``.

An attribute ``address`` says where workers reach this machine. Without it, the bridge takes its address on the default route. A
factory for another engine is a function like these, in a module of your own.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

LOOPBACK = "127.0.0.1"


def processes(slots: int, **options: Any) -> Any:
    """Processes of this machine, by the standard library."""
    # A forked process would hold what this one has open.
    pool: Any = ProcessPoolExecutor(slots, mp_context=multiprocessing.get_context("spawn"), **options)
    pool.address = LOOPBACK
    return pool


def parsl(
    slots: int,
    provider: str = "LocalProvider",
    pilots: dict[str, Any] | None = None,
    run_dir: str | None = None,
    **options: Any,
) -> Any:
    """Pilots of Parsl's HighThroughputExecutor.

    :param provider: a class of ``parsl.providers``: ``SlurmProvider``, ``PBSProProvider``, ``LSFProvider``, ``KubernetesProvider``
    :param pilots: its keyword arguments
    :param run_dir: where Parsl writes; all nodes of a cluster have to see it. Default: a temporary folder, or ``.vmfdag/parsl``
    :param options: keyword arguments of ``HighThroughputExecutor``
    """
    import parsl as engine
    from parsl.concurrent import ParslPoolExecutor
    from parsl.executors.high_throughput.executor import DEFAULT_LAUNCH_CMD

    is_local = provider == "LocalProvider"
    # A Python that was named by its path does not have its programs on the PATH.
    programs = Path(sys.executable).parent
    given: dict[str, Any] = {
        "max_workers_per_node": slots,
        "heartbeat_period": 5,
        "heartbeat_threshold": 30,
        "interchange_launch_cmd": [str(programs / "interchange.py")],
    }
    if is_local:
        given.update(address=LOOPBACK, launch_cmd=f"{programs}/{DEFAULT_LAUNCH_CMD}")
    blocks = {"init_blocks": 1, "max_blocks": 1, **(pilots or {})}
    executor = engine.HighThroughputExecutor(
        label="vmfdag", provider=getattr(engine.providers, provider)(**blocks), **{**given, **options}
    )
    place = run_dir or (tempfile.mkdtemp(prefix="vmfdag-parsl-") if is_local else os.path.abspath(".vmfdag/parsl"))
    # The run itself decides what is executed again. Pilots are started once a period, the first one too.
    kernel = engine.load(
        engine.Config([executor], run_dir=place, retries=0, strategy_period=1, initialize_logging=False)
    )
    pool: Any = ParslPoolExecutor(dfk=kernel)

    def shutdown() -> None:
        with contextlib.suppress(Exception):
            kernel.cleanup()
        engine.clear()
        if is_local and run_dir is None:
            shutil.rmtree(place, ignore_errors=True)

    pool.shutdown = shutdown
    if is_local:
        pool.address = LOOPBACK
    return pool


class _Ray:
    def __init__(self, slots: int, address: str | None, task: dict[str, Any], options: dict[str, Any]) -> None:
        import ray

        # Ray's own default, 15, leaves units behind every other process of the machine.
        os.environ.setdefault("RAY_worker_niceness", "0")
        here = {} if address else {"num_cpus": slots, "include_dashboard": False}
        ray.init(address=address, log_to_driver=False, **{**here, **options})

        # Not at the top level of a module, so that it travels by value.
        def call(function: Any, *arguments: Any) -> Any:
            return function(*arguments)

        self._call = ray.remote(call).options(**{"num_cpus": 1, "max_retries": 0, **task})
        self.shutdown = ray.shutdown
        if not address:
            self.address = LOOPBACK

    def submit(self, function: Any, *arguments: Any) -> Any:
        return self._call.remote(function, *arguments).future()


def ray(slots: int, address: str | None = None, task: dict[str, Any] | None = None, **options: Any) -> Any:
    """Tasks of Ray: of the cluster at ``address``, or of this machine.

    :param task: options of a task, one for each slot: ``{"num_gpus": 1}``
    :param options: keyword arguments of ``ray.init``
    """
    return _Ray(slots, address, task or {}, options)


class _Dask:
    def __init__(self, slots: int, address: str | None, resources: dict[str, Any] | None, options: dict[str, Any]) -> None:
        import dask
        import distributed

        # The run itself decides what is executed again.
        dask.config.set({"distributed.scheduler.allowed-failures": 0})
        here = {"n_workers": slots, "threads_per_worker": 1, "dashboard_address": None, "host": LOOPBACK}
        self._client = distributed.Client(address, **options) if address else distributed.Client(**{**here, **options})
        self._resources = resources
        if not address:
            self.address = LOOPBACK

    def submit(self, function: Any, *arguments: Any) -> Any:
        return self._client.submit(function, *arguments, pure=False, retries=0, resources=self._resources)

    def shutdown(self) -> None:
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)
        if self._client.cluster is not None:
            self._client.cluster.close(timeout=2)


def dask(slots: int, address: str | None = None, resources: dict[str, Any] | None = None, **options: Any) -> Any:
    """Workers of Dask: of the scheduler at ``address``, or of this machine.

    :param resources: what a slot needs of a worker, as ``Client.submit`` has it
    :param options: keyword arguments of ``distributed.Client``
    """
    return _Dask(slots, address, resources, options)
