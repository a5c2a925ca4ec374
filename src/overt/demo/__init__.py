"""The demo: the whole line on real media, with stand-ins for the generators."""
