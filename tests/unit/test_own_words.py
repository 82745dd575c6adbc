"""What a person added with a post: no quotation, signature, notice or markup, in whatever language it was sent."""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expertfinder.index.posts.documents import ENOUGH, document
from expertfinder.index.posts.own_words import content, may_have_lines, own_words
from expertfinder.index.posts.tokens import tokenise
from expertfinder.model import ORGANISATION, Post

MINE = ["valve", "gasket", "torque", "spindle", "bearing", "flange", "coolant", "gearbox", "welding", "hopper"]
THEIRS = ["pension", "invoice", "tariff", "ledger", "audit", "customs", "payroll", "voucher", "budget", "rebate"]
NAMES = ["Ann Quill", "Bo Quast", "Jürgen Weiß", "Zoë Ng", "Olga Ivanova"]


def post(text: str, *, title: str = "", kind: str = "message") -> Post:
    return Post(id="a:1", source="a", title=title, text=text, kind=kind, audience=ORGANISATION)


def own(text: str, *, title: str = "") -> set[str]:
    found = own_words(post(text, title=title))
    return set(tokenise(f"{found.title}\n{found.text}"))


def quoted(text: str, mark: str = "> ") -> str:
    """As mail programs quote: each line with a mark, broken in the middle."""
    words = text.split()
    lines = [" ".join(words[start : start + 4]) for start in range(0, len(words), 4)]
    return "\n".join(mark + line for line in lines)


Style = Callable[[str, str, str], str]
"""Own text, another's text, the other's name -> what a program sends."""

ABOVE = (
    "On 1 May 2025, {} wrote:", "On Thu, May 1, 2025 at 10:02 AM {} <a.q@firm.example> wrote:",
    "On 2025-05-01 10:02,\n{} <a.q@firm.example>\nwrote:", "{} said the following on 01.05.25 10:02:",
    "Am 01.05.2025 um 10:02 schrieb {}:", "Am Do., 1. Mai 2025 um 10:02 Uhr schrieb {} <\na.q@firm.example>:",
    "Le jeu. 1 mai 2025 à 10:02, {} <a.q@firm.example> a écrit :", "El jue, 1 may 2025 a las 10:02, {} escribió:",
    "Il giorno gio 1 mag 2025 alle ore 10:02 {} ha scritto:", "Em qui., 1 de mai. de 2025 às 10:02, {} escreveu:",
    "Op do 1 mei 2025 om 10:02 schreef {}:", "W dniu 01.05.2025 o 10:02, {} napisał(a):",
    "čt 1. 5. 2025 v 10:02 odesílatel {} napsal:", "чт, 1 мая 2025 г. в 10:02, {} <a.q@firm.example>:",
    "01.05.2025 10:02, {} пишет:", "чт, 1 трав. 2025 р. о 10:02 {} пише:", "Den tors 1 maj 2025 kl 10:02 skrev {}:",
    "Den 01.05.2025 10.02, skrev {}:", "to 1. toukok. 2025 klo 10.02 {} kirjoitti:",
    "{} ezt írta (időpont: 2025. máj. 1., Cs, 10:02):", "1 May 2025 Per 10:02 tarihinde {} şunu yazdı:",
    "2025年5月1日(木) 10:02 {} <a.q@firm.example>:", "{} 于2025年5月1日周四 10:02写道：",
    "2025년 5월 1일 (목) 오전 10:02, {}님이 작성:", "*{} wrote on 1 May 2025:*",
)  # fmt: skip
HEADS = (
    ("From", "Sent", "To", "Subject"), ("From", "Date", "To", "Cc", "Subject"), ("Von", "Gesendet", "An", "Betreff"),
    ("De", "Envoyé", "À", "Objet"), ("De", "Enviado el", "Para", "Asunto"), ("Da", "Inviato", "A", "Oggetto"),
    ("De", "Enviada em", "Para", "Assunto"), ("Van", "Verzonden", "Aan", "Onderwerp"),
    ("Od", "Wysłano", "Do", "Temat"), ("Od", "Odesláno", "Komu", "Předmět"), ("От", "Отправлено", "Кому", "Тема"),
    ("Från", "Skickat", "Till", "Ämne"), ("Fra", "Sendt", "Til", "Emne"), ("Fra", "Sendt", "Til", "Kopi", "Emne"),
    ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"), ("Feladó", "Küldve", "Címzett", "Tárgy"),
    ("Kimden", "Gönderildi", "Kime", "Konu"), ("差出人", "送信日時", "宛先", "件名"),
    ("发件人", "发送时间", "收件人", "主题"), ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
)  # fmt: skip
RULES = (
    "-----Original Message-----", "---------- Forwarded message ---------", "-----Ursprüngliche Nachricht-----",
    "-----Message d'origine-----", "-----Mensaje original-----", "-----Messaggio originale-----",
    "-----Mensagem original-----", "-----Oorspronkelijk bericht-----", "-----Wiadomość oryginalna-----",
    "-----Původní zpráva-----", "-----Исходное сообщение-----", "-----Ursprungligt meddelande-----",
    "-----Oprindelig meddelelse-----", "-----Opprinnelig melding-----", "-----Alkuperäinen viesti-----",
    "-----Eredeti üzenet-----", "-----Orijinal Mesaj-----", "-----元のメッセージ-----", "-----原始邮件-----",
    "-----원본 메시지-----", "Begin forwarded message:", "-------- Weitergeleitete Nachricht --------",
)  # fmt: skip
SIGNED = (
    "-- \n{}\nLedger and payroll", "--\n{}\nAudit desk\n+49 30 12345", "Best regards,\n{}\nAudit desk",
    "Kind regards\n\n{}\nHead of payroll | Firm Ltd.", "Mit freundlichen Grüßen\n{}\nRevision, audit",
    "Cordialement,\n{}",
    "Saludos,\n{}\nLedger", "Cordiali saluti\n{}\npayroll", "Met vriendelijke groet,\n{}\naudit", "С уважением,\n{}",
    "Med vänliga hälsningar\n{}\naudit", "Pozdrawiam\n{}", "Saygılarımla,\n{}\nBütçe", "Sent from my iPhone",
    "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "Get Outlook for iOS",
    "Thanks,\n{}\n\nThis e-mail and any attachments are confidential and intended solely for the addressee. If you are"
    " not the intended recipient, please notify the sender and delete this message; audit, ledger and payroll.",
    "{}\n\nDiese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Empfänger sind oder diese"
    " E-Mail irrtümlich erhalten haben, unterrichten Sie den Absender und vernichten Sie diese Mail: audit.",
    "{}\n\nCe message et ses pièces jointes sont confidentiels et réservés à l'usage de leur destinataire."
    " Si vous avez reçu ce message par erreur, merci d'en avertir l'expéditeur et de le supprimer sans copie : audit.",
    "---\n{}\nAudit desk\n+49 30 12345", "***\n{}, payroll\nledger@firm.example", "====\n{}\nhttps://firm.example/audit",
    "_______________________________________________\naudit mailing list\naudit@lists.firm.example",
)  # fmt: skip
MARKED: tuple[Style, ...] = (
    lambda mine, theirs, name: f"<div>{mine}</div><br><div class='gmail_quote'>On 1 May {name} wrote:<blockquote"
    f" class='gmail_quote'>{theirs}</blockquote></div>",
    lambda mine, theirs, name: f"<p>{mine}</p><blockquote><p>{theirs}</p></blockquote>",
    lambda mine, theirs, name: f"<blockquote>{theirs}<blockquote>{theirs}</blockquote></blockquote><p>{mine}</p>",
    lambda mine, theirs, name: f"<div>{mine}</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>From:</b>"
    f" {name}<br><b>Sent:</b> today<br></div><div>{theirs}</div>",
    lambda mine, theirs, name: f"<p>{mine}</p><div><p><b>From:</b> {name}<br><b>Sent:</b> 1 May<br><b>To:</b> all<br>"
    f"<b>Subject:</b> x</p></div><p>{theirs}</p>",
    lambda mine, theirs, name: f"<aside class='quote'><blockquote>{theirs}</blockquote></aside>{mine}<br>",
    lambda mine, theirs, name: f"<p>{mine}</p><div class='moz-signature'>{theirs}</div>",
    lambda mine, theirs, name: f"<p>{mine}</p><p style='display:none'>{theirs}</p><script>{theirs}</script>",
    lambda mine, theirs, name: f'[quote="{name}, post:3, topic:5"]\n{theirs}\n[/quote]\n{mine}',
    lambda mine, theirs, name: f"[quote={name}]{theirs}[quote]{theirs}[/quote][/quote] {mine}",
    lambda mine, theirs, name: f"{{quote}}{theirs}{{quote}}\n{mine}",
    lambda mine, theirs, name: f"bq. {theirs}\n\n{mine}",
    lambda mine, theirs, name: f"&gt; {theirs}\n{mine}",
    lambda mine, theirs, name: f"{mine}\n\n> {theirs}\n>\n> > {theirs}",
    lambda mine, theirs, name: f"**{mine}** ![](https://firm.example/payroll.png) <!-- {theirs} -->",
    lambda mine, theirs, name: f"# {mine}\n\n<span class='audit'>so</span> <img alt='{theirs}' src='l.png'>\n\n- a",
    lambda mine, theirs, name: f"{name} writes:\n\n{quoted(theirs, 'BQ> ')}\n\n{mine}",
    lambda mine, theirs, name: f"On 1 May {name} wrote:\n\n{quoted(theirs, '| ')}\n\n{mine}",
    lambda mine, theirs, name: f"```quote\n{theirs}\n\n{theirs}\n```\n{mine}",
    lambda mine, theirs, name: f"@_**{name}|7** [said](https://c.example/#x/7):\n~~~~ quote\n{theirs}\n~~~~\n\n{mine}",
    lambda mine, theirs, name: f"&lt;p class=&quot;audit&quot;&gt;{mine}&lt;/p&gt;",
    lambda mine, theirs, name: f"&amp;lt;p class=&amp;quot;audit&amp;quot;&amp;gt;{mine}&amp;lt;/p&amp;gt;",
    lambda mine, theirs, name: f"<![CDATA[<p class='audit'><span title='payroll'>{mine}</span></p>]]>",
    lambda mine, theirs, name: f"<app-audit ledger='x'><my-payroll>{mine}</my-payroll></app-audit>",
    lambda mine, theirs, name: f"'''{mine}''' {{{{Audit|ledger={theirs}}}}} [[File:Payroll.png|thumb]] [[Ledger|so]]",
    lambda mine, theirs, name: f"{{\\rtf1\\ansi{{\\fonttbl{{\\f0 Payroll Audit;}}}}\\f0\\fs24 {mine}\\par}}",
    lambda mine, theirs, name: json.dumps(
        {"type": "doc", "audit": theirs, "content": [{"type": "paragraph", "attrs": {"class": "audit"}, "content": [
            {"type": "text", "text": mine, "marks": [{"type": "link", "attrs": {"href": "https://x/ledger"}}]}]}]}
    ),
    lambda mine, theirs, name: json.dumps(
        [{"type": "section", "block_id": "ledger", "text": {"type": "mrkdwn", "text": mine}},
         {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"text": "so"}]}]}]
    ),
    lambda mine, theirs, name: json.dumps({"ops": [{"insert": mine, "attributes": {"font": "audit"}}]}),
    lambda mine, theirs, name: f"<a href='https://firm.example/{theirs.split()[0]}' class='audit'>{mine}</a>",
)  # fmt: skip
STYLES: tuple[Style, ...] = (
    *(
        lambda mine, theirs, name, above=above: f"{mine}\n\n{above.format(name)}\n{quoted(theirs)}\n"  # type: ignore[misc]
        for above in ABOVE
    ),
    *(
        lambda mine, theirs, name, head=head, bold=bold: (
            f"{mine}\n\n"  # type: ignore[misc]
            + "\n".join(f"{bold}{label}:{bold} {name}" for label in head)
            + f"\n\n{theirs}"
        )
        for head in HEADS
        for bold in ("", "*")
    ),
    *(lambda mine, theirs, name, rule=rule: f"{mine}\n\n{rule}\n{name}: {theirs}" for rule in RULES),  # type: ignore[misc]
    *(lambda mine, theirs, name, end=end: f"{mine}\n\n{end.format(name)}" for end in SIGNED),  # type: ignore[misc]
    *MARKED,
)
SENTENCES = st.lists(st.sampled_from(MINE), min_size=3, max_size=8, unique=True)


@given(mine=SENTENCES, theirs=st.lists(st.sampled_from(THEIRS), min_size=3, max_size=12), name=st.sampled_from(NAMES))
@pytest.mark.parametrize("style", STYLES)
def test_what_is_quoted_signed_or_marked_up_is_no_own_word(
    style: Style, mine: list[str], theirs: list[str], name: str
) -> None:
    found = own(style(f"The {' '.join(mine)} must be right.", " ".join(theirs), name))
    assert set(mine) <= found
    assert not found & (set(THEIRS) - {name.lower()})
    assert not found & {"href", "class", "blockquote", "div", "style"}


@pytest.mark.parametrize(
    "style",
    [
        'The {} must be right.<iframe src="https://a.example/quokka" allowfullscreen></iframe>',
        '<video poster="quokka.png" controls></video> The {} must be right. <button type="quokka">.</button>',
        "The {} must be right :quokka: :wombat_2::numbat:\n:tada: :quokka:",
        '{{{{Quokka|wombat="x"}}}}\n== The {} ==\n[[File:quokka.jpg|thumb]] must <ref name="quokka"/> be right',
        "The {} must be right\n\nSee merge request quokka/wombat!12",
    ],
)
@pytest.mark.parametrize("mine", ["valve", "gasket press", "Dosierpumpe"])
def test_names_of_marks_are_no_own_words(style: str, mine: str) -> None:
    assert own(style.format(mine)) == own(f"The {mine} must be right.")


@given(mine=SENTENCES, sign=st.sampled_from(["&", "<", ">", '"', "'", " & "]), times=st.integers(1, 3))
def test_what_programs_escaped_several_times_has_the_same_words(mine: list[str], sign: str, times: int) -> None:
    plain = escaped = f"R&D: {sign.join(mine)}"
    for _ in range(times):
        escaped = html.escape(escaped)
    assert own(escaped) == own(plain) == {"r", "d", *mine}


@given(mine=SENTENCES, theirs=st.lists(st.sampled_from(THEIRS), min_size=3, max_size=8))
def test_answers_between_the_lines_of_a_quotation_are_own_words(mine: list[str], theirs: list[str]) -> None:
    parts = [f"{quoted(' '.join(theirs))}\n\nThe {word} first.\n" for word in mine]
    assert set(mine) <= own("On 1 May 2025, Ann wrote:\n" + "\n".join(parts))
    assert not set(THEIRS) & own("On 1 May 2025, Ann wrote:\n" + "\n".join(parts))


@pytest.mark.parametrize(
    "text",
    [
        "Use Vec<T> and Map<String, List<Item>> where a < b > c, and write to <jane@firm.example>.",
        'Wrap it in `<span class="x">` and close with `</span>`.',
        "# Types\n\nVec<T> in <b>bold</b> and Map<String, Item>",
        "```\n> git status\n>>> import this\n```\nAbove are commands.",
        ">>> import valve\n>>> valve.open(3)",
        "On Monday the auditors wrote a report:\n\nthe valve was open.",
        "Subject: valves\n\nFrom: the boiler\n\nThe pressure falls.",
        "We compared the two:\n--\nthe first was faster\n"
        + "\n".join(f"run {n} took {n} hours in all" for n in range(20)),
        "Thanks to the new gasket the pump runs.\nIt has been running for a week now without any leak, day and night.",
        "> [!NOTE]\n> Close the valve first.",
        "Ann wrote the table:\n\n| valve | torque |\n| --- | --- |\n| first | 5 |",
        "```python\nquote = 'valve'\n```\n```\nmore quotes\n```",
        "Sent from the boiler room, the signal reaches the desk.\n\nThere it is read.\n\n" + "It is logged. \n\n" * 9,
        "The pump stops.\n\n---\n\nThe valve is read at https://firm.example/valve and " + "opened again " * 9,
        "# Pumps\n\n---\n\n## Valves\n\nClose them first.\n\n---\n\nOpen the gasket.",
        "A message from the sender is confidential if the recipient says so.",
        ":author: Ann Quill\n:valve: open\nThe path std::valve::open, at 10:30:15, and `:valve:` are words.",
    ],
)
def test_what_only_looks_like_a_quotation_or_a_signature_stays(text: str) -> None:
    assert set(tokenise(text)) - own(text) <= {"b"}


THANKS = (
    "Thanks!", "Thank you so much", "+1", "Me too", "Solved, closing", "Same here.", "Great!", "Good to know.",
    "Noted.", "Danke!", "Vielen Dank", "Gelöst, danke", "Merci beaucoup", "Gracias", "¡Muchas gracias!", "Grazie mille",
    "Obrigado",
    "Bedankt!", "Dziękuję", "Спасибо!", "Дякую", "Děkuji", "Teşekkürler", "شكرا جزيلا", "Tak!", "Tack!", "Tusen takk",
    "Kiitos", "Köszönöm", "ありがとうございます", "了解しました", "谢谢", "已解决，谢谢", "감사합니다", "ขอบคุณครับ",
    "👍", "^^", ":-)",
)  # fmt: skip
QUESTION = Post(
    id="a:q", source="a", title="Vacuum furnace leak", text="How do I find a leak in the vacuum furnace?",
    audience=ORGANISATION, kind="question",
)  # fmt: skip


@pytest.mark.parametrize("text", THANKS)
def test_a_word_of_thanks_inherits_nothing_in_any_language(text: str) -> None:
    assert document(post(text, kind="comment"), QUESTION).share == 0
    assert document(post(text, title=f"Re: {QUESTION.title}"), None).share == 0


def test_what_a_reply_inherits_grows_with_its_own_words_up_to_all() -> None:
    shuffled = random.Random(7).sample(MINE, len(MINE))
    shares = [document(post(f"The {' and the '.join(shuffled[:n])}."), QUESTION).share for n in range(1, len(MINE) + 1)]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1]
    more = " ".join(f"word{n}" for n in range(2 * int(ENOUGH)))
    assert document(post(more), QUESTION).share == 1.0


def test_a_post_that_stands_alone_and_an_answer_of_which_only_the_fact_is_known_count_in_full() -> None:
    assert document(post("Valve."), None).share == 1.0
    assert document(post("", kind="answer"), QUESTION).share == 1.0
    assert document(post("", kind="message"), QUESTION).share == 0.0


@pytest.mark.parametrize(
    "title",
    [
        "Re: {}", "RE: {}", "re[2]: {}", "Re: Re: Fwd: {}", "AW: {}", "Antw: {}", "SV: {}", "WG: {}", "TR: {}",
        "RV: {}", "[pumps] Re: {}", "回复：{}",
        "답장: {}", "Ответ: {}", "Accepted: {}", "Automatic reply: {}", 'Revert "{}"',
        'Reapply "{}"', 'Revert "Revert "{}"" (#12)', "Merge branch 'x' into y", "Merge pull request #7 from a/b",
        "fixup! {}", 'Revert: "{}"', "[Backport 2.x] {}", "Backport: {} (#12)",
    ],
)  # fmt: skip
def test_a_title_that_a_program_made_of_anothers_is_borrowed(title: str) -> None:
    assert own_words(post("", title=title.format("Vacuum furnace leak"))).borrowed
    assert document(post("Done.", title=title.format("Vacuum furnace leak")), None).share == 0


@pytest.mark.parametrize("mark", ["R", "I"])
def test_one_letter_is_the_mark_of_a_reply_only_above_a_quotation(mark: str) -> None:
    title, above = f"{mark}: Vacuum furnace leak", "Il giorno 1 mag 2025 Ann ha scritto:"
    assert own_words(post(f"Grazie\n\n{above}\n> leak", title=title)).borrowed
    assert not own_words(post("Plots of the furnace in this language", title=title)).borrowed


@pytest.mark.parametrize(
    "title",
    ["Reply to the tax office: how", "Merge billing into invoicing", "Revert the pump to manual", "Vacuum: leak"],
)
def test_a_title_of_ones_own_is_not_borrowed(title: str) -> None:
    assert not own_words(post("", title=title)).borrowed


@given(st.text(alphabet=st.sampled_from("<>/ab &;\n>`*[](){}-_:=\"'é谢"), max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert own_words(post(text, title=text.replace("\n", " "))).content >= 0


@given(
    st.lists(
        st.sampled_from(
            [
                *"~`>:_*|-.a é谢\r\u2028&\n",
                "bq. ",
                "____",
                "quote",
                ".. epigraph::",
                "~~~",
                "{quote}",
                "[quote]",
                "<br>",
            ]
        ),
        max_size=12,
    ).map("".join)
)
def test_a_text_without_a_mark_of_several_lines_has_one(text: str) -> None:
    if not may_have_lines(text):
        assert sum(bool(line.strip()) for line in own_words(post(text)).text.split("\n")) <= 1


@pytest.mark.parametrize(
    "text", ["<div>" * 20_000, "<blockquote>" * 20_000, "[quote]" * 20_000, "> " * 50_000, "`" * 50_000,
             "--\n" * 20_000, "Best\n" * 20_000, "From: a\n" * 20_000, "[a](" * 10_000, "<a href='" * 10_000,
             "- " * 20_000, "{quote}" * 20_001, "y" * 200_000, "a." * 100_000, "a@" * 100_000, " :x:" * 50_000 + "y"]
)  # fmt: skip
def test_hostile_texts_are_read_in_time_that_grows_with_their_length(text: str) -> None:
    """The suite's own limit of time fails it: each of these took seconds to hours with a pattern that goes back."""
    found = own_words(post(text))
    assert found.content >= 0
    assert isinstance(found.wording, int)


def test_numbers_addresses_and_function_words_are_no_content() -> None:
    assert content("It is 42 of the 7, at https://firm.example/a or from a.b@firm.example") == 0
