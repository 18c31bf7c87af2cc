// One record with everything that proves it. The checks, their order and the names of the fields are those of the log's own
// verifier: SPEC.md, 14.1.

import { ProofError, eightBytes, fromBase64, fromHex, inside, join, same, shown, toHex } from "./bytes.js";
import { deriveKey } from "./blake3.js";
import { checkInclusion, leafHash } from "./merkle.js";
import { parseNote } from "./note.js";
import { hex, list, number, object, optional, text, treeHash } from "./shape.js";

/** Largest file that is read. */
export const BUNDLE_BYTES_MAX = 16 << 20;
const VERSION = 1n;
const HEADER_BYTES = 113;
const FORMAT = 1;
const PARTS_MAX = 9;
const LEAF_VERSION = 1;

const readBundle = object({
  version: number(8),
  header: text,
  previous: hex(32),
  previous_in_stream: hex(32),
  parts: list(
    object({
      kind: number(16),
      root: hex(16),
      leaf: number(64),
      commitment: hex(32),
      sealed_hash: hex(32),
      opened: optional(object({ salt: text, content: text })),
    }),
  ),
  index: number(64),
  size: number(64),
  path: list(treeHash),
  checkpoint: text,
});

/** Reads a file's one value as a bundle. */
export function parseBundle(value) {
  try {
    return readBundle(value);
  } catch (error) {
    throw new ProofError("bundle", "JSON of this format", error.message);
  }
}

function readHeader(digits) {
  const bytes = fromHex(digits, HEADER_BYTES);
  if (bytes === null) throw new ProofError("header", `${HEADER_BYTES} bytes in hexadecimal`, shown(digits));
  // Fixed fields of all values: whatever decodes is in its one encoding.
  const view = new DataView(bytes.buffer);
  same("header.format", FORMAT, bytes[0]);
  return {
    bytes,
    position: view.getBigUint64(1, true),
    recordedAt: view.getBigInt64(35, true),
    eventType: view.getUint16(43, true),
    eventVersion: view.getUint16(45, true),
  };
}

const twoBytes = (value) => Uint8Array.of(Number(value) & 0xff, Number(value) >> 8);
const keyId = (part) => join(fromHex(part.root, 16), eightBytes(part.leaf, true));

/** The content of a part where it is shown and its commitment holds. */
function verifyPart(part, place) {
  const isOpenPart = place === 0;
  if (isOpenPart !== (part.kind === 0n)) throw new ProofError("kind", "0 for the open part alone", part.kind);
  if (isOpenPart) {
    same("root", "0".repeat(32), part.root);
    same("leaf", 0n, part.leaf);
    same("sealed_hash", "0".repeat(64), part.sealed_hash);
  }
  if (part.opened === null) return null;
  const salt = fromHex(part.opened.salt, 16);
  if (salt === null) throw new ProofError("opened.salt", "16 bytes in hexadecimal", shown(part.opened.salt));
  const content = fromBase64("opened.content", part.opened.content);
  const length = eightBytes(BigInt(content.length), true);
  const bound = join(twoBytes(part.kind), keyId(part), length, salt, content);
  same("commitment", toHex(deriveKey("probity 2026 part v1", bound)), part.commitment);
  return { number: place, kind: Number(part.kind), content };
}

async function verifyParts(parts) {
  if (parts.length < 1 || parts.length > PARTS_MAX) {
    throw new ProofError("parts", `1 to ${PARTS_MAX} parts`, parts.length);
  }
  const opened = [];
  for (const [place, part] of parts.entries()) {
    const content = await inside(`parts[${place}]`, () => verifyPart(part, place));
    if (content !== null) opened.push(content);
  }
  const row = (part) =>
    join(twoBytes(part.kind), keyId(part), fromHex(part.commitment, 32), fromHex(part.sealed_hash, 32));
  const table = join(Uint8Array.of(parts.length), ...parts.map(row));
  return { opened, body: deriveKey("probity 2026 body v1", table) };
}

/** The 49 bytes of a leaf, big-endian as everything of the tree. */
export function leafEntry(position, recordedAt, entryHash) {
  return join(Uint8Array.of(LEAF_VERSION), eightBytes(position, false), eightBytes(recordedAt, false), entryHash);
}

/** Checks everything that a bundle holds against the log's key and the policy; what it proves. */
export async function verifyBundle(bundle, log, policy) {
  same("version", VERSION, bundle.version);
  const header = readHeader(bundle.header);
  const { opened, body } = await verifyParts(bundle.parts);
  const links = [bundle.previous, bundle.previous_in_stream].map((link) => fromHex(link, 32));
  const entryHash = deriveKey("probity 2026 entry v1", join(header.bytes, ...links, body));
  const { checkpoint, cosignatures } = await inside("checkpoint", () =>
    policy.open(parseNote(bundle.checkpoint), log),
  );
  same("index", header.position, bundle.index);
  same("size", checkpoint.size, bundle.size);
  const leaf = await leafHash(leafEntry(header.position, header.recordedAt, entryHash));
  await checkInclusion(bundle.index, bundle.size, leaf, bundle.path, checkpoint.root);
  const kinds = bundle.parts.map((part) => Number(part.kind));
  return { header, entryHash: toHex(entryHash), kinds, opened, checkpoint, cosignatures, note: bundle.checkpoint };
}
