"""Recovery: find the newest whole checkpoint of a run, verify it, and give its state back."""

from __future__ import annotations

from typing import Any

from playbooks_ipython.agents import set_agent_variables
from playbooks_ipython.checkpoints.manager import CheckpointManager
from playbooks_ipython.checkpoints.reference import checkpoint_id
from playbooks_ipython.checkpoints.whole import WholeCheckpoint
from playbooks_ipython.errors import CheckpointNotFound


class RecoveryCoordinator:
    """Gives an agent back the state of its run's newest checkpoint. Runs nothing."""

    def __init__(self, manager: CheckpointManager) -> None:
        self.manager = manager

    async def can_recover(self) -> bool:
        """Tell whether there is a checkpoint. Nothing is unpickled for the answer."""
        return bool(await self.manager.list_checkpoints())

    async def get_latest_checkpoint(self) -> WholeCheckpoint | None:
        return await self.manager.get_latest_checkpoint()

    async def get_recovery_info(self) -> dict[str, Any] | None:
        """Return what the newest checkpoint says of itself, or None if there is none."""
        newest = await self.get_latest_checkpoint()
        return newest and {"checkpoint_id": newest["checkpoint_id"], **newest["metadata"]}

    async def recover_execution_state(self, agent: object) -> WholeCheckpoint:
        """Write the newest checkpoint's variables into `agent.state` and return the checkpoint.

        Raises CheckpointNotFound.
        """
        newest = await self.get_latest_checkpoint()
        if newest is None:
            raise CheckpointNotFound(checkpoint_id(self.manager.execution_id, 0), "none")
        set_agent_variables(agent, newest["execution_state"]["variables"])
        return newest
