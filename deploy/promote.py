"""Promotes images: writes the images of an environment into its files, commits, and pushes.

    python deploy/promote.py dev --repository URL --tag COMMIT \
        --services sha256:… --gateway sha256:… --frontend sha256:…
    python deploy/promote.py staging --repository URL --from dev

The first form promotes a verified build; the second promotes the very same images to the next
environment. Argo CD does the rest. Exit code 0: promoted, or nothing to change; 1: not promoted,
with the reason on stderr.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

ENVIRONMENTS = ("dev", "staging", "prod")
IMAGES = {
    "services": ("images.yaml", ("images", "services")),
    "gateway": ("images.yaml", ("images", "gateway")),
    "frontend": ("frontend.yaml", ("image",)),
}
"""The file of each image in the folder of an environment, and its place there."""
FILES = ("images.yaml", "frontend.yaml")
ATTEMPTS = 5
_TAG = re.compile(r"(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COMMITTER = ("-c", "user.name=Coditect promotion", "-c", "user.email=promotion@coditect.local")

Images = Mapping[str, Mapping[str, str]]
"""The tag and the digest of each image, by image name."""
Texts = Mapping[str, str]
"""The text of each file of an environment, by file name."""


class NotPromoted(Exception):
    """The environment was not changed; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line. Returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="promotion-") as folder:
            outcome = _promote(Clone(Path(folder), options.repository, options.branch), options)
    except NotPromoted as problem:
        sys.stderr.write(f"promote: {problem}\n")
        return 1
    sys.stdout.write(f"promote: {outcome}\n")
    return 0


def _promote(clone: "Clone", options: argparse.Namespace) -> str:
    before = clone.texts(options.environment)
    if options.source:
        images = read(clone.texts(options.source))
    else:
        images = {name: {"tag": options.tag, "digest": getattr(options, name)} for name in IMAGES}
    _check(images)
    # The build of an older commit may finish after that of a newer one.
    if options.tag and clone.is_older(options.tag, read(before)["services"]["tag"]):
        raise NotPromoted(f"{options.environment} runs a newer commit than {options.tag}")
    if read(before) == images:
        return f"{options.environment} already runs these images: nothing to change"
    clone.write(options.environment, write(before, images))
    tag = images["services"]["tag"]
    # The commit changes no program, so it needs no build.
    clone.commit(f"Promote {tag} to {options.environment}\n\n[skip ci]")
    clone.push()
    return f"{options.environment} will run {tag}"


def read(texts: Texts) -> Images:
    """Returns the images that an environment's files name. Raises `NotPromoted`."""
    return {name: _image(texts[file], file, path) for name, (file, path) in IMAGES.items()}


def _image(text: str, file: str, path: Sequence[str]) -> Mapping[str, str]:
    try:
        found = yaml.safe_load(text)
        for name in path:
            found = found[name]
        return {key: _text(found[key]) for key in ("tag", "digest")}
    except (yaml.YAMLError, KeyError, TypeError):
        raise NotPromoted(f"{file} does not name the tag and the digest of each image") from None


def write(texts: Texts, images: Images) -> dict[str, str]:
    """Returns the texts of an environment's files with other images; comments and layout stay.

    Raises:
        NotPromoted: A file has a format that cannot be edited this way.
    """
    read(texts)
    written = {file: _write(text, file, images) for file, text in texts.items()}
    if read(written) != images:
        raise NotPromoted("the images cannot be edited: put each value in quotes")
    return written


def _write(text: str, file: str, images: Images) -> str:
    root = yaml.compose(text)
    spots = []
    for name, image in images.items():
        place, path = IMAGES[name]
        for key, value in image.items() if place == file else ():
            node = _find(root, (*path, key))
            spots.append((node.start_mark.index, node.end_mark.index, json.dumps(value)))
    for start, end, value in sorted(spots, reverse=True):
        text = text[:start] + value + text[end:]
    return text


def _find(node: yaml.Node | None, path: Sequence[str]) -> yaml.Node:
    for name in path:
        entries = node.value if isinstance(node, yaml.MappingNode) else []
        node = next((value for key, value in entries if key.value == name), None)
    if node is None:
        raise NotPromoted(f"images.yaml has no {'.'.join(path)}")
    return node


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _check(images: Images) -> None:
    for name, image in images.items():
        if not _TAG.fullmatch(image["tag"]):
            raise NotPromoted(f"{name}: {image['tag']!r} is not the tag of a build")
        if not _DIGEST.fullmatch(image["digest"]):
            raise NotPromoted(
                f"{name}: {image['digest']!r} is not a digest (sha256: and 64 hex digits)"
            )


class Clone:
    """A clone of the repository that Argo CD follows. Every method raises `NotPromoted`."""

    def __init__(self, folder: Path, repository: str, branch: str) -> None:
        self._folder = folder
        self._branch = branch
        self._run("clone", "--quiet", "--single-branch", "--branch", branch, "--", repository, ".")

    def texts(self, environment: str) -> dict[str, str]:
        """The files with the images of an environment."""
        return {name: (self._of(environment) / name).read_text() for name in FILES}

    def write(self, environment: str, texts: Texts) -> None:
        """Writes the files with the images of an environment."""
        for name, text in texts.items():
            (self._of(environment) / name).write_text(text)

    def _of(self, environment: str) -> Path:
        return self._folder / "deploy" / "argocd" / "environments" / environment

    def is_older(self, commit: str, other: str) -> bool:
        """Whether the other commit is a descendant of this one; False if either is unknown here."""
        if commit == other or not other:
            return False
        return self._git("merge-base", "--is-ancestor", commit, other).returncode == 0

    def commit(self, message: str) -> None:
        """Commits all changes."""
        self._run("commit", "--quiet", "--all", "--message", message)

    def push(self) -> None:
        """Pushes, rebased on commits that were pushed meanwhile."""
        for _ in range(ATTEMPTS):
            pushed = self._git("push", "--quiet", "origin", f"HEAD:{self._branch}")
            if pushed.returncode == 0:
                return
            self._run("fetch", "--quiet", "origin", self._branch)
            if self._git("rebase", "--quiet", "FETCH_HEAD").returncode:
                # A person must decide which of the two should run.
                raise NotPromoted(
                    "another promotion to this environment was pushed meanwhile: check it and retry"
                )
        raise NotPromoted(f"the push failed: {pushed.stderr.strip()}")

    def _run(self, *arguments: str) -> None:
        done = self._git(*arguments)
        if done.returncode:
            raise NotPromoted(f"git {arguments[0]}: {done.stderr.strip()}")

    def _git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - git, with validated arguments
            ["git", *_COMMITTER, *arguments],  # noqa: S607 - the git that is installed
            cwd=self._folder,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
            capture_output=True,
            text=True,
            check=False,
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="promote.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("environment", choices=ENVIRONMENTS, help="the environment to promote to")
    parser.add_argument("--services", default="", help="the digest of the services' image")
    parser.add_argument("--gateway", default="", help="the digest of the gateway's image")
    parser.add_argument("--frontend", default="", help="the digest of the frontend's image")
    parser.add_argument("--tag", default="", help="the commit that the images were built from")
    parser.add_argument(
        "--from", dest="source", choices=ENVIRONMENTS, help="instead: the environment to copy from"
    )
    parser.add_argument("--repository", required=True, help="the repository that Argo CD follows")
    parser.add_argument("--branch", default="main", help="the branch it follows (default: main)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
