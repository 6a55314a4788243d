"""The process that a server belongs to: the server ends when that process has ended, however it ended."""

import os
from pathlib import Path

LOOK_SECONDS = 1.0  # between one look at the owner and the next


class Owner:
    """A process of this machine by its id. Cheap enough to look at every second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._is_parent = os.getppid() == pid

    def is_gone(self) -> bool:
        """Returns whether the process has ended, also if nobody has collected its exit code yet."""
        if self._is_parent:
            return os.getppid() != self._pid
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return _is_zombie(self._pid)


def _is_zombie(pid: int) -> bool:
    """Returns whether a process has ended and still has its id. False where the system does not say so."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return state[:1] == ["Z"]
