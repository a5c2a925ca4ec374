"""The ledger: a tamper-evident log in the same database and transaction as what it records.

What it proves, honestly: whoever keeps a checkpoint can later tell whether anything before it was
changed or dropped. Without somebody outside who keeps checkpoints, the owner of the database could
write the whole log anew; publish them, or carry them in manifests, as overt does.
"""

from overt.ledger.log import SqlLedger

__all__ = ["SqlLedger"]
