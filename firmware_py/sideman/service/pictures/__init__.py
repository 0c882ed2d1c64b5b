"""Pictures and sound of a jam: the OLED as a GIF, the piano roll, what OSC sent, the take as audio."""
