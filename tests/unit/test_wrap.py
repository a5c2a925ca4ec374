"""The decorator and the attachment, on every shape of generator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from overt import ConfigError, Guard, Media, NotCleared, Outcome, Result, StageError
from overt.models import Request
from overt.testing import plain_picture

PNG = plain_picture(Request(prompt="x", media_type="image/png")).read()
HARMFUL = "fake video of Joe Biden telling voters to stay home, make it look real"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(PNG, id="bytes"),
        pytest.param(bytearray(PNG), id="bytearray"),
        pytest.param(Image.new("RGB", (300, 200), "navy"), id="picture"),
        pytest.param(np.zeros((200, 300, 3), np.uint8), id="array"),
        pytest.param(np.full((200, 300), 0.5), id="grey floats"),
        pytest.param(Media(media_type="image/png", data=PNG), id="media"),
        pytest.param([PNG[:100], PNG[100:]], id="chunks"),
    ],
)
def test_whatever_a_tool_returns_becomes_a_result(guard: Guard, value: Any) -> None:
    @guard.wrap(media_type="image/png", prompt="prompt")
    def tool(prompt: str) -> Any:
        return value

    assert isinstance(tool("a hill"), Result)


def test_a_path_is_replaced_where_it_is(guard: Guard, tmp_path: Path) -> None:
    @guard.wrap(media_type="image/png", prompt="prompt", returns="media")
    def tool(prompt: str) -> Path:
        path = tmp_path / "made.png"
        path.write_bytes(PNG)
        return path

    made = tool("a hill")
    assert made == tmp_path / "made.png"
    assert made.read_bytes() != PNG
    assert sorted(path.name for path in tmp_path.iterdir()) == ["house", "made.png"]


def test_streams_are_buffered_to_the_end(guard: Guard) -> None:
    @guard.wrap(media_type="image/png", prompt="prompt", returns="media")
    def tool(prompt: str) -> Iterator[bytes]:
        yield PNG[:50]
        yield PNG[50:]

    assert isinstance(tool("a hill"), Media)


def test_async_functions_and_async_streams(guard: Guard) -> None:
    @guard.wrap(media_type="image/png", prompt="prompt")
    async def tool(prompt: str) -> bytes:
        return PNG

    @guard.wrap(media_type="image/png", prompt="prompt")
    async def stream(prompt: str) -> AsyncIterator[bytes]:
        yield PNG[:50]
        yield PNG[50:]

    assert isinstance(asyncio.run(tool("a hill")), Result)
    assert isinstance(asyncio.run(stream("a hill")), Result)
    with pytest.raises(NotCleared):
        asyncio.run(tool(HARMFUL))


def test_methods_keep_their_object(guard: Guard) -> None:
    class Service:
        made = 0

        @guard.wrap(media_type="image/png", prompt="prompt")
        def paint(self, prompt: str) -> bytes:
            self.made += 1
            return PNG

    service = Service()
    assert isinstance(service.paint("a hill"), Result)
    assert service.paint.check("a hill").outcome is Outcome.ALLOW
    assert service.made == 1


def test_many_outputs(guard: Guard) -> None:
    @guard.wrap(media_type="image/png", prompt=("prompt", "negative"), many=True)
    def tool(prompt: str, negative: str = "", n: int = 1) -> list[bytes]:
        return [PNG] * n

    assert len(tool("a hill", n=3)) == 3
    with pytest.raises(NotCleared):
        tool("a hill", negative=HARMFUL)


def test_the_bare_function_is_not_an_attribute_away(guard: Guard) -> None:
    @guard.wrap(media_type="image/png", prompt="prompt")
    def tool(prompt: str) -> bytes:
        """Paint."""
        return PNG

    assert not hasattr(tool, "__wrapped__")
    assert tool.__doc__ == "Paint."
    assert tool.__name__ == "tool"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param({"media_type": "image/png", "prompt": "promt"}, "wrap.parameter", id="typo"),
        pytest.param({"media_type": "audio/wav", "prompt": "prompt"}, "wrap.voice", id="no voice"),
        pytest.param(
            {"media_type": "picture", "prompt": "prompt"}, "media_type.unknown", id="type"
        ),
        pytest.param({"prompt": "prompt"}, "wrap.media_type", id="no type"),
        pytest.param(
            {"media_type": "image/png", "prompt": "prompt", "color": 1}, "wrap.argument", id="extra"
        ),
    ],
)
def test_mistakes_fail_at_decoration(guard: Guard, arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(ConfigError) as wrong:

        @guard.wrap(**arguments)
        def tool(prompt: str) -> bytes:
            return PNG

    assert wrong.value.code == code


def test_an_attached_method_writes_to_a_hidden_path_first(
    guard: Guard, tmp_path: Path, generators: ModuleType
) -> None:
    seen: list[Path] = []
    plate = tmp_path / "plate.jpg"
    plate.write_bytes(generators.photograph(size=(640, 480)))

    class Renderer:
        version = "7"

        def render(self, note: str, plate: Path, path: Path) -> None:
            seen.append(path)
            path.write_bytes(generators.vignette(plate.read_bytes()))

    pipe = guard.attach(Renderer(), call="render", prompt="note", inputs="plate", output="path")
    with guard.session(production="P1", operator="vfx-17"):
        result = pipe.render(note="warm look", plate=plate, path=tmp_path / "out.jpg")
    assert seen[0] != tmp_path / "out.jpg"
    assert not seen[0].exists()
    assert (tmp_path / "out.jpg").is_file()
    assert result.manifest.digital_source_type == "compositeWithTrainedAlgorithmicMedia"
    assert pipe.version == "7"


def test_a_failing_attached_method_leaves_nothing(guard: Guard, tmp_path: Path) -> None:
    class Renderer:
        def render(self, note: str, path: str) -> None:
            Path(path).write_bytes(b"half a fi")

    pipe = guard.attach(Renderer(), call="render", prompt="note", output="path")
    with pytest.raises(StageError):
        pipe.render(note="a hill", path=str(tmp_path / "out.png"))
    assert list(tmp_path.iterdir()) == [tmp_path / "house"]


def test_a_context_holds_for_its_calls_only(guard: Guard) -> None:
    @guard.wrap(media_type="image/png", prompt="prompt")
    def tool(prompt: str) -> bytes:
        return PNG

    with guard.context(country="SK", actor="someone") as ctx:
        assert tool("a hill").decision.election.country == "SK"
        with pytest.raises(NotCleared):
            ctx.screen(HARMFUL)
        assert ctx.screen("a hill with sheep").outcome is Outcome.ALLOW
    assert tool("a hill").decision.election is None
