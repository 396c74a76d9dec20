"""The whole call on one page."""

from ivr import actions as do
from ivr import calling_back, paged, ringing
from ivr.steps import Ask, Choose, Connect, End, Menu, Record, Step, Tell, tells

INCOMING: tuple[Step, ...] = (
    Choose("arrival", do.arrival,
           {"open": "welcome", "closed": "welcome_closed", "blocked": "blocked", "staff": "staff"}),
    Tell("blocked", end=End.REJECT),
    *tells("welcome", "welcome_closed", then="main_menu"),
    Menu("main_menu", keys={"1": "support", "2": "emergency", "3": "my_ticket", "*": "main_menu"}, otherwise="no_key"),
    Choose("no_key", do.no_key, {"open": "support", "closed": "emergency", "stranger": "let_go"}),
    Choose("support", do.support, {"open": "hunt", "closed": "support_closed"}),  # 1: support
    Connect("hunt", ringing.hunt, ringing.leg_outcome,
            {"connected": "thanks", "nobody": "nobody_free", "empty": "nobody_free"}),
    Menu("nobody_free", keys={"1": "message", "2": "call_back"}, otherwise="message"),
    Choose("call_back", do.call_back, {"known": "call_back_noted", "withheld": "no_number"}),
    Menu("support_closed", keys={"1": "message", "2": "emergency"}, otherwise="message"),
    Choose("emergency", do.emergency, {"open": "page", "included": "page", "notice": "overtime_notice"}),  # 2
    Menu("overtime_notice", keys={"1": "page", "2": "message"}, otherwise="page", tries=2, into=do.consent),
    Connect("page", ringing.page, ringing.leg_outcome,
            {"connected": "thanks", "nobody": "nobody_reached", "empty": "nobody_on_standby"}),
    *tells("nobody_reached", "nobody_on_standby", "no_number", then="message"),
    Record("message", do.message, {"kept": "message_kept", "silent": "no_message"}),
    *tells("message_kept", "no_message", "call_back_noted", then="thanks"),
    Choose("my_ticket", do.my_ticket, {"newest": "offer_ticket", "none": "ask_reference", "locked": "locked"}),  # 3
    Menu("offer_ticket", keys={"1": "this_ticket", "2": "ask_reference"}, otherwise="main_menu"),
    Choose("this_ticket", do.this_ticket, {"theirs": "ticket_details"}),
    Ask("ask_reference", 9, do.find_ticket, otherwise="main_menu",
        routes={"theirs": "ticket_details", "other": "ticket_state", "wrong": "wrong_reference", "locked": "locked"}),
    Tell("wrong_reference", then="ask_reference"),
    Tell("locked", then="main_menu"),
    *tells("ticket_details", "ticket_state", then="after_ticket"),
    Menu("after_ticket", keys={"1": "support", "2": "emergency", "*": "main_menu"}, otherwise="goodbye", tries=2),
    *tells("let_go", "thanks", "goodbye"),
    Menu("staff", keys={"1": "my_call_back", "2": "as_caller"}, otherwise="as_caller", tries=2),  # an engineer rings us
    Choose("as_caller", do.as_caller, {"open": "welcome", "closed": "welcome_closed"}),
    Choose("my_call_back", calling_back.newest, {"newest": "offer_call_back", "none": "ask_call_back"}),
    Menu("offer_call_back", keys={"1": "this_call_back", "2": "ask_call_back"}, otherwise="goodbye", tries=2),
    Choose("this_call_back", calling_back.this_ticket, {"asked": "we_ring_you", "impossible": "no_call_back"}),
    Ask("ask_call_back", 9, calling_back.keyed_in, otherwise="goodbye",
        routes={"asked": "we_ring_you", "impossible": "no_call_back", "wrong": "wrong_call_back", "locked": "goodbye"}),
    Tell("wrong_call_back", then="ask_call_back"),
    *tells("we_ring_you", "no_call_back"),
)
# We ring an engineer, who calls a customer back.
CALL_BACK: tuple[Step, ...] = (
    Choose("picked_up", calling_back.picked_up, {"wanted": "call_back_offer", "late": "call_back_late"}),
    Menu("call_back_offer", keys={"1": "customer", "2": "decline"}, otherwise="not_now", tries=2, forgiving=True),
    Choose("decline", calling_back.declined, {"noted": "not_now"}),
    Connect("customer", calling_back.ring, calling_back.outcome, {"reached": "call_over", "nobody": "customer_away"}),
    *tells("call_over", "customer_away", "not_now", "call_back_late"),
)
# We ring an engineer about an emergency that nobody has.
PAGE: tuple[Step, ...] = (
    Choose("paged", paged.answered,
           {"wanted": "emergency_page", "yours": "page_yours", "taken": "page_taken", "over": "page_over"}),
    Menu("emergency_page", keys={"1": "have_it", "2": "not_me", "3": "paged"},
         otherwise="page_unheard", tries=2, forgiving=True),
    Choose("have_it", paged.have_it, {"yours": "page_yours", "taken": "page_taken", "over": "page_over"}),
    Choose("not_me", paged.pass_on, {"noted": "page_passed"}),
    *tells("page_yours", "page_taken", "page_over", "page_passed", "page_unheard"),
)
# What the engineer hears before the two are joined: only Say, Play, Gather and Hangup are allowed here.
WHISPER: tuple[Step, ...] = (
    Choose("answered", ringing.answered, {"waiting": "whisper", "left": "caller_left", "late": "too_late"}),
    Menu("whisper", keys={"1": "take", "2": "pass_on"}, otherwise="let_pass", tries=2, forgiving=True),
    Choose("take", ringing.take, {"waiting": "joined", "left": "caller_left", "late": "too_late"}),
    Choose("pass_on", ringing.pass_on, {"noted": "passed_on"}),
    Tell("joined", end=End.BRIDGE),
    *tells("passed_on", "let_pass", "caller_left", "too_late"),
)

STEPS: dict[str, Step] = {step.name: step for step in (*INCOMING, *CALL_BACK, *PAGE, *WHISPER)}
WHISPERED = {step.name for step in WHISPER}
# Where a leg begins: a caller's, that of an engineer who is rung for them, and those of engineers whom we ring.
ARRIVAL, ANSWERED, PICKED_UP, PAGED = (way[0].name for way in (INCOMING, WHISPER, CALL_BACK, PAGE))
RUNG, BEGINNINGS = (PICKED_UP, PAGED), (ARRIVAL, PICKED_UP, PAGED)
