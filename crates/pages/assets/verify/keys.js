// Verifier keys of signed notes: `name+key id+base64(type ‖ public key)`, and signatures checked with them.

import { ProofError, fromBase64, join, same, shown, toHex, utf8 } from "./bytes.js";
import { sha256 } from "./merkle.js";
import { isSoundPoint } from "./points.js";

/** Ed25519 over the text of a note. */
export const NOTE = 1;
/** Ed25519 over a checkpoint with the time at which it was seen: cosignature/v1. */
export const COSIGNATURE = 4;
/** Latest time that a cosignature may carry, in seconds since 1970. */
const TIME_MAX = (1n << 63n) - 1n;

/** Checks the name of a key. */
export function checkName(field, name) {
  if (name === "" || /[\p{White_Space}+\u0000-\u001f]/u.test(name)) {
    throw new ProofError(field, "a name without spaces and plus signs", shown(name));
  }
}

/** Reads a verifier key: its name, kind, id, public key as bytes, and the text itself. */
export async function parseKey(text) {
  const [name, id, ...rest] = text.split("+");
  const wrong = () => new ProofError("vkey", "name+key id+base64", shown(text));
  if (rest.length === 0) throw wrong();
  const bytes = fromBase64("vkey", rest.join("+"));
  if (bytes.length === 0) throw wrong();
  const kind = bytes[0];
  if (kind !== NOTE && kind !== COSIGNATURE) {
    throw new ProofError("key type", "1 (Ed25519) or 4 (cosignature/v1)", kind);
  }
  const publicKey = bytes.slice(1);
  same("public key", "32 bytes", `${publicKey.length} bytes`);
  checkName("name", name);
  if (!isSoundPoint(publicKey)) {
    throw new ProofError("public key", "an Ed25519 public key", toHex(publicKey));
  }
  const hash = await sha256(join(utf8(`${name}\n`), bytes));
  same("key id", toHex(hash.subarray(0, 4)), id);
  return { name, kind, id, publicKey, text };
}

/** Whether two keys share one public key: what a witness is told apart by. */
export const isSamePublic = (one, other) => toHex(one.publicKey) === toHex(other.publicKey);

async function verifies(publicKey, message, signature) {
  if (signature.length !== 64 || !isSoundPoint(signature.subarray(0, 32))) return false;
  const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
}

/** Checks a signature over a note's text; the time that a cosignature carries, in seconds, null for a note's. */
export async function verifySignature(key, text, blob) {
  let [time, message, signature] = [null, text, blob];
  if (key.kind === COSIGNATURE) {
    same("signature", "72 bytes", `${blob.length} bytes`);
    time = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
    if (time > TIME_MAX) throw new ProofError("time", `at most ${TIME_MAX}`, time);
    [message, signature] = [`cosignature/v1\ntime ${time}\n${text}`, blob.subarray(8)];
  }
  if (!(await verifies(key.publicKey, utf8(message), signature))) {
    throw new ProofError("signature", `a signature by ${key.text}`, "one that does not verify");
  }
  return time;
}

/** Key, message and signature of RFC 8032, 7.1, test 2. */
const KNOWN = [
  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
];

/** Whether this browser, at this address, checks SHA-256 and Ed25519: tried with a signature that is known to be right. */
export async function canVerify() {
  const [key, signature] = KNOWN.map((text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16)));
  try {
    await sha256(key);
    return await verifies(key, Uint8Array.of(0x72), signature);
  } catch {
    return false;
  }
}
