"""The first page of the settings: where everything is that a manager may change, and what it does for whom."""

from __future__ import annotations

from flask import Blueprint, render_template

from desk.door.guard import requires
from desk.staff import Role

settings = Blueprint("settings", __name__)
settings.before_request(requires(Role.MANAGER))


@settings.get("/settings")
def index() -> str:
    """The pages, as desk/templates/settings/links.html lists them."""
    return render_template("settings/index.html")
