"""Simulated players: seeded musicians who play to the whole running program and may react to what it shows.

:data:`~sideman.sim.players.cast.CAST` names them; :mod:`~sideman.sim.players.base` is the small protocol to write
another one by; :func:`~sideman.sim.players.drive.run_with` plays one on the offline clock.
"""
