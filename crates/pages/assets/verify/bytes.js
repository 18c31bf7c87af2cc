// Texts and bytes as the formats of the log write them, and the one error of every check.

/** What does not hold. Fields are named as every verifier of these formats names them. */
export class ProofError extends Error {
  constructor(field, expected, found) {
    super(`field ${field}: expected ${expected}, found ${found}`);
    this.field = field;
    this.expected = String(expected);
    this.found = String(found);
  }
}

/** Runs a check and adds the name of the outer field to what goes wrong within. */
export async function inside(outer, check) {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    throw new ProofError(`${outer}.${error.field}`, error.expected, error.found);
  }
}

/** Refuses two values that are not the same. */
export function same(field, expected, found) {
  if (expected !== found) throw new ProofError(field, expected, found);
}

const CHARS_MAX = 80;

/** Text as it is told in an error: quoted, and not without end. */
export function shown(text) {
  const characters = Array.from(text.slice(0, 2 * CHARS_MAX + 2));
  if (characters.length <= CHARS_MAX) return JSON.stringify(text);
  return `${JSON.stringify(characters.slice(0, CHARS_MAX).join(""))} and more`;
}

/** The UTF-8 bytes of a text. */
export const utf8 = (text) => new TextEncoder().encode(text);

/** Several pieces as one. */
export function join(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Lower-case hexadecimal. */
export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** So many bytes of lower-case hexadecimal, null where the text is something else. */
export function fromHex(text, width) {
  if (text.length !== 2 * width || /[^0-9a-f]/.test(text)) return null;
  return Uint8Array.from({ length: width }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

const BLOCK = 0x8000;

/** Standard base64 with padding. */
export function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += BLOCK) {
    text += String.fromCharCode(...bytes.subarray(at, at + BLOCK));
  }
  return btoa(text);
}

/** Reads what `toBase64` writes; another spelling of the same bytes is refused. */
export function fromBase64(field, text) {
  let binary = null;
  try {
    binary = atob(text);
  } catch {
    // Told below, like every other spelling.
  }
  if (binary === null || btoa(binary) !== text) {
    throw new ProofError(field, "standard base64 with padding", shown(text));
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** 32 bytes in base64; the text comes back, since it is the one spelling. */
export function readTreeHash(field, text) {
  if (fromBase64(field, text).length !== 32) {
    throw new ProofError(field, "base64 of 32 bytes", shown(text));
  }
  return text;
}

/** First number past what eight bytes hold. */
const U64_END = 1n << 64n;

/** A decimal number without sign or leading zeros. */
export function fromDecimal(field, text) {
  const number = /^(0|[1-9][0-9]{0,19})$/.test(text) ? BigInt(text) : U64_END;
  if (number >= U64_END) {
    throw new ProofError(field, "a decimal number without leading zeros", shown(text));
  }
  return number;
}

/** A number in eight bytes: little-endian as in the log, or big-endian as in its tree. */
export function eightBytes(number, isLittle) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, number), isLittle);
  return bytes;
}
