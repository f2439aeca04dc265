"""What a fuzzer runs: one function for each reader of what strangers send."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

CORPUS = Path(__file__).parent / "corpus"

Target: TypeAlias = Callable[[bytes], None]
"""Reads data as the product does, and checks the result.

It returns for what is read or refused as declared. Whatever it raises is a fault.
"""
TARGETS: dict[str, Target] = {}
"""All targets, by name."""


def target(function: Target) -> Target:
    """Makes a function a target, under its own name."""
    TARGETS[function.__name__] = function
    return function


def corpus_of(name: str) -> list[bytes]:
    """The kept inputs of a target."""
    return [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]


def text_of(data: bytes) -> str:
    """Data as a text that protobuf or JSON can hold: Unicode without surrogates."""
    return data.decode(errors="replace")


def texts_of(data: bytes, count: int) -> Sequence[str]:
    """Data as so many texts: one a line, and the last one takes the rest."""
    texts = text_of(data).split("\n", count - 1)
    return [*texts, *[""] * (count - len(texts))]
