"""Try a call."""

from flask import Blueprint

tryout = Blueprint("tryout", __name__)
