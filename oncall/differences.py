"""What one version of a rota says otherwise than another, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oncall.draft import Draft


def differences(a: Draft, b: Draft) -> list[str]:
    """What b says otherwise than a, in sentences."""
    found = [
        f"{what}: {before} → {after}"
        for what, before, after in (("zone", a.zone, b.zone), ("covers", a.covers, b.covers))
        if before != after
    ]
    old = {each.name: (layer.name, each) for layer in a.layers for each in layer.rotations}
    new = {each.name: (layer.name, each) for layer in b.layers for each in layer.rotations}
    found += [f"{name!r} is gone" for name in old if name not in new]
    found += [
        f"{name!r} is new: {', '.join(each.members) or 'nobody'}" for name, (_, each) in new.items() if name not in old
    ]
    for name in old.keys() & new.keys():
        (was, before), (becomes, after) = old[name], new[name]
        if was != becomes:
            found.append(f"{name!r} moves from {was!r} to {becomes!r}")
        found += [
            f"{name!r}, {field}: {_words(getattr(before, field))} → {_words(getattr(after, field))}"
            for field in before.__dataclass_fields__
            if getattr(before, field) != getattr(after, field)
        ]
    if not found and a != b:
        found.append("the order of layers or rotations")
    return sorted(found)


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value) if value not in (None, "") else "none"
