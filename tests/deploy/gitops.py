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


class Repository:
    """The repository that Argo CD follows, and a clone of it."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "gitops.git"
        self.work = folder / "work"
        git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        git(folder, "clone", "--quiet", str(self.bare), str(self.work))
        git(self.work, "checkout", "--quiet", "-b", "main")
        for environment in promote.ENVIRONMENTS:
            file = self.work / path(environment)
            file.parent.mkdir(parents=True)
            file.write_text(FILE.format(environment))
        self.commit("begin")

    def commit(self, message: str) -> str:
        """Commits and pushes everything in the clone. Returns the commit."""
        git(self.work, "add", "--all")
        git(self.work, "commit", "--quiet", "--allow-empty", "--message", message)
        git(self.work, "push", "--quiet", "origin", "main")
        return git(self.work, "rev-parse", "HEAD").strip()

    def read(self, environment: str) -> str:
        """The pushed images file of an environment."""
        return git(self.bare, "show", f"main:{path(environment)}")

    def log(self) -> list[str]:
        """The subjects of all commits, newest first."""
        return git(self.bare, "log", "--format=%s", "main").splitlines()


def git(folder: Path, *arguments: str) -> str:
    """Returns the output of git."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def path(environment: str) -> str:
    """The path of an environment's images in the repository."""
    return f"deploy/argocd/environments/{environment}/images.yaml"
