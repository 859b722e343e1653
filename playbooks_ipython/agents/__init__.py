"""Agents: what a program is made of beside plain Python: verbs, the stage they act on, state."""

from playbooks_ipython.agents.operations import (
    Operation,
    attempt,
    begin_operation,
    end_operation,
    idempotency_key,
)
from playbooks_ipython.agents.stage import Stage, acting_on, current_stage
from playbooks_ipython.agents.state import agent_variables, set_agent_variables
from playbooks_ipython.agents.verbs import VERBS, Say, Step, checkpoint, playbook

__all__ = [
    "VERBS",
    "Operation",
    "Say",
    "Stage",
    "Step",
    "acting_on",
    "agent_variables",
    "attempt",
    "begin_operation",
    "checkpoint",
    "current_stage",
    "end_operation",
    "idempotency_key",
    "playbook",
    "set_agent_variables",
]
