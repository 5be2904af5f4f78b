# SPDX-License-Identifier: MPL-2.0
"""messagepack: reads and writes MessagePack, so that records are looked at by other eyes than the program's."""
import struct

NUMBERS = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q",
           0xCA: ">f", 0xCB: ">d"}
SIZES = {0xD9: ">B", 0xDA: ">H", 0xDB: ">I", 0xDE: ">H", 0xDF: ">I", 0xC4: ">B", 0xC5: ">H", 0xC6: ">I"}


def _number(data, at, form):
    return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)


def _map(data, at, count):
    found = {}
    for _ in range(count):
        key, at = _value(data, at)
        found[key], at = _value(data, at)
    return found, at


def _value(data, at):
    kind = data[at]
    at += 1
    if kind <= 0x7F:
        return kind, at
    if kind >= 0xE0:
        return kind - 256, at
    if kind <= 0x8F:
        return _map(data, at, kind & 15)
    if 0xA0 <= kind <= 0xBF:
        return data[at:at + (kind & 31)].decode(), at + (kind & 31)
    if kind in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[kind], at
    if kind in NUMBERS:
        return _number(data, at, NUMBERS[kind])
    size, at = _number(data, at, SIZES[kind])
    if kind >= 0xDE:
        return _map(data, at, size)
    body = data[at:at + size]
    return (body if kind <= 0xC6 else body.decode()), at + size


def pack(value):
    """MessagePack of None, bool, int, str and dict, in their longest forms but for small ones."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return struct.pack(">bq", -45, value)
    if isinstance(value, str):
        data = value.encode()
        return struct.pack(">BI", 0xDB, len(data)) + data
    return struct.pack(">BI", 0xDF, len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())


def unpack(data):
    """The one value that the bytes are."""
    value, end = _value(data, 0)
    assert end == len(data), "something is behind the value"
    return value
