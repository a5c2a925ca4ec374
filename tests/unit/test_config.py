"""`overt.toml`: every mistake is one line that names the place and never the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from overt.config import GuardConfig, load_config
from overt.errors import ConfigError
from overt.guard import Guard
from overt.setup import TEMPLATE


def _written(folder: Path, text: str) -> Path:
    path = folder / "overt.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        pytest.param("[identity]\nkee = 'x'", "config.unknown_key", "identity.kee", id="unknown"),
        pytest.param("[nonsense]\na = 1", "config.unknown_key", "nonsense", id="unknown table"),
        pytest.param("[store]\nurl = 5", "config.invalid", "store.url", id="type"),
        pytest.param("[voices]\nv = 'maybe'", "config.invalid", "voices.v", id="voice"),
        pytest.param("[ledger]\norigin = 'a b'", "config.invalid", "ledger.origin", id="origin"),
        pytest.param("[store\nurl", "config.syntax", "overt.toml", id="no TOML"),
    ],
)
def test_mistakes_name_their_place(tmp_path: Path, text: str, code: str, place: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        load_config(_written(tmp_path, text))
    assert wrong.value.code == code
    assert place in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_secret_in_the_wrong_place_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as wrong:
        load_config(_written(tmp_path, "[limits]\nprompt_chars = 'hunter2-secret'"))
    assert "hunter2" not in str(wrong.value)
    assert wrong.value.__context__ is None or "hunter2" not in str(wrong.value.__context__)


def test_a_missing_file_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="overt init"):
        load_config(tmp_path / "overt.toml")


def test_paths_count_from_the_file(tmp_path: Path) -> None:
    config = load_config(_written(tmp_path, "[screening]\noverlay = 'people.jsonl'"))
    assert config.path("people.jsonl") == tmp_path / "people.jsonl"
    assert config.database_url() == f"sqlite:///{tmp_path}/.overt/overt.db"
    assert config.reference("env:KEY") == "env:KEY"
    assert config.reference("file:a.pem") == f"file:{tmp_path}/a.pem"


def test_the_template_shows_every_key(tmp_path: Path) -> None:
    """Uncommented, each line of the template is a valid key with its default."""
    import re
    import tomllib

    lines = []
    for line in TEMPLATE.format(origin="example.org/log").splitlines():
        lines.append(re.sub(r"^# (\w+ = )", r"\1", line))
    written = tomllib.loads("\n".join(lines))
    shown = {section: set(keys) for section, keys in written.items()}
    for name, field in GuardConfig.model_fields.items():
        if name in ("folder", "voices"):
            continue
        keys = set(field.annotation.model_fields)  # type: ignore[union-attr]
        assert keys - {"trust"} <= shown[name] | {"version"}, name


def test_building_fails_loudly(tmp_path: Path, config: GuardConfig) -> None:
    cases = {
        "keys.": {"identity": config.identity.model_copy(update={"key": "file:no.pem"})},
        "storage.": {"store": config.store.model_copy(update={"url": "sqlite:////no/such/x.db"})},
        "policy": {"policy": config.policy.model_copy(update={"bundle": "no-such-folder"})},
    }
    for code, change in cases.items():
        with pytest.raises(ConfigError) as wrong:
            Guard.open(config.model_copy(update=change))
        assert wrong.value.code.startswith(code)


def test_a_registry_that_is_too_old_is_refused_on_request(config: GuardConfig) -> None:
    from datetime import UTC, datetime

    from overt.parts import build_judge

    strict = config.screening.model_copy(update={"max_age_days": 1, "when_stale": "fail"})
    with pytest.raises(ConfigError) as wrong:
        build_judge(
            config.model_copy(update={"screening": strict}),
            clock=lambda: datetime(2099, 1, 1, tzinfo=UTC),
        )
    assert wrong.value.code == "registry.stale"
