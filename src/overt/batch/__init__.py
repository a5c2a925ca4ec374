"""Many assets, one line: the guard's own, around each of them, resumable and exactly once.

A batch finds assets, tells them apart by their bytes, and lets workers mark each with a guard of
their own. What is finished is kept in a journal beside the outputs, so that a batch which was
killed goes on where it stopped.
"""

from overt.batch.report import Summary
from overt.batch.run import Batch

__all__ = ["Batch", "Summary"]
