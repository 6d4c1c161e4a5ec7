"""Servers that the demo and the tests start and end themselves: broker, PostgreSQL, our own processes."""
