"""Settings that change while the box plays: checked, told to the jam, and to the edges that can follow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sideman.jam.events import Event, SettingChanged
from sideman.jam.options import setting_keys
from sideman.service.settings import Settings
from sideman.service.settings_errors import SettingsError

EDGE_KEYS = (
    "midi.output",
    "midi.virtual",
    "midi.thru",
    "midi.ignore",
    "midi.map",
    "pedal.debounce_ms",
    "pedal.stuck_s",
)
"""Keys that edges obey at once; the jam's own are in ``setting_keys``. All others are read at the start."""

Follower = Callable[[Settings], None]


class LiveSettings:
    """What holds now; may be changed from any thread.

    Args:
        settings: What holds at the start.
        post: The conductor's entrance.
        followers: Called with what holds after a change, by the section of the keys that they obey.
    """

    def __init__(self, settings: Settings, post: Callable[[Event], None], followers: dict[str, Follower]) -> None:
        self.settings = settings
        self._post, self._followers = post, followers
        self._changed: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def changed(self) -> dict[str, str]:
        """Keys of the jam that were changed since the start, with their texts."""
        with self._lock:
            return dict(self._changed)

    def change(self, key: str, text: str) -> str:
        """Give a key another value until the next start.

        Returns:
            Why not, as a sentence; empty when it was done.
        """
        with self._lock:
            try:
                new = self.settings.with_value(key, text)
            except SettingsError as error:
                return str(error)
            jam = setting_keys()
            if key not in jam and key not in EDGE_KEYS:
                return f"{key} is read at the start: write it into the settings file and start again"
            before, self.settings = self.settings, new
            follower = self._followers.get(key.partition(".")[0])
            if follower is not None and key in EDGE_KEYS:
                follower(new)
            for name in jam:
                value = new.plain(name)
                if name == key or value != before.plain(name):
                    self._changed[name] = value
                    self._post(SettingChanged(time.monotonic_ns(), name, value))
        return ""
