"""Reads rule files: YAML with every door shut that a rule does not need.

Anchors and aliases (bombs), tags (object construction), duplicate keys, several documents and
oversized or deeply nested files are refused before anything is built from them. Every refusal
names file, line and a stable code.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from overt.errors import ConfigError

if TYPE_CHECKING:
    import yaml

MAX_FILE_BYTES = 64 * 1024
MAX_FILES = 1000
_MAX_NESTING = 16


def read_rule_file(path: Path, name: str) -> tuple[Any, bytes]:
    """The content of one YAML file, and its bytes for the digest of the bundle.

    Args:
        path: The file.
        name: What messages call the file: its path inside the bundle.

    Raises:
        ConfigError: `policy.file_size`, `policy.encoding`, `policy.yaml`, `policy.yaml_alias`,
            `policy.yaml_tag`, `policy.yaml_depth` or `policy.yaml_duplicate`.
    """
    try:
        raw = path.read_bytes() if path.stat().st_size <= MAX_FILE_BYTES else None
    except OSError as error:
        raise ConfigError("policy.file", f"{name} cannot be read", type(error).__name__) from None
    if raw is None:
        raise ConfigError("policy.file_size", f"{name} is larger than {MAX_FILE_BYTES} bytes")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError("policy.encoding", f"{name} is not UTF-8") from None
    return parse_yaml(text, name), raw


def parse_yaml(text: str, name: str) -> Any:
    """Plain data from YAML text; see `read_rule_file`."""
    import yaml

    # The C parser builds the same plain data about ten times faster, where libyaml is there.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _scan(yaml, loader, text, name)
        return yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader, both ways
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = str(getattr(error, "problem", "") or "not valid YAML")[:120]
        raise ConfigError("policy.yaml", f"{name}, line {line}: {problem}") from None


def _scan(library: Any, loader: Any, text: str, name: str) -> None:
    depth = 0
    for event in library.parse(text, Loader=loader):
        line = event.start_mark.line + 1
        if isinstance(event, library.AliasEvent) or getattr(event, "anchor", None):
            raise _refused("yaml_alias", name, line, "anchors and aliases are not allowed")
        if getattr(event, "tag", None):
            raise _refused("yaml_tag", name, line, "tags are not allowed")
        if isinstance(event, library.CollectionStartEvent):
            depth += 1
            if depth > _MAX_NESTING:
                raise _refused("yaml_depth", name, line, f"nested deeper than {_MAX_NESTING}")
        elif isinstance(event, library.CollectionEndEvent):
            depth -= 1
    _unique(library.compose(text, Loader=loader), name)


def _unique(node: yaml.Node | None, name: str) -> None:
    """Refuse a key that stands twice: the parser would silently keep the last."""
    if node is None or isinstance(node.value, str):
        return
    seen: set[str] = set()
    for entry in node.value:
        key, value = entry if isinstance(entry, tuple) else (None, entry)
        if key is not None:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise _refused("yaml_duplicate", name, line, f"key {key.value!r} stands twice")
            seen.add(key.value)
        _unique(value, name)


def _refused(code: str, name: str, line: int, what: str) -> ConfigError:
    return ConfigError(f"policy.{code}", f"{name}, line {line}: {what}")


def line_of(text: bytes, word: str) -> int:
    """The first line that holds a word, 1 where none does: to point at a faulty key."""
    for number, line in enumerate(text.decode("utf-8", "replace").splitlines(), start=1):
        if word and word in line:
            return number
    return 1
