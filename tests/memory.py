"""The memory of another process at its most: what a test asks a program of its own to print."""

# Not ru_maxrss: a child begins with its parent's there, and a test run of an hour is a large parent.
PRINT_PEAK_KB = """
print(next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
