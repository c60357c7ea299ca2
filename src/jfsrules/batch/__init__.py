"""Many cases at once: files of cases and tables go in, one table of answers comes out.

Each row is answered for or set apart with what is wrong with it; none is lost, and a run that was
interrupted goes on where it was.
"""
