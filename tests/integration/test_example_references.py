"""The image API of the examples hands its reference pictures to the guard."""

from __future__ import annotations

from types import ModuleType

from overt.guard import Guard
from overt.models import Subject


def test_a_reference_picture_reaches_the_line(guard: Guard, generators: ModuleType) -> None:
    import image_api

    generate = image_api.build(guard)
    face = generators.picture("somebody", size=(256, 256))
    prompt = "the same face at the seaside"
    plain = image_api.handle(generate, prompt, actor="user-1", guard=guard)
    assert plain["status"] == 200
    held = image_api.handle(generate, prompt, actor="user-1", guard=guard, init_image=face)
    assert held["status"] == 202
    assert held["ticket"]


def test_a_reference_of_a_known_person_asks_for_consent(
    guard: Guard, generators: ModuleType
) -> None:
    import image_api

    generate = image_api.build(guard)
    face = generators.picture("somebody", size=(256, 256))
    with guard.context(subjects=(Subject(id="person:1", modalities=("face",)),)):
        asked = image_api.handle(
            generate, "a portrait at the seaside", actor="user-1", guard=guard, init_image=face
        )
    assert (asked["status"], asked["ask"]) == (409, ("person:1",))
