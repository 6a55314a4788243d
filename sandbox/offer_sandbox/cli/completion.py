"""Print the script that lets a shell complete verbs and flags."""

import click
from click.shell_completion import get_completion_class

from offer_sandbox import cli
from offer_sandbox.cli.command_line import COMMAND_LINE, PROGRAM, Verb

_SHELLS = ("bash", "zsh", "fish")
_VARIABLE = "_OFFER_SANDBOX_COMPLETE"


@click.command(cls=Verb)
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> int:
    """Print the script that lets a shell complete verbs and flags.

    For bash: eval "$(offer-sandbox completion bash)". For zsh the same with zsh. For fish:
    offer-sandbox completion fish | source.
    """
    found = get_completion_class(shell)
    assert found is not None
    try:
        script = found(COMMAND_LINE, {}, PROGRAM, _VARIABLE).source()
    except RuntimeError as error:  # a bash that is too old
        raise cli.Failure(str(error)) from None
    click.echo(script)
    return 0
