"""What is uploaded as a recording is taken for what its bytes are, and only the sound of it is kept."""

from __future__ import annotations

import io
import wave

import pytest

from ivr import sound_file
from sounds import beep, mp3

PAGE = b"<script>alert(1)</script>"


def test_a_wav_is_kept_as_its_samples():
    extra = b"LIST" + (26).to_bytes(4, "little") + b"INFOIART" + (14).to_bytes(4, "little") + b"Naledi Dlamini"
    plain = beep(1.5)
    whole = b"RIFF" + (len(plain) - 8 + len(extra)).to_bytes(4, "little") + plain[8:] + extra
    sound = sound_file.read(whole)
    assert (sound.kind, sound.seconds) == ("audio/wav", 1.5)
    assert sound.content == plain
    with wave.open(io.BytesIO(sound.content)) as told:
        assert told.getnframes() == 12_000


@pytest.mark.parametrize(("tag", "after"), [(b"", b""), (b"a title" * 40, b""), (PAGE, b"TAG" + PAGE.ljust(125))])
def test_an_mp3_is_kept_as_its_frames_without_what_is_written_around_them(tag: bytes, after: bytes):
    sound = sound_file.read(mp3(2, tag, after))
    assert sound.kind == "audio/mpeg"
    assert sound.seconds == pytest.approx(2, abs=0.03)
    assert sound.content == mp3(2)


def test_an_mp3_that_is_cut_off_is_kept_up_to_its_last_whole_frame():
    assert sound_file.read(mp3(2)[:-100]).content == mp3(2)[:-417]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "choose the file"),
        (PAGE, "neither MP3 nor WAV"),
        (b"ID3", "neither MP3 nor WAV"),
        (b"ID3\x04\x00\x00\xff\xff\xff\xff" + mp3(1), "neither MP3 nor WAV"),
        (b"\xff\xfb", "neither MP3 nor WAV"),
        (b"OggS" + bytes(4000), "neither MP3 nor WAV"),
        (b"\x00\x00\x00\x20ftypM4A " + bytes(4000), "neither MP3 nor WAV"),
        (mp3(1) + PAGE + mp3(1), "neither MP3 nor WAV"),
        (mp3(1, after=PAGE), "neither MP3 nor WAV"),
        (b"RIFF\x00\x00\x00\x00WAVE" + PAGE, "not of the plain kind"),
        (b"RIFF" + bytes(4) + b"WAVEfmt " + bytes(4), "not of the plain kind"),
        (beep(1).replace(b"\x01\x00\x01\x00", b"\x07\x00\x01\x00", 1), "not of the plain kind"),
        (beep(0.1), "nothing to hear"),
        (mp3(0.1), "nothing to hear"),
        (beep(61), "takes 61 seconds"),
        (mp3(61), "takes 61 seconds"),
        (beep(30, rate=44100), "there is room for 2"),
    ],
)
def test_what_cannot_be_played_is_refused_with_the_reason(raw: bytes, why: str):
    with pytest.raises(ValueError, match=why):
        sound_file.read(raw)


def test_a_file_that_breaks_off_anywhere_is_read_or_refused_and_nothing_else():
    for whole in (beep(0.4), mp3(0.4, b"a title")):
        for end in range(0, len(whole), 97):
            try:
                assert sound_file.read(whole[:end]).seconds >= sound_file.SHORTEST
            except ValueError as error:
                assert str(error)  # noqa: PT017 - either will do
