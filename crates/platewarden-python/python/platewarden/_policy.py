"""Searches decided by the law of the day."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any

from . import _native
from ._errors import Error


class Decision:
    """The answer to one search: an outcome for each dataset, with reasons, cures and obligations.

    The objects in its lists are those of the decision's JSON, which ``docs/policy.md`` explains.
    """

    def __init__(self, native: _native.Decision) -> None:
        self._native = native
        self._data: dict[str, Any] = json.loads(native.to_json())

    @property
    def outcome(self) -> str:
        """``permit``, ``permit_with_obligations``, ``partial``, ``deny_curable`` or ``deny``, over all datasets."""
        outcome: str = self._data["outcome"]
        return outcome

    @property
    def permitted(self) -> list[str]:
        """The ids of the datasets that may be searched."""
        return [one["dataset"] for one in self.per_dataset if one["outcome"] in ("permit", "permit_with_obligations")]

    @property
    def withheld(self) -> list[str]:
        """The ids of the datasets that may not."""
        permitted = self.permitted
        return [one["dataset"] for one in self.per_dataset if one["dataset"] not in permitted]

    @property
    def per_dataset(self) -> list[dict[str, Any]]:
        """One decision for each dataset, in the request's order."""
        return self._list("per_dataset")

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """The reasons of all datasets, each with its citation."""
        return self._list("reasons")

    @property
    def cures(self) -> list[dict[str, Any]]:
        """What would lift the denials that can be lifted."""
        return self._list("cures")

    @property
    def obligations(self) -> list[dict[str, Any]]:
        """The duties that come with a permit."""
        return self._list("obligations")

    def explain(self) -> str:
        """The decision in words, for people."""
        return self._native.explain()

    def to_dict(self) -> dict[str, Any]:
        """The whole decision: the object that ``platewarden decide`` prints."""
        data: dict[str, Any] = json.loads(self._native.to_json())
        return data

    def _list(self, name: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self._data[name]
        return items

    def __repr__(self) -> str:
        return f"<platewarden.Decision {self.outcome}>"


class Policy:
    """Decides searches under a set of rule packs."""

    def __init__(self, *, packs: str | os.PathLike[str] | None = None, allow_unverified: bool = False) -> None:
        """Loads rule packs.

        Args:
            packs: Folder of packs in the place of the bundled ones.
            allow_unverified: Whether packs are accepted that no person has checked at the official sources. None of the
                bundled ones is: they are engineering research and no legal advice, and without this they do not load.

        Raises:
            Error: ``unverified_pack`` where that is not accepted, ``pack`` for one that is wrong, ``io``.
        """
        self._native = _native.Policy(packs, allow_unverified)

    def decide(self, request: Mapping[str, Any], *, as_of: str | date | datetime | None = None) -> Decision:
        """Decides a search. What the request does not say is unknown, and unknown denies; a denial is no error.

        Args:
            request: The search, as the object that ``platewarden decide`` reads (``docs/policy.md``).
            as_of: The instant whose law applies, in the place of the request's own ``as_of``: a text of RFC 3339 or a date.
                A ``datetime`` without a time zone counts as UTC.

        Raises:
            Error: ``json`` for what is no request, ``time`` for a wrong ``as_of``.
        """
        if isinstance(as_of, datetime):
            aware = as_of if as_of.tzinfo is not None else as_of.replace(tzinfo=timezone.utc)
            as_of = aware.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
        elif isinstance(as_of, date):
            as_of = as_of.isoformat()
        try:
            text = json.dumps(dict(request))
        except (TypeError, ValueError, RecursionError) as error:
            raise Error(
                f"cannot write the search request as json: {error}",
                "json",
                "give it dictionaries, lists, texts, numbers, True, False and None alone; write times as texts",
            ) from error
        return Decision(self._native.decide(text, as_of))
