"""A repository as Argo CD follows it, without any promotion yet."""

import subprocess
from pathlib import Path

from deploy import promote

FILE = """\
# The images of {0}. # not "the end"
images:
  services:
    tag: ""     # which commit
    digest: ""
  gateway:
    tag: ""
    digest: ""

replicas: [1,   2]   # any formatting
"""
FRONTEND = """\
# The frontend of {0}.
image: {{tag: "", digest: ""}}   # any formatting
"""
TEXTS = {"images.yaml": FILE, "frontend.yaml": FRONTEND}
"""The text of each file of an environment, without the name of the environment."""


class Repository:
    """The repository that Argo CD follows, and a clone of it."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "gitops.git"
        self.work = folder / "work"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        git(folder, "clone", "--quiet", str(self.bare), str(self.work))
        git(self.work, "checkout", "--quiet", "-b", "main")
        for environment in promote.ENVIRONMENTS:
            folder = self.work / path(environment)
            folder.mkdir(parents=True)
            for name, text in texts(environment).items():
                (folder / name).write_text(text)
        self.commit("begin")

    def commit(self, message: str) -> str:
        """Commits and pushes everything in the clone. Returns the commit."""
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "--message", message)
        git(self.work, "push", "--quiet", "origin", "main")
        return git(self.work, "rev-parse", "HEAD").strip()

    def read(self, environment: str) -> dict[str, str]:
        """The pushed files with the images of an environment."""
        return {name: git(self.bare, "show", f"main:{path(environment)}/{name}") for name in TEXTS}

    def log(self) -> list[str]:
        """The subjects of all commits, newest first."""
        return git(self.bare, "log", "--format=%s", "main").splitlines()


def git(folder: Path, *arguments: str) -> str:
    """Returns the output of git."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def texts(environment: str) -> dict[str, str]:
    """The text of each file of an environment without any promotion."""
    return {name: text.format(environment) for name, text in TEXTS.items()}


def path(environment: str) -> str:
    """The path of an environment's files in the repository."""
    return f"deploy/argocd/environments/{environment}"
