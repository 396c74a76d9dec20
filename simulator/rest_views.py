"""The endpoints: one per resource and method, JSON out."""

from collections.abc import Iterable
from typing import cast

from flask import Response, g, jsonify, request

from simulator import rest_orders as orders
from simulator.rest_account import Account
from simulator.rest_audio import mp3, wav
from simulator.rest_lists import listed
from simulator.rest_records import API_VERSION, Call, Json, Message, Number, Record, Recording, one
from simulator.rest_refusals import Refused

ROOT = f"/{API_VERSION}/Accounts/<account_sid>"
SUBRESOURCES = ("Calls", "Messages", "Recordings", "IncomingPhoneNumbers")
ROUTES = (
    ("GET", ".json", "fetch_account"),
    ("POST", "/Calls.json", "create_call"),
    ("GET", "/Calls.json", "list_calls"),
    ("GET", "/Calls/<sid>.json", "fetch_call"),
    ("POST", "/Calls/<sid>.json", "update_call"),
    ("DELETE", "/Calls/<sid>.json", "delete_call"),
    ("GET", "/Calls/<sid>/Recordings.json", "list_recordings_of_call"),
    ("POST", "/Messages.json", "create_message"),
    ("GET", "/Messages.json", "list_messages"),
    ("GET", "/Messages/<sid>.json", "fetch_message"),
    ("POST", "/Messages/<sid>.json", "update_message"),
    ("DELETE", "/Messages/<sid>.json", "delete_message"),
    ("GET", "/Recordings.json", "list_recordings"),
    ("GET", "/Recordings/<sid>.json", "fetch_recording"),
    ("DELETE", "/Recordings/<sid>.json", "delete_recording"),
    ("GET", "/Recordings/<sid>", "fetch_wav"),
    ("GET", "/Recordings/<sid>.wav", "fetch_wav"),
    ("GET", "/Recordings/<sid>.mp3", "fetch_mp3"),
    ("GET", "/IncomingPhoneNumbers.json", "list_numbers"),
    ("GET", "/IncomingPhoneNumbers/<sid>.json", "fetch_number"),
    ("POST", "/IncomingPhoneNumbers/<sid>.json", "update_number"),
)


class Views:
    """Each method answers one line of ROUTES; `g.note` is the request as noted."""

    def __init__(self, account: Account) -> None:
        self.account = account

    # Calls

    def create_call(self) -> Response:
        return reply(orders.create_call(self.account, g.note.form), 201)

    def fetch_call(self, sid: str) -> Response:
        return reply(self.account.find(self.account.calls, sid))

    def update_call(self, sid: str) -> Response:
        return reply(orders.update_call(self.account, sid, g.note.form))

    def delete_call(self, sid: str) -> Response:
        orders.delete_call(self.account, sid)
        return Response(status=204)

    def list_calls(self) -> Response:
        return jsonify(self.listed(Call, list(self.account.calls.values())))

    # Messages

    def create_message(self) -> Response:
        return reply(orders.create_message(self.account, g.note.form), 201)

    def fetch_message(self, sid: str) -> Response:
        return reply(self.account.find(self.account.messages, sid))

    def update_message(self, sid: str) -> Response:
        return reply(orders.update_message(self.account, sid, g.note.form))

    def delete_message(self, sid: str) -> Response:
        orders.delete_message(self.account, sid)
        return Response(status=204)

    def list_messages(self) -> Response:
        return jsonify(self.listed(Message, list(self.account.messages.values())))

    # Recordings

    def fetch_recording(self, sid: str) -> Response:
        kept = self.account.recording(sid, deleted=one(g.note.query, "IncludeSoftDeleted") == "true")
        return reply(kept, media_url=media_url(kept))

    def delete_recording(self, sid: str) -> Response:
        orders.delete_recording(self.account, sid)
        return Response(status=204)

    def list_recordings(self) -> Response:
        kept = self.recordings()
        body = self.listed(Recording, kept)
        where = {recording.sid: media_url(recording) for recording in kept}
        shown = cast("list[Json]", body["recordings"])
        return jsonify(body | {"recordings": [item | {"media_url": where[str(item["sid"])]} for item in shown]})

    def list_recordings_of_call(self, sid: str) -> Response:
        self.account.find(self.account.calls, sid)
        return jsonify(self.listed(Recording, (kept for kept in self.recordings() if kept.call_sid == sid)))

    def recordings(self) -> list[Recording]:
        deleted = one(g.note.query, "IncludeSoftDeleted") == "true"
        return [kept for kept in list(self.account.recordings.values()) if deleted or kept.status != "deleted"]

    def fetch_wav(self, sid: str) -> Response:
        return Response(sound(self.completed(sid)), mimetype="audio/x-wav")

    def fetch_mp3(self, sid: str) -> Response:
        return Response(mp3(self.completed(sid).seconds), mimetype="audio/mpeg")

    def completed(self, sid: str) -> Recording:
        recording = self.account.recording(sid)
        if recording.status != "completed":  # the file may not exist yet [D voice/twiml/record]
            raise Refused(20404, request.path)
        return recording

    # Numbers and the account

    def list_numbers(self) -> Response:
        return jsonify(self.listed(Number, list(self.account.numbers.values())))

    def fetch_number(self, sid: str) -> Response:
        return reply(self.account.find(self.account.numbers, sid))

    def update_number(self, sid: str) -> Response:
        return reply(orders.update_number(self.account, sid, g.note.form))

    def fetch_account(self) -> Response:
        """[OAI api.v2010.account]; a standard API key may not ask [D iam/api-keys]."""
        account, path = self.account, request.path.removesuffix(".json")
        if request.authorization and request.authorization.username != account.sid:
            raise Refused(20003)
        facts = {
            "sid": account.sid,
            "owner_account_sid": account.sid,
            "auth_token": account.token,
            "uri": request.path,
        }
        facts |= {"friendly_name": "Afterhours", "status": "active", "type": account.kind}
        return jsonify(facts | {"subresource_uris": {name.lower(): f"{path}/{name}.json" for name in SUBRESOURCES}})

    def listed(self, kind: type[Record], kept: Iterable[Record]) -> Json:
        newest = self.account.now() - self.account.list_lag
        there = [record for record in kept if not self.account.list_lag or record.date_created <= newest]
        return listed(kind, there, g.note.query, request.path, whole_days=self.account.whole_days)


def reply(record: Record, status: int = 200, **more: object) -> Response:
    response = jsonify(record.json() | more)
    response.status_code = status
    return response


def sound(recording: Recording) -> bytes:
    return recording.audio or wav(recording.sid, recording.seconds)


def media_url(recording: Recording) -> str:
    return request.host_url.rstrip("/") + recording.path()
