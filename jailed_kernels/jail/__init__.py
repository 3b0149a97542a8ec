"""What a fresh fork of the zygote goes through before it runs code that is not trusted.

There are two tiers.  *full*: process, mount, network, IPC, UTS (and, for an ordinary user, user)
namespaces, a file system of its own on a tmpfs, and everything of the second tier.  *second*, for
containers that may not make namespaces: another uid where that is possible, no capabilities, no
new privileges, resource limits, Landlock, seccomp, and a copy of the working directory.

Every layer has a name and is mandatory in its tier; `probe` proves each one from inside.
"""
