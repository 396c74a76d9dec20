"""How machines call themselves and begin their subjects, where no header of theirs tells (English, Afrikaans, and what
servers and holidaymakers of South African companies write besides).

A pattern of a subject holds at its beginning and asks for the colon or the end after it, so that "Out of office hours
call was billed" is a person's.
"""

from __future__ import annotations

import re


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


BOUNCE_SENDER = _any_of(r"(mailer-?daemon|mail-?daemon|maildelivery|bounces?|mdaemon)([+=-].*)?")
POSTMASTER = _any_of("postmaster", "mail(er)?", "mail-?admin", r"microsoftexchange\w+")  # only with such a subject
MACHINE_SENDER = _any_of(
    r"(no|do-?not|don-?t|never)[-._]?reply([-._+].*)?",
    "(auto|system|alert|alarm|cron)[-._]?(mail|reply|responder|daemon)",
    "notifications?",
    "daemon",
    "nobody",
)
BOUNCE_SUBJECT = _any_of(
    r"undeliver(ed|able)\b",
    "mail delivery (failed|failure|problem|status|subsystem)",
    "delivery (status notification|failure|has failed|report|notification)",
    "failure notice",
    "returned mail",
    "(message|mail) (delivery|not delivered|undeliverable)",
    "mail system error",
    "could not (send|deliver)",
    "warning: (message|could not send)",
    "message you sent blocked",
    "nondeliverable",
    "onaflewerbaar",
    "(boodskap )?nie afgelewer",
    "kon nie afgelewer word",
    "aflewering (het )?misluk",
    "unzustellbar",
    "non remis",
)
END = r"\s*(:|$)"
REPLY_SUBJECT = _any_of(
    r"\[?auto(matic|mated|matiese)?\]?[- ]?(reply|response|responder|antwoord)\b\s*(:|$|\])",
    "auto:",
    r"out of (the )?office\s*(auto-?reply)?\s*(:|-|$)",
    "ooo:",
    f"vacation( reply| message)?{END}",
    rf"away from (the |my )?(office|mail){END}",
    r"(ek is )?(buite|uit die|uit) kantoor\s*(:|-|$)",
    rf"afwesig(heid\w*)?{END}",
    f"met (vakansie)?verlof{END}",
    f"outomatiese (antwoord|reaksie|terugvoer){END}",
    rf"abwesenheit\w*{END}",
    "automatische (antwort|antwoord)",
    "r[ée]ponse automatique",
    "respuesta autom[áa]tica",
    "resposta autom[áa]tica",
)
