"""DBOS: the program as a workflow with one step an await, kept by its SQLite system database."""

from __future__ import annotations

import asyncio
import sqlite3

import program
import sqlalchemy
from child import Job, Row, main
from dbos import DBOS, DBOSConfig, SetWorkflowID

WORKFLOW = "bench"


@DBOS.step()
async def async_step(i: int) -> str:
    return await program.tool(i)


@DBOS.workflow()
async def async_workflow(seed: int, calls: int) -> program.State:
    state = program.start_state(seed)
    for i in range(calls):
        program.take_reply(state, i, await async_step(i))
    return state


@DBOS.step()
def sync_step(i: int) -> str:
    return program.call_tool(i)


@DBOS.workflow()
def sync_workflow(seed: int, calls: int) -> program.State:
    state = program.start_state(seed)
    for i in range(calls):
        program.take_reply(state, i, sync_step(i))
    return state


def survive_processes_only(connection: sqlite3.Connection, _record: object) -> None:
    """Give up power loss: commits reach the page cache, and no sync is waited for."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def launch(job: Job, process_only: bool) -> None:
    if process_only:
        sqlalchemy.event.listen(sqlalchemy.Engine, "connect", survive_processes_only)
    settings: DBOSConfig = {
        "name": "bench",
        "system_database_url": f"sqlite:///{job.folder / 'dbos.sqlite'}",
        "application_version": "1",  # else the version is a hash of all workflows' source
        "run_admin_server": False,
        "log_level": "ERROR",
    }
    DBOS(config=settings)
    DBOS.launch()  # recovers what this executor had not finished


def resume(job: Job, process_only: bool) -> program.State:
    launch(job, process_only)
    return DBOS.retrieve_workflow(WORKFLOW).get_result(polling_interval_sec=0.05)


def async_row(process_only: bool) -> Row:
    def native(job: Job) -> None:
        asyncio.run(program.run_native_async(job.state, job.kill_at + 1))

    async def start(job: Job) -> None:
        with SetWorkflowID(WORKFLOW):
            await async_workflow(job.seed, job.calls)

    def durable(job: Job) -> None:
        launch(job, process_only)
        asyncio.run(start(job))

    return Row(native, durable, lambda job: resume(job, process_only))


def sync_row() -> Row:
    def native(job: Job) -> None:
        program.run_native(job.state, job.kill_at + 1)

    def durable(job: Job) -> None:
        launch(job, process_only=False)
        with SetWorkflowID(WORKFLOW):
            sync_workflow(job.seed, job.calls)

    return Row(native, durable, lambda job: resume(job, process_only=False))


if __name__ == "__main__":
    main(
        {
            "async-step": async_row(process_only=False),
            "async-step-process": async_row(process_only=True),
            "step": sync_row(),
        },
        ("dbos", "SQLAlchemy"),
    )
