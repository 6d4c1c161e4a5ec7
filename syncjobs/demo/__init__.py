"""The demo: a firm, a sample company and a shop with planted differences, on this machine, from one command."""
