"""`python -m tools.site`: builds the console if it can, and says so if it cannot."""

import os
from pathlib import Path

import pytest

from tests.tools.site.document import document
from tools.site import built
from tools.site.__main__ import main

NPM = """\
#!/bin/sh
echo "$(basename "$PWD"): $*" >> {log}
[ "$1" = ci ] && mkdir -p node_modules && touch node_modules/.package-lock.json
[ "$1" = run ] && mkdir -p dist/assets && echo page > dist/index.html
{end}
exit 0
"""


class Machine:
    """A checkout, and a folder with `node` and `npm` that record what they are asked to do."""

    def __init__(self, folder: Path) -> None:
        self.root, self.programs = folder / "checkout", folder / "bin"
        self.log = folder / "log"
        self.site = folder / "build/site"
        self.programs.mkdir()
        (self.root / "docs").mkdir(parents=True)
        (self.root / "docs/openapi.yaml").write_text(document())
        for part in ("clients/typescript", "console"):
            (self.root / part).mkdir(parents=True)
            (self.root / part / "package-lock.json").write_text("{}")

    def install(self, version: str = "v22.1.0", end: str = "") -> None:
        """Puts Node.js there."""
        (self.programs / "node").write_text(f"#!/bin/sh\necho {version}\n")
        (self.programs / "npm").write_text(NPM.format(log=self.log, end=end))
        for program in self.programs.iterdir():
            program.chmod(0o755)

    def run(self, *arguments: str, **environ: str) -> int:
        """Runs the command."""
        return main(["--output", str(self.site), *arguments], environ, self.root, (self.programs,))

    @property
    def asked(self) -> list[str]:
        """What npm was asked to do, without options."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.partition(" --")[0] for line in lines]

    @property
    def stamp(self) -> Path:
        """The file that tells `make` that the site is up to date."""
        return self.site.with_name("site.made")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without Node.js."""
    return Machine(tmp_path)


Said = pytest.CaptureFixture[str]
STEPS = ["typescript: ci", "typescript: run build", "console: ci", "console: run build"]


def test_the_console_is_built(machine: Machine) -> None:
    """The client is built first, then the console; packages are installed once for a lock file."""
    machine.install()
    assert machine.run() == 0
    assert built.has_console(machine.site)
    assert machine.stamp.exists()
    assert machine.asked == STEPS
    assert machine.run() == 0
    assert machine.asked == STEPS + [step for step in STEPS if "run" in step]


def test_a_new_lock_file_is_installed(machine: Machine) -> None:
    """Packages are installed again after a change of what is locked."""
    machine.install()
    machine.run()
    installed = machine.root / "console/node_modules/.package-lock.json"
    changed = installed.stat().st_mtime + 10
    os.utime(machine.root / "console/package-lock.json", (changed, changed))
    machine.run()
    assert machine.asked[len(STEPS) :] == [STEPS[1], *STEPS[2:]]


@pytest.mark.parametrize("version", [None, "v18.20.0", "v9.1.0", "broken"])
def test_without_node_it_says_so_and_goes_on(
    machine: Machine, capsys: Said, version: str | None
) -> None:
    """Without a Node.js that is new enough, the site has the documentation alone, and one line says why."""
    if version:
        machine.install(version)
    assert machine.run() == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("the console is not built: there is no Node.js 20 or newer with npm")
    assert (machine.site / "docs/index.html").exists()
    assert not built.has_console(machine.site)
    # Node.js may be there at the next start.
    assert not machine.stamp.exists()
    assert machine.asked == []


@pytest.mark.parametrize(
    ("step", "shown", "hidden"), [("ci", "line 1\n", "line 30"), ("run", "line 30", "line 1\n")]
)
def test_a_failure_of_npm_is_reported(
    machine: Machine, capsys: Said, step: str, shown: str, hidden: str
) -> None:
    """If npm fails, what says why is shown, and the site has the documentation alone."""
    lines = "for n in $(seq 30); do echo line $n; done; exit 1"
    machine.install(end=f'[ "$1" = {step} ] && {{ {lines}; }}')
    assert machine.run() == 0
    said = capsys.readouterr().err
    assert said.startswith(f"the console is not built: `npm {step}")
    assert shown in said
    assert hidden not in said
    assert not built.has_console(machine.site)
    assert machine.stamp.exists()  # not every start waits for a registry that is out of reach


def test_it_can_be_required(machine: Machine) -> None:
    """`make console` fails if the console cannot be built, and leaves the site as it is."""
    machine.install()
    machine.run()
    machine.install(end="exit 1")
    assert machine.run("--required") == 1
    assert built.has_console(machine.site)
    assert not machine.stamp.exists()


@pytest.mark.parametrize("off", ["", "0", "no"])
def test_it_can_be_left_out(machine: Machine, capsys: Said, off: str) -> None:
    """With `CONSOLE=` npm is not asked, and nothing is said."""
    machine.install()
    assert machine.run(CONSOLE=off) == 0
    assert machine.asked == []
    assert not built.has_console(machine.site)
    assert capsys.readouterr() == ("", "")
    # The next start may want it.
    assert not machine.stamp.exists()


def test_a_console_that_is_built_elsewhere(machine: Machine, tmp_path: Path) -> None:
    """A folder with a built console is taken as it is."""
    console = tmp_path / "dist"
    (console / "assets").mkdir(parents=True)
    (console / "index.html").write_text("elsewhere")
    assert machine.run("--console", str(console)) == 0
    assert (machine.site / "index.html").read_text() == "elsewhere"
    assert machine.asked == []
