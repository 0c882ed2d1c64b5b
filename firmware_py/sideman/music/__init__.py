"""Plain musical values and functions: meter, beat time, tempo, chords, the drum kit. Knows no other room."""
