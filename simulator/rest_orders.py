"""What the REST API does to an account: check, change, tell the hook."""

from copy import copy

from simulator.rest_account import Account
from simulator.rest_checks import check_call, check_instructions, check_message, check_settings
from simulator.rest_records import MESSAGE_UNDER_WAY, SETTINGS, Call, Form, Message, Number, one
from simulator.rest_refusals import TEST_NUMBER, Refused

EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


def create_call(account: Account, form: Form) -> Call:
    from_, to = check_call(account, form)
    call = account.add_call(from_, to, "outbound-api", form=form)
    if not EVENTS.issuperset(form.get("StatusCallbackEvent", ())):
        account.alerts.append((21626, call.sid))  # still 201, but no such callbacks will come
    answer = copy(call)  # "queued", whatever the hook makes of it
    if from_ != TEST_NUMBER:
        account.on_call(call)
    return answer


def update_call(account: Account, sid: str, form: Form) -> Call:
    """End or redirect a call; one that has ended allows neither [ERR 21220]."""
    check_instructions(form, required=False)
    if status := one(form, "Status"):
        return _hang_up(account, sid, status)
    if one(form, "Url") or one(form, "Twiml"):
        return _steer(account, sid, form)
    return account.find(account.calls, sid)


def _hang_up(account: Account, sid: str, status: str) -> Call:
    """`canceled` ends what is queued or ringing and no more, `completed` any call [D call-resource]."""
    if status not in {"canceled", "completed"}:
        raise Refused(20001, status)
    with account.lock:
        call = account.find(account.calls, sid)
        if call.ended:
            raise Refused(21220)
        answered = call.status == "in-progress"
        if answered and status == "canceled":
            return call
        account.progress(sid, "completed" if answered else "canceled")
    account.on_hang_up(call)
    return call


def _steer(account: Account, sid: str, form: Form) -> Call:
    with account.lock:
        call = account.find(account.calls, sid)
        if call.status != "in-progress":
            raise Refused(21220)
        call.steered.append(form)
        call.date_updated = account.now()
    account.on_steer(call, form)
    return call


def create_message(account: Account, form: Form) -> Message:
    from_, to = check_message(account, form)
    message = account.add_message(from_, to, one(form, "Body") or "", "outbound-api", form=form)
    answer = copy(message)
    if from_ != TEST_NUMBER:
        account.on_message(message)
    return answer


def update_message(account: Account, sid: str, form: Form) -> Message:
    """Empty the body of a text that is on its way; cancelling needs a scheduled one [OAI UpdateMessage]."""
    message = account.find(account.messages, sid)
    if one(form, "Status"):
        raise Refused(30409)
    if one(form, "Body"):
        raise Refused(20001, "Body")
    if "Body" in form:
        _refuse_under_way(message)
        message.body, message.date_updated = "", account.now()
    return message


def delete_message(account: Account, sid: str) -> None:
    _refuse_under_way(account.find(account.messages, sid))
    account.messages.pop(sid, None)


def _refuse_under_way(message: Message) -> None:
    if message.status in MESSAGE_UNDER_WAY:
        raise Refused(20009)


def delete_call(account: Account, sid: str) -> None:
    if not account.find(account.calls, sid).ended:
        raise Refused(20009)
    account.calls.pop(sid, None)


def delete_recording(account: Account, sid: str) -> None:
    recording = account.recording(sid)
    recording.status, recording.audio, recording.date_updated = "deleted", None, account.now()


def update_number(account: Account, sid: str, form: Form) -> Number:
    number = account.find(account.numbers, sid)
    changed = {name: form[_camel(name)][-1] for name in SETTINGS if _camel(name) in form}
    check_settings(changed, number.settings | changed)
    number.settings |= changed
    number.date_updated = account.now()
    return number


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
