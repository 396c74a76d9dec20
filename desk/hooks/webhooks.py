"""Webhooks: the body, signed for the second in which it leaves, posted to its endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.hooks import body, posting, secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.hooks.happening import Delivery
    from desk.hooks.posting import Said
    from desk.hooks.secrets import Secrets
    from desk.outward import Bounds


@dataclass(frozen=True)
class Webhooks:
    """What messengers of webhooks post with."""

    secrets: Secrets
    bounds: Bounds
    origin: str

    def ready(self, session: Session, delivery: Delivery, now: datetime) -> Callable[[], Said]:
        """The post, with every signature that holds now."""
        endpoint, name, timestamp = delivery.endpoint, delivery.happening.uid, int(now.timestamp())
        words, url = body.written(session, delivery.happening, self.origin, full=endpoint.full), endpoint.url
        signed = secrets.signatures(endpoint.secrets(self.secrets, now), name, timestamp, words)
        headers = {"webhook-id": name, "webhook-timestamp": str(timestamp), "webhook-signature": signed}
        return lambda: posting.post(self.bounds, url, words, headers)
