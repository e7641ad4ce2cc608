"""Every stable word that a request may fail or be spared for has its words for people."""

from __future__ import annotations

import re
from pathlib import Path

from harvester.fetch import verdict
from harvester.model.rules import FAILURES, REASONS, Rule, failure_words, reason_words


def test_every_reason_of_a_failure_has_words() -> None:
    text = Path(verdict.__file__).read_text(encoding="utf-8")
    used = set(re.findall(r'Action\.[A-Z]+, "([a-z_]+)"', text))
    assert len(used) >= 10
    assert used <= set(FAILURES)
    assert failure_words("cut") == "the reply broke off (cut)"
    assert failure_words("some_new_word") == "some_new_word"


def test_every_reason_to_spare_a_request_has_words() -> None:
    spared = {"total_is_zero", "total_is_covered", "timeline_is_zero", "derived"}
    assert spared < {each.value for each in Rule}
    assert spared < set(REASONS)
    assert reason_words("some_new_word") == "some_new_word"
