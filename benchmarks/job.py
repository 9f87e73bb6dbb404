"""`python -m benchmarks.job ARGUMENTS`: a whole job in a fresh process, from reading the images to a trained net.

ARGUMENTS are in JSON. Two lines are answered: one when the net is trained, one with how good it is and with the memory
that it took.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from .channel import Channel, attempt
from .resident import peak_megabytes
from .worker import Worker


def main() -> None:
    channel, arguments = Channel(), json.loads(sys.argv[1])
    worker = Worker(arguments.pop("module"), arguments.pop("threads"))
    epochs = arguments.pop("epochs")

    def train() -> dict[str, Any]:
        worker.start(**arguments)
        worker.nets[""].train(arguments["batch_size"], epochs)
        return {}

    def judge() -> dict[str, Any]:
        return {"peak": peak_megabytes(), **worker.accuracy()}

    channel.tell(answer := attempt(train))
    if "error" not in answer:
        channel.tell(attempt(judge))


if __name__ == "__main__":
    main()
