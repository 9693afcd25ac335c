"""Babel extractors for the texts that pages translate and that no call marks; see babel.cfg."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from babel.messages.extract import extract_python

from mapping.maps.map_words import group, people
from mapping.taxonomy import Category

Found = tuple[int, Any, Any, Any]
"""Line, name of the marking function, text, comments; Babel annotates it otherwise."""


def extract_labels(file: BinaryIO, *_marks: object, options: Mapping[str, str]) -> Iterator[Found]:
    """Extract from each table of a TOML file the values of the keys of the option `keys`."""
    for entry in tomllib.load(file).values():
        for key in options["keys"].split():
            if key in entry:
                yield 0, None, entry[key], []


def extract_categories(file: BinaryIO, *_marks: object, **_options: object) -> Iterator[Found]:
    """Extract the label of each category, its group, and the people whom it serves."""
    for code, entry in tomllib.load(file).items():
        category = Category(code=code, **entry)
        for text in (category.label, group(category.group), people(category)):
            yield 0, None, text, []


def extract_code(
    file: BinaryIO, keywords: Mapping[str, Any], comments: list[str], options: Mapping[str, str]
) -> Iterator[Found]:
    """Extract marked texts, and the values of the dictionaries that the option `tables` names."""
    yield from extract_python(file, keywords, comments, {})
    file.seek(0)
    tables = {}
    for node in ast.parse(file.read()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            tables[ast.unparse(target)] = node.value
    for name in options["tables"].split():
        for text in tables[name].values:
            yield text.lineno, None, ast.literal_eval(text), []
