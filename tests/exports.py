"""What an export of somebody holds, file by file."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from tickets.privacy.export import Maker

if TYPE_CHECKING:
    from somebody import World


def exported(world: World, *keys: str) -> dict[str, bytes]:
    maker = Maker(world.app.extensions["shelf"], ("support@afterhours.example",), "Protea IT")
    reading = world.database.reading()
    with world.app.test_request_context():
        whole = maker.zip(reading, keys or (world.key(),), world.clock())
    with whole, zipfile.ZipFile(whole) as inside:
        return {name: inside.read(name) for name in inside.namelist()}
