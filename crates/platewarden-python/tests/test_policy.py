"""Searches decided."""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path

import pytest

import platewarden

REQUEST = json.loads(
    (Path(__file__).resolve().parents[3] / "crates/platewarden-policy/schema/example-request.json").read_text()
)


@pytest.fixture(scope="module")
def policy():
    return platewarden.Policy(allow_unverified=True)


def test_a_search_is_decided_for_each_dataset(policy):
    decision = policy.decide(REQUEST)
    data = decision.to_dict()
    assert decision.outcome == data["outcome"]
    assert [one["dataset"] for one in decision.per_dataset] == ["springfield-reads", "fairfax-reads"]
    assert sorted(decision.permitted + decision.withheld) == ["fairfax-reads", "springfield-reads"]
    assert all(reason["authority"]["citation"] for reason in decision.reasons)
    assert json.loads(json.dumps(data)) == data
    assert decision.explain().strip()
    assert policy.decide(REQUEST).to_dict() == data, "the same request gives the same decision"


def test_what_is_not_known_denies(policy):
    bare = {key: REQUEST[key] for key in ("as_of", "actor", "mode", "datasets")}
    decision = policy.decide(bare)
    assert decision.outcome.startswith("deny") and decision.permitted == [] and len(decision.withheld) == 2


@pytest.mark.parametrize(
    "as_of",
    [
        "2026-10-02",
        "2026-10-02T12:00:00Z",
        datetime.date(2026, 10, 2),
        datetime.datetime(2026, 10, 2, 12),
        datetime.datetime(2026, 10, 2, 14, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    ],
)
def test_the_law_of_another_day_may_be_asked_for(policy, as_of):
    # A date alone is its noon.
    assert policy.decide(REQUEST, as_of=as_of).to_dict()["as_of"] == "2026-10-02T12:00:00Z"


def test_unverified_packs_are_an_explicit_choice():
    with pytest.raises(platewarden.Error) as caught:
        platewarden.Policy()
    assert caught.value.kind == "unverified_pack" and "allow_unverified=True" in caught.value.remedy


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"on_behalf_off": "ICE"}, "json"),
        ({"as_of": "yesterday"}, "json"),
        ({"purpose": object()}, "json"),
        ({"purpose": float("nan")}, "json"),
    ],
)
def test_what_is_no_request_is_an_error(policy, change, kind):
    with pytest.raises(platewarden.Error) as caught:
        policy.decide({**copy.deepcopy(REQUEST), **change})
    assert caught.value.kind == kind and caught.value.remedy


def test_wrong_times_and_folders_are_errors(policy, tmp_path):
    with pytest.raises(platewarden.Error) as caught:
        policy.decide(REQUEST, as_of="soon")
    assert caught.value.kind == "time"
    with pytest.raises(platewarden.Error) as caught:
        platewarden.Policy(packs=tmp_path / "missing", allow_unverified=True)
    assert caught.value.kind == "io"
