"""Runs made on a Dask cluster."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from logging import CRITICAL, getLogger
from typing import Any

from theorycheck.running.workers import MOST_DEATHS, _interrupts_blocked

DASK_SECONDS = 8  # for a scheduler to answer
LOCAL_DASK = {
    "distributed.scheduler.allowed-failures": MOST_DEATHS - 1,
    # a worker that died and is not back by then is given up for good: waiting has no cost
    "distributed.deploy.lost-worker-timeout": "1000 days",
}


LOCAL_CLUSTER = {
    "threads_per_worker": 1,
    "dashboard_address": "127.0.0.1:0",  # any free port: two clusters must not want the same
    "silence_logs": CRITICAL,
}


@contextmanager
def dask_executor(address: str, count: int) -> Iterator[Executor]:
    """Open the executor of a Dask cluster."""
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise ValueError("--dask needs Dask: pip install 'theorycheck[dask]'") from error
    with ExitStack() as stack:
        stack.enter_context(_dask_quiet())
        if address != "local":
            try:
                client = Client(address, timeout=DASK_SECONDS, set_as_default=False)
            except ValueError as error:
                raise ValueError(f"dask must be an address or local, got {address!r}") from error
            yield stack.enter_context(client).get_executor(pure=False)
            return
        stack.enter_context(dask.config.set(LOCAL_DASK))
        with _interrupts_blocked():
            cluster = stack.enter_context(LocalCluster(count, **LOCAL_CLUSTER))
        client = stack.enter_context(Client(cluster, set_as_default=False))
        try:
            yield client.get_executor(pure=False)
        except BaseException:  # nobody waits for what is at work
            cluster.sync(_end_workers, cluster)
            raise


@contextmanager
def _dask_quiet() -> Iterator[None]:
    """Silence what Dask logs of lost workers and connections: the sweep says it in a sentence."""
    loggers = [getLogger(name) for name in ("distributed", "distributed.client")]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger in loggers:
            logger.disabled = False


async def _end_workers(cluster: Any) -> None:
    """End the processes of a local cluster, which would be given seconds to end by themselves."""
    await gather(*(nanny.close(timeout=0.1) for nanny in cluster.workers.values()))
