"""The networks of the papers and of today: layers, networks, losses."""
