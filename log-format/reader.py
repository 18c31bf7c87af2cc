#!/usr/bin/env python3
"""Reads an exported Probity log and checks that it holds, without the program that wrote it.

    python3 reader.py DIR            one line per entry, then a summary
    python3 reader.py --json DIR     the same as one JSON object per line
    python3 reader.py --quiet DIR    the summary alone
    python3 reader.py selftest       hash function and golden vectors
    python3 reader.py vectors FILE   cases about proofs: vectors/proofs.json
    python3 reader.py verify DIR --checkpoint FILE --vkey KEY
                                     the same as the first, and the tree against a signed checkpoint

Written from SPEC.md; needs the standard library, proofs.py and schema/schema.json beside it, no keys.
Exit: 0 the log holds, 1 it does not (file, position, field, expected, found on standard error),
2 it could not be examined.

Not in scope: opening sealed parts (the standard library has no ChaCha20-Poly1305), what was seen before.
"""

import json
import os
import struct
import sys

import proofs

# --- BLAKE3 ---------------------------------------------------------------------------------------
# Many messages are hashed at once: word i of all of them lies in one big integer, 64 bits apart, so
# that one addition, exclusive-or or shift of Python works on hundreds of messages. The upper half of
# each 64-bit place takes carries and shifted-out bits and is cleared afterwards.

LANES_MAX = 512
CHUNK_BYTES = 1024
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8
KEYED_HASH, DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL = 16, 32, 64
IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
      0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
QUARTERS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
            (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def build_compress():
    """The compression function with its seven rounds written out: local variables are fastest."""
    lines = ["def compress(cv, m, counter, length, flags, ones, M):",
             "    v0, v1, v2, v3, v4, v5, v6, v7 = cv",
             "    %s = m" % ", ".join("m%d" % i for i in range(16)),
             "    v8, v9, v10, v11 = [word * ones for word in IV[:4]]",
             "    v12, v13, v14, v15 = counter, 0, length, flags"]
    order = list(range(16))
    for _ in range(7):
        for number, places in enumerate(QUARTERS):
            a, b, c, d = ("v%d" % place for place in places)
            for word, first, second in ((order[2 * number], 16, 12), (order[2 * number + 1], 8, 7)):
                lines.append("    %s = (%s + %s + m%d) & M" % (a, a, b, word))
                lines.append("    t = %s ^ %s; %s = ((t >> %d) | (t << %d)) & M"
                             % (d, a, d, first, 32 - first))
                lines.append("    %s = (%s + %s) & M" % (c, c, d))
                lines.append("    t = %s ^ %s; %s = ((t >> %d) | (t << %d)) & M"
                             % (b, c, b, second, 32 - second))
        order = [order[place] for place in PERMUTATION]
    lines.append("    return [%s]" % ", ".join("v%d ^ v%d" % (i, i + 8) for i in range(8)))
    scope = {"IV": IV}
    exec("\n".join(lines), scope)
    return scope["compress"]


compress = build_compress()
spread_cache = {}


def spread(count):
    """1 in every lane, and the mask of every lane's low 32 bits."""
    if count not in spread_cache:
        ones = int.from_bytes(b"\x01\0\0\0\0\0\0\0" * count, "little")
        spread_cache[count] = (ones, ones * 0xFFFFFFFF)
    return spread_cache[count]


def lanes_of_bytes(values):
    """One number below 256 for each lane."""
    buffer = bytearray(8 * len(values))
    buffer[0::8] = bytes(values)
    return int.from_bytes(buffer, "little")


def run_lanes(key, base, start, pieces, counters, ends, blocks):
    """Compresses pieces of the same number of blocks; 32 bytes each."""
    count = len(pieces)
    ones, mask = spread(count)
    stride = 64 * blocks
    joined = b"".join([p if len(p) == stride else p.ljust(stride, b"\0") for p in pieces])
    counter = int.from_bytes(struct.pack("<%dQ" % count, *counters), "little")
    last = lanes_of_bytes([len(p) - 64 * (blocks - 1) for p in pieces])
    cv = [word * ones for word in key]
    from_bytes = int.from_bytes
    for block in range(blocks):
        message = []
        for at in range(64 * block, 64 * block + 64, 4):
            word = bytearray(8 * count)
            word[0::8] = joined[at::stride]
            word[1::8] = joined[at + 1::stride]
            word[2::8] = joined[at + 2::stride]
            word[3::8] = joined[at + 3::stride]
            message.append(from_bytes(word, "little"))
        flags = base | start if block == 0 else base
        if block + 1 == blocks:
            flags = lanes_of_bytes([flags | end for end in ends])
            cv = compress(cv, message, counter, last, flags, ones, mask)
        else:
            cv = compress(cv, message, counter, 64 * ones, flags * ones, ones, mask)
    out = bytearray(32 * count)
    for number, word in enumerate(cv):
        word = word.to_bytes(8 * count, "little")
        for byte in range(4):
            out[4 * number + byte::32] = word[byte::8]
    return [bytes(out[at:at + 32]) for at in range(0, 32 * count, 32)]


def run(key, base, start, jobs):
    """Compresses (piece, counter, end flags) of any length up to one chunk."""
    results = [None] * len(jobs)
    by_blocks = {}
    for number, job in enumerate(jobs):
        by_blocks.setdefault(max(1, (len(job[0]) + 63) // 64), []).append(number)
    for blocks, numbers in by_blocks.items():
        for at in range(0, len(numbers), LANES_MAX):
            group = numbers[at:at + LANES_MAX]
            pieces, counters, ends = zip(*[jobs[number] for number in group])
            hashes = run_lanes(key, base, start, pieces, counters, ends, blocks)
            for number, found in zip(group, hashes):
                results[number] = found
    return results


def root_of(key, base, values):
    """Root of the tree over two or more chaining values of chunks."""
    while True:
        end = ROOT if len(values) == 2 else 0
        pairs = [(values[i] + values[i + 1], 0, end) for i in range(0, len(values) - 1, 2)]
        odd = values[len(pairs) * 2:]
        values = run(key, base, PARENT, pairs) + odd
        if len(values) == 1:
            return values[0]


def hash_many(key, base, messages):
    """32-byte BLAKE3 outputs of many messages under one key and mode."""
    jobs, spans = [], []
    for message in messages:
        first = len(jobs)
        if len(message) <= CHUNK_BYTES:
            jobs.append((message, 0, CHUNK_END | ROOT))
        else:
            for counter, at in enumerate(range(0, len(message), CHUNK_BYTES)):
                jobs.append((bytes(message[at:at + CHUNK_BYTES]), counter, CHUNK_END))
        spans.append((first, len(jobs)))
    values = run(key, base, CHUNK_START, jobs)
    return [values[first] if end - first == 1 else root_of(key, base, values[first:end])
            for first, end in spans]


def words(key):
    """A 32-byte key as eight words."""
    return struct.unpack("<8I", key)


context_cache = {}


def derive_many(context, messages):
    """derive_key mode: the context's own key is worked out once."""
    if context not in context_cache:
        found = hash_many(IV, DERIVE_KEY_CONTEXT, [context.encode("ascii")])[0]
        context_cache[context] = words(found)
    return hash_many(context_cache[context], DERIVE_KEY_MATERIAL, messages)


# --- Faults ---------------------------------------------------------------------------------------


class Fault(Exception):
    """The log does not hold: where, and what should stand there."""

    def __init__(self, field, expected, found):
        super().__init__(field)
        self.field, self.expected, self.found = field, expected, found
        self.file, self.position = None, None

    def at(self, file, position=None):
        """Says where, unless an inner place was said already."""
        self.file = self.file or file
        if self.position is None:
            self.position = position
        return self

    def inside(self, field):
        """Adds the outer field's name."""
        self.field = "%s.%s" % (field, self.field) if self.field else field
        return self

    def __str__(self):
        where = "" if self.position is None else "position %d: " % self.position
        return "%s: %sfield %s: expected %s, found %s" % (
            self.file, where, self.field, self.expected, self.found)


class CouldNotRun(Exception):
    """Something needed is not there."""


# --- Limits and numbers, as in SPEC.md ------------------------------------------------------------

FORMAT_VERSION = 1
UNIT_EVENTS_MAX = 4096
UNIT_BYTES_MAX = 8388608
OPEN_PART_BYTES_MAX = 2097152
SEALED_PART_BYTES_MAX = 262144
SEALED_PARTS_MAX = 8
FRAME_BYTES_MAX = 4194304
SEGMENT_ENTRIES_MAX = 65536

ENTRY_CONTEXT = "probity 2026 entry v1"
BODY_CONTEXT = "probity 2026 body v1"
PART_CONTEXT = "probity 2026 part v1"
SEALED_CONTEXT = "probity 2026 sealed v1"
SEGMENT_CONTEXT = "probity 2026 segment v1"

STREAM_KINDS = {1: "system", 2: "policy", 3: "subject", 4: "batch", 5: "pending", 6: "recipient",
                7: "account"}
ACTOR_KINDS = {1: "system", 2: "access_key", 3: "clock", 4: "operator"}
PERSONAL_IDENTIFIERS = {"citizen_id", "hmt_residence", "foreign_permanent", "passport",
                        "officer_card", "practice_certificate"}
NATURAL_PERSON = "natural_person"
NONE_POSITION = 2**64 - 1
ZERO_HASH = bytes(32)
DAYS_MIN, DAYS_MAX = -135140, 2932896


# --- Values ---------------------------------------------------------------------------------------


def civil(days):
    """Year, month, day of a count of days since 1970-01-01 (proleptic Gregorian calendar)."""
    shifted = days + 719468
    era, of_era = divmod(shifted, 146097)
    year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year + 400 * era + (month <= 2), month, day


def days_of(year, month, day):
    """The inverse of civil."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def instant(micros):
    """A timestamp as text, UTC."""
    days, rest = divmod(micros, 86400000000)
    year, month, day = civil(days)
    if not 0 <= year <= 9999:
        return "%d µs" % micros
    seconds, micros = divmod(rest, 1000000)
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ" % (
        year, month, day, seconds // 3600, seconds // 60 % 60, seconds % 60, micros)


def micros_of(text):
    """The inverse of instant."""
    if text.endswith(" µs"):
        return int(text[:-3])
    days = days_of(int(text[:4]), int(text[5:7]), int(text[8:10]))
    seconds = int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return (days * 86400 + seconds) * 1000000 + int(text[20:26])


class Kind:
    """How values of one type decode, encode, count as absent, and may be exposed."""

    __slots__ = ("decode", "encode", "absent", "exposed", "order")

    def __init__(self, decode, encode, absent=None, exposed=None, order=None):
        self.decode, self.encode = decode, encode
        self.absent = absent or (lambda value: False)
        self.exposed = exposed or (lambda value, person: None)
        self.order = order or (lambda value: value)


def take(data, at, width):
    """The next bytes, none of them past the end."""
    end = at + width
    if end > len(data):
        raise Fault("", "%d more bytes" % width, "%d" % (len(data) - at))
    return data[at:end], end


def number_kind(form):
    packer = struct.Struct("<" + form)
    unpack_from, pack, width = packer.unpack_from, packer.pack, packer.size

    def decode(data, at):
        if at + width > len(data):
            raise Fault("", "%d bytes" % width, "%d" % (len(data) - at))
        return unpack_from(data, at)[0], at + width

    return Kind(decode, pack)


def bytes_kind(width):
    def decode(data, at):
        value, at = take(data, at, width)
        return value.hex(), at

    return Kind(decode, bytes.fromhex)


def bool_kind():
    def decode(data, at):
        value, at = take(data, at, 1)
        if value[0] > 1:
            raise Fault("", "boolean 0 or 1", value[0])
        return value == b"\1", at

    return Kind(decode, lambda value: b"\1" if value else b"\0")


def date_kind():
    texts, numbers = {}, {}
    raw = number_kind("i")

    def decode(data, at):
        days, at = raw.decode(data, at)
        text = texts.get(days)
        if text is None:
            if not DAYS_MIN <= days <= DAYS_MAX:
                raise Fault("", "a day from 1600-01-01 to 9999-12-31", "day %d" % days)
            text = texts[days] = "%04d-%02d-%02d" % civil(days)
        return text, at

    def encode(text):
        packed = numbers.get(text)
        if packed is None:
            days = days_of(*[int(part) for part in text.split("-")])
            packed = numbers[text] = struct.pack("<i", days)
        return packed

    return Kind(decode, encode)


def timestamp_kind():
    raw = number_kind("q")

    def decode(data, at):
        micros, at = raw.decode(data, at)
        return instant(micros), at

    return Kind(decode, lambda text: struct.pack("<q", micros_of(text)))


def text_kind(limit):
    length_at, pack = struct.Struct("<Q").unpack_from, struct.Struct("<Q").pack

    def decode(data, at):
        start = at + 8
        if start > len(data):
            raise Fault("", "a length of 8 bytes", "%d bytes" % (len(data) - at))
        end = start + length_at(data, at)[0]
        if end > len(data):
            raise Fault("", "%d bytes of text" % (end - start), "%d" % (len(data) - start))
        try:
            text = data[start:end].decode("utf-8")
        except UnicodeDecodeError as error:
            raise Fault("", "UTF-8", error.reason) from error
        if len(text) > limit:
            raise Fault("", "at most %d characters" % limit, len(text))
        return text, end

    def encode(text):
        raw = text.encode("utf-8")
        return pack(len(raw)) + raw

    return Kind(decode, encode, absent=lambda text: not text, order=lambda text: text.encode("utf-8"))


def option_kind(inner):
    def decode(data, at):
        tag, at = take(data, at, 1)
        if tag == b"\0":
            return None, at
        if tag != b"\1":
            raise Fault("", "option tag 0 or 1", tag[0])
        return inner.decode(data, at)

    def encode(value):
        return b"\0" if value is None else b"\1" + inner.encode(value)

    def exposed(value, person):
        return None if value is None else inner.exposed(value, person)

    return Kind(decode, encode, lambda value: value is None or inner.absent(value), exposed)


def sequence_kind(element, limit, is_set):
    length_at = struct.Struct("<Q").unpack_from

    def decode(data, at):
        take(data, at, 8)
        length, at = length_at(data, at)[0], at + 8
        if limit is not None and length > limit:
            raise Fault("", "at most %d values" % limit, length)
        values = []
        for _ in range(length):
            value, at = element.decode(data, at)
            if is_set and values and element.order(values[-1]) >= element.order(value):
                raise Fault("", "a value above %s" % values[-1], value)
            values.append(value)
        return values, at

    def encode(values):
        return struct.pack("<Q", len(values)) + b"".join([element.encode(v) for v in values])

    def exposed(values, person):
        return next(filter(None, (element.exposed(v, person) for v in values)), None)

    return Kind(decode, encode, lambda values: not values, exposed)


def codes_kind(name, codes):
    keys = {int(number): key for number, key in codes.items()}
    numbers = {key: number for number, key in keys.items()}
    raw = number_kind("H")

    def decode(data, at):
        number, at = raw.decode(data, at)
        if number not in keys:
            raise Fault("", "a number of %s" % name, number)
        return keys[number], at

    def exposed(key, _person):
        return key if name == "IdentifierKind" and key in PERSONAL_IDENTIFIERS else None

    return Kind(decode, lambda key: raw.encode(numbers[key]), exposed=exposed, order=numbers.get)


def union_kind(name, alternatives):
    names = [word for word, _ in alternatives]
    kinds = dict(alternatives)
    raw = number_kind("I")

    def decode(data, at):
        tag, at = raw.decode(data, at)
        if tag >= len(names):
            raise Fault("", "a tag of %s" % name, tag)
        value, at = kinds[names[tag]].decode(data, at)
        return {names[tag]: value}, at

    def encode(value):
        (word, inner), = value.items()
        return raw.encode(names.index(word)) + kinds[word].encode(inner)

    return Kind(decode, encode)


def struct_kind(name, fields):
    """fields: name, mark, kind of each in the order of the encoding."""

    def decode(data, at):
        value = {}
        for field, _, kind in fields:
            try:
                value[field], at = kind.decode(data, at)
            except Fault as fault:
                raise fault.inside(field)
        return value, at

    def encode(value):
        return b"".join([kind.encode(value[field]) for field, _, kind in fields])

    def exposed(value, person):
        if name == "PartyName":
            return "name" if value["person"] and value["name"] else None
        for field, mark, kind in fields:
            held = value[field]
            if (mark == "person" or (mark == "subject" and person)) and not kind.absent(held):
                return field
            inner = kind.exposed(held, person)
            if inner:
                return "%s.%s" % (field, inner)
        return None

    return Kind(decode, encode, exposed=exposed)


# What an old version of an event lacks (SPEC.md §12), as today's readers take it.
LATER_FIELDS = {(103, 1): {"rows": []}}


class Schema:
    """Bodies by event type and part kind, compiled from schema.json."""

    def __init__(self, document):
        self.types = document["types"]
        self.kinds = {
            "bool": bool_kind(), "u8": number_kind("B"), "u16": number_kind("H"),
            "u32": number_kind("I"), "u64": number_kind("Q"), "i64": number_kind("q"),
            "position": number_kind("Q"), "revision": number_kind("Q"), "fen": number_kind("q"),
            "date": date_kind(), "timestamp": timestamp_kind(), "id": bytes_kind(16),
            "hash": bytes_kind(32),
        }
        self.events = {}
        for e in document["events"]:
            versions = self.events.setdefault(e["number"], {})
            versions[e["version"]] = (e["name"], self.kind(e["body"]))
        self.parts = {p["kind"]: (p["name"], self.kind(p["body"])) for p in document["parts"]}

    def kind(self, shape):
        """The kind of a type in the grammar of SPEC.md."""
        if shape not in self.kinds:
            self.kinds[shape] = self.compile(shape)
        return self.kinds[shape]

    def compile(self, shape):
        word, _, inside = shape.partition("<")
        inside = inside[:-1]
        if shape.startswith("text:"):
            return text_kind(int(shape[5:]))
        if word == "option":
            return option_kind(self.kind(inside))
        if word in ("list", "set"):
            element, _, limit = inside.rpartition(";")
            if not element:
                element, limit = inside, None
            return sequence_kind(self.kind(element), limit and int(limit), word == "set")
        if shape not in self.types:
            raise CouldNotRun("schema.json: no type %s" % shape)
        (form, content), = self.types[shape].items()
        if form == "codes":
            return codes_kind(shape, content)
        if form == "union":
            return union_kind(shape, [(name, self.kind(inner)) for name, inner in content])
        return struct_kind(shape, [(f["name"], f["mark"], self.kind(f["type"])) for f in content])

    def read_body(self, number, version, body):
        """Name and value of an open body, after every check that needs no chain."""
        if len(body) > OPEN_PART_BYTES_MAX:
            raise Fault("open part", "at most %d bytes" % OPEN_PART_BYTES_MAX, len(body))
        if number not in self.events:
            raise Fault("event type", "a type of the schema", number)
        versions = self.events[number]
        if version not in versions:
            raise Fault("schema version", "1 to %d" % max(versions), version)
        name, kind = versions[version]
        value = decode_whole(kind, name, body)
        value.update(LATER_FIELDS.get((number, version), {}))
        about = value.get("subject_kind") or value.get("core", {}).get("subject_kind")
        person = about == NATURAL_PERSON or name == "CertificateRecorded"
        exposed = kind.exposed(value, person)
        if exposed:
            raise Fault("%s.%s" % (name, exposed), "no personal value in an open part", "one")
        return name, value

    def read_part(self, number, content):
        """Name and value of a sealed part's content, once somebody opened it."""
        if len(content) > SEALED_PART_BYTES_MAX:
            raise Fault("sealed part", "at most %d bytes" % SEALED_PART_BYTES_MAX, len(content))
        if number not in self.parts:
            raise Fault("part kind", "a kind of the schema", number)
        name, kind = self.parts[number]
        return name, decode_whole(kind, name, content)


def decode_whole(kind, name, data):
    """Decodes all bytes, then encodes again and compares."""
    try:
        value, at = kind.decode(data, 0)
        if at != len(data):
            raise Fault("", "%d bytes" % at, "%d" % len(data))
        if kind.encode(value) != data:
            raise Fault("", "the one canonical encoding", "another one")
    except Fault as fault:
        raise fault.inside(name)
    return value


# --- Frames ---------------------------------------------------------------------------------------

HEADER = struct.Struct("<BQH16sQqHHH16s16sII16sQ")
PART_ROW = struct.Struct("<H16sQ32s32sB")
U64 = struct.Struct("<Q")


class Entry:
    """One frame, taken apart."""

    __slots__ = ("raw", "position", "stream_kind", "stream", "revision", "recorded_at", "type",
                 "version", "actor_kind", "actor", "command", "unit_index", "unit_length", "request",
                 "caused_by", "salt", "body", "parts", "entry_hash", "links", "name", "value",
                 "file")


def parse_frame(data):
    """Takes a frame apart and checks every range that needs no schema."""
    if data[:1] and data[0] != FORMAT_VERSION:
        raise Fault("format", FORMAT_VERSION, data[0])
    if len(data) > FRAME_BYTES_MAX:
        raise Fault("frame", "at most %d bytes" % FRAME_BYTES_MAX, len(data))
    entry = Entry()
    entry.raw, at = take(data, 0, HEADER.size)
    (_, entry.position, entry.stream_kind, entry.stream, entry.revision, entry.recorded_at,
     entry.type, entry.version, entry.actor_kind, entry.actor, entry.command, entry.unit_index,
     entry.unit_length, entry.request, entry.caused_by) = HEADER.unpack(entry.raw)
    entry.salt, at = take(data, at, 16)
    length, at = take(data, at, 8)
    entry.body, at = take(data, at, U64.unpack(length)[0])
    count, at = take(data, at, 8)
    count = U64.unpack(count)[0]
    if count > SEALED_PARTS_MAX:
        raise Fault("sealed parts", "at most %d" % SEALED_PARTS_MAX, count)
    entry.parts = []
    for _ in range(count):
        row, at = take(data, at, PART_ROW.size)
        kind, root, index, commitment, sealed_hash, tag = PART_ROW.unpack(row)
        if tag > 1:
            raise Fault("ciphertext", "option tag 0 or 1", tag)
        ciphertext = None
        if tag == 1:
            length, at = take(data, at, 8)
            ciphertext, at = take(data, at, U64.unpack(length)[0])
        entry.parts.append((kind, root, index, commitment, sealed_hash, ciphertext))
    entry.entry_hash, at = take(data, at, 32)
    if at != len(data):
        raise Fault("frame", "%d bytes" % at, len(data))
    if entry.stream_kind not in STREAM_KINDS:
        raise Fault("stream kind", "1 to 7", entry.stream_kind)
    if entry.actor_kind not in ACTOR_KINDS:
        raise Fault("actor kind", "1 to 4", entry.actor_kind)
    if entry.unit_length > UNIT_EVENTS_MAX:
        raise Fault("unit length", "at most %d" % UNIT_EVENTS_MAX, entry.unit_length)
    if entry.unit_index >= entry.unit_length:
        raise Fault("unit index", "below %d" % entry.unit_length, entry.unit_index)
    return entry


def body_commitments(entries):
    """Body commitment of every entry, from part tables and open parts."""
    inputs = [b"".join((bytes(26), U64.pack(len(e.body)), e.salt, e.body)) for e in entries]
    opened = derive_many(PART_CONTEXT, inputs)
    tables = []
    for entry, commitment in zip(entries, opened):
        rows = [bytes((1 + len(entry.parts),)), bytes(26), commitment, ZERO_HASH]
        for kind, root, index, sealed_commitment, sealed_hash, _ in entry.parts:
            rows.append(struct.pack("<H16sQ", kind, root, index) + sealed_commitment + sealed_hash)
        tables.append(b"".join(rows))
    return derive_many(BODY_CONTEXT, tables)


def check_hashes(entries):
    """Sealed hashes and entry hashes of many entries; the first fault in the log's order."""
    sealed = [(number, part) for number, entry in enumerate(entries)
              for part in range(len(entry.parts)) if entry.parts[part][5] is not None]
    found = derive_many(SEALED_CONTEXT, [entries[n].parts[p][5] for n, p in sealed])
    faults = {}
    for (number, part), value in zip(sealed, found):
        stored = entries[number].parts[part][4]
        if value != stored and number not in faults:
            field = "sealed hash of part %d" % (part + 1)
            faults[number] = Fault(field, stored.hex(), value.hex())
    headers = [entry.raw + entry.links[0] + entry.links[1] + body
               for entry, body in zip(entries, body_commitments(entries))]
    for number, value in enumerate(derive_many(ENTRY_CONTEXT, headers)):
        if value != entries[number].entry_hash and number not in faults:
            faults[number] = Fault("entry hash", value.hex(), entries[number].entry_hash.hex())
    if faults:
        number = min(faults)
        raise faults[number].at(entries[number].file, entries[number].position)


class Chain:
    """Where the walk stands: one hash and one number per stream, and the open unit."""

    def __init__(self):
        self.next, self.hash, self.time, self.unit = 0, ZERO_HASH, 0, (0, 0)
        self.unit_bytes = 0
        self.streams = {}

    def step(self, entry, frame_bytes):
        """Checks the entry's place and moves on; its links are noted, their hash is checked later."""
        if entry.position != self.next:
            raise Fault("position", self.next, entry.position)
        key = (entry.stream_kind, entry.stream)
        revision, previous = self.streams.get(key, (0, ZERO_HASH))
        if entry.revision != revision:
            raise Fault("revision", revision, entry.revision)
        if entry.recorded_at < self.time:
            raise Fault("recorded_at", "not before " + instant(self.time), instant(entry.recorded_at))
        index, length = self.unit
        if entry.unit_index != index:
            raise Fault("unit index", index, entry.unit_index)
        if index and entry.unit_length != length:
            raise Fault("unit length", length, entry.unit_length)
        if entry.caused_by != NONE_POSITION and entry.caused_by >= entry.position:
            raise Fault("caused_by", "an earlier position", entry.caused_by)
        self.unit_bytes = frame_bytes + (self.unit_bytes if index else 0)
        if self.unit_bytes > UNIT_BYTES_MAX:
            raise Fault("unit", "at most %d bytes" % UNIT_BYTES_MAX, self.unit_bytes)
        entry.links = (self.hash, previous)
        self.next += 1
        self.hash, self.time = entry.entry_hash, entry.recorded_at
        is_last = entry.unit_index + 1 == entry.unit_length
        self.unit = (0, 0) if is_last else (entry.unit_index + 1, entry.unit_length)
        self.streams[key] = (revision + 1, entry.entry_hash)


# --- Segments and exports -------------------------------------------------------------------------

SEGMENT_HEAD = struct.Struct("<8s16sQQ32s")
BATCH = 4096


def split_segment(data):
    """Head fields of a segment file and the place of every frame."""
    if len(data) < SEGMENT_HEAD.size + 32:
        raise Fault("segment", "at least %d bytes" % (SEGMENT_HEAD.size + 32), len(data))
    magic, log, first, entries, previous = SEGMENT_HEAD.unpack_from(data)
    if magic != b"PROBSEG1":
        raise Fault("magic", "PROBSEG1", magic.hex())
    if entries > SEGMENT_ENTRIES_MAX:
        raise Fault("entries", "at most %d" % SEGMENT_ENTRIES_MAX, entries)
    return log, first, entries, previous


def frames_of(data, first, entries):
    """Position and bytes of every frame."""
    end, at = len(data) - 32, SEGMENT_HEAD.size
    for number in range(entries):
        position = first + number
        if at + 8 > end:
            raise Fault("frame length", "8 bytes at byte %d" % at, "%d" % (end - at)).at(None, position)
        length = U64.unpack_from(data, at)[0]
        if length > FRAME_BYTES_MAX:
            raise Fault("frame length", "at most %d" % FRAME_BYTES_MAX, length).at(None, position)
        if at + 8 + length > end:
            raise Fault("frame", "%d bytes" % length, "%d" % (end - at - 8)).at(None, position)
        yield position, data[at + 8:at + 8 + length]
        at += 8 + length
    if at != end:
        raise Fault("segment", "%d bytes of frames" % at, end)


def check_segment_hash(data):
    """The file's own hash, its last 32 bytes."""
    found = derive_many(SEGMENT_CONTEXT, [data[:-32]])[0]
    if found != data[-32:]:
        raise Fault("segment hash", found.hex(), data[-32:].hex())


MANIFEST_FIELDS = {"format": int, "log": str, "origin": str, "entries": int, "entry_hash": str,
                   "segments": list}
SEGMENT_FIELDS = {"file": str, "first": int, "entries": int, "hash": str}


def check_fields(value, fields):
    """Exactly these fields with values of these types."""
    if not isinstance(value, dict) or set(value) != set(fields):
        raise Fault("fields", " ".join(sorted(fields)), json.dumps(value)[:200])
    for field, kind in fields.items():
        if not isinstance(value[field], kind) or isinstance(value[field], bool):
            raise Fault(field, kind.__name__, json.dumps(value[field])[:200])


def read_manifest(folder):
    """The manifest, its own form checked."""
    path = os.path.join(folder, "manifest.json")
    try:
        with open(path, encoding="utf-8") as file:
            manifest = json.load(file)
    except OSError as error:
        raise CouldNotRun("%s: %s" % (path, error.strerror)) from error
    except ValueError as error:
        raise Fault("JSON", "one object", str(error)).at(path)
    try:
        check_fields(manifest, MANIFEST_FIELDS)
        if manifest["format"] != FORMAT_VERSION:
            raise Fault("format", FORMAT_VERSION, manifest["format"])
        for number, segment in enumerate(manifest["segments"]):
            try:
                check_fields(segment, SEGMENT_FIELDS)
                name = segment["file"]
                if not name or name != os.path.basename(name) or name[0] == "." or "\\" in name:
                    raise Fault("file", "a plain file name", name)
            except Fault as fault:
                raise fault.inside("segments[%d]" % number)
    except Fault as fault:
        raise fault.at(path)
    return path, manifest


class Reading:
    """One reading of one export folder."""

    def __init__(self, folder, schema, show):
        self.folder, self.schema, self.show = folder, schema, show
        self.chain = Chain()
        self.batch = []
        self.sealed = self.erased = 0
        # Keys of ciphertexts that are gone, by file and position, until an erasure names them.
        self.unexplained = {}

    def flush(self):
        """Checks the hashes of the entries that wait, then shows them."""
        batch, self.batch = self.batch, []
        if not batch:
            return
        check_hashes(batch)
        for entry in batch:
            gone = sum(part[5] is None for part in entry.parts)
            self.erased += gone
            self.sealed += len(entry.parts) - gone
            self.show(entry, self.schema)

    def read_entry(self, path, manifest, position, frame):
        try:
            entry = parse_frame(frame)
            self.chain.step(entry, len(frame))
            entry.name, entry.value = self.schema.read_body(entry.type, entry.version, entry.body)
            entry.file = path
            if position == 0:
                check_start(entry, manifest)
            self.note_erasures(entry)
        except Fault as fault:
            raise fault.at(path, position)
        self.batch.append(entry)
        if len(self.batch) >= BATCH:
            self.flush()

    def note_erasures(self, entry):
        """A ciphertext is gone only where a later erasure names its entry and its key."""
        gone = [(part[1].hex(), part[2]) for part in entry.parts if part[5] is None]
        if gone:
            self.unexplained[entry.position] = (entry.file, gone)
        if entry.name != "ErasureRecorded":
            return
        root, index = entry.value["root"], entry.value["index"]
        for position in entry.value["positions"]:
            file, keys = self.unexplained.pop(position, (None, []))
            keys = [key for key in keys if key[0] != root or index not in (None, key[1])]
            if keys:
                self.unexplained[position] = (file, keys)

    def check_explained(self):
        """Where the log ends, every missing ciphertext is explained."""
        if self.unexplained:
            position = min(self.unexplained)
            file, keys = self.unexplained[position]
            raise Fault("sealed part", "an erasure that names key %s/%d" % keys[0],
                        "no ciphertext").at(file, position)

    def read_segment(self, manifest, named):
        path = os.path.join(self.folder, named["file"])
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise Fault("file", "a readable file", error.strerror).at(path)
        try:
            log, first, entries, previous = split_segment(data)
            for field, expected, found in (
                    ("log", manifest["log"], log.hex()), ("first", named["first"], first),
                    ("entries", named["entries"], entries),
                    ("first", self.chain.next, first),
                    ("previous", self.chain.hash.hex(), previous.hex())):
                if expected != found:
                    raise Fault(field, expected, found)
            try:
                for position, frame in frames_of(data, first, entries):
                    self.read_entry(path, manifest, position, frame)
            finally:
                # What lies before a fault is checked first: the earliest one is named.
                self.flush()
            check_segment_hash(data)
            if data[-32:].hex() != named["hash"]:
                raise Fault("segment hash", named["hash"], data[-32:].hex())
        except Fault as fault:
            raise fault.at(path)

    def run(self):
        path, manifest = read_manifest(self.folder)
        for named in manifest["segments"]:
            self.read_segment(manifest, named)
        for field, expected, found in (
                ("entries", self.chain.next, manifest["entries"]),
                ("entry_hash", self.chain.hash.hex(), manifest["entry_hash"]),
                ("last unit", "whole", "whole" if self.chain.unit == (0, 0) else "cut short")):
            if expected != found:
                raise Fault(field, expected, found).at(path)
        self.check_explained()
        return {"holds": True, "entries": self.chain.next, "streams": len(self.chain.streams),
                "segments": len(manifest["segments"]), "sealed": self.sealed,
                "erased": self.erased, "entry_hash": self.chain.hash.hex()}


def check_start(entry, manifest):
    """Position 0 begins the log that the manifest names."""
    if entry.name != "LogStarted":
        raise Fault("event type", "LogStarted at position 0", entry.name)
    for field in ("log", "origin"):
        if entry.value[field] != manifest[field]:
            raise Fault("LogStarted." + field, manifest[field], entry.value[field])


# --- Output ---------------------------------------------------------------------------------------


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def parts_of(entry, schema):
    return [{"part": number, "kind": schema.parts.get(kind, (None,))[0], "root": root.hex(),
             "index": index, "state": "erased" if ciphertext is None else "sealed"}
            for number, (kind, root, index, _, _, ciphertext) in enumerate(entry.parts, 1)]


def stream_of(entry):
    return "%s/%s" % (STREAM_KINDS[entry.stream_kind], entry.stream.hex())


def show_json(entry, schema):
    """One entry as one JSON object."""
    caused_by = None if entry.caused_by == NONE_POSITION else entry.caused_by
    print(compact({
        "position": entry.position, "stream": stream_of(entry), "revision": entry.revision,
        "recorded_at": instant(entry.recorded_at), "type": entry.name, "version": entry.version,
        "actor": "%s/%s" % (ACTOR_KINDS[entry.actor_kind], entry.actor.hex()),
        "command": entry.command.hex(), "unit_index": entry.unit_index,
        "unit_length": entry.unit_length, "request": entry.request.hex(), "caused_by": caused_by,
        "body": entry.value, "parts": parts_of(entry, schema),
        "entry_hash": entry.entry_hash.hex()}))


def show_line(entry, schema):
    """One entry as one line for people."""
    parts = "".join(" %s:%s" % (part["kind"], part["state"]) for part in parts_of(entry, schema))
    print("%d %s r%d %s %s %s%s" % (entry.position, stream_of(entry), entry.revision, entry.name,
                                    instant(entry.recorded_at), compact(entry.value), parts))


def show_nothing(_entry, _schema):
    """Only the summary is wanted."""


# --- Self-test ------------------------------------------------------------------------------------

DERIVE_TEST_CONTEXT = "BLAKE3 2019-12-27 16:29:52 test vectors context"
# Length of the input 0, 1, .., 250, 0, 1, ..; its hash; its key under DERIVE_TEST_CONTEXT.
BLAKE3_VECTORS = (
    (0,
     "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
     "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d"),
    (1,
     "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
     "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c"),
    (63,
     "e9bc37a594daad83be9470df7f7b3798297c3d834ce80ba85d6e207627b7db7b",
     "b6451e30b953c206e34644c6803724e9d2725e0893039cfc49584f991f451af3"),
    (64,
     "4eed7141ea4a5cd4b788606bd23f46e212af9cacebacdc7d1f4c6dc7f2511b98",
     "a5c4a7053fa86b64746d4bb688d06ad1f02a18fce9afd3e818fefaa7126bf73e"),
    (65,
     "de1e5fa0be70df6d2be8fffd0e99ceaa8eb6e8c93a63f2d8d1c30ecb6b263dee",
     "51fd05c3c1cfbc8ed67d139ad76f5cf8236cd2acd26627a30c104dfd9d3ff8a8"),
    (127,
     "d81293fda863f008c09e92fc382a81f5a0b4a1251cba1634016a0f86a6bd640d",
     "c91c090ceee3a3ac81902da31838012625bbcd73fcb92e7d7e56f78deba4f0c3"),
    (128,
     "f17e570564b26578c33bb7f44643f539624b05df1a76c81f30acd548c44b45ef",
     "81720f34452f58a0120a58b6b4608384b5c51d11f39ce97161a0c0e442ca0225"),
    (1023,
     "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
     "74a16c1c3d44368a86e1ca6df64be6a2f64cce8f09220787450722d85725dea5"),
    (1024,
     "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
     "7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a689684302706"),
    (1025,
     "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
     "effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb"),
    (2048,
     "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
     "7b2945cb4fef70885cc5d78a87bf6f6207dd901ff239201351ffac04e1088a23"),
    (2049,
     "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
     "2ea477c5515cc3dd606512ee72bb3e0e758cfae7232826f35fb98ca1bcbdf273"),
    (3072,
     "b98cb0ff3623be03326b373de6b9095218513e64f1ee2edd2525c7ad1e5cffd2",
     "050df97f8c2ead654d9bb3ab8c9178edcd902a32f8495949feadcc1e0480c46b"),
    (3073,
     "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3",
     "72613c9ec9ff7e40f8f5c173784c532ad852e827dba2bf85b2ab4b76f7079081"),
    (5120,
     "9cadc15fed8b5d854562b26a9536d9707cadeda9b143978f319ab34230535833",
     "7a7acac8a02adcf3038d74cdd1d34527de8a0fcc0ee3399d1262397ce5817f60"),
    (31744,
     "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
     "39772aef80e0ebe60596361e45b061e8f417429d529171b6764468c22928e28e"),
    (102400,
     "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
     "4652cff7a3f385a6103b5c260fc1593e13c778dbe608efb092fe7ee69df6e9c6"),
)


def check_blake3():
    """Hash and derive_key against known answers, one by one and many at once."""
    messages = [bytes(i % 251 for i in range(length)) for length, _, _ in BLAKE3_VECTORS]
    one_by_one = [hash_many(IV, 0, [message])[0].hex() for message in messages]
    together = [found.hex() for found in hash_many(IV, 0, messages)]
    derived = [found.hex() for found in derive_many(DERIVE_TEST_CONTEXT, messages)]
    for number, (length, hashed, key) in enumerate(BLAKE3_VECTORS):
        for what, expected, found in (("hash", hashed, one_by_one[number]),
                                      ("hash among others", hashed, together[number]),
                                      ("derived key", key, derived[number])):
            if expected != found:
                raise Fault("%s of %d bytes" % (what, length), expected, found).at("BLAKE3")
    return 3 * len(messages)


def bytes_of(value):
    """Bytes of a vector: hexadecimal text, or a list of such texts and repeats."""
    if isinstance(value, str):
        return bytes.fromhex(value)
    if isinstance(value, dict):
        return bytes.fromhex(value["byte"]) * value["times"]
    return b"".join(map(bytes_of, value))


def read_body_vector(schema, vector):
    data = bytes_of(vector["bytes"])
    if "kind" in vector:
        return schema.read_part(vector["kind"], data)[1]
    return schema.read_body(vector["number"], vector["version"], data)[1]


def read_frame_vector(schema, vector):
    entry = parse_frame(bytes_of(vector["bytes"]))
    for kind, _, _, _, sealed_hash, ciphertext in entry.parts:
        if ciphertext is not None and derive_many(SEALED_CONTEXT, [ciphertext])[0] != sealed_hash:
            raise Fault("sealed hash", sealed_hash.hex(), "another")
    value = schema.read_body(entry.type, entry.version, entry.body)[1]
    found = body_commitments([entry])[0].hex()
    if found != vector.get("body_commitment", found):
        raise CouldNotRun("%s: body commitment %s" % (vector["name"], found))
    return value


def read_chain_vector(_schema, vector):
    chain, entries = Chain(), []
    try:
        for data in map(bytes_of, vector["frames"]):
            entry = parse_frame(data)
            entry.file = vector["name"]
            chain.step(entry, len(data))
            entries.append(entry)
    finally:
        if entries:
            check_hashes(entries)


def read_segment_vector(_schema, vector):
    data = bytes_of(vector["bytes"])
    _, first, entries, _ = split_segment(data)
    for _, frame in frames_of(data, first, entries):
        parse_frame(frame)
    check_segment_hash(data)


def read_codes_vector(schema, vector):
    kind = schema.kind(vector["name"])
    for code in vector["codes"]:
        if decode_whole(kind, vector["name"], bytes_of(code["bytes"])) != code["key"]:
            raise CouldNotRun("%s: number %d is not %s" % (vector["name"], code["number"], code["key"]))
    for data in vector["unknown"]:
        try:
            decode_whole(kind, vector["name"], bytes_of(data))
        except Fault:
            continue
        raise CouldNotRun("%s: %s is no code and was taken" % (vector["name"], data))


def read_keytree_vector(_schema, vector):
    if "error" in vector:
        raise Fault("node set", "out of scope here", "a vector about one")
    for leaf in vector["leaves"]:
        key = bytes.fromhex(vector["root"])
        for depth in range(1, 9):
            child = leaf["index"] >> 4 * (8 - depth) & 15
            message = b"probity 2026 key tree v1" + bytes((child, depth))
            key = hash_many(words(key), KEYED_HASH, [message])[0]
        if key.hex() != leaf["key"]:
            raise CouldNotRun("leaf %d: key %s" % (leaf["index"], key.hex()))


VECTOR_READERS = (("events", read_body_vector), ("parts", read_body_vector),
                  ("maximal", read_body_vector), ("refused", read_body_vector),
                  ("codes", read_codes_vector), ("frames", read_frame_vector),
                  ("chains", read_chain_vector), ("segments", read_segment_vector),
                  ("keytree", read_keytree_vector))


def check_vectors(schema):
    """Every vector beside this file: good ones read as written down, all others are refused."""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors")
    count = 0
    for name, read in VECTOR_READERS:
        for vector in load_json(os.path.join(here, name + ".json")):
            count += 1
            wrong = "error" in vector or "event_error" in vector
            try:
                value = read(schema, vector)
            except Fault as fault:
                if not wrong:
                    raise fault.at("%s.json, %s" % (name, vector["name"]))
                continue
            where = "%s.json, %s" % (name, vector["name"])
            if wrong:
                raise Fault("result", "a refusal", "none").at(where)
            if value is not None and value != vector.get("body", value):
                raise Fault("body", compact(vector["body"]), compact(value)).at(where)
    return count


# --- Checkpoints ----------------------------------------------------------------------------------


def verify_log(folder, text, log, schema, where):
    """An export folder whose tree is the one that the log signed. Extends Fault and Wrong alike."""
    checkpoint, _ = proofs.open_checkpoint(text, log)
    tree = proofs.Frontier(checkpoint.size)

    def add_leaf(entry, _schema):
        leaf = proofs.leaf_entry(entry.position, entry.recorded_at, entry.entry_hash)
        tree.push(proofs.leaf_hash(leaf))

    manifest = read_manifest(folder)[1]
    proofs.same("origin", manifest["origin"], checkpoint.origin)
    summary = Reading(folder, schema, add_leaf).run()
    if tree.wanted_root is None:
        raise Fault("size", "at most %d, the entries of the export" % tree.size,
                    checkpoint.size).at(where)
    proofs.same("root", tree.wanted_root, checkpoint.root)
    return dict(summary, size=checkpoint.size, origin=checkpoint.origin)


def verify(arguments, schema):
    """`verify DIR --checkpoint FILE --vkey KEY`."""
    if len(arguments) != 5:
        raise CouldNotRun("usage: verify DIR --checkpoint FILE --vkey KEY")
    options = dict(zip(arguments[1::2], arguments[2::2]))
    if set(options) != {"--checkpoint", "--vkey"}:
        raise CouldNotRun("usage: verify DIR --checkpoint FILE --vkey KEY")
    path = options["--checkpoint"]
    try:
        log = proofs.Key(options["--vkey"])
    except proofs.Wrong as wrong:
        raise CouldNotRun("--vkey: %s" % wrong) from wrong
    if log.kind != proofs.NOTE:
        raise CouldNotRun("--vkey: this is the key of a witness")
    with open(path, "rb") as file:
        data = file.read(proofs.NOTE_BYTES_MAX + 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault("note", "UTF-8", error.reason).at(path) from error
    try:
        summary = verify_log(arguments[0], text, log, schema, path)
    except proofs.Wrong as wrong:
        raise Fault(wrong.field, wrong.expected, wrong.found).at(path) from wrong
    print("holds: %(entries)d entries in %(streams)d streams and %(segments)d segments, head "
          "%(entry_hash)s; %(size)d of them are in the tree that %(origin)s signed" % summary)


def check_proofs(path, schema):
    """Every case about proofs: it holds, or is refused in the field that is written down."""
    beside = os.path.dirname(os.path.abspath(path))

    def of_case(folder, text, log):
        verify_log(os.path.join(beside, folder), text, log, schema, "checkpoint")

    runner = proofs.Cases(lambda context, data: derive_many(context, [data])[0], of_case)
    cases = load_json(path)
    for case in cases:
        try:
            runner.run(case)
            found = None
        except (proofs.Wrong, Fault) as wrong:
            found = wrong.field
        expected = None if case["ok"] else case["field"]
        if found != expected:
            name = "%s, %s: %s" % (path, case["kind"], case["name"])
            raise Fault("refused in", expected, found).at(name)
    return len(cases)


# --- Command line ---------------------------------------------------------------------------------


def load_json(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise CouldNotRun("%s: %s" % (path, error)) from error


def load_schema():
    here = os.path.dirname(os.path.abspath(__file__))
    return Schema(load_json(os.path.join(here, "schema", "schema.json")))


def run_task(task, arguments, schema):
    """The tasks that are named by a word."""
    if task == "verify":
        verify(arguments, schema)
    elif task == "vectors" and len(arguments) == 1:
        print("proofs: %d cases hold" % check_proofs(arguments[0], schema))
    else:
        raise CouldNotRun("usage: vectors FILE")


def main(arguments):
    if arguments[:1] in (["verify"], ["vectors"]):
        return judged(lambda: run_task(arguments[0], arguments[1:], load_schema()))
    flags = {argument for argument in arguments if argument.startswith("-")}
    rest = [argument for argument in arguments if not argument.startswith("-")]
    if len(rest) != 1 or flags - {"--json", "--quiet"}:
        print(__doc__, file=sys.stderr)
        return 2
    return judged(lambda: read(rest[0], flags))


def read(what, flags):
    """Reads an export folder, or tests itself."""
    schema = load_schema()
    if what == "selftest":
        print("BLAKE3: %d checks hold" % check_blake3())
        print("vectors: %d hold" % check_vectors(schema))
        return
    show = show_json if "--json" in flags else show_line
    show = show_nothing if "--quiet" in flags else show
    summary = Reading(what, schema, show).run()
    if "--json" in flags:
        print(compact(summary))
    else:
        print("holds: %(entries)d entries in %(streams)d streams and %(segments)d segments, "
              "%(sealed)d parts sealed, %(erased)d erased, head %(entry_hash)s" % summary)


def judged(task):
    """Exit status of a task: 0 holds, 1 does not, 2 could not be examined."""
    try:
        task()
    except Fault as fault:
        print("does not hold: %s" % fault, file=sys.stderr)
        return 1
    except (CouldNotRun, OSError) as error:
        print("could not run: %s" % error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")
    sys.exit(main(sys.argv[1:]))
