"""Only a commit with exact digests changes what runs in an environment."""

from pathlib import Path

import pytest

from deploy import promote
from tests.deploy.gitops import FILE, Repository, git, path, texts

SERVICES = "sha256:" + "a" * 64
GATEWAY = "sha256:" + "b" * 64
FRONTEND = "sha256:" + "c" * 64


def build(repository: Repository, tag: str, services: str = SERVICES) -> int:
    """Promotes the result of a build to dev. Returns the exit code."""
    images = (f"--services={services}", f"--gateway={GATEWAY}", f"--frontend={FRONTEND}")
    return promote.main(["dev", f"--repository={repository.bare}", f"--tag={tag}", *images])


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository without any promotion yet."""
    return Repository(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that several tests share, because none of them changes it."""
    return Repository(tmp_path_factory.mktemp("untouched"))


def test_a_build_is_promoted(repository: Repository) -> None:
    """The tag and the digests are pushed in a commit that triggers no build."""
    assert build(repository, "1234567") == 0
    assert promote.read(repository.read("dev")) == {
        "services": {"tag": "1234567", "digest": SERVICES},
        "gateway": {"tag": "1234567", "digest": GATEWAY},
        "frontend": {"tag": "1234567", "digest": FRONTEND},
    }
    assert repository.log() == ["Promote 1234567 to dev", "begin"]
    assert "[skip ci]" in git(repository.bare, "log", "-1", "--format=%b", "main")


def test_nothing_else_of_the_file_changes(repository: Repository) -> None:
    """Comments, order and spacing stay, so that a diff shows only the promotion."""
    build(repository, "v1")
    expected = texts("dev")
    for file, digest in (
        ("images.yaml", SERVICES),
        ("images.yaml", GATEWAY),
        ("frontend.yaml", FRONTEND),
    ):
        text = expected[file].replace('tag: ""', 'tag: "v1"', 1)
        expected[file] = text.replace('digest: ""', f'digest: "{digest}"', 1)
    assert repository.read("dev") == expected
    assert repository.read("prod") == texts("prod")


def test_the_same_again_is_no_commit(repository: Repository) -> None:
    """Promoting the running images again creates no commit, so a build may be repeated."""
    build(repository, "v1")
    assert build(repository, "v1") == 0
    assert repository.log() == ["Promote v1 to dev", "begin"]


def test_the_very_same_images_move_on(repository: Repository) -> None:
    """Staging gets exactly dev's images, and prod exactly staging's."""
    build(repository, "v1")
    for here, there in (("dev", "staging"), ("staging", "prod")):
        arguments = [there, "--repository", str(repository.bare), "--from", here]
        assert promote.main(arguments) == 0
        assert promote.read(repository.read(there)) == promote.read(repository.read(here))


def test_what_was_never_built_does_not_move_on(
    untouched: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    """An environment without images cannot be promoted from."""
    arguments = ["staging", "--repository", str(untouched.bare), "--from", "dev"]
    assert promote.main(arguments) == 1
    assert "'' is not the tag" in capsys.readouterr().err


@pytest.mark.parametrize(
    "digest",
    ["", "latest", "sha256:" + "a" * 63, "sha256:" + "A" * 64, "a" * 64, SERVICES + "\n"],
)
def test_a_malformed_digest_is_rejected(untouched: Repository, digest: str) -> None:
    """Nothing is pushed if a digest does not identify exactly one image."""
    assert build(untouched, "v1", services=digest) == 1
    assert untouched.log() == ["begin"]


@pytest.mark.parametrize("tag", ["", "latest", "a b", "-x", "a/b", "x" * 129])
def test_an_invalid_tag_is_rejected(untouched: Repository, tag: str) -> None:
    """`latest` and strings that are not tags are rejected."""
    assert build(untouched, tag) == 1
    assert untouched.log() == ["begin"]


def test_one_image_without_the_other_is_rejected(untouched: Repository) -> None:
    """All come from one commit, or the gateway would not know the services' contract."""
    arguments = ["dev", "--repository", str(untouched.bare), "--tag", "v1"]
    both = ["--services", SERVICES, "--gateway", GATEWAY]
    assert promote.main([*arguments, "--services", SERVICES]) == 1
    assert promote.main([*arguments, *both]) == 1
    assert untouched.log() == ["begin"]


def test_a_concurrent_push_is_kept(repository: Repository, tmp_path: Path) -> None:
    """An unrelated commit that is pushed meanwhile is kept, and so is the promotion."""
    clone = promote.Clone(folder(tmp_path), str(repository.bare), "main")
    change(clone, "v1")
    (repository.work / "notes.txt").write_text("something else")
    repository.commit("something else")
    clone.push()
    assert repository.log() == ["promote v1", "something else", "begin"]
    assert promote.read(repository.read("dev"))["services"]["tag"] == "v1"


def test_two_promotions_at_once_are_not_mixed(repository: Repository, tmp_path: Path) -> None:
    """The second of two promotions to one environment is rejected: a person must decide."""
    clone = promote.Clone(folder(tmp_path), str(repository.bare), "main")
    change(clone, "v1")
    build(repository, "v2")
    with pytest.raises(promote.NotPromoted, match="another promotion"):
        clone.push()
    assert promote.read(repository.read("dev"))["services"]["tag"] == "v2"


def test_an_older_commit_does_not_replace_a_newer_one(repository: Repository) -> None:
    """A slow build that finishes after a newer one does not replace it."""
    older, newer = repository.commit("older"), repository.commit("newer")
    assert build(repository, newer) == 0
    assert build(repository, older, services=GATEWAY) == 1
    assert promote.read(repository.read("dev"))["services"]["tag"] == newer


def test_a_missing_repository_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong address ends with one line, without a traceback or a password prompt."""
    arguments = ["staging", "--repository", str(tmp_path / "nowhere"), "--from", "dev"]
    assert promote.main(arguments) == 1
    assert capsys.readouterr().err.startswith("promote: git clone: ")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("images.yaml", "images: {}"),
        ("images.yaml", "{"),
        ("images.yaml", ""),
        ("images.yaml", FILE.replace('digest: ""', "digest:")),
        ("images.yaml", FILE.replace("gateway:", "edge:")),
        ("frontend.yaml", "image:"),
        ("frontend.yaml", ""),
    ],
)
def test_a_file_in_another_format_is_left_alone(file: str, text: str) -> None:
    """A file that cannot be edited safely is not changed."""
    images = {name: {"tag": "v1", "digest": SERVICES} for name in promote.IMAGES}
    with pytest.raises(promote.NotPromoted):
        promote.write(texts("dev") | {file: text}, images)


@pytest.mark.parametrize("environment", promote.ENVIRONMENTS)
def test_our_own_files_can_be_promoted_to(environment: str) -> None:
    """The files of this repository have the format that promotion needs."""
    ours = Path(__file__).parents[2] / path(environment)
    before = {name: (ours / name).read_text() for name in promote.FILES}
    images = {name: {"tag": "v1", "digest": SERVICES} for name in promote.IMAGES}
    written = promote.write(before, images)
    assert promote.read(written) == images
    for name, text in before.items():
        assert len(written[name].splitlines()) == len(text.splitlines())


def folder(tmp_path: Path) -> Path:
    """An empty folder for a clone."""
    made = tmp_path / "clone"
    made.mkdir()
    return made


def change(clone: promote.Clone, tag: str) -> None:
    """Commits other images for dev in a clone, without pushing."""
    images = {name: {"tag": tag, "digest": SERVICES} for name in promote.IMAGES}
    clone.write("dev", promote.write(clone.texts("dev"), images))
    clone.commit(f"promote {tag}")
