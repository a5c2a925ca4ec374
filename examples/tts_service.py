"""A speech service with a voice table: the person is in the voice, not in the text.

The table ties each voice id to `stock` or to a consent record (`grant:ID`). A voice that is in no
table needs consent, whatever the script says.

Run it:  python examples/tts_service.py
"""

from __future__ import annotations

from generators import speech
from overt import ConsentRequired, Guard

VOICES = {"reader-1": "stock"}


def build(guard: Guard):
    """The service's one call, guarded."""

    @guard.wrap(media_type="audio/wav", prompt="text", voice="voice_id", language="lang")
    def say(text: str, voice_id: str, lang: str = "en") -> bytes:
        return speech("speech-fr.ogg" if lang == "fr" else "speech-en.ogg")

    return say


def main() -> None:
    """A stock voice speaks; an unknown one waits for its owner's record."""
    with Guard.ephemeral(voices=VOICES) as guard:
        say = build(guard)
        result = say("Bonjour, ici la mairie.", "reader-1", lang="fr")
        print(result.save("bonjour.wav"), [one.text for one in result.disclosures])
        try:
            say("Good evening.", "somebody-new")
        except ConsentRequired as needed:
            print("ask:", needed.subjects, "for", [act.value for act in needed.acts])


if __name__ == "__main__":
    main()
