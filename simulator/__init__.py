"""A telephone network in a box: plays TwiML as Twilio would, two-ended and strict. Imports nothing of ours.

Written from TWILIO.md; the sections named in its files are that page's. `network.py` is where to begin.
"""

from simulator.acts import NobodyListens, Waiting
from simulator.call import Call, EndlessLoop
from simulator.clock import Clock
from simulator.grammar import UnknownTwiml
from simulator.leg import Leg, Subscription
from simulator.network import Network
from simulator.quirks import Quirks
from simulator.script import play
from simulator.web import HttpWeb, WsgiWeb
from simulator.webhooks import DifferentAnswers, Exchange

__all__ = [
    "Call",
    "Clock",
    "DifferentAnswers",
    "EndlessLoop",
    "Exchange",
    "HttpWeb",
    "Leg",
    "Network",
    "NobodyListens",
    "Quirks",
    "Subscription",
    "UnknownTwiml",
    "Waiting",
    "WsgiWeb",
    "play",
]
