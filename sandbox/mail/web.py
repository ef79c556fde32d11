"""The page on which caught mail is read."""

from io import BytesIO

from flask import Blueprint, Flask, Response, abort, jsonify, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from sandbox import look
from sandbox.mail.parsing import Attachment, attachments
from sandbox.mail.store import Mail, MailStore

SHOWN = 200
# The mail's HTML may be anything: no scripts, nothing from elsewhere, and links open in a new tab.
_HTML_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; frame-ancestors 'self'"
)


def create_app(store: MailStore, places: look.Places) -> Flask:
    """Return the web application that shows what `store` holds."""
    app = Flask(__name__)
    look.dress(app, places)
    app.register_blueprint(_reading(store))
    app.register_blueprint(_files(store))
    return app


def _reading(store: MailStore) -> Blueprint:
    pages = Blueprint("reading", __name__)

    @pages.get("/")
    def inbox() -> str:
        to = request.args.get("to", "")
        return render_template("inbox.html", mails=store.find(to, SHOWN), to=to, shown=SHOWN)

    @pages.get("/messages.json")
    def as_json() -> Response:
        return jsonify([mail.as_json() for mail in store.find(request.args.get("to", ""))])

    @pages.get("/messages/<int:number>")
    def message(number: int) -> str:
        return render_template("message.html", mail=_known(store, number), files=_attachments(store, number))

    @pages.get("/messages/<int:number>/source")
    def source(number: int) -> str:
        raw = (store.raw(number) or b"").decode("utf-8", "replace")
        return render_template("source.html", mail=_known(store, number), raw=raw)

    @pages.post("/delete-all")
    def delete_all() -> AnyResponse:
        store.clear()
        return redirect("/", 303)

    return pages


def _files(store: MailStore) -> Blueprint:
    files = Blueprint("files", __name__)

    @files.get("/messages/<int:number>.eml")
    def eml(number: int) -> Response:
        _known(store, number)
        return send_file(BytesIO(store.raw(number) or b""), mimetype="message/rfc822", download_name=f"{number}.eml")

    @files.get("/messages/<int:number>/html")
    def html(number: int) -> Response:
        response = Response(f'<base target="_blank">{_known(store, number).html}', mimetype="text/html")
        response.headers["Content-Security-Policy"] = _HTML_POLICY
        return response

    @files.get("/messages/<int:number>/files/<int:position>")
    def attachment(number: int, position: int) -> Response:
        found = _attachments(store, number)
        if position >= len(found):
            abort(404)
        file = found[position]
        # Sent as a download, whatever its type: it must not run as one of our own pages.
        return send_file(BytesIO(file.data), mimetype=file.type, as_attachment=True, download_name=file.name)

    return files


def _known(store: MailStore, number: int) -> Mail:
    mail = store.get(number)
    if mail is None:
        abort(404)
    return mail


def _attachments(store: MailStore, number: int) -> list[Attachment]:
    return attachments(store.raw(number) or b"")
