"""Proofs about a log: tree, signed notes, cosignatures, policies, bundles, forks. Part of reader.py.

Written from SPEC.md §14 and the C2SP specifications that it names; needs the standard library. Ed25519 is
the arithmetic of RFC 8032, slow and short: it only verifies, so nothing in it is secret.
"""

import base64
import binascii
import hashlib
import json
import re


class Wrong(Exception):
    """A proof that does not hold: in which field, what would be right, what stands there."""

    def __init__(self, field, expected, found):
        super().__init__(field)
        self.field, self.expected, self.found = field, str(expected), str(found)

    def __str__(self):
        return "field %s: expected %s, found %s" % (self.field, self.expected, self.found)


def same(field, expected, found):
    if expected != found:
        raise Wrong(field, shown(expected), shown(found))


def shown(value):
    return value.hex() if isinstance(value, bytes) else str(value)[:160]


class inside:
    """Adds the name of the outer field to what goes wrong within."""

    def __init__(self, outer):
        self.outer = outer

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if isinstance(error, Wrong):
            error.field = "%s.%s" % (self.outer, error.field)
        return False


# --- Ed25519 --------------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def point_add(one, other):
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a = (y1 - x1) * (y2 - x2) % P
    b = (y1 + x1) * (y2 + x2) % P
    c = 2 * t1 * t2 * D % P
    d = 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_double(point):
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    c = 2 * z * z % P
    h = a + b
    e = h - (x + y) * (x + y) % P
    g = a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_is(one, other):
    return ((one[0] * other[2] - other[0] * one[2]) % P == 0
            and (one[1] * other[2] - other[1] * one[2]) % P == 0)


def point_of(data):
    """The point that 32 bytes stand for, none where they stand for none."""
    number = int.from_bytes(data, "little")
    y, sign = (number & (2**255 - 1)) % P, number >> 255
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u:
        return None
    if x & 1 != sign:
        x = -x % P
    return x, y, 1, x * y % P


def is_of_small_order(point):
    for _ in range(3):
        point = point_double(point)
    return point_is(point, NEUTRAL)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verifies(public, message, signature):
    """Whether a signature is right; points of small order are refused."""
    if len(signature) != 64:
        return False
    key, first = point_of(public), point_of(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or first is None or scalar >= ORDER:
        return False
    if is_of_small_order(key) or is_of_small_order(first):
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    factor = int.from_bytes(digest, "little") % ORDER
    minus_key = (-key[0] % P, key[1], 1, -key[3] % P)
    # scalar · BASE − factor · key, both at once.
    both = point_add(BASE, minus_key)
    total = NEUTRAL
    for bit in range(252, -1, -1):
        total = point_double(total)
        picked = (scalar >> bit & 1, factor >> bit & 1)
        if picked != (0, 0):
            total = point_add(total, {(1, 0): BASE, (0, 1): minus_key, (1, 1): both}[picked])
    return point_is(total, first)


# --- Texts ----------------------------------------------------------------------------------------


def from_base64(field, text):
    """Standard base64 with padding, in its one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != text:
        raise Wrong(field, "standard base64 with padding", shown(text))
    return data


def tree_hash(field, text):
    data = from_base64(field, text)
    if len(data) != 32:
        raise Wrong(field, "base64 of 32 bytes", shown(text))
    return data


def from_decimal(field, text):
    if not re.fullmatch("0|[1-9][0-9]*", text, re.ASCII) or int(text) >= 2**64:
        raise Wrong(field, "a decimal number without leading zeros", shown(text))
    return int(text)


def check_name(field, name):
    if not name or any(c.isspace() or c == "+" or c < " " for c in name):
        raise Wrong(field, "a name without spaces and plus signs", shown(name))


# --- Tree -----------------------------------------------------------------------------------------

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def leaf_entry(position, recorded_at, entry_hash):
    """The 49 bytes of a leaf."""
    return (b"\1" + position.to_bytes(8, "big") + recorded_at.to_bytes(8, "big", signed=True)
            + entry_hash)


class Frontier:
    """The right edge of a growing tree, and the root at one size."""

    def __init__(self, wanted=None):
        self.size, self.hashes, self.wanted = 0, [], wanted
        self.wanted_root = EMPTY_ROOT if wanted == 0 else None

    def push(self, leaf):
        size = self.size
        while size & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1
        if self.size == self.wanted:
            self.wanted_root = self.root()

    def root(self):
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def path_shape(index, size):
    inner = (index ^ (size - 1)).bit_length()
    return inner, bin(index >> inner).count("1")


def climb(seed, inner, index):
    for level, element in enumerate(inner):
        left = index >> level & 1
        seed = node_hash(element, seed) if left else node_hash(seed, element)
    return seed


def climb_right(seed, elements):
    for element in elements:
        seed = node_hash(element, seed)
    return seed


def check_length(expected, path):
    same("path", "%d hashes" % expected, "%d hashes" % len(path))


def check_inclusion(index, size, leaf, path, root):
    """RFC 9162, 2.1.3.2."""
    if index >= size:
        raise Wrong("index", "a number below %d" % size, index)
    inner, border = path_shape(index, size)
    check_length(inner + border, path)
    same("root", root, climb_right(climb(leaf, path[:inner], index), path[inner:]))


def check_consistency(start, start_root, end, end_root, path):
    """RFC 9162, 2.1.4.2."""
    if start == 0 or start > end:
        raise Wrong("from", "a size from 1 to %d" % end, start)
    if start == end:
        check_length(0, path)
        return same("to_root", start_root, end_root)
    inner, border = path_shape(start - 1, end)
    shift = (start & -start).bit_length() - 1
    inner -= shift
    is_complete = start & (start - 1) == 0
    check_length(inner + border + (not is_complete), path)
    seed, rest = (start_root, path) if is_complete else (path[0], path[1:])
    index = (start - 1) >> shift
    old = [element for level, element in enumerate(rest[:inner]) if index >> level & 1]
    same("from_root", start_root, climb_right(seed, old + rest[inner:]))
    same("to_root", end_root, climb_right(climb(seed, rest[:inner], index), rest[inner:]))


# --- Keys and notes -------------------------------------------------------------------------------

NOTE, COSIGNATURE = 1, 4
NOTE_BYTES_MAX, SIGNATURES_MAX, SIGNATURE_LINE_BYTES_MAX = 1 << 20, 128, 8192


class Key:
    """A verifier key: name+key id+base64(type ‖ public key)."""

    def __init__(self, text):
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Wrong("vkey", "name+key id+base64", shown(text))
        self.text, self.name = text, parts[0]
        data = from_base64("vkey", parts[2])
        if not data:
            raise Wrong("vkey", "name+key id+base64", shown(text))
        self.kind, self.public = data[0], data[1:]
        if self.kind not in (NOTE, COSIGNATURE):
            raise Wrong("key type", "1 (Ed25519) or 4 (cosignature/v1)", self.kind)
        same("public key", 32, len(self.public))
        check_name("name", self.name)
        point = point_of(self.public)
        if point is None or is_of_small_order(point):
            raise Wrong("public key", "an Ed25519 public key", self.public.hex())
        hashed = self.name.encode() + b"\n" + bytes((self.kind,)) + self.public
        self.id = hashlib.sha256(hashed).digest()[:4]
        same("key id", self.id.hex(), parts[1])

    def verify(self, field, text, blob):
        """Checks a signature over a note's text; the time in it where it is a cosignature."""
        message, time = text.encode(), None
        if self.kind == COSIGNATURE:
            if len(blob) != 72:
                raise Wrong(field, "8 bytes of time and 64 of signature", "%d bytes" % len(blob))
            time, blob = int.from_bytes(blob[:8], "big"), blob[8:]
            if time >= 2**63:
                raise Wrong(field, "a time below 2^63", time)
            message = b"cosignature/v1\ntime %d\n" % time + message
        if not ed25519_verifies(self.public, message, blob):
            raise Wrong(field, "a signature by " + self.text, "one that does not verify")
        return time


def parse_signature(line):
    form = Wrong("signature", "— name base64", shown(line))
    if len(line.encode()) > SIGNATURE_LINE_BYTES_MAX or not line.startswith("— "):
        raise form
    name, space, blob = line[2:].partition(" ")
    if not space:
        raise form
    check_name("name", name)
    data = from_base64("signature", blob)
    if len(data) < 5:
        raise form
    return name, data[:4], data[4:]


def parse_note(text):
    """Text and signature lines of a note, unchecked."""
    form = Wrong("note", "a text, an empty line, signature lines", shown(text))
    if len(text.encode()) > NOTE_BYTES_MAX:
        raise form
    at = text.rfind("\n\n")
    if at < 0 or not text.endswith("\n") or at + 2 >= len(text):
        raise form
    signed, lines = text[:at + 1], text[at + 2:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise Wrong("signatures", "1 to %d lines" % SIGNATURES_MAX, len(lines))
    signatures = []
    for number, line in enumerate(lines):
        with inside("signatures[%d]" % number):
            signatures.append(parse_signature(line))
    if any(c < " " and c != "\n" for c in signed):
        raise Wrong("text", "lines without control characters, the last one ended", shown(signed))
    return signed, signatures


def open_note(text, keys):
    """The text of a note, and the known keys that signed it with the time of each. One failing is one too many."""
    signed, signatures = parse_note(text)
    verified = {}
    for number, (name, key_id, blob) in enumerate(signatures):
        named = {key.text: key for key in keys if (key.name, key.id) == (name, key_id)}
        if len(named) > 1:
            raise Wrong("keys", "keys with ids of their own", "two with the id " + key_id.hex())
        for key in named.values():
            time = key.verify("signatures[%d]" % number, signed, blob)
            verified.setdefault(key.text, (key, time))
    if not verified:
        raise Wrong("signatures", "a signature by one of %s" % [key.text for key in keys], "none")
    return signed, list(verified.values())


class Checkpoint:
    """What a log says about itself."""

    def __init__(self, text):
        lines = text[:-1].split("\n")
        if not text.endswith("\n") or len(lines) < 3:
            raise Wrong("checkpoint", "lines of origin, size and root", shown(text))
        self.origin, self.extensions = lines[0], lines[3:]
        self.size, self.root = from_decimal("size", lines[1]), tree_hash("root", lines[2])
        check_name("origin", self.origin)
        if not all(self.extensions):
            raise Wrong("extensions", "lines that are not empty", "an empty one")
        if self.size == 0:
            same("root", EMPTY_ROOT, self.root)


def open_checkpoint(text, log, witnesses=()):
    """A checkpoint that the log signed, with the cosignatures by these witnesses."""
    signed, verified = open_note(text, [log, *witnesses])
    if not any(key.text == log.text for key, _ in verified):
        raise Wrong("signatures", "a signature by " + log.text, "cosignatures alone")
    checkpoint = Checkpoint(signed)
    same("origin", log.name, checkpoint.origin)
    return checkpoint, [one for one in verified if one[0].text != log.text]


class Policy:
    """C2SP tlog-policy. A witness is its public key and counts once."""

    ROWS_MAX = 256

    def __init__(self, text):
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, [], None
        self.used, has_quorum = set(), False
        for number, line in enumerate(text.split("\n"), 1):
            words = [word for word in re.split("[ \t]", line) if word]
            with inside("line %d" % number):
                if any((c < " " and c != "\t") or c == "\x7f" for c in line):
                    raise Wrong("text", "no control characters", shown(line))
                if not words or words[0].startswith("#"):
                    continue
                if words[0] == "quorum" and has_quorum:
                    raise Wrong("quorum", "one line", "another one")
                has_quorum = has_quorum or words[0] == "quorum"
                self.read_line(words)
        if not has_quorum:
            raise Wrong("quorum", "one line", "none")

    def read_line(self, words):
        word, rest = words[0], words[1:]
        if word == "log" and len(rest) in (1, 2):
            self.check_room(self.logs)
            self.logs.append(self.new_key(rest[0], NOTE, self.logs))
        elif word == "witness" and len(rest) in (2, 3):
            key = Key(rest[1])
            same("key type", COSIGNATURE, key.kind)
            self.check_room(self.witnesses)
            self.define(rest[0])
            self.witnesses[rest[0]] = self.new_key(rest[1], COSIGNATURE, self.witnesses.values())
        elif word == "group" and len(rest) >= 2:
            members = rest[2:]
            threshold = {"any": 1, "all": len(members)}.get(rest[1])
            if threshold is None:
                threshold = from_decimal("threshold", rest[1])
            self.check_room(self.groups)
            if not 1 <= threshold <= len(members):
                raise Wrong("threshold", "a number from 1 to %d" % len(members), threshold)
            for member in members:
                self.take(member)
            self.define(rest[0])
            self.groups.append((rest[0], threshold, members))
        elif word == "quorum" and len(rest) == 1:
            if rest[0] != "none":
                self.take(rest[0])
                self.quorum = rest[0]
        else:
            raise Wrong("policy", "a line of log, witness, group or quorum", " ".join(words))

    def check_room(self, rows):
        if len(rows) >= self.ROWS_MAX:
            raise Wrong("policy", "at most %d lines of a kind" % self.ROWS_MAX, "more")

    @staticmethod
    def new_key(text, kind, others):
        key = Key(text)
        same("key type", kind, key.kind)
        if any(other.public == key.public for other in others):
            raise Wrong("public key", "each key once", text)
        return key

    def defined(self):
        return set(self.witnesses) | {name for name, _, _ in self.groups}

    def define(self, name):
        if name == "none" or name in self.defined():
            raise Wrong("name", "a name of its own", name)

    def take(self, name):
        if name not in self.defined():
            raise Wrong("member", "a name of a line before", name)
        if name in self.used:
            raise Wrong("member", "a name that is a member of nothing else", name)
        self.used.add(name)

    def open(self, text, log):
        """A checkpoint of the log that enough witnesses have seen."""
        if self.logs and not any((one.public, one.name) == (log.public, log.name) for one in self.logs):
            raise Wrong("log", "a log of the policy", log.text)
        checkpoint, cosignatures = open_checkpoint(text, log, list(self.witnesses.values()))
        keys = {key.public for key, _ in cosignatures}
        seen = {name for name, key in self.witnesses.items() if key.public in keys}
        for name, threshold, members in self.groups:
            if len(seen.intersection(members)) >= threshold:
                seen.add(name)
        if self.quorum is not None and self.quorum not in seen:
            raise Wrong("cosignatures", "enough for the quorum " + self.quorum, sorted(seen))
        return checkpoint, cosignatures


def verify_proof_text(text, entry, log, policy):
    """C2SP tlog-proof."""
    form = Wrong("proof", "a tlog-proof with its checkpoint after an empty line", shown(text))
    head, found, note = text.partition("\n\n")
    lines = head.split("\n")
    if not found or lines[0] != "c2sp.org/tlog-proof@v1":
        raise form
    lines = lines[1:]
    if lines and lines[0].startswith("extra "):
        from_base64("extra", lines.pop(0)[len("extra "):])
    if not lines or not lines[0].startswith("index "):
        raise form
    index = from_decimal("index", lines[0][len("index "):])
    path = [tree_hash("path[%d]" % number, line) for number, line in enumerate(lines[1:])]
    if len(path) > 64:
        raise Wrong("path", "at most 64 hashes", len(path))
    checkpoint, _ = policy.open(note, log)
    check_inclusion(index, checkpoint.size, leaf_hash(entry), path, checkpoint.root)


# --- Bundles and forks ----------------------------------------------------------------------------


class Shape(Exception):
    """JSON that is not of the format."""


def record(value, fields, optional=()):
    """An object of exactly these fields."""
    if not isinstance(value, dict):
        raise Shape("an object is missing")
    if set(value) - set(fields) - set(optional) or set(fields) - set(value):
        raise Shape("fields %s" % sorted(value))
    return value


def number_below(limit):
    def read(value):
        if type(value) is not int or not 0 <= value < limit:
            raise Shape("%s is no number below %d" % (value, limit))
        return value
    return read


def text_of(value):
    if not isinstance(value, str):
        raise Shape("%s is no text" % value)
    return value


def hex_of(width):
    def read(value):
        if not re.fullmatch("[0-9a-f]{%d}" % (2 * width), text_of(value)):
            raise Shape("%s is not %d bytes in hexadecimal" % (value, width))
        return bytes.fromhex(value)
    return read


def list_of(read):
    def read_all(value):
        if not isinstance(value, list):
            raise Shape("a list is missing")
        return [read(item) for item in value]
    return read_all


def hash_of(value):
    try:
        return tree_hash("hash", text_of(value))
    except Wrong as wrong:
        raise Shape(str(wrong)) from wrong


def opened_of(value):
    if value is None:
        return None
    record(value, ("salt", "content"))
    return text_of(value["salt"]), text_of(value["content"])


PART = {"kind": number_below(2**16), "root": hex_of(16), "leaf": number_below(2**64),
        "commitment": hex_of(32), "sealed_hash": hex_of(32)}
BUNDLE = {"version": number_below(2**8), "header": text_of, "previous": hex_of(32),
          "previous_in_stream": hex_of(32), "index": number_below(2**64),
          "size": number_below(2**64), "path": list_of(hash_of), "checkpoint": text_of}
LEAF_PROOF = {"leaf": hash_of, "path": list_of(hash_of)}


def read_fields(value, readers, more=(), optional=()):
    record(value, tuple(readers) + tuple(more), optional)
    return {name: read(value[name]) for name, read in readers.items()}


def read_part(value):
    part = read_fields(value, PART, optional=("opened",))
    part["opened"] = opened_of(value.get("opened"))
    return part


def read_bundle(value):
    try:
        bundle = read_fields(value, BUNDLE, more=("parts",))
        bundle["parts"] = list_of(read_part)(value["parts"])
        return bundle
    except Shape as error:
        raise Wrong("bundle", "JSON of this format", error) from error


def verify_part(number, part, derive):
    """The content of a part where it is shown and its commitment holds."""
    if (number == 0) != (part["kind"] == 0):
        raise Wrong("kind", "0 for the open part alone", part["kind"])
    if number == 0:
        same("root", bytes(16), part["root"])
        same("leaf", 0, part["leaf"])
        same("sealed_hash", bytes(32), part["sealed_hash"])
    if part["opened"] is None:
        return None
    salt, content = part["opened"]
    if not re.fullmatch("[0-9a-f]{32}", salt):
        raise Wrong("opened.salt", "16 bytes in hexadecimal", shown(salt))
    data = from_base64("opened.content", content)
    head = (part["kind"].to_bytes(2, "little") + part["root"] + part["leaf"].to_bytes(8, "little")
            + len(data).to_bytes(8, "little") + bytes.fromhex(salt))
    same("commitment", derive("probity 2026 part v1", head + data), part["commitment"])
    return data


def verify_bundle(value, log, policy, derive):
    """Entry hash of a bundle that holds, and the parts that it shows."""
    bundle = read_bundle(value)
    same("version", 1, bundle["version"])
    if not re.fullmatch("[0-9a-f]{226}", bundle["header"]):
        raise Wrong("header", "113 bytes in hexadecimal", shown(bundle["header"]))
    header = bytes.fromhex(bundle["header"])
    same("header.format", 1, header[0])
    parts = bundle["parts"]
    if not 1 <= len(parts) <= 9:
        raise Wrong("parts", "1 to 9 parts", len(parts))
    shown_parts, table = [], bytes((len(parts),))
    for number, part in enumerate(parts):
        with inside("parts[%d]" % number):
            content = verify_part(number, part, derive)
        if content is not None:
            shown_parts.append({"number": number, "kind": part["kind"],
                                "content": base64.b64encode(content).decode()})
        table += (part["kind"].to_bytes(2, "little") + part["root"]
                  + part["leaf"].to_bytes(8, "little") + part["commitment"] + part["sealed_hash"])
    body = derive("probity 2026 body v1", table)
    hashed = header + bundle["previous"] + bundle["previous_in_stream"] + body
    entry_hash = derive("probity 2026 entry v1", hashed)
    position = int.from_bytes(header[1:9], "little")
    recorded_at = int.from_bytes(header[35:43], "little", signed=True)
    with inside("checkpoint"):
        checkpoint, _ = policy.open(bundle["checkpoint"], log)
    same("index", position, bundle["index"])
    same("size", checkpoint.size, bundle["size"])
    leaf = leaf_hash(leaf_entry(position, recorded_at, entry_hash))
    check_inclusion(bundle["index"], bundle["size"], leaf, bundle["path"], checkpoint.root)
    return entry_hash, shown_parts


def verify_fork(value, log):
    """Two checkpoints of one log that cannot both be true."""
    try:
        record(value, ("version", "first", "second"), ("difference",))
        version = number_below(2**8)(value["version"])
        notes = [text_of(value[name]) for name in ("first", "second")]
        difference = value.get("difference")
        if difference is not None:
            record(difference, ("index", "first", "second"))
            index = number_below(2**64)(difference["index"])
            leaves = [read_fields(difference[name], LEAF_PROOF) for name in ("first", "second")]
    except Shape as error:
        raise Wrong("evidence", "JSON of this format", error) from error
    same("version", 1, version)
    heads = []
    for name, note in zip(("first", "second"), notes):
        with inside(name):
            heads.append(open_checkpoint(note, log)[0])
    if difference is None:
        same("difference", heads[0].size, heads[1].size)
        if heads[0].root == heads[1].root:
            raise Wrong("difference", "two roots", "the same root twice")
        return
    for name, proof, head in zip(("first", "second"), leaves, heads):
        with inside("difference." + name):
            check_inclusion(index, head.size, proof["leaf"], proof["path"], head.root)
    if leaves[0]["leaf"] == leaves[1]["leaf"]:
        raise Wrong("difference", "two leaves", "the same leaf twice")


# --- Cases ----------------------------------------------------------------------------------------


class Cases:
    """Runs the cases of vectors/proofs.json; derive hashes, verify_log checks an export folder."""

    def __init__(self, derive, verify_log):
        self.derive, self.verify_log = derive, verify_log

    def run(self, case):
        getattr(self, "run_" + case["kind"])(case)

    @staticmethod
    def path(case):
        return [tree_hash("path", text) for text in case["path"]]

    @staticmethod
    def run_leaf(case):
        entry = bytes.fromhex(case["entry"])
        same("leaf", 49, len(entry))
        same("leaf version", 1, entry[0])
        same("position", case["position"], int.from_bytes(entry[1:9], "big"))
        same("recorded_at", case["recorded_at"], int.from_bytes(entry[9:17], "big", signed=True))
        same("entry_hash", case["entry_hash"], entry[17:].hex())
        same("hash", tree_hash("hash", case["hash"]), leaf_hash(entry))

    def run_inclusion(self, case):
        leaf, root = tree_hash("leaf", case["leaf"]), tree_hash("root", case["root"])
        check_inclusion(case["index"], case["size"], leaf, self.path(case), root)

    def run_consistency(self, case):
        roots = [tree_hash(name, case[name]) for name in ("from_root", "to_root")]
        check_consistency(case["from"], roots[0], case["to"], roots[1], self.path(case))

    @staticmethod
    def run_vkey(case):
        Key(case["vkey"])

    @staticmethod
    def run_note(case):
        _, verified = open_note(case["note"], [Key(text) for text in case["vkeys"]])
        same("signers", case["signers"], [key.text for key, _ in verified])

    @staticmethod
    def run_cosignature(case):
        _, seen = open_checkpoint(case["note"], Key(case["log"]), [Key(case["witness"])])
        if seen:
            same("time", [case["time"]], [time for _, time in seen])

    @staticmethod
    def run_policy(case):
        Policy(case["policy"]).open(case["note"], Key(case["log"]))

    @staticmethod
    def run_proof_text(case):
        entry = bytes.fromhex(case["entry"])
        verify_proof_text(case["proof"], entry, Key(case["log"]), Policy(case["policy"]))

    def run_bundle(self, case):
        entry_hash, parts = verify_bundle(
            case["bundle"], Key(case["vkey"]), Policy(case["policy"]), self.derive)
        same("entry_hash", case["entry_hash"], entry_hash.hex())
        same("shown", json.dumps(case["shown"], sort_keys=True), json.dumps(parts, sort_keys=True))

    @staticmethod
    def run_fork(case):
        verify_fork(case["evidence"], Key(case["vkey"]))

    def run_log(self, case):
        self.verify_log(case["folder"], case["checkpoint"], Key(case["vkey"]))
