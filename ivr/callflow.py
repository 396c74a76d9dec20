"""The whole call on one page."""
# A table is read in rows.
# fmt: off

from ivr import actions as do
from ivr import ringing
from ivr.steps import Ask, Choose, Connect, End, Menu, Record, Step, Tell

INCOMING: tuple[Step, ...] = (
    Choose("arrival", by=do.arrival, routes={"open": "welcome", "closed": "welcome_closed", "blocked": "blocked"}),
    Tell("blocked", end=End.REJECT),
    Tell("welcome", then="main_menu"),
    Tell("welcome_closed", then="main_menu"),
    Menu("main_menu", keys={"1": "support", "2": "emergency", "3": "my_ticket", "*": "main_menu"}, otherwise="no_key"),
    Choose("no_key", by=do.no_key, routes={"open": "support", "closed": "emergency", "stranger": "let_go"}),
    Tell("let_go"),
    # 1: support
    Choose("support", by=do.support, routes={"open": "hunt", "closed": "support_closed"}),
    Connect("hunt", whom=ringing.hunt, outcome=ringing.leg_outcome,
            routes={"connected": "thanks", "nobody": "nobody_free", "empty": "nobody_free"}),
    Menu("nobody_free", keys={"1": "message", "2": "call_back"}, otherwise="message"),
    Choose("call_back", by=do.call_back, routes={"known": "call_back_noted", "withheld": "no_number"}),
    Tell("call_back_noted", then="thanks"),
    Tell("no_number", then="message"),
    Menu("support_closed", keys={"1": "message", "2": "emergency"}, otherwise="message"),
    # 2: emergency
    Choose("emergency", by=do.emergency, routes={"open": "page", "included": "page", "notice": "overtime_notice"}),
    Menu("overtime_notice", keys={"1": "page", "2": "message"}, otherwise="page", tries=2, into=do.consent),
    Connect("page", whom=ringing.page, outcome=ringing.leg_outcome,
            routes={"connected": "thanks", "nobody": "nobody_reached", "empty": "nobody_on_standby"}),
    Tell("nobody_reached", then="message"),
    Tell("nobody_on_standby", then="message"),
    Record("message", into=do.message, routes={"kept": "message_kept", "silent": "no_message"}),
    Tell("message_kept", then="thanks"),
    Tell("no_message", then="thanks"),
    Tell("thanks"),
    # 3: my ticket
    Choose("my_ticket", by=do.my_ticket,
           routes={"newest": "offer_ticket", "none": "ask_reference", "locked": "locked"}),
    Menu("offer_ticket", keys={"1": "this_ticket", "2": "ask_reference"}, otherwise="main_menu"),
    Choose("this_ticket", by=do.this_ticket, routes={"theirs": "ticket_details"}),
    Ask("ask_reference", digits=9, into=do.find_ticket, otherwise="main_menu",
        routes={"theirs": "ticket_details", "other": "ticket_state", "wrong": "wrong_reference", "locked": "locked"}),
    Tell("wrong_reference", then="ask_reference"),
    Tell("locked", then="main_menu"),
    Tell("ticket_details", then="after_ticket"),
    Tell("ticket_state", then="after_ticket"),
    Menu("after_ticket", keys={"1": "support", "2": "emergency", "*": "main_menu"}, otherwise="goodbye", tries=2),
    Tell("goodbye"),
)

# What the engineer hears before the two are joined: only Say, Play, Gather and Hangup are allowed here.
WHISPER: tuple[Step, ...] = (
    Choose("answered", by=ringing.answered, routes={"waiting": "whisper", "left": "caller_left", "late": "too_late"}),
    Menu("whisper", keys={"1": "take", "2": "pass_on"}, otherwise="let_pass", tries=2, forgiving=True),
    Choose("take", by=ringing.take, routes={"waiting": "joined", "left": "caller_left", "late": "too_late"}),
    Choose("pass_on", by=ringing.pass_on, routes={"noted": "passed_on"}),
    Tell("joined", end=End.BRIDGE),
    Tell("passed_on"),
    Tell("let_pass"),
    Tell("caller_left"),
    Tell("too_late"),
)

STEPS: dict[str, Step] = {step.name: step for step in (*INCOMING, *WHISPER)}
WHISPERED = {step.name for step in WHISPER}
ARRIVAL, ANSWERED = INCOMING[0].name, WHISPER[0].name  # where a caller's leg begins, and an engineer's
