"""Whatever is sent to whichever public door: a calm answer, no word of it anywhere else, the database whole."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.fuzzed import FuzzedSite
from tests.fuzz.profile import BROKEN_OFF, PROVE
from tests.fuzz.strategies import requests_to

EACH = 15  # histories that begin at each door
pytestmark = [pytest.mark.prove, pytest.mark.filterwarnings(BROKEN_OFF)]


def test_no_request_to_any_public_door_breaks_a_law(fuzzed: FuzzedSite) -> None:
    fields = fuzzed.fields()
    doors = {(rule.endpoint, rule.rule): requests_to(rule, fuzzed.known, fields) for rule in fuzzed.rules()}
    knocked: Counter[str] = Counter()
    seen: Counter[int] = Counter()

    def walk_in_by(first: tuple[str, str]) -> None:
        @settings(PROVE, max_examples=EACH)
        @given(st.data())
        def knock(data: st.DataObject) -> None:
            fuzzed.restore()
            further = data.draw(st.lists(st.sampled_from(sorted(doors)), max_size=3))
            for endpoint, rule in [first, *further]:
                request = data.draw(doors[endpoint, rule], label=endpoint)
                answer, broken = fuzzed.ask(request)
                assert broken == [], answer.text
                knocked[endpoint] += 1
                seen[answer.status] += 1
            assert fuzzed.broken() == []

        knock()

    for first in sorted(doors):
        walk_in_by(first)
    assert set(knocked) == {endpoint for endpoint, _ in doors}
    assert set(seen) > {200, 400, 403, 404, 405, 422}, seen  # it gets behind the doors
