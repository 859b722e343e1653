"""LangGraph: the program as a graph of one node that loops, and as tasks, kept by SqliteSaver."""

from __future__ import annotations

import sqlite3
from typing import Any, TypedDict

import program
from child import Job, Row, main
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph

THREAD = "bench"


class Kept(TypedDict):
    """The namespace as channels; `step` is the position, which a graph must keep by itself."""

    topic: str
    model: str
    budget: int
    temperature: float
    digest: int
    reply: str
    messages: list[str]
    step: int


def one_await(state: Kept) -> dict[str, Any]:
    """One await and the plain code after it, as a super-step."""
    i, reply = state["step"], program.call_tool(state["step"])
    messages = list(state["messages"])
    messages[i % program.MESSAGES] = reply
    digest = program.mix(state["digest"], reply)
    return {"reply": reply, "messages": messages, "digest": digest, "step": i + 1}


def open_saver(job: Job, synchronous: str) -> SqliteSaver:
    saver = SqliteSaver(sqlite3.connect(job.folder / "checkpoints.sqlite", check_same_thread=False))
    saver.setup()  # sets WAL, and leaves synchronous at SQLite's own default, FULL
    saver.conn.execute(f"PRAGMA synchronous={synchronous}")
    return saver


def build_graph(calls: int, saver: SqliteSaver | None) -> Any:
    graph = StateGraph(Kept)
    graph.add_node("one_await", one_await)
    graph.add_edge(START, "one_await")
    graph.add_conditional_edges(
        "one_await", lambda state: "one_await" if state["step"] < calls else END
    )
    return graph.compile(checkpointer=saver)


@task
def tool_task(i: int) -> str:
    return program.call_tool(i)


def build_entrypoint(calls: int, saver: SqliteSaver | None) -> Any:
    @entrypoint(checkpointer=saver)
    def run(state: dict[str, Any]) -> dict[str, Any]:
        for i in range(calls):
            program.take_reply(state, i, tool_task(i).result())
        return state

    return run


def config(job: Job) -> dict[str, Any]:
    return {"configurable": {"thread_id": THREAD}, "recursion_limit": job.calls + 10}


def native(job: Job) -> None:
    program.run_native(job.state, job.kill_at + 1)


def graph_row(durability: str, synchronous: str) -> Row:
    def plain(job: Job) -> None:
        build_graph(job.kill_at + 1, None).invoke({**job.state, "step": 0}, config(job))

    def durable(job: Job) -> None:
        graph = build_graph(job.calls, open_saver(job, synchronous))
        graph.invoke({**job.state, "step": 0}, config(job), durability=durability)

    def resume(job: Job) -> program.State:
        graph = build_graph(job.calls, open_saver(job, synchronous))
        state = graph.invoke(None, config(job), durability=durability)
        state.pop("step")
        return state

    return Row(native, durable, resume, plain)


def task_row(synchronous: str) -> Row:
    def plain(job: Job) -> None:
        build_entrypoint(job.kill_at + 1, None).invoke(job.state, config(job))

    def durable(job: Job) -> None:
        run = build_entrypoint(job.calls, open_saver(job, synchronous))
        run.invoke(job.state, config(job), durability="sync")

    def resume(job: Job) -> program.State:
        run = build_entrypoint(job.calls, open_saver(job, synchronous))
        return run.invoke(None, config(job), durability="sync")

    return Row(native, durable, resume, plain)


if __name__ == "__main__":
    main(
        {
            "node": graph_row("sync", "FULL"),
            "node-process": graph_row("sync", "NORMAL"),
            "node-async": graph_row("async", "FULL"),
            "task": task_row("FULL"),
        },
        ("langgraph", "langgraph-checkpoint", "langgraph-checkpoint-sqlite"),
    )
