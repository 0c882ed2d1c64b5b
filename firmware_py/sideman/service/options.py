"""From the settings file to what the jam obeys."""

from __future__ import annotations

from sideman.jam.options import Options, setting_keys, with_setting
from sideman.service.settings import Settings


def options_of(settings: Settings) -> Options:
    """The jam's options for some settings (already checked, so nothing here can fail)."""
    options = Options()
    for key in setting_keys():
        options = with_setting(options, key, settings.plain(key))
    return options
