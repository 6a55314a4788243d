"""The lock for modules that are imported while the server runs, when several threads may import."""

import os
import threading

IMPORTING = threading.RLock()
"""Held during every import inside a function.

Python locks each module on its own. A thread that imports a package and one that imports a module inside it can
therefore wait for each other. Python resolves this by giving one of them a module that is not complete yet, and
its import fails.
"""

if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(  # a new process must not begin in the middle of an import of another thread
        before=IMPORTING.acquire, after_in_parent=IMPORTING.release, after_in_child=IMPORTING.release
    )
