"""Render every public page in every state, photograph it and let axe look at it.

    python -m tools.gallery [FOLDER [part of a case's name ...]]

Writes FOLDER/<case>-<width>-<scheme>.png and prints what axe, the console or a page too wide for its screen found.
Leaves with status 1 if anything was found.
"""

import argparse
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask, Response, abort, render_template, request, send_from_directory
from flask_babel import Babel, get_locale
from jinja2 import StrictUndefined
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server

from campaigns.deliveries.document import qr_code
from campaigns.rendering.formats import filters
from campaigns.signatures.answers import with_questions
from campaigns.signatures.forms import ResendForm, SignForm
from campaigns.signatures.views import LONG_NAME
from campaigns.subscriptions.forms import NewsForm
from campaigns.switches.rules import Standing
from tools import gallery_monthly
from tools import gallery_samples as samples
from tools.gallery_doors import DOORS
from tools.gallery_gifts import donate_form, gifts_gone_back, giving_to, share_form

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'"
)

WARNINGS = {
    "signatures": "at-work",
    "subscriptions": "news-at-work",
    "donations": "gift-at-work",
    "membership": "join-at-work",
}


@dataclass(frozen=True)
class Case:
    """One page in one state. `values` are made inside a request, because forms need one."""

    name: str
    template: str
    values: Callable[[], dict[str, Any]]
    language: str = "en"
    site: samples.Site = field(default_factory=samples.Site)
    widths: tuple[int, ...] = (390, 1280)
    schemes: tuple[str, ...] = ("light", "dark")
    zoom: float = 1


def given(values: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return what makes a copy of `values`."""
    return values.copy


def sign_form(**typed: str) -> SignForm:
    """Return a fresh form, or a refused one where something was typed."""
    if not typed:
        return SignForm(formdata=None, default_country="US", likely_countries=("US", "CA", "IT"))
    form = SignForm(formdata=MultiDict(typed), likely_countries=("US", "CA", "IT"))
    form.validate()
    return form


def address_form(typed: str = "") -> ResendForm:
    """Return a fresh form, or a refused one where something was typed."""
    form = ResendForm(formdata=MultiDict({"email": typed}) if typed else None)
    if typed:
        form.validate()
    return form


def asking_form(**typed: str) -> SignForm:
    """Return a form with a question of every kind, fresh or refused."""
    form: SignForm = with_questions(SignForm, samples.QUESTIONS)(
        MultiDict(typed) if typed else None, default_country="US"
    )
    if typed:
        form.validate()
    return form


def campaign_page(
    campaign: samples.Campaign, count: samples.Count = samples.COUNT, **changed: Any
) -> Callable[[], dict[str, Any]]:
    """Return what makes the values of the campaign's page."""

    def values() -> dict[str, Any]:
        form = sign_form() if campaign.petition_open else None
        usual: dict[str, Any] = {
            "campaign": campaign,
            "form": form,
            "count": count,
            "names": samples.NAMES,
            "withheld": 4129,
        }
        usual |= {"news": NewsForm(formdata=None), "fund": samples.FUND if campaign.has_appeal else None}
        return usual | changed

    return values


def cases() -> Iterator[Case]:
    """Yield every page in every state."""
    page = "pages/campaign.html"
    demo = samples.Site(is_demo=True, stand_in=True)
    yield Case("campaign", page, campaign_page(samples.OPEN), widths=(320, 390, 768, 1280))
    yield Case("campaign-demo", page, campaign_page(samples.LAST_DAY), site=demo)
    yield Case(
        "campaign-first",
        page,
        campaign_page(samples.OPEN, samples.FIRST, names=(), withheld=0, fund=samples.FUND_EMPTY),
    )
    yield Case("campaign-reached", page, campaign_page(samples.OPEN, samples.REACHED, fund=samples.FUND_FULL_ACCOUNT))
    yield Case("campaign-paper", page, campaign_page(samples.OPEN, samples.WITH_PAPER), widths=(320, 390, 1280))
    yield Case("campaign-paper-alone", page, campaign_page(samples.OPEN, samples.PAPER_ALONE), schemes=("light",))
    yield Case("campaign-closed", page, campaign_page(samples.CLOSED))
    told: dict[str, Any] = {"timeline": samples.TIMELINE, "answer": samples.ANSWER}
    yield Case("campaign-last-day", page, campaign_page(samples.LAST_DAY), schemes=("light",))
    yield Case("campaign-won", page, campaign_page(samples.WON, **told), widths=(320, 390, 1280))
    newest = {"campaign": samples.WON, "timeline": samples.TIMELINE, "before": None}
    yield Case("timeline", "pages/timeline.html", given(newest))
    earlier = newest | {"before": date(2024, 1, 1)}
    yield Case("timeline-earlier", "pages/timeline.html", given(earlier), language="ar", schemes=("light",))
    yield Case("campaign-won-closed", page, campaign_page(samples.WON_AND_CLOSED, **told))
    yield Case("campaign-petition-only", page, campaign_page(samples.PETITION_ONLY, names=()), schemes=("light",))
    yield Case("campaign-appeal-only", page, campaign_page(samples.APPEAL_ONLY, samples.FIRST, names=(), withheld=0))
    yield Case("campaign-long", page, campaign_page(samples.LONG), widths=(320, 390, 1280), schemes=("light",))
    yield Case("campaign-arabic", page, campaign_page(samples.ARABIC), language="ar")
    yield Case("campaign-zoomed", page, campaign_page(samples.OPEN), widths=(640,), schemes=("light",), zoom=2)
    yield Case("sign", "signatures/sign.html", lambda: {"campaign": samples.OPEN, "form": sign_form()})
    typed = {
        "name": "Rosa http://x.example",
        "email": "rosa",
        "town": "Hebron",
        "country": "US",
        "comment": "For my sister.",
    }
    yield Case(
        "sign-refused",
        "signatures/sign.html",
        lambda: {"campaign": samples.OPEN, "form": sign_form(**typed)},
        widths=(320, 390, 1280),
    )
    sent = {"campaign": samples.OPEN}
    yield Case("sign-partner", "signatures/sign.html", lambda: sent | {"form": samples.by_partner(sign_form())})
    yield from new_cases(page)
    yield from signature_cases()
    yield from donation_cases()
    for each in gallery_monthly.shown():
        yield Case(each.name, each.template, each.values)
    yield from other_cases(demo)


def new_cases(page: str) -> Iterator[Case]:
    """Yield the form with a campaign's own questions, what stands between it and signing, and the poster."""
    yield Case(
        "campaign-asking",
        page,
        lambda: campaign_page(samples.OPEN)() | {"form": asking_form(), "comments": samples.COMMENTS},
        widths=(320, 390, 1280),
    )
    typed = {"name": "Rosa Delgado", "email": "rosa@gmial.com", "country": "US", "answer_q2": "call me"}
    sign = "signatures/sign.html"
    changed = {"campaign": samples.OPEN, "is_other_text": True}
    yield Case("sign-changed", sign, lambda: changed | {"form": sign_form(**typed | {"visibility": "public"})})
    yield Case("sign-asking-refused", sign, lambda: {"campaign": samples.OPEN, "form": asking_form(**typed)})
    told = {"campaign": samples.OPEN, "email": "rosa.delgado@airhub.example", "typed": [("name", "Rosa")], "path": "/"}
    for door, name in WARNINGS.items():
        for danger in ("mail", "network", "both"):
            yield Case(f"{name}-{danger}", f"{door}/at_work.html", given(told | {"danger": danger}))
    email = {"campaign": samples.OPEN, "email": "rosa@gmial.com", "suggested": "rosa@gmail.com"}
    yield Case("check-mail-slip", "signatures/check_mail.html", given(email))
    for kind, campaign in (("", samples.OPEN), ("-long", samples.LONG), ("-arabic", samples.ARABIC)):
        address = f"https://airhubworkers.example/campaigns/{campaign.slug}?via=canteen"
        sheet = {
            "campaign": campaign,
            "address": address,
            "qr": qr_code(address, "QR code", is_scalable=True),
            "via": "canteen",
        }
        yield Case(f"poster{kind}", "pages/poster.html", given(sheet), language="ar" if kind == "-arabic" else "en")


def signature_cases() -> Iterator[Case]:
    """Yield what follows the sign form."""
    email = {"campaign": samples.OPEN, "email": "rosa.delgado@example.org"}
    yield Case("check-mail", "signatures/check_mail.html", given(email))
    yield Case("check-mail-again", "signatures/check_mail.html", given(email | {"is_again": True}))
    yield Case("resend", "signatures/resend.html", lambda: {"campaign": samples.OPEN, "form": address_form()})
    yield Case(
        "resend-refused", "signatures/resend.html", lambda: {"campaign": samples.OPEN, "form": address_form("x")}
    )
    for visibility in ("public", "delivered", "counted"):
        mine = {"campaign": samples.OPEN, "signature": samples.Signature(visibility=visibility), "token": "3kF9"}
        yield Case(f"confirm-{visibility}", "signatures/confirm.html", given(mine))
    mine = {"campaign": samples.OPEN, "signature": samples.Signature(), "token": "3kF9", "partner": samples.AGREED}
    yield Case("confirm-partner", "signatures/confirm.html", given(mine))
    others = (samples.APPEAL_ONLY, samples.LONG)
    thanks = thanks_to(samples.Signature()) | {"campaign": samples.OPEN, "fund": samples.Ask(), "others": others}
    yield Case("confirmed", "signatures/confirmed.html", given(thanks), widths=(320, 390, 1280))
    held = thanks | thanks_to(samples.Signature(name=samples.NAMES[9].name)) | {"review": "held", "fund": None}
    yield Case("confirmed-held", "signatures/confirmed.html", given(held))
    yield Case("confirmed-rejected", "signatures/confirmed.html", given(held | {"review": "rejected"}))
    for state in ("pending", "confirmed"):
        wrong = {"campaign": samples.OPEN, "signature": samples.Signature(state=state)}
        yield Case(f"not-me-{state}", "signatures/not_me.html", given(wrong))
    for name, is_undone in (("done", True), ("nothing", False)):
        yield Case(f"not-me-{name}", "signatures/not_me_done.html", given({"is_undone": is_undone}))
    yield Case("link-gone", "signatures/link_gone.html", dict)


def thanks_to(signature: samples.Signature) -> dict[str, Any]:
    """Return what the thanks page is told of one who has confirmed."""
    is_long = len(signature.name) > LONG_NAME
    told = {"name": signature.name, "is_long": is_long, "visibility": signature.visibility}
    return told | {"review": "clear", "token": "3kF9"}


def donation_cases() -> Iterator[Case]:
    """Yield the donation form and what became of a gift."""
    page, alone = "donations/donate.html", giving_to(samples.FUND)
    yield Case("donate", page, lambda: alone | {"form": donate_form()}, widths=(320, 390, 1280))
    typed = {"preset": "other", "amount": "", "email": "rosa", "show_name": "y", "dedication": "x" * 201}
    demo = samples.Site(is_demo=True, stand_in=True)
    yield Case("donate-refused", page, lambda: alone | {"form": donate_form(**typed)}, site=demo)
    covered = {"preset": "30", "email": "", "cover_fees": "y"}
    yield Case("donate-covered", page, lambda: alone | {"form": donate_form(**covered)})
    several = giving_to(samples.FUND, samples.KITCHEN)
    yield Case("donate-shared", page, lambda: several | {"form": share_form()}, widths=(320, 390, 1280))
    wrong = {"preset": "", "share_0192f3a1": "20", "share_0192f3a2": "1.000,50", "email": "rosa@example.org"}
    yield Case("donate-shared-refused", page, lambda: several | {"form": share_form(**wrong)})
    closed = giving_to() | {"campaign": samples.CLOSED, "fund": None, "form": None}
    yield Case("donate-closed", page, given(closed))
    for state in ("pre", "open", "processing", "paid", "failed", "expired"):
        gift = {"campaign": samples.OPEN, "donation": samples.Donation(state=state)}
        yield Case(f"donation-{state}", "donations/donation.html", given(gift))
    for name, each in gifts_gone_back().items():
        yield Case(f"donation-{name}", "donations/donation.html", given({"campaign": samples.OPEN, "donation": each}))


def other_cases(demo: samples.Site) -> Iterator[Case]:
    """Yield home, the check of a list, errors and an example of the desk."""
    first = replace(samples.PETITION_ONLY, count=samples.FIRST, headline="Fans in every hall.")
    leading = replace(samples.OPEN, count=samples.WITH_PAPER)
    many = (leading, samples.APPEAL_ONLY, first, samples.LONG, samples.CLOSED)
    yield Case("home", "pages/home.html", given({"campaigns": many}))
    yield Case("home-demo", "pages/home.html", given({"campaigns": (samples.LAST_DAY,)}), site=demo)
    yield Case("home-empty", "pages/home.html", given({"campaigns": ()}))
    verified = {"campaign": samples.OPEN, "delivery": samples.Delivery()}
    yield Case("verify", "deliveries/verify.html", given(verified))
    unmade = verified | {"delivery": replace(samples.Delivery(), file_sha256=None, pages=None, on_paper=0)}
    yield Case("verify-unmade", "deliveries/verify.html", given(unmade), schemes=("light",))
    yield Case("versions", "versions/page.html", given({"campaign": samples.OPEN, "corrections": samples.CORRECTIONS}))
    yield Case("verify-index", "deliveries/verify_index.html", dict)
    yield Case("verify-unknown", "deliveries/verify_index.html", given({"unknown": "d4m8x2kq7x"}))
    desk = {"campaigns": many, "current_user": samples.Staff(), "csrf_token": str}
    yield Case("desk", "desk/campaigns.html", given(desk))
    missing = {"status": 404, "sentence": "There is nothing at this address."}
    yield Case("error-404", "errors/page.html", given(missing))
    broken = "Something went wrong on our side. Nothing was charged or signed twice; please try again in a minute."
    busy = "The site is very busy. Nothing was lost: please try again in a minute."
    again = {"path": "/campaigns/x/sign", "fields": (("name", "Rosa Delgado"), ("town", "Hebron"))}
    yield Case("error-503", "errors/page.html", given({"status": 503, "sentence": busy, "sent": again}))
    yield Case("error-500", "errors/page.html", given({"status": 500, "sentence": broken}))


def make_app() -> Flask:
    """Return a small application with the site's template settings and the doors' names."""
    app = Flask("gallery", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config["SECRET_KEY"] = "gallery"  # noqa: S105  # signs nothing: no form of the gallery has a token
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=lambda: request.args.get("language", "en"))
    app.jinja_env.filters.update(filters(get_locale))
    app.jinja_env.globals["standing"] = Standing
    app.jinja_env.globals["static_url"] = lambda name: f"/static/gallery/{name}"
    for endpoint, rule in DOORS.items():
        app.add_url_rule(rule, endpoint, lambda **_: abort(404), methods=["GET", "POST"])
    app.add_url_rule("/static/gallery/<path:name>", "file", lambda name: send_from_directory(ROOT / "static", name))
    by_name = {case.name: case for case in cases()}
    app.add_url_rule("/gallery/<name>", "case", lambda name: show(by_name[name]))
    return app


def show(case: Case) -> Response:
    """Answer with one case, under the policy the site sends."""
    html = render_template(case.template, site=case.site, locale=get_locale(), request_id="4f1c0a92", **case.values())
    return Response(html, headers={"Content-Security-Policy": POLICY}, mimetype="text/html")


def photograph(browser: Browser, case: Case, address: str, folder: Path) -> list[str]:
    """Photograph `case` in each width and scheme; return what was found wrong."""
    found: list[str] = []
    for width in case.widths:
        for scheme in case.schemes:
            name = f"{case.name}-{width}-{scheme}"
            context = browser.new_context(
                viewport={"width": width, "height": 844 if width < 700 else 900},
                color_scheme="dark" if scheme == "dark" else "light",
                device_scale_factor=case.zoom,
                reduced_motion="reduce",
            )
            url = f"{address}/gallery/{case.name}?language={case.language}"
            found += [f"{name}: {fault}" for fault in visit(context.new_page(), url, folder / f"{name}.png")]
            context.close()
    return found


def visit(page: Page, url: str, picture: Path) -> list[str]:
    """Photograph one page; return what the console, axe and the ruler found."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(url, wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=picture, full_page=True)
    return [*said, *faults(page)]


def faults(page: Page) -> Iterator[str]:
    """Yield what axe finds, and whether the page scrolls sideways."""
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "wider than the screen"
    for violation in Axe().run(page).response["violations"]:
        nodes = "; ".join(" ".join(node["target"]) for node in violation["nodes"][:3])
        yield f"{violation['id']}: {violation['help']} [{nodes}]"


def main() -> int:
    """Run the gallery; return 0 if nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "instance" / "gallery")
    parser.add_argument("only", nargs="*", help="parts of the names of cases")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = look(f"http://127.0.0.1:{server.server_port}", asked.folder, asked.only)
    server.shutdown()
    print("\n".join(found) or "axe, the console and the widths: nothing found")
    return bool(found)


def look(address: str, folder: Path, only: list[str]) -> list[str]:
    """Photograph the cases whose names hold one of `only` (or all); return what was found wrong."""
    found: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for case in cases():
            if not only or any(part in case.name for part in only):
                found += photograph(browser, case, address, folder)
        browser.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
