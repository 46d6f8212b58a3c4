"""Writes character maps as sentencepiece does: a double array of bytes, and the replacements."""

import base64
import struct


def build(mapping):
    """The map from strings to strings, as `precompiled_charsmap` before base64.

    Layout: the array's length in bytes, the array, and the replacements, each ended by a 0. A unit
    is `offset << 10 | has_leaf << 8 | label`; a leaf is `1 << 31 | index of the replacement`.
    """
    replacements, index = bytearray(), {}
    for value in mapping.values():
        if value not in index:
            index[value] = len(replacements)
            replacements += value.encode() + b"\0"
    root = {}
    for key, value in mapping.items():
        node = root
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[0] = index[value]
    units, used, bases, start = [0] * 256, bytearray(b"\1" + bytes(255)), set(), 1

    def place(node):
        nonlocal start
        labels = sorted(node)
        # Only what lies just before the end is searched: all gaps each time would take for ever.
        start = candidate = max(start, len(used) - 1024)
        while True:
            while candidate < len(used) and used[candidate]:
                candidate += 1
            if candidate >= len(used):
                units.extend([0] * 256)
                used.extend(bytes(256))
            base = candidate ^ labels[0]
            if base not in bases and not any(used[base ^ label] for label in labels):
                break
            candidate += 1
        bases.add(base)
        for label in labels:
            used[base ^ label] = 1
        return base

    stack = [(0, 0, root)]
    while stack:
        position, label, node = stack.pop()
        if not node:
            continue
        base = place(node)
        offset = base ^ position
        assert offset < 1 << 21
        units[position] = offset << 10 | (0 in node) << 8 | label
        for child, value in node.items():
            if child == 0:
                units[base] = 1 << 31 | value
            else:
                stack.append((base ^ child, child, value))
    return pack(units, bytes(replacements))


def pack(units, replacements):
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + replacements


def base64_of(data):
    return base64.b64encode(data).decode()
