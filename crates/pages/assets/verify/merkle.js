// The tree of RFC 6962 over SHA-256, and its proofs checked as RFC 9162 has them (2.1.3.2 and 2.1.4.2). The length of a
// path follows from the sizes, so every element is used and none is made up. Hashes are base64 texts.

import { ProofError, fromBase64, join, same, toBase64 } from "./bytes.js";

/** Root of the tree without leaves. */
export const EMPTY_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

/** SHA-256, by the browser. */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Hash of one leaf's entry. */
export async function leafHash(entry) {
  return toBase64(await sha256(join(Uint8Array.of(0), entry)));
}

async function nodeHash(left, right) {
  const pair = [left, right].map((hash) => fromBase64("path", hash));
  return toBase64(await sha256(join(Uint8Array.of(1), ...pair)));
}

/** Bits that a number takes; 0 for 0. */
const bitLength = (number) => (number === 0n ? 0 : number.toString(2).length);
const countOnes = (number) => number.toString(2).replaceAll("0", "").length;

/** Levels on which the path to a leaf and the tree's right edge differ, and elements on the edge above them. */
function pathShape(index, size) {
  const inner = bitLength(index ^ (size - 1n));
  return { inner, border: countOnes(index >> BigInt(inner)) };
}

/** Climbs by the inner elements: bit i of `index` says on which side the i-th stands. */
async function climb(seed, inner, index) {
  let hash = seed;
  for (const [level, element] of inner.entries()) {
    const isLeft = ((index >> BigInt(level)) & 1n) === 1n;
    hash = isLeft ? await nodeHash(element, hash) : await nodeHash(hash, element);
  }
  return hash;
}

/** Climbs by elements that all stand to the left. */
async function climbRight(seed, elements) {
  let hash = seed;
  for (const element of elements) hash = await nodeHash(element, hash);
  return hash;
}

function checkLength(expected, path) {
  same("path", `${expected} hashes`, `${path.length} hashes`);
}

/** Checks that the leaf with hash `leaf` is number `index` in the tree of `size` leaves with that root. */
export async function checkInclusion(index, size, leaf, path, root) {
  if (index >= size) throw new ProofError("index", `a number below ${size}`, index);
  const { inner, border } = pathShape(index, size);
  checkLength(inner + border, path);
  const top = await climb(leaf, path.slice(0, inner), index);
  same("root", root, await climbRight(top, path.slice(inner)));
}

/** Checks that the tree of `to` leaves continues the tree of `from` leaves. */
export async function checkConsistency(from, fromRoot, to, toRoot, path) {
  if (from === 0n || from > to) throw new ProofError("from", `a size from 1 to ${to}`, from);
  if (from === to) {
    checkLength(0, path);
    same("to_root", fromRoot, toRoot);
    return;
  }
  const shape = pathShape(from - 1n, to);
  const shift = bitLength(from & -from) - 1;
  const inner = shape.inner - shift;
  // Where the old tree is complete its root is where the climb begins, otherwise the first element is.
  const isComplete = countOnes(from) === 1;
  checkLength((isComplete ? 0 : 1) + inner + shape.border, path);
  const [seed, rest] = isComplete ? [fromRoot, path] : [path[0], path.slice(1)];
  const index = (from - 1n) >> BigInt(shift);
  const [lower, upper] = [rest.slice(0, inner), rest.slice(inner)];
  const inOld = lower.filter((_, level) => ((index >> BigInt(level)) & 1n) === 1n);
  same("from_root", fromRoot, await climbRight(seed, [...inOld, ...upper]));
  same("to_root", toRoot, await climbRight(await climb(seed, lower, index), upper));
}
