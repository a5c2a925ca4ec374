"""One piece of work beside another."""

from __future__ import annotations

import multiprocessing
import threading
import time

import pytest

from overt import beside as module
from overt.beside import beside, one_by_one


def test_the_work_is_over_when_the_block_is_left() -> None:
    seen: list[str] = []

    def work() -> str:
        seen.append("begun")
        time.sleep(0.05)
        seen.append("over")
        return "result"

    with beside(work) as answer:
        seen.append("block")
    assert sorted(seen) == ["begun", "block", "over"]
    assert answer() == "result"


def test_what_the_work_raises_is_raised_where_it_is_asked_for() -> None:
    def work() -> None:
        raise KeyError("x")

    with beside(work) as answer, pytest.raises(KeyError):
        answer()
    with beside(work):
        pass  # nobody asked


def test_what_the_block_raises_waits_for_the_work() -> None:
    over = threading.Event()

    def work() -> None:
        time.sleep(0.05)
        over.set()

    with pytest.raises(ValueError, match="mine"), beside(work):
        raise ValueError("mine")
    assert over.is_set()


def test_more_work_at_once_than_there_are_threads() -> None:
    answers: list[int] = []

    def caller(number: int) -> None:
        def work() -> int:
            time.sleep(0.005)
            return number

        with beside(work) as answer:
            answers.append(answer())

    callers = [threading.Thread(target=caller, args=(number,)) for number in range(80)]
    for each in callers:
        each.start()
    for each in callers:
        each.join(20)
    assert sorted(answers) == list(range(80))


def test_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_in_turn", False)
    one_by_one()
    seen: list[str] = []

    def work() -> int:
        seen.append("work")
        return threading.get_ident()

    with beside(work) as answer:
        seen.append("block")
    assert seen == ["work", "block"]
    assert answer() == threading.get_ident()

    def broken() -> None:
        raise KeyError("x")

    with beside(broken) as never_asked:
        pass
    with pytest.raises(KeyError):
        never_asked()


def _in_child(answers: multiprocessing.Queue[int]) -> None:
    with beside(lambda: 7) as answer:
        answers.put(answer())


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="no fork on this system"
)
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_process_has_threads_of_its_own() -> None:
    with beside(lambda: 1):
        pass
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[int] = context.Queue()
    child = context.Process(target=_in_child, args=(answers,))
    child.start()
    assert answers.get(timeout=20) == 7
    child.join(20)
