"""`python -m gateway`: renders the configuration of the gateway and the sidecars, and runs them.

    python -m gateway edge                  prints the configuration of the edge
    python -m gateway sidecar auth          prints that of a sidecar
    python -m gateway run edge              becomes the edge's Envoy
    python -m gateway run sidecar auth      becomes that of a sidecar
    python -m gateway drain                 drains the edge's running calls before it is stopped

Settings come from the environment (gateway/settings.py).
"""

import argparse
import os
import sys
from pathlib import Path

from gateway import contract, launch
from gateway.contract import ContractError
from gateway.settings import EnvoySettings, Settings, SidecarSettings
from kernel import streams
from kernel.settings import SettingsInvalid
from kernel.version import VERSION


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "drain":
                return _drain()
            case "run":
                # Printed before anything can fail, so that no process ever dies silently.
                sys.stderr.write("gateway: starting\n")
                settings, made = _made(options.what, options)
                launch.run(made, settings)
            case what:
                _, made = _made(what, options)
                if not options.check:  # the check is that it renders
                    _deliver(made[launch.CONFIG], options.output)
                return 0
    except (SettingsInvalid, ContractError, OSError) as error:
        sys.stderr.write(f"gateway: {error}\n")
        return 1


def _made(what: str, options: argparse.Namespace) -> tuple[EnvoySettings, dict[str, str]]:
    """Returns the settings and the files of an Envoy by name."""
    if what == "edge":
        edge = Settings.read(os.environ)
        return edge, launch.edge_files(contract.load(edge.contract), edge)
    sidecar = SidecarSettings.read(os.environ)
    served = contract.load(sidecar.contract)
    return sidecar, launch.sidecar_files(served, options.service, sidecar)


def _drain() -> int:
    whole = launch.drain(Settings.read(os.environ))
    sys.stderr.write("gateway: drained\n" if whole else "gateway: calls are still running\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateway",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gateway {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in _envoys(commands):
        command.add_argument("--output", type=Path, help="where to write it (default: stdout)")
        command.add_argument("--check", action="store_true", help="render it and write nothing")
    run = commands.add_parser("run", help="become an Envoy")
    _envoys(run.add_subparsers(dest="what", required=True))
    commands.add_parser("drain", help="drain the edge's running calls")
    return parser


def _envoys(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    edge = commands.add_parser("edge", help="the Envoy at the edge")
    sidecar = commands.add_parser("sidecar", help="the Envoy beside a service")
    sidecar.add_argument("service", help="auth, tenants or sessions")
    return edge, sidecar


def _deliver(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text)


if __name__ == "__main__":
    streams.run(main)
