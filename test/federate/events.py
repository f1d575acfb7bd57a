"""Reads TensorBoard's event files without TensorBoard: TFRecord framing, and the protocol buffers in it."""
import struct

CRC = []
for byte in range(256):
    for _ in range(8):
        byte = (byte >> 1) ^ (0x82F63B78 if byte & 1 else 0)
    CRC.append(byte)


def masked_crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ CRC[(value ^ byte) & 0xFF]
    value ^= 0xFFFFFFFF
    return (((value >> 15) | (value << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """What is in the framing; ValueError where a length or a checksum is wrong."""
    at = 0
    while at < len(data):
        length, check = struct.unpack_from("<QI", data, at)
        body = data[at + 12:at + 12 + length]
        if check != masked_crc32c(data[at:at + 8]) or len(body) != length:
            raise ValueError(f"wrong length at byte {at}")
        if struct.unpack_from("<I", data, at + 12 + length)[0] != masked_crc32c(body):
            raise ValueError(f"wrong checksum at byte {at}")
        yield body
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """Numbers of fields and their values."""
    at, out = 0, {}
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            length, at = varint(data, at)
            value, at = data[at:at + length], at + length
        else:
            code, size = {1: ("<d", 8), 5: ("<f", 4)}[key & 7]
            value, at = struct.unpack_from(code, data, at)[0], at + size
        out.setdefault(key >> 3, []).append(value)
    if at != len(data):
        raise ValueError("a field goes over the end")
    return out


def read(path):
    """Texts by tag, and scalars by tag as lists of step and value."""
    events = [fields(body) for body in records(path.read_bytes())]
    if events[0][3] != [b"brain.Event:2"]:
        raise ValueError(f"the file begins with {events[0]}")
    texts, scalars = {}, {}
    for event in events[1:]:
        for value in fields(event[5][0])[1]:
            value = fields(value)
            tag = value[1][0].decode()
            if 2 in value:
                scalars.setdefault(tag, []).append((event[2][0], value[2][0]))
            else:
                tensor, plugin = fields(value[8][0]), fields(fields(value[9][0])[1][0])
                if tensor[1] != [7] or plugin[1] != [b"text"]:
                    raise ValueError(f"{tag} is no text")
                texts[tag] = tensor[8][0].decode()
    return texts, scalars
