"""Outcomes become durable together, and nobody goes on before."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import anyio
import pytest

from harvester.ledger.group_commit import GroupCommit
from harvester.model.question import Question
from harvester.model.reply import Failure, Reply
from harvester.model.request import Request
from harvester.model.terms import Counter, Endpoint, Kind

pytestmark = pytest.mark.anyio
QUESTION = Question(Endpoint.TOTAL, Kind.ARTICLE, Counter.VIEWS)


def failure(entity: int) -> Failure:
    return Failure(Request(QUESTION, entity), "x", "x", None, 1, datetime(2026, 1, 1, tzinfo=UTC))


async def test_outcomes_that_come_during_a_commit_share_the_next() -> None:
    commits: list[int] = []
    first_is_under_way, all_have_come = threading.Event(), threading.Event()

    def commit(outcomes: Sequence[Reply | Failure]) -> None:
        if not commits:
            first_is_under_way.set()
            assert all_have_come.wait(5)
        commits.append(len(outcomes))

    kept: list[int] = []
    group_commit = GroupCommit(commit, lambda outcomes: kept.append(len(outcomes)))
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(group_commit.keep, failure(1))
            await anyio.to_thread.run_sync(first_is_under_way.wait)
            for entity in range(2, 31):
                tasks.start_soon(group_commit.keep, failure(entity))
            await anyio.wait_all_tasks_blocked()
            all_have_come.set()

    assert commits == kept == [1, 29]


async def test_a_failed_commit_reaches_everybody_who_waits() -> None:
    def commit(outcomes: Sequence[Reply | Failure]) -> None:
        raise OSError(f"no space for {len(outcomes)}")

    group_commit = GroupCommit(commit, lambda _: None)
    for entity in (1, 2):
        with pytest.raises(OSError, match="no space for"):
            await group_commit.keep(failure(entity))


async def test_a_failed_commit_reaches_those_who_share_it() -> None:
    first_is_under_way, all_have_come = threading.Event(), threading.Event()

    def commit(outcomes: Sequence[Reply | Failure]) -> None:
        if len(outcomes) == 1:
            first_is_under_way.set()
            assert all_have_come.wait(5)
        else:
            raise OSError(f"no space for {len(outcomes)}")

    said: list[str] = []

    async def kept(entity: int) -> None:
        try:
            await group_commit.keep(failure(entity))
        except OSError as error:
            said.append(str(error))

    group_commit = GroupCommit(commit, lambda _: None)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(kept, 1)
            await anyio.to_thread.run_sync(first_is_under_way.wait)
            for entity in (2, 3):
                tasks.start_soon(kept, entity)
            await anyio.wait_all_tasks_blocked()
            all_have_come.set()

    assert said == ["no space for 2"] * 2


async def test_a_worker_stopped_while_others_commit_still_keeps_its_reply() -> None:
    first_is_under_way, goes_on = threading.Event(), threading.Event()
    kept: list[Reply | Failure] = []

    def commit(outcomes: Sequence[Reply | Failure]) -> None:
        first_is_under_way.set()
        assert goes_on.wait(5)
        kept.extend(outcomes)

    group_commit = GroupCommit(commit, lambda _: None)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(group_commit.keep, failure(1))
            await anyio.to_thread.run_sync(first_is_under_way.wait)
            async with anyio.create_task_group() as stopped:
                stopped.start_soon(group_commit.keep, failure(2))
                await anyio.wait_all_tasks_blocked()
                stopped.cancel_scope.cancel()
            goes_on.set()

    assert [each.request.entity_id for each in kept] == [1, 2]


async def test_a_worker_that_is_stopped_still_keeps_its_reply() -> None:
    kept: list[Reply | Failure] = []
    group_commit = GroupCommit(kept.extend, lambda _: None)

    with anyio.CancelScope() as scope:
        scope.cancel()
        await group_commit.keep(failure(1))

    assert len(kept) == 1
