"""Sound file: what somebody uploads as a recording, taken for what its bytes are; pure.

Its name and the type that the browser gave it are not looked at. Only the sound itself is kept: of an MP3 its frames,
one after another to the end, of a WAV its samples under a head of our own. So a file that is something else besides
(a page, a script, a picture in a tag) is that no longer when it is stored, and no name or place is in it.
"""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

LARGEST = 2_000_000  # bytes; two minutes as the telephone has it, and far more as MP3
SHORTEST, LONGEST = 0.3, 60.0  # seconds; nobody listens for longer before a key is asked for
MP3, WAV = "audio/mpeg", "audio/wav"  # what the carrier plays (TWILIO.md §3 Play)
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by the version of MPEG
# kbit/s of layer III by the four bits of a frame; MPEG 1, and the two that came after.
FIRST = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
LATER = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
NEITHER = "this is neither MP3 nor WAV; save the recording as one of them"


@dataclass(frozen=True)
class Sound:
    """A recording that can be played: its type, its bytes, how long it takes."""

    kind: str
    content: bytes
    seconds: float


def read(raw: bytes) -> Sound:
    """The sound in a file; raises ValueError with a sentence for what cannot be played."""
    if not raw:
        raise ValueError("choose the file of the recording")
    if len(raw) > LARGEST:
        raise ValueError(
            f"the file has {len(raw) / 1e6:.1f} MB, and there is room for {LARGEST / 1e6:.0f}: "
            "save it as MP3, or as WAV with 8000 samples a second and one channel"
        )
    sound = _wav(raw) if raw[:4] == b"RIFF" and raw[8:12] == b"WAVE" else _mp3(raw)
    if sound.seconds < SHORTEST:
        raise ValueError("there is nothing to hear in it")
    if sound.seconds > LONGEST:
        raise ValueError(f"it takes {sound.seconds:.0f} seconds, and a caller listens to {LONGEST:.0f} at most")
    return sound


def _wav(raw: bytes) -> Sound:
    try:
        with wave.open(io.BytesIO(raw)) as told:
            about, samples = told.getparams(), told.readframes(told.getnframes())
    except (wave.Error, EOFError, ValueError):
        raise ValueError("this WAV is not of the plain kind (PCM); save it as that, or as MP3") from None
    if about.sampwidth not in (1, 2) or about.nchannels not in (1, 2) or not 8000 <= about.framerate <= 48000:
        raise ValueError("this WAV is of no kind that a telephone plays: one or two channels of 8 or 16 bits")
    whole, written = about.sampwidth * about.nchannels, io.BytesIO()
    samples = samples[: len(samples) // whole * whole]
    with wave.open(written, "wb") as kept:
        kept.setparams((about.nchannels, about.sampwidth, about.framerate, 0, "NONE", ""))
        kept.writeframes(samples)
    return Sound(WAV, written.getvalue(), len(samples) / whole / about.framerate)


def _mp3(raw: bytes) -> Sound:
    """Every frame has to follow upon the last, so nothing else can lie between them."""
    at = start = _after_tag(raw)
    seconds = 0.0
    while at < len(raw) and raw[at : at + 3] != b"TAG":
        size, lasts = _frame(raw[at : at + 4])
        if at + size > len(raw):  # cut off in the middle of its last frame, as recorders do
            break
        at, seconds = at + size, seconds + lasts
    return Sound(MP3, raw[start:at], seconds)


def _after_tag(raw: bytes) -> int:
    """Where the first frame is: what stands before it is a title, a name, a picture."""
    if raw[:3] != b"ID3":
        return 0
    if len(raw) < 10 or any(byte > 127 for byte in raw[6:10]):
        raise ValueError(NEITHER)
    size = sum(byte << 7 * place for place, byte in enumerate(reversed(raw[6:10])))
    return 10 + size + (10 if raw[5] & 0x10 else 0)


def _frame(head: bytes) -> tuple[int, float]:
    """How many bytes this frame has, and how many seconds it lasts (ISO 11172-3, 2.4.1.3)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # twelve bits of one, and layer III
        raise ValueError(NEITHER)
    version, bits, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version not in RATES or bits in (0, 15) or rate == 3:
        raise ValueError(NEITHER)
    per_second, samples = RATES[version][rate], 1152 if version == 3 else 576
    rate_of_bits = (FIRST if version == 3 else LATER)[bits] * 1000
    return samples // 8 * rate_of_bits // per_second + (head[2] >> 1 & 1), samples / per_second
