"""What a notebook's commands keep: pins, forks, saved namespaces; and what differs between them."""

from __future__ import annotations

from tests.kernel.conftest import value
from tests.support.kernels import Kernel


def test_a_pinned_checkpoint_is_marked_and_stays(shared: Kernel) -> None:
    shared.run("%%playbook pinned\na = 1\nawait tool('p1')\na = 2\nawait tool('p2')\na = 3")
    assert "pinned@1 is pinned" in str(shared.run("%playbook pin pinned@1").value)
    assert "pinned@1 (pinned)" in str(shared.run("%playbook show pinned@1").value)
    assert "2 (pinned: 1)" in str(shared.run("%playbook").value)
    assert "pinned@1 is pinned; `%playbook pin" in shared.run("%playbook delete pinned@1").stderr
    shared.run("%playbook restore pinned@1")
    assert value(shared, "a") == 1


def test_off_takes_the_pin_out_and_repeating_does_not(shared: Kernel) -> None:
    shared.run("%%playbook loose\nawait tool('p1')\nawait tool('p2')")
    for _ in range(2):
        shared.run("%playbook pin loose@1")
    assert "2 (pinned: 1)" in str(shared.run("%playbook").value)
    assert "loose@1 is not pinned" in str(shared.run("%playbook pin loose@1 --off").value)
    assert "deleted loose@1" in str(shared.run("%playbook delete loose@1").value)
