"""Builds the images: `python -m tools.images [services|gateway|frontend] [-- OPTION...]`.

It uses docker, or buildah if only that is installed; `--builder` selects one. Arguments after `--`
are passed to the builder: `--build-arg PIP_INDEX_URL=…`, `--secret id=pip.conf,src=pip.conf`,
`--build-arg PYTHON_IMAGE=…`. A build runs the program that it ships, and fails if that fails.
"""

import argparse
import datetime as dt
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel.version import VERSION

ROOT = Path(__file__).resolve().parent.parent
BUILDERS: Mapping[str, tuple[str, ...]] = {
    "docker": ("docker", "build"),
    # Cached layers would give a new image the labels of an old one.
    "buildah": ("buildah", "bud", "--format", "docker", "--layers=false"),
}
USER = "10001:10001"
_LABEL = "org.opencontainers.image"


@dataclass(frozen=True, slots=True)
class Image:
    """An image to build, and its expected size."""

    dockerfile: str
    least_mb: int
    """A smaller image is incomplete."""
    most_mb: int
    """A larger image contains something unintended."""


IMAGES: Mapping[str, Image] = {
    "services": Image("Dockerfile", least_mb=180, most_mb=330),
    "gateway": Image("gateway/Dockerfile", least_mb=240, most_mb=400),
    "frontend": Image("console/Dockerfile", least_mb=80, most_mb=260),
}


class BuildFailed(Exception):
    """There is no image, or it is not as expected; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Built:
    """An image that was built."""

    reference: str
    size_mb: float
    seconds: float
    config: Mapping[str, Any]
    """Its configuration: User, Labels, Entrypoint, Cmd, Env."""

    def __str__(self) -> str:
        """A line for a person."""
        return f"{self.reference}: {self.size_mb:.0f} MB, built in {self.seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of an image, for its labels."""

    revision: str
    source: str = "unknown"

    @property
    def tag(self) -> str:
        """The tag that identifies a build; never `latest`."""
        commit, mark, dirty = self.revision.partition("-")
        return f"{VERSION}-{commit[:12]}{mark}{dirty}"

    def labels(self) -> dict[str, str]:
        """The build arguments that become labels in the Dockerfiles."""
        created = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        return {
            "REVISION": self.revision,
            "VERSION": VERSION,
            "SOURCE": self.source,
            "CREATED": created,
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns 1 if an image cannot be built."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    end = given.index("--") if "--" in given else len(given)
    own_options, builder_options = given[:end], given[end + 1 :]
    options = _parser().parse_args(own_options)
    try:
        origin = Origin(options.revision or revision(), options.source)
        for name in options.names or IMAGES:
            reference = f"{options.repository}coditect-{name}:{origin.tag}"
            print(build(name, reference, origin, options.builder, *builder_options), flush=True)
    except BuildFailed as error:
        print(f"tools.images: {error}", file=sys.stderr)
        return 1
    return 0


def build(
    name: str, reference: str, origin: Origin, builder: str, *options: str, context: Path = ROOT
) -> Built:
    """Builds an image and checks it.

    Args:
        name: `services`, `gateway` or `frontend`.
        reference: Its name and tag.
        origin: The content of its labels.
        builder: `docker` or `buildah`.
        options: Further options of the builder.
        context: The checkout to build from.

    Raises:
        BuildFailed: The build failed and has printed why, or the image is not as expected.
    """
    arguments = [f"--build-arg={key}={value}" for key, value in origin.labels().items()]
    began = time.monotonic()
    ended = subprocess.run(
        [
            *(*BUILDERS[builder], *arguments, *options),
            *("--file", IMAGES[name].dockerfile, "--tag", reference, "."),
        ],
        cwd=context,
        check=False,
    )
    if ended.returncode:
        raise BuildFailed(f"{reference} was not built: {builder} ended with {ended.returncode}")
    size, config = _inspect(reference, builder)
    built = Built(reference, size / 1e6, time.monotonic() - began, config)
    _check(built, IMAGES[name], origin)
    return built


def revision() -> str:
    """The commit of this checkout, marked if there are uncommitted changes."""
    head = _output("git", "-C", str(ROOT), "rev-parse", "HEAD").strip()
    changed = _output("git", "-C", str(ROOT), "status", "--porcelain").strip()
    return f"{head}-dirty" if changed else head


def _inspect(reference: str, builder: str) -> tuple[int, Mapping[str, Any]]:
    """The size in bytes, and the configuration of the image."""
    if builder == "docker":
        (found,) = json.loads(_output("docker", "image", "inspect", reference))
        return found["Size"], found["Config"]
    found = json.loads(_output("buildah", "inspect", "--type", "image", reference))
    layers = json.loads(found["Manifest"])["layers"]
    return sum(layer["size"] for layer in layers), found["OCIv1"]["config"]


def _check(built: Built, image: Image, origin: Origin) -> None:
    if not image.least_mb <= built.size_mb <= image.most_mb:
        raise BuildFailed(f"{built}: {image.least_mb} to {image.most_mb} MB were expected")
    if built.config.get("User") != USER:
        raise BuildFailed(f"{built.reference} runs as {built.config.get('User') or 'root'}")
    if built.config.get("Labels", {}).get(f"{_LABEL}.revision") != origin.revision:
        raise BuildFailed(f"{built.reference} does not say which revision it is")


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or error
        raise BuildFailed(f"{' '.join(command)}: {str(reason).strip()}") from error


def _name(text: str) -> str:
    if text not in IMAGES:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(IMAGES)}")
    return text


def _parser() -> argparse.ArgumentParser:
    there = next((builder for builder in BUILDERS if shutil.which(builder)), "docker")
    parser = argparse.ArgumentParser(
        prog="python -m tools.images",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", type=_name, metavar="|".join(IMAGES), help="default: all"
    )
    parser.add_argument("--builder", choices=BUILDERS, default=there)
    parser.add_argument("--repository", default="", help="what their names begin with, with its /")
    parser.add_argument("--revision", default="", help="default: the commit of this checkout")
    parser.add_argument("--source", default="unknown", help="where the source is found, a URL")
    return parser


if __name__ == "__main__":
    sys.exit(main())
