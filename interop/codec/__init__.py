"""Cross-decoding: what our codec writes others read, and the reverse, over a generated corpus of every type.

A value travels between the processes as a tree: a JSON list of the type's name and its content, such as
["ulong", "5"], ["float", "3fc00000"], ["list", [...]], ["map", [[key, value], ...]],
["array", type, [...], descriptor or null] and ["described", descriptor, value].
"""
