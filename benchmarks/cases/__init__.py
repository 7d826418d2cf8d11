"""What is measured, a case a module; a new module is found by itself.

A case has NUMBER, the figure's number in the list of goals; WORKS, what workers are asked to do,
by name; and ``lines``, which measures with a bench and yields the lines of the table.
"""
