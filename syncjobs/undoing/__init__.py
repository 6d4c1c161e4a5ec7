"""Taking back what a run wrote: a run of its own whose plan is the inverse, and what it holds afterwards.

What people did with elements is taken back elsewhere (`syncjobs.deeds`).
"""
