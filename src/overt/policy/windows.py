"""Turns rules about days and hours into windows of real time.

All arithmetic starts from the wall clock of the country. Where a country spans several zones a
window starts when the earliest does and ends when the latest does. An hour that no source gives
stays unknown: the window then covers the whole day, has no printed edge, and loses the confidence
to hold anything back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from overt.policy.calendar_data import START_RULE, Hours, Round, SilenceRule


@dataclass(frozen=True, slots=True)
class Edge:
    """One end of a window.

    Args:
        at: In UTC; the widest reading when `exact` is false.
        exact: A source gives it to the minute.
    """

    at: datetime
    exact: bool


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, `start` inclusive and `end` exclusive."""

    start: Edge
    end: Edge

    def holds(self, at: datetime) -> bool:
        """Whether the moment lies inside."""
        return self.start.at <= at < self.end.at


def at_wall(day: date, hour: str, zone: ZoneInfo) -> datetime:
    """The moment a wall clock shows `hour` on `day`, in UTC; `24:00` is the next midnight.

    An hour that the clock change skips or repeats is read at its first occurrence.
    """
    hours, minutes = (int(part) for part in hour.split(":"))
    naive = datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)
    return naive.replace(tzinfo=zone, fold=0).astimezone(UTC)


def earliest(day: date, hour: str, zones: Sequence[ZoneInfo]) -> datetime:
    """The first moment at which a zone shows the hour."""
    return min(at_wall(day, hour, zone) for zone in zones)


def latest(day: date, hour: str, zones: Sequence[ZoneInfo]) -> datetime:
    """The last moment at which a zone shows the hour."""
    return max(at_wall(day, hour, zone) for zone in zones)


def polling_window(polling: Round, hours: Hours | None, zones: Sequence[ZoneInfo]) -> Window:
    """From the first opening to the last close; whole days where the hours are unknown."""
    opening = hours.opening if hours else None
    closing = hours.closing if hours else None
    return Window(
        Edge(earliest(polling.start, opening or "00:00", zones), opening is not None),
        Edge(latest(polling.end, closing or "24:00", zones), closing is not None),
    )


def silence_window(
    rule: SilenceRule, polling: Round, hours: Hours | None, zones: Sequence[ZoneInfo]
) -> Window | None:
    """The silence of one round; none where the row says there is none, or says nothing."""
    if rule.none or (rule.start_rule is None and not rule.covers_polling_day):
        return None
    votes = polling_window(polling, hours, zones)
    start = _start(rule.start_rule, polling, votes, zones)
    return Window(start, _end(rule, polling, votes, zones))


def _start(text: str | None, polling: Round, votes: Window, zones: Sequence[ZoneInfo]) -> Edge:
    match = START_RULE.match(text) if text else None
    if match is None:  # polling days are covered, and nothing says since when
        return Edge(earliest(polling.start, "00:00", zones), exact=False)
    if match["days"] is not None:
        day = polling.start - timedelta(days=int(match["days"]))
        return Edge(earliest(day, "00:00", zones), exact=True)
    if match["at"] is not None:
        day = polling.start - timedelta(days=int(match["before"]))
        return Edge(earliest(day, match["at"], zones), exact=True)
    before = timedelta(hours=int(match["hours"]))
    if match["edge"] == "open":
        return Edge(votes.start.at - before, votes.start.exact)
    if votes.end.exact:
        closing = min(votes.end.at, latest(polling.end, "24:00", zones))
        return Edge(_first_close(closing, polling, zones) - before, exact=True)
    # The close is unknown: no poll closes before its day begins.
    return Edge(earliest(polling.end, "00:00", zones) - before, exact=False)


def _first_close(last_close: datetime, polling: Round, zones: Sequence[ZoneInfo]) -> datetime:
    """The close in the zone where it comes first, given the close where it comes last."""
    spread = latest(polling.end, "12:00", zones) - earliest(polling.end, "12:00", zones)
    return last_close - spread


def _end(rule: SilenceRule, polling: Round, votes: Window, zones: Sequence[ZoneInfo]) -> Edge:
    if not rule.covers_polling_day:
        return votes.start
    if rule.end_rule == "close":
        return votes.end
    if rule.end_rule is None:
        return Edge(latest(polling.end, "24:00", zones), exact=False)
    return Edge(latest(polling.end, rule.end_rule.removeprefix("at:"), zones), exact=True)
