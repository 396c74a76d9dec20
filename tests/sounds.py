"""Sounds as people upload them: WAV and MP3 of so many seconds, and files that only look like them."""

from __future__ import annotations

import io
import wave


def beep(seconds: float = 2.0, rate: int = 8000, channels: int = 1) -> bytes:
    """A WAV as the telephone has it; another for every length."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(b"\x10\x20" * channels * round(seconds * rate))
    return written.getvalue()


def mp3(seconds: float = 2.0, tag: bytes = b"", after: bytes = b"") -> bytes:
    """Frames of layer III, 128 kbit/s at 44100 Hz, of silence; with a tag before them, and something after."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    head = b"ID3\x04\x00\x00" + bytes(((len(tag) >> 7 * place) & 127) for place in (3, 2, 1, 0)) if tag else b""
    return head + tag + frame * round(seconds * 44100 / 1152) + after
