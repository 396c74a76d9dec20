"""What Twilio says no to: error code, HTTP status and words, and the published test numbers.

Codes and words: Twilio's error dictionary, twilio.com/docs/api/errors (20009's status is from memory, the use
of 20001 is ours). Numbers: twilio.com/docs/iam/test-credentials.
"""

WORDS = {
    20001: (400, "Invalid parameter {value}"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20009: (409, "Cannot delete this resource before it is complete"),
    20404: (404, "The requested resource {value} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    20503: (503, "Service Unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url is not a valid URL: {value}"),
    21208: (400, "Invalid Timeout: {value}"),
    21209: (400, "Method must be either 'GET' or 'POST': {value}"),
    21210: (400, "The source phone number provided, {value}, is not yet verified for your account."),
    21211: (400, "The 'To' number {value} is not a valid phone number."),
    21212: (400, "The 'From' number {value} is not a valid phone number or alphanumeric sender ID."),
    21213: (400, "'From' phone number is required"),
    21214: (400, "'To' phone number {value} cannot be reached"),
    21215: (400, "Account not authorized to call {value}. Perhaps you need international permissions"),
    21216: (400, "Account not allowed to call {value}"),
    21217: (400, "Phone number does not appear to be valid: {value}"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21266: (400, "'To' and 'From' number cannot be the same: {value}"),
    21402: (400, "Invalid Url: {value}"),
    21403: (400, "Invalid Method: {value}"),
    21405: (400, "Cannot set VoiceFallbackUrl without setting Url"),
    21406: (400, "Cannot set SmsFallbackUrl without setting SmsUrl"),
    21408: (400, "Permission to send an SMS has not been enabled for the region of {value}"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number {value} is not a valid message-capable Twilio phone number"),
    21609: (400, "The 'StatusCallback' URL {value} is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number {value} has exceeded the maximum number of queued messages"),
    21612: (400, "The 'To' phone number {value} is not currently reachable using the 'From' phone number"),
    21614: (400, "'To' number is not a valid mobile number: {value}"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21635: (400, "'To' number cannot be a landline: {value}"),
    21659: (400, "'From' {value} is not a Twilio phone number or Short Code country mismatch"),
    21661: (400, "'From' number {value} is not SMS-capable"),
    30409: (400, "This message cannot be canceled"),
    32018: (400, "Twiml parameter is longer than 4000 characters"),
}  # fmt: skip

TEST_NUMBER = "+15005550006"  # the one From that always passes, and of which no hook hears anything
CALL_FROM = {"+15005550001": 21212}
CALL_TO = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
MESSAGE_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
MESSAGE_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


class Refused(Exception):
    """An answer with one of Twilio's error codes."""

    def __init__(self, code: int, value: str | None = "") -> None:
        self.code = code
        self.status, words = WORDS[code]
        self.message = words.format(value=value or "")
        super().__init__(f"{code} {self.message}")

    def body(self) -> dict[str, object]:
        """The JSON of a REST error (docs/usage/troubleshooting/debugging-your-application)."""
        more = f"https://www.twilio.com/docs/errors/{self.code}"
        return {"code": self.code, "message": self.message, "more_info": more, "status": self.status}
