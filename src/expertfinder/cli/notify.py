"""`notify`: tell those who follow something; to be run by a timer, such as each hour."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from expertfinder.cli.app import app, emit, networking, opened, out
from expertfinder.cli.options import HomeOption, JsonOption
from expertfinder.configuration.settings import settings
from expertfinder.errors import InvalidQuestion

if TYPE_CHECKING:
    from email.message import EmailMessage


@app.command("notify")
def notify(
    folder: Annotated[
        Path | None, typer.Option("--out", metavar="<path>", help="Write the mails here as .eml files; send none.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send weekly mails and messages to programs to those who follow something and are due.

    Mails need EXPERTFINDER_MAIL_FROM and EXPERTFINDER_PUBLIC_URL, and EXPERTFINDER_MAIL_SERVER or `--out`; programs are
    told on the hosts of EXPERTFINDER_WEBHOOK_HOSTS. Without any of them nothing is sent.
    """
    from expertfinder.ask.oneself.questions import Questions
    from expertfinder.ask.oneself.subscriptions import Subscriptions
    from expertfinder.ask.oneself.telling import Letterhead, Told, send_digests, send_messages

    known = settings()
    if folder is None and not known.mail_server and not known.webhook_hosts:
        raise InvalidQuestion(
            "nothing can be sent: set EXPERTFINDER_MAIL_SERVER or EXPERTFINDER_WEBHOOK_HOSTS, or name a folder (--out)"
        )
    with opened(home) as finder:
        following = Subscriptions(finder, Questions(finder, networking(finder)), hosts=known.webhook_hosts.split())
        mails = messages = Told()
        if folder is not None or known.mail_server:
            head = Letterhead(sender=known.mail_from, public_url=known.public_url.rstrip("/"), language=known.language)
            mails = send_digests(finder, following, head, lambda mail: _sent(mail, folder, known.mail_server))
        if known.webhook_hosts:
            messages = send_messages(finder, following, known.public_url.rstrip("/"))
    told = {"mails": mails.mails, "messages": messages.messages, "failed": mails.failed + messages.failed}
    if as_json:
        emit(told)
        return
    out.print(f"mails: {told['mails']}, messages to programs: {told['messages']}, failed: {told['failed']}")


def _sent(mail: EmailMessage, folder: Path | None, server: str) -> None:
    """Write a mail into the folder, or hand it to the server, over TLS where the server offers TLS."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in folder.glob("*.eml")) + 1
        (folder / f"{number:05d}.eml").write_bytes(bytes(mail))
        return
    import smtplib  # it loads the library of TLS

    host, _, port = server.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=30) as relay:
        relay.ehlo()
        if relay.has_extn("starttls"):
            relay.starttls()
        relay.send_message(mail)
