"""Past: how much a resume would have to read, and when a checkpoint is to stand alone instead.

A checkpoint that stands alone says all that is otherwise known from earlier records only. A resume
begins to read with the newest of them, so what it costs does not depend on the awaits before it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from playbooks_ipython.checkpoints.graph import GraphPacker, Packed
from playbooks_ipython.records import Json
from playbooks_ipython.store.pins import Pins
from playbooks_ipython.store.protocol import Bytes

ALONE_EVERY = 256
_ALONE_BYTES = 8 << 20  # a checkpoint of many small values fills a log with fewer records


@dataclass(slots=True)
class Past:
    """What was recorded since the newest checkpoint that stands alone; and all that was shown."""

    records: int = 0
    size_bytes: int = 0
    shown: list[tuple[str, str]] = field(default_factory=list)
    pins: Pins = field(default_factory=Pins)

    @classmethod
    def of_another(cls, shown: Sequence[tuple[str, str]], pins: Collection[int] = ()) -> Past:
        """The past of a run that is taken over: the next checkpoint stands alone, however much
        there is to read, since many processes may each have added a little."""
        return cls(records=ALONE_EVERY, shown=list(shown), pins=Pins(set(pins)))

    @property
    def is_long(self) -> bool:
        return self.records >= ALONE_EVERY or self.size_bytes >= _ALONE_BYTES

    def add(self, size_bytes: int) -> None:
        self.records += 1
        self.size_bytes += size_bytes

    def end(self) -> None:
        """Begin to count anew: the newest record stands alone."""
        self.records = self.size_bytes = 0

    def tell(
        self, fields: dict[str, Json], packed: Packed, packer: GraphPacker, source: str | None
    ) -> tuple[str, ...]:
        """Let a record say what was shown and pinned before. Returns the names of all it needs.

        Cost: what was shown is kept once more, unless it is what was kept the last time.
        """
        texts = [] if source is None else [source]
        if self.shown:
            texts.append(json.dumps([[channel, data] for channel, data in self.shown]))
        names: list[str] = []
        for text in texts:
            name, blobs = packer.pack_text(text)
            names.append(name)
            packed.blobs.update(blobs)
        if self.shown:
            fields["output"] = names[-1]
        if self.pins.numbers:
            fields["pins"] = list[Json](sorted(self.pins.numbers))
        return tuple(dict.fromkeys((*packed.needs, *names)))


def read_shown(text: Bytes) -> list[tuple[str, str]]:
    """Read what a checkpoint that stands alone says was shown before it."""
    return [(channel, data) for channel, data in json.loads(bytes(text))]
