"""The folders of the project's generated files, which only a checkout may overwrite."""

from pathlib import Path

from offer_sandbox import cli


def output_folder(name: str, given: Path | None, *, writes: bool) -> Path:
    """Returns the folder that a verb writes or checks: the given one, or the project's own. Raises Misuse if it
    would overwrite the files of an installation."""
    from offer_sandbox.resources import bundled

    folder = given or bundled(name)
    if writes and given is None and not (folder.parent / "pyproject.toml").is_file():
        raise cli.Misuse(f"{folder} belongs to the installed package (name another folder with --output)")
    return folder
