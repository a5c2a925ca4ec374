"""A person decides: tickets for what the policy holds, and approvals bound to one request."""

from overt.review.approvals import Approval, approval_of, use
from overt.review.queue import Claim, Queue
from overt.review.tickets import Ticket, open_ticket

__all__ = ["Approval", "Claim", "Queue", "Ticket", "approval_of", "open_ticket", "use"]
