"""An asset with its disclosures on it, and the look at the finished file that proves them.

Between drawing and proving the file may still get its metadata and its signature. The proof is of
the very bytes that leave, and its decode is the one that shows that they can be decoded at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from overt.disclosure.carried import carries, tellable
from overt.disclosure.check import compare
from overt.disclosure.looking import check_image, open_image
from overt.disclosure.planning import DisclosurePlan
from overt.models import Disclosure, Media

if TYPE_CHECKING:
    from overt.disclosure.placing import Placed
    from overt.disclosure.sketch import Looks


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a renderer made. It may not leave before `prove` has passed it.

    Attributes:
        media: The asset with its disclosures on it.
        claimed: They, with what is known without a look at the file.
        plan: What was owed.
        media_type: Canonical media type, by signature.
        placed: Where the label of a picture is; none where everything was measured already.
        looks: The picture before and after, small, where it was at hand.
    """

    media: Media
    claimed: tuple[Disclosure, ...]
    plan: DisclosurePlan
    media_type: str
    placed: Placed | None = None
    looks: Looks | None = None

    def look(self) -> Mapping[str, float] | None:
        """Decode the picture as it goes to be signed, and measure its label.

        Returns:
            None where a finished file could not be told to be the same but for its metadata.

        Raises:
            StageError: It does not decode.
        """
        if self.placed is None or not tellable(self.media_type):
            return None
        return check_image(self.media.read(), self.media_type, self.placed)

    def prove(
        self, finished: Media, looked: Mapping[str, float] | None = None
    ) -> tuple[Disclosure, ...]:
        """Measure what is on the finished file, and compare that with the plan.

        Args:
            finished: `media`, or the same with a signature.
            looked: What `look` measured. It counts if the finished file opens and is that one but
                for its metadata, byte by byte; else the finished file is decoded.

        Returns:
            The disclosures with what was measured.

        Raises:
            StageError: Something that is owed is not on the file, or it does not decode.
        """
        shown = self.claimed
        if self.placed is not None:
            data = finished.read()
            if looked is not None and carries(data, self.media.read(), self.media_type):
                open_image(data, self.media_type)  # what was put in must not be in the way
            else:
                looked = check_image(data, self.media_type, self.placed)
            shown = tuple(
                one.model_copy(update={"evidence": {**one.evidence, **looked}}) for one in shown
            )
        compare(self.plan, shown)
        return shown
