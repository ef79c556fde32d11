"""Every public page in every state of the gallery, drawn without a browser."""

import re
from functools import cache

import pytest

from tests.looking import GLUED
from tools.gallery import cases, make_app

NAMES = [case.name for case in cases()]
LANGUAGES = {case.name: case.language for case in cases()}


@cache
def html(name: str) -> str:
    """The page of a case."""
    answer = make_app().test_client().get(f"/gallery/{name}?language={LANGUAGES[name]}")
    assert answer.status_code == 200
    return answer.text


def words(name: str) -> str:
    """What stands on the page, without tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_brings_no_style_or_script_of_its_own(name: str) -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", html(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_who_runs_the_site_and_where_to_write(name: str) -> None:
    assert "Air Hub Workers United, Inc." in words(name)
    assert 'href="mailto:hello@airhubworkers.example"' in html(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_sentence_is_glued_to_the_one_before_it(name: str) -> None:
    in_blocks = re.sub(r"<(?!/?(?:a|abbr|bdi|code|em|span|strong|time)\b)[^>]+>", " ", html(name))
    assert not GLUED.search(re.sub(r"<[^>]+>", "", in_blocks))


@pytest.mark.parametrize("name", NAMES)
def test_an_id_stands_once_on_a_page_and_every_label_finds_its_field(name: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', html(name))
    assert len(ids) == len(set(ids))
    wanted = re.findall(r'\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"', html(name))
    assert {one for many in wanted for one in many.split()} <= set(ids)


@pytest.mark.parametrize("name", NAMES)
def test_an_arabic_reader_gets_the_page_from_the_right(name: str) -> None:
    assert ('<html lang="ar" dir="rtl">' in html(name)) is (LANGUAGES[name] == "ar")


def test_the_first_signatory_does_not_read_that_nobody_has_signed() -> None:
    assert "Be the first to sign" in words("campaign-first")
    assert not re.search(r"\b0\b[^.]{0,20}signed", words("campaign-first"))


@pytest.mark.parametrize(("name", "shown"), [("campaign-demo", True), ("campaign", False)])
def test_a_demonstration_says_so(name: str, shown: bool) -> None:
    assert ("no list is handed over and no card is charged" in words(name)) is shown


def test_nothing_is_chosen_for_the_signatory_out_of_three() -> None:
    assert re.findall(r'name="visibility" value="(\w+)"', html("campaign")) == ["public", "delivered", "counted"]
    assert not re.search(r'name="(?:visibility|updates)"[^>]*\schecked', html("campaign"))


@pytest.mark.parametrize("name", ["campaign", "sign"])
def test_a_closed_petition_has_no_form_and_an_open_one_has_one(name: str) -> None:
    assert html(name).count('action="/campaigns/reinstate-connor/sign#errors"') == 1
    assert "/sign" not in html("campaign-closed")


def test_a_refused_form_leads_to_each_field_and_keeps_what_was_typed() -> None:
    page = html("sign-refused")
    for field in "name", "email", "visibility":
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page
    assert 'value="rosa"' in page
    assert "For my sister." in page
    assert re.search(r'<option value="US" selected', page)


def test_the_suggested_amount_is_chosen_already() -> None:
    assert re.findall(r'name="preset" value="([^"]+)" checked', html("donate")) == ["30"]
    assert 'href="/campaigns/reinstate-connor/donate?amount=30"' in html("confirmed")


@pytest.mark.parametrize("state", ["pre", "open", "failed", "expired"])
def test_a_gift_that_did_not_arrive_can_be_tried_again(state: str) -> None:
    assert 'href="/campaigns/reinstate-connor/donate"' in html(f"donation-{state}")


@pytest.mark.parametrize("state", ["processing", "paid", "refunded"])
def test_a_gift_that_arrived_or_is_on_its_way_is_not_asked_for_again(state: str) -> None:
    assert "/donate" not in html(f"donation-{state}")


def test_looking_at_the_confirmation_signs_nothing() -> None:
    assert html("confirm-counted").count('<form method="post">') == 1
    assert "Nothing has been signed yet" in words("confirm-counted")


def test_who_is_held_or_rejected_reads_the_truth_and_no_rule() -> None:
    assert "being checked" in words("confirmed-held")
    assert "Your signature counts" not in words("confirmed-held")
    assert "The organizers do not count your signature" in words("confirmed-rejected")
    assert "Your signature counts" not in words("confirmed-rejected")
