"""An image API behind a guard: prompts, negative prompts, reference pictures, several results.

Run it:  python examples/image_api.py
"""

from __future__ import annotations

from pathlib import Path

from generators import picture
from overt import ConsentRequired, Guard, HeldForReview, Refused, Result


def build(guard: Guard):
    """The API's one endpoint, guarded. It may return bytes, paths, Pillow images, arrays, lists.

    A reference picture may show somebody: without a subject and a consent, a person looks first.
    """

    @guard.wrap(
        media_type="image/png", prompt=("prompt", "negative"), references="init_image", many=True
    )
    def generate(
        prompt: str, negative: str = "", init_image: bytes | None = None, n: int = 1
    ) -> list[bytes]:
        return [picture(f"{prompt}#{seed}") for seed in range(n)]

    return generate


def handle(
    generate, prompt: str, *, actor: str, guard: Guard, n: int = 1, init_image: bytes | None = None
) -> dict[str, object]:
    """What a web handler does with the three kinds of answer."""
    try:
        with guard.context(actor=actor):
            results: list[Result] = generate(prompt, init_image=init_image, n=n)
    except Refused as refused:
        # End users get coarse codes; spans stay with the builder, or they would teach evasion.
        return {"status": 403, "codes": sorted({r.code for r in refused.decision.reasons})}
    except ConsentRequired as needed:
        return {"status": 409, "ask": needed.subjects}
    except HeldForReview as held:
        return {"status": 202, "ticket": held.ticket_id}
    return {
        "status": 200,
        "pictures": [one.media.read() for one in results],
        "entry": results[0].record.index,
    }


def main() -> None:
    """Three requests: one that is made, one that is not, one with a reference that waits."""
    with Guard.ephemeral() as guard:
        generate = build(guard)
        for prompt, reference in (
            ("a lighthouse at dusk, oil on canvas", None),
            ("realistic photo of Joe Biden stuffing ballots into a box, no watermark", None),
            ("the same face at the seaside", picture("somebody")),
        ):
            answer = handle(
                generate, prompt, actor="user-1", guard=guard, n=2, init_image=reference
            )
            pictures = answer.pop("pictures", [])
            print(answer)
            for number, data in enumerate(pictures):
                Path(f"picture-{number}.png").write_bytes(data)


if __name__ == "__main__":
    main()
