"""What the panel is answered, by a real Jupyter server, about runs in a real store."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from author import SOURCE, Author, done
from tornado.httpclient import HTTPClientError

from playbooks_ipython.store import this_owner
from playbooks_ipython.store.owner import owner_of

Fetch = Callable[..., Awaitable[Any]]


async def runs_of(jp_fetch: Fetch, notebook: str = "work/demo.ipynb") -> dict[str, Any]:
    response = await jp_fetch("playbooks-ipython", "runs", params={"notebook": notebook})
    answer: dict[str, Any] = json.loads(response.body)
    return answer


async def only_run(jp_fetch: Fetch) -> dict[str, Any]:
    """Return the details of the notebook's only run."""
    (run,) = (await runs_of(jp_fetch))["runs"]
    response = await jp_fetch("playbooks-ipython", "runs", run["store"], run["name"])
    answer: dict[str, Any] = json.loads(response.body)
    return answer


async def refusal(jp_fetch: Fetch, *address: str, **given: Any) -> tuple[int, str]:
    """Return status and sentence of an answer that is not 200."""
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("playbooks-ipython", *address, **given)
    assert caught.value.response is not None
    return caught.value.code, json.loads(caught.value.response.body)["message"]


async def test_notebook_without_runs_has_an_empty_list(jp_fetch: Fetch) -> None:
    """A notebook that never ran a playbook is no error."""
    assert await runs_of(jp_fetch) == {"format": 1, "runs": [], "problems": []}


async def test_run_stands_in_the_list(jp_fetch: Fetch, author: Author) -> None:
    """A run tells its name, place, number of awaits and how it stands, without any key."""
    author.write().close()
    (run,) = (await runs_of(jp_fetch))["runs"]
    assert run.pop("size_bytes") > 0
    assert len(run.pop("store")) == 16
    assert str(this_owner().pid) in run.pop("owner")
    assert run == {
        "name": "demo",
        "run_id": "id-of-demo",
        "state": "running",
        "notebook": str(author.notebook),
        "cell_id": "c1",
        "created_s": 100.0,
        "updated_s": 102.0,
        "awaits": 2,
        "pinned": 0,
        "line": 3,
        "statement": "for i in range(2):",
        "error": None,
        "forked_from": None,
    }


async def test_run_tells_its_pins_and_its_beginning(jp_fetch: Fetch, author: Author) -> None:
    """The list says how many checkpoints are pinned and which one a fork began with."""
    lineage = {"run_id": "id-of-first", "name": "first", "n": 1}
    writer = author.write(forked_from=lineage)
    for n, pinned in ((1, True), (2, True), (2, False)):
        writer.append("pin", {"n": n, "pinned": pinned})
    writer.close()
    answer = await only_run(jp_fetch)
    assert (answer["run"]["pinned"], answer["run"]["forked_from"]) == (1, "first@1")
    assert [each["pinned"] for each in answer["checkpoints"]] == [True, False]


async def test_newest_run_comes_first(jp_fetch: Fetch, author: Author) -> None:
    """Runs are ordered by when they began."""
    author.write("old", created_s=1.0).close()
    author.write("new", created_s=2.0).close()
    assert [run["name"] for run in (await runs_of(jp_fetch))["runs"]] == ["new", "old"]


async def test_run_of_a_dead_kernel_is_interrupted(jp_fetch: Fetch, author: Author) -> None:
    """What a killed process left is interrupted, though it could not write so itself."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = owner_of(child.pid)
    child.communicate(b"\n")
    author.write(owner=owner).close()
    (run,) = (await runs_of(jp_fetch))["runs"]
    assert (run["state"], run["owner"]) == ("interrupted", None)


async def test_list_follows_a_run_that_goes_on(jp_fetch: Fetch, author: Author) -> None:
    """A list that was read before does not hide what came since."""
    with_two = author.write()
    assert (await runs_of(jp_fetch))["runs"][0]["awaits"] == 2
    with_two.append("done", done(3))
    with_two.append(
        "state",
        {
            "state": "failed",
            "n": 3,
            "time": 200.0,
            "error": {"type": "ValueError", "text": "no", "line": 3},
        },
    )
    with_two.close()
    (run,) = (await runs_of(jp_fetch))["runs"]
    assert (run["awaits"], run["state"], run["error"]) == (3, "failed", "ValueError: no")
    assert len((await only_run(jp_fetch))["checkpoints"]) == 3


async def test_details_of_a_run(jp_fetch: Fetch, author: Author) -> None:
    """A run's text, checkpoints oldest first, and kept output are told."""
    author.write().close()
    answer = await only_run(jp_fetch)
    assert answer["source"] == SOURCE
    assert answer["done_lines"] == 1
    assert answer["output"] == [["stdout", "hello\n"]]
    assert answer["problems"] == []
    assert answer["checkpoints"][1] == {
        "n": 2,
        "id": "demo_ckpt_2",
        "line": 3,
        "statement": "for i in range(2):",
        "done_lines": 1,
        "time": 102.0,
        "bytes": 20,
        "pinned": False,
        "pending": None,
        "location": None,
        "variables": {"a": "int"},
        "refused": [],
        "task": None,
        "stack": [["cell", 3]],
        "locals": [{}],
    }


async def test_an_await_of_a_task_tells_it(jp_fetch: Fetch, author: Author) -> None:
    """Its stack is that of the task, each frame with its variables' types."""
    within = {"stack": [["fetch", 2], ["page", 3]], "locals": [{"name": "str"}, {"n": "int"}]}
    writer = author.write()
    writer.append("done", done(3, task="fetch-3", **within))
    writer.close()
    checkpoint = (await only_run(jp_fetch))["checkpoints"][-1]
    assert checkpoint["task"] == "fetch-3"
    assert {key: checkpoint[key] for key in within} == within


async def test_pinned_checkpoints_are_marked(jp_fetch: Fetch, author: Author) -> None:
    """Which checkpoints stay is told; one that is pinned no more is like any other."""
    writer = author.write(checkpoints=3)
    for n, pinned in ((1, True), (3, True), (3, False)):
        writer.append("pin", {"n": n, "pinned": pinned})
    writer.close()
    checkpoints = (await only_run(jp_fetch))["checkpoints"]
    assert [c["pinned"] for c in checkpoints] == [True, False, False]


async def test_variables_are_carried_forward(jp_fetch: Fetch, author: Author) -> None:
    """A checkpoint whose record is silent about variables has those of the record before."""
    writer = author.write(checkpoints=1)
    writer.append("issue", done(2) | {"attempt": 1, "vars": {"a": "int", "b": "str"}})
    writer.append("done", done(2))
    writer.close()
    checkpoints = (await only_run(jp_fetch))["checkpoints"]
    assert [c["variables"] for c in checkpoints] == [{"a": "int"}, {"a": "int", "b": "str"}]


async def test_what_was_not_stored_is_told(jp_fetch: Fetch, author: Author) -> None:
    """A variable that could not be stored is named with its type and the reason."""
    writer = author.write(checkpoints=1)
    writer.append("done", done(2, refused=[["s", "socket", "cannot be pickled"]]))
    writer.close()
    refused = (await only_run(jp_fetch))["checkpoints"][1]["refused"]
    assert refused == [{"variable": "s", "type": "socket", "reason": "cannot be pickled"}]


async def test_deleted_checkpoint_is_gone(jp_fetch: Fetch, author: Author) -> None:
    """A checkpoint that was dropped is not shown."""
    writer = author.write()
    writer.append("drop", {"n": 1})
    writer.close()
    assert [c["n"] for c in (await only_run(jp_fetch))["checkpoints"]] == [2]


async def test_torn_log_is_listed(jp_fetch: Fetch, author: Author) -> None:
    """A log that ends in the middle of a record shows what is whole and says what is not."""
    author.write().close()
    (log,) = (author.store.root / "demo").glob("log-*")
    log.write_bytes(log.read_bytes()[:-7])
    answer = await runs_of(jp_fetch)
    assert answer["runs"][0]["awaits"] == 2
    assert "not a whole record" in answer["problems"][0]
    assert len((await only_run(jp_fetch))["checkpoints"]) == 2


async def test_unreadable_run_is_a_sentence(jp_fetch: Fetch, author: Author) -> None:
    """A run of which nothing can be read is a problem in the list, and the others are there."""
    author.write("good").close()
    author.write("bad").close()
    (log,) = (author.store.root / "bad").glob("log-*")
    log.write_bytes(b"not a log at all, but long enough to look at it as if it were one" * 9)
    answer = await runs_of(jp_fetch)
    assert [run["name"] for run in answer["runs"]] == ["good"]
    assert [problem.partition(":")[0] for problem in answer["problems"]] == ["bad"]


@pytest.mark.parametrize("nonsense", [{"stack": "nonsense"}, {"locals": ["nonsense"]}])
async def test_foreign_fields_are_a_sentence(
    jp_fetch: Fetch, author: Author, nonsense: dict[str, Any]
) -> None:
    """A whole record with fields of the wrong type is told, not a failure of the server."""
    writer = author.write()
    writer.append("done", done(3, **nonsense))
    writer.close()
    answer = await only_run(jp_fetch)
    assert len(answer["checkpoints"]) == 2
    assert "not as expected" in answer["problems"][0]


async def test_newer_format_is_a_sentence(jp_fetch: Fetch, author: Author) -> None:
    """A run of a later version says so instead of being misread."""
    author.write(format=99).close()
    answer = await runs_of(jp_fetch)
    assert answer["runs"] == []
    assert "format 99 is newer" in answer["problems"][0]


async def test_other_notebooks_runs_are_not_listed(jp_fetch: Fetch, author: Author) -> None:
    """Two notebooks in one folder share a store and see their own runs alone."""
    (author.notebook.parent / "other.ipynb").write_text('{"cells": [{"id": "c1"}]}')
    author.write().close()
    assert (await runs_of(jp_fetch, "work/other.ipynb"))["runs"] == []


async def test_renamed_notebook_keeps_its_runs(jp_fetch: Fetch, author: Author) -> None:
    """A run goes with its cell when the notebook that it recorded is gone."""
    author.write().close()
    author.notebook.rename(author.notebook.with_name("renamed.ipynb"))
    assert len((await runs_of(jp_fetch, "work/renamed.ipynb"))["runs"]) == 1


async def test_store_that_no_kernel_recorded_is_not_read(
    jp_fetch: Fetch, author: Author, jp_data_dir: Path
) -> None:
    """A store that lies beside a notebook, as in a cloned repository, is left alone."""
    author.write().close()
    for entry in jp_data_dir.rglob("stores/*.json"):
        entry.unlink()
    assert (await runs_of(jp_fetch))["runs"] == []


async def test_client_without_token_is_refused(jp_fetch: Fetch, author: Author) -> None:
    """Neither address answers somebody who has not logged in."""
    author.write().close()
    nobody = {"Authorization": "token wrong"}
    for address in (("runs",), ("runs", "0" * 16, "demo")):
        status, _ = await refusal(
            jp_fetch, *address, params={"notebook": "work/demo.ipynb"}, headers=nobody
        )
        assert status == 403


async def test_unknown_run_is_404(jp_fetch: Fetch, author: Author) -> None:
    """A run that is not there is told in a sentence."""
    author.write().close()
    (run,) = (await runs_of(jp_fetch))["runs"]
    status, sentence = await refusal(jp_fetch, "runs", run["store"], "nobody")
    assert status == 404
    assert sentence == f"no run 'nobody' in {author.store.root}; there are: demo"


async def test_unknown_store_is_404(jp_fetch: Fetch) -> None:
    """A store's id that this server never gave out opens nothing."""
    status, sentence = await refusal(jp_fetch, "runs", "0" * 16, "demo")
    assert status == 404
    assert "not known to this server" in sentence


@pytest.mark.parametrize("name", ["..%2F..%2Fother%2Fdemo", "%2Fetc", "..", "demo%00", "demo%0A"])
async def test_names_lead_nowhere_else(
    jp_fetch: Fetch, author: Author, jp_root_dir: Path, name: str
) -> None:
    """No name leads out of its store, whatever it is made of."""
    author.write().close()
    (jp_root_dir / "other").mkdir()
    (jp_root_dir / "other" / "n.ipynb").touch()
    Author(jp_root_dir / "other" / "n.ipynb").write().close()
    (run,) = (await runs_of(jp_fetch))["runs"]
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch("playbooks-ipython", "runs", run["store"], name)
    assert caught.value.code == 404


async def test_missing_notebook_is_told(jp_fetch: Fetch) -> None:
    """A request that names no notebook is told what is missing."""
    status, sentence = await refusal(jp_fetch, "runs")
    assert (status, sentence) == (400, "say which notebook: runs?notebook=PATH")
