"""Runs a command in a terminal of its own: `terminal.py AWAITED KEYS_IN_HEX COMMAND...` prints its exit code and text.

A program of its own, because a process with several threads must not fork.
"""

import contextlib
import json
import os
import pty
import sys


def typed(awaited: bytes, keys: bytes, command: list[str]) -> tuple[int, str]:
    """The exit code of the command and what it printed; the keys are typed once the awaited text has come."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)
    shown = b""
    while awaited not in shown:
        shown += os.read(terminal, 4096)
    os.write(terminal, keys)
    with contextlib.suppress(OSError):  # the terminal is gone
        while piece := os.read(terminal, 4096):
            shown += piece
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()


if __name__ == "__main__":
    code, shown = typed(sys.argv[1].encode(), bytes.fromhex(sys.argv[2]), sys.argv[3:])
    sys.stdout.write(json.dumps([code, shown]))
