"""The flags of a server, made from its settings."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from offer_sandbox import cli
from offer_sandbox.cli.command_line import Verb
from offer_sandbox.configuration import Configuration, InvalidSetting, Setting, settings

_FILES = ("FOLDER", "FILE", "SCENARIO")


class SettingOption(click.Option):
    """The flag of a setting. Its variable and default are those of the setting, and not of click, so that another
    WSGI server reads the same."""

    def __init__(self, _: Sequence[str], *, setting: Setting) -> None:
        switch = setting.kind == "switch"
        super().__init__(
            [setting.flag],
            is_flag=switch,
            default=False if switch else None,
            multiple=setting.kind == "list",
            metavar=setting.metavar or None,
            type=click.Path() if setting.metavar in _FILES else None,  # so that a shell completes it
            help=_help(setting),
        )
        self.setting = setting


def _help(setting: Setting) -> str:
    shown = f" [default: {setting.shown}]" if setting.shown else ""
    return f"{setting.help}{shown} [{setting.variable}]"


class ServerVerb(Verb):
    """A verb that takes the flags of a server, in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the verb's own flags, then those of the server by section."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for each in self.get_params(ctx):
            record = each.get_help_record(ctx) if isinstance(each, click.Option) else None
            if record is not None:
                title = str(each.setting.section) if isinstance(each, SettingOption) else "Options"
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)


def server_flags(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a verb's function, which gets the flags by name. Each is None, False or () if it is not given."""
    for each in reversed(settings()):
        command = click.option(each.flag, cls=SettingOption, setting=each)(command)
    return command


def parsed(flags: Sequence[str], program: str) -> dict[str, Any]:
    """Returns the flags of a server by name. Raises UsageError for unknown ones."""
    command = ServerVerb(program, params=[SettingOption([], setting=each) for each in settings()])
    params: dict[str, Any] = command.make_context(program, list(flags)).params
    return params


def configuration(given: dict[str, Any]) -> Configuration:
    """Returns the configuration for these flags. Raises Misuse for an invalid value."""
    try:
        return Configuration.of(given)
    except InvalidSetting as error:
        raise cli.Misuse(str(error)) from None
