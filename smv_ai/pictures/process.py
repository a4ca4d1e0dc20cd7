"""The process of one picture: a task as JSON comes in, the bytes of the picture go out. Started by smv_ai/pictures.py.

It imports nothing but what draws: it is started for every picture.
"""

from __future__ import annotations

import json
import os
import resource
import sys


def confine(seconds: float, bytes_of_data: int) -> None:
    """Let the kernel hold this process: memory, computing time, and not one byte written to any file.

    The engine of the renderer reserves 64 GiB of addresses that it never touches, so no limit of the address space can
    be near what a picture needs. What is limited is what it may write to (`RLIMIT_DATA`), 0.6 GiB with a picture of a
    page, most of it reserved.
    """
    for kind, most in (
        (resource.RLIMIT_DATA, bytes_of_data),
        (resource.RLIMIT_CPU, int(2 * seconds) + 1),  # two threads; also where the server has gone and nobody kills
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def main() -> None:
    """Draw the picture of the task; whatever goes wrong ends the process with another code than 0."""
    task = json.load(sys.stdin)
    confine(task["seconds"], task["bytes_of_data"])
    import vl_convert

    options = {"allowed_base_urls": []}  # no address of the network
    if task["kind"] == "svg":
        content = vl_convert.vegalite_to_svg(task["spec"], **options).encode()
    elif task["kind"] == "pdf":
        content = vl_convert.vegalite_to_pdf(task["spec"], **options)
    else:
        content = vl_convert.vegalite_to_png(task["spec"], scale=task["scale"], **options)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    os._exit(0)  # the threads of the renderer need no farewell


if __name__ == "__main__":
    main()
