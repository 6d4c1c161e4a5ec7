"""The canonical model: what an element is, whatever system it lives in. Pure: no framework, no I/O, no clock."""
