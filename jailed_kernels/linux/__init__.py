"""Linux's own calls, through ctypes: namespaces, mounts, capabilities, Landlock, seccomp.

Everything here works in a process with one thread, right after a fork, and raises OSError.
"""
