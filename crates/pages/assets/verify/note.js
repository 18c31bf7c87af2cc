// Signed notes and checkpoints: a text and the lines of those who signed it; what a log says about itself.

import { ProofError, fromBase64, fromDecimal, readTreeHash, same, shown, toHex, utf8 } from "./bytes.js";
import { checkName, verifySignature } from "./keys.js";
import { EMPTY_ROOT } from "./merkle.js";

const NOTE_BYTES_MAX = 1 << 20;
const SIGNATURES_MAX = 128;
const LINE_BYTES_MAX = 8192;
const DASH = "— ";

function parseSignature(line) {
  const wrong = () => new ProofError("signature", "— name base64", shown(line));
  const length = utf8(line).length;
  if (length > LINE_BYTES_MAX) {
    throw new ProofError("signature", `at most ${LINE_BYTES_MAX} bytes`, `${length} bytes`);
  }
  const space = line.indexOf(" ", DASH.length);
  if (!line.startsWith(DASH) || space < 0) throw wrong();
  const name = line.slice(DASH.length, space);
  checkName("name", name);
  const bytes = fromBase64("signature", line.slice(space + 1));
  if (bytes.length <= 4) throw wrong();
  return { name, id: toHex(bytes.subarray(0, 4)), blob: bytes.slice(4) };
}

/** Reads a note. Nothing in it is to be believed before its signatures are checked. */
export function parseNote(whole) {
  const length = utf8(whole).length;
  if (length > NOTE_BYTES_MAX) {
    throw new ProofError("note", `at most ${NOTE_BYTES_MAX} bytes`, `${length} bytes`);
  }
  // The text may hold empty lines: the last one ends it.
  const at = whole.lastIndexOf("\n\n");
  if (at < 0 || at + 2 >= whole.length || !whole.endsWith("\n")) {
    throw new ProofError("note", "a text, an empty line, signature lines", shown(whole));
  }
  const text = whole.slice(0, at + 1);
  const lines = whole.slice(at + 2, -1).split("\n");
  const signatures = lines.map((line, number) => {
    if (number >= SIGNATURES_MAX) throw new ProofError("signatures", `1 to ${SIGNATURES_MAX} lines`, "more");
    try {
      return parseSignature(line);
    } catch (error) {
      throw new ProofError(`signatures[${number}].${error.field}`, error.expected, error.found);
    }
  });
  if (/[\u0000-\u0009\u000b-\u001f]/.test(text)) {
    throw new ProofError("text", "lines without control characters, the last one ended", shown(text));
  }
  return { text, signatures };
}

/** Checks every signature by a known key: who signed and when, each key once. Lines by others are passed over. */
export async function openNote(note, keys) {
  const verified = new Map();
  for (const [number, signature] of note.signatures.entries()) {
    const named = keys.filter((key) => key.name === signature.name && key.id === signature.id);
    if (named.length === 0) continue;
    const key = named[0];
    if (named.some((other) => other.text !== key.text)) {
      throw new ProofError("keys", "keys with ids of their own", `two with the id ${key.id}`);
    }
    let time = null;
    try {
      time = await verifySignature(key, note.text, signature.blob);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      throw new ProofError(`signatures[${number}]`, error.expected, error.found);
    }
    if (!verified.has(key.text)) verified.set(key.text, { key, time });
  }
  if (verified.size === 0) {
    const known = keys.map((key) => key.text).join(", ");
    throw new ProofError("signatures", `a signature by one of [${known}]`, "none");
  }
  return [...verified.values()];
}

function parseCheckpoint(text) {
  const lines = text.split("\n");
  if (lines.length < 4) {
    throw new ProofError("checkpoint", "lines of origin, size and root", shown(text));
  }
  const [origin, decimal, hash, ...extensions] = lines.slice(0, -1);
  const [size, root] = [fromDecimal("size", decimal), readTreeHash("root", hash)];
  checkName("origin", origin);
  // Control characters were refused with the note.
  if (extensions.includes("")) throw new ProofError("extensions", "lines that are not empty", '""');
  if (size === 0n) same("root", EMPTY_ROOT, root);
  return { origin, size, root };
}

/** A checkpoint that the log signed, and the cosignatures by these witnesses. */
export async function openCheckpoint(note, log, witnesses) {
  const verified = await openNote(note, [log, ...witnesses.filter((key) => key.text !== log.text)]);
  const cosignatures = verified.filter(({ key }) => key.text !== log.text);
  if (cosignatures.length === verified.length) {
    throw new ProofError("signatures", `a signature by ${log.text}`, "cosignatures alone");
  }
  const checkpoint = parseCheckpoint(note.text);
  same("origin", log.name, checkpoint.origin);
  return { checkpoint, cosignatures };
}
