"""Whatever stands in a file, the outcome is a spec or sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.spec.jobspec import JobSpec
from harvester.spec.load_spec import load_text
from harvester.spec.positions import models
from harvester.spec.resolve import entity_ids, wanted
from tests.spec.support_spec import ANY, ENTITIES, TODAY, mistakes
from tests.support.thorough import examples

# Keys and words of specs, so that what is made up reaches the model and not only its door.
KEYS = sorted({name for model in models().values() for name in model.model_fields})
WORDS = [
    "article", "group", "views", "hugs", "month", "total", "top", "count", "timeline", "breakdown",
    "referral", "category", "beginning", "yesterday", "last-month", "2015-01-01", "2029-01-01",
    "unlimited", "lboro", "NO", "0123", "1.10", "12:30:45", "766364", "1.0", "~", "",
    "https://stats.figshare.com", "http://127.0.0.1:8000",
]  # fmt: skip
PIECES = ["\n", "  ", "- ", ": ", ", ", "[", "]", "{", "}", "'", '"', "#", "&a ", "*a", "!!str "]

scalars = (
    st.sampled_from(WORDS)
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.none()
    | st.text(max_size=5)
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS + WORDS), inner, max_size=6)
    ),
    max_leaves=25,
)
texts = st.lists(st.sampled_from(PIECES + KEYS + WORDS), max_size=40).map("".join)


def _is_judged(content: bytes, today: date = TODAY) -> None:
    said = mistakes(content, today)
    if said:
        return
    job = load_text(content, where="job.yaml", today=today)
    assert wanted(job, today)
    assert all(each.window is None or each.window.last < today for each in wanted(job, today))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_spec_or_a_list_of_mistakes(content: bytes) -> None:
    _is_judged(content)


@given(st.text(max_size=200) | texts)
def test_any_text_is_a_spec_or_a_list_of_mistakes(text: str) -> None:
    _is_judged(text.encode(errors="surrogatepass"))


@settings(max_examples=examples(300))
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(JobSpec.model_fields, trees)))
def test_any_tree_below_the_right_keys_is_a_spec_or_a_list_of_mistakes(
    tree: dict[str, Any],
) -> None:
    _is_judged(yaml.safe_dump(tree, allow_unicode=True).encode(errors="surrogatepass"))


dimensions = st.fixed_dictionaries(
    {"endpoint": st.sampled_from(["total", "count", "top", "timeline", "breakdown"])},
    optional={
        "entities": st.lists(st.sampled_from(["article", "group"]), max_size=2),
        "counters": st.lists(st.sampled_from(["views", "downloads"]), max_size=2),
        "granularities": st.lists(st.sampled_from(["day", "month", "year", "total"]), max_size=2),
        "period": st.fixed_dictionaries(
            {
                "start": st.sampled_from(["beginning", "2015-01-01", "2026-11-01"]),
                "end": st.sampled_from(["yesterday", "last-month", "last-year", "2015-06-30"]),
            }
        ),
        "filter": st.fixed_dictionaries(
            {
                "sub_item": st.sampled_from(["category", "item_type"]),
                "sub_item_ids": st.lists(st.sampled_from([1, 2, "dataset"]), max_size=3),
            }
        ),
        "sub_item": st.sampled_from(["category", "referral"]),
        "count": st.integers(0, 20),
    },
)


@settings(max_examples=examples(300))
@given(st.lists(dimensions, min_size=1, max_size=4), st.dates(date.min, date(2030, 1, 1)))
def test_any_dimensions_that_pass_ask_nothing_twice(
    made_up: list[dict[str, Any]], today: date
) -> None:
    """What passes can be asked: windows of one question are apart, and none is asked twice."""
    text = f"name: x\n{ENTITIES}{yaml.safe_dump({'dimensions': made_up})}"
    if mistakes(text, today):
        return
    job = load_text(text.encode(), where="job.yaml", today=today)
    asked = wanted(job, today)
    assert asked
    assert len(set(asked)) == len(asked)
    slots = [(each.question, each.window and each.window.first) for each in asked]
    assert len(set(slots)) == len(slots)
    for each in asked:
        assert (each.window is not None) == (
            each.question.granularity is not None or each.question.sub_item is not None
        )


@given(st.lists(st.integers(1, 10**18 - 1), min_size=1, max_size=30))
def test_ids_come_out_ascending_and_once(ids: list[int]) -> None:
    text = f"name: x\nentities: {{article: {{ids: {ids}}}}}\n{ANY}"
    job = load_text(text.encode(), where="job.yaml", today=TODAY)
    assert [list(each) for each in entity_ids(job).values()] == [sorted(set(ids))]
