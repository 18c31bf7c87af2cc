// BLAKE3 in its key derivation mode, 32 bytes of output, after the specification of its authors.

const IV = Uint32Array.of(
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
);
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const ROUNDS = 7;
const BLOCK_BYTES = 64;
const CHUNK_BYTES = 1024;

const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const DERIVE_KEY_CONTEXT = 32;
const DERIVE_KEY_MATERIAL = 64;

/** Order in which each round reads the words of a block. */
const SCHEDULE = [Array.from({ length: 16 }, (_, i) => i)];
while (SCHEDULE.length < ROUNDS) {
  const last = SCHEDULE[SCHEDULE.length - 1];
  SCHEDULE.push(PERMUTATION.map((place) => last[place]));
}

function mix(v, a, b, c, d, x, y) {
  v[a] = v[a] + v[b] + x;
  v[d] ^= v[a];
  v[d] = (v[d] >>> 16) | (v[d] << 16);
  v[c] = v[c] + v[d];
  v[b] ^= v[c];
  v[b] = (v[b] >>> 12) | (v[b] << 20);
  v[a] = v[a] + v[b] + y;
  v[d] ^= v[a];
  v[d] = (v[d] >>> 8) | (v[d] << 24);
  v[c] = v[c] + v[d];
  v[b] ^= v[c];
  v[b] = (v[b] >>> 7) | (v[b] << 25);
}

/** The chaining value of one block. */
function compress(chaining, block, counter, length, flags) {
  const v = new Uint32Array(16);
  v.set(chaining);
  v.set(IV.subarray(0, 4), 8);
  // A file has fewer than 2³² chunks, so the upper half of the counter is zero.
  v[12] = counter;
  v[14] = length;
  v[15] = flags;
  for (const m of SCHEDULE) {
    mix(v, 0, 4, 8, 12, block[m[0]], block[m[1]]);
    mix(v, 1, 5, 9, 13, block[m[2]], block[m[3]]);
    mix(v, 2, 6, 10, 14, block[m[4]], block[m[5]]);
    mix(v, 3, 7, 11, 15, block[m[6]], block[m[7]]);
    mix(v, 0, 5, 10, 15, block[m[8]], block[m[9]]);
    mix(v, 1, 6, 11, 12, block[m[10]], block[m[11]]);
    mix(v, 2, 7, 8, 13, block[m[12]], block[m[13]]);
    mix(v, 3, 4, 9, 14, block[m[14]], block[m[15]]);
  }
  return Uint32Array.from({ length: 8 }, (_, i) => v[i] ^ v[i + 8]);
}

/** Words of a block, little-endian, filled up with zeros. */
function words(bytes) {
  const block = new Uint32Array(BLOCK_BYTES / 4);
  for (let i = 0; i < bytes.length; i += 1) block[i >> 2] |= bytes[i] << (8 * (i & 3));
  return block;
}

function hashChunk(bytes, number, key, flags) {
  let chaining = key;
  const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK_BYTES));
  for (let i = 0; i < blocks; i += 1) {
    const block = bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES);
    const start = i === 0 ? CHUNK_START : 0;
    // The flags of the end hold for the last block alone.
    const end = i === blocks - 1 ? CHUNK_END | (flags & ROOT) : 0;
    chaining = compress(chaining, words(block), number, block.length, (flags & ~ROOT) | start | end);
  }
  return chaining;
}

function hashParent(left, right, key, flags) {
  const block = new Uint32Array(16);
  block.set(left);
  block.set(right, 8);
  return compress(key, block, 0, BLOCK_BYTES, flags | PARENT);
}

/** The subtree over these bytes: the left half is the largest full one. */
function hashTree(bytes, first, key, flags) {
  if (bytes.length <= CHUNK_BYTES) return hashChunk(bytes, first, key, flags);
  let chunks = 1;
  while (2 * chunks * CHUNK_BYTES < bytes.length) chunks *= 2;
  const inner = flags & ~ROOT;
  const left = hashTree(bytes.subarray(0, chunks * CHUNK_BYTES), first, key, inner);
  const right = hashTree(bytes.subarray(chunks * CHUNK_BYTES), first + chunks, key, inner);
  return hashParent(left, right, key, flags);
}

/** derive_key: 32 bytes for a context string and what is to be hashed. */
export function deriveKey(context, bytes) {
  const key = hashTree(new TextEncoder().encode(context), 0, IV, DERIVE_KEY_CONTEXT | ROOT);
  const hash = hashTree(bytes, 0, key, DERIVE_KEY_MATERIAL | ROOT);
  return Uint8Array.from({ length: 32 }, (_, i) => hash[i >> 2] >>> (8 * (i & 3)));
}
