// Witness policies, C2SP tlog-policy: who must have seen a checkpoint. A witness is its public key and counts once, however
// many names or signature lines it has.

import { ProofError, fromDecimal, inside, same, shown } from "./bytes.js";
import { COSIGNATURE, NOTE, isSamePublic, parseKey } from "./keys.js";
import { openCheckpoint } from "./note.js";

const ROWS_MAX = 256;
const NONE = "none";

/** The policy that asks for no witness. */
export const NO_POLICY = `quorum ${NONE}\n`;

class Policy {
  logs = [];
  witnesses = [];
  groups = [];
  quorum = null;
  #defined = new Set();
  #used = new Set();

  async readLine([word, ...rest]) {
    if (word === "log" && (rest.length === 1 || rest.length === 2)) {
      checkRoom(this.logs);
      this.logs.push(checkNew(await keyOf(rest[0], NOTE), this.logs));
    } else if (word === "witness" && (rest.length === 2 || rest.length === 3)) {
      const key = await keyOf(rest[1], COSIGNATURE);
      checkRoom(this.witnesses);
      this.#define(rest[0]);
      checkNew(key, this.witnesses.map((witness) => witness.key));
      this.witnesses.push({ name: rest[0], key });
    } else if (word === "group" && rest.length >= 2) {
      this.#addGroup(rest[0], rest[1], rest.slice(2));
    } else if (word === "quorum" && rest.length === 1) {
      if (rest[0] === NONE) return;
      this.#take(rest[0]);
      this.quorum = rest[0];
    } else {
      throw new ProofError("policy", "a line of log, witness, group or quorum", shown([word, ...rest].join(" ")));
    }
  }

  #addGroup(name, number, members) {
    const count = BigInt(members.length);
    const threshold = number === "any" ? 1n : number === "all" ? count : fromDecimal("threshold", number);
    checkRoom(this.groups);
    if (threshold === 0n || threshold > count) {
      throw new ProofError("threshold", `a number from 1 to ${count}`, threshold);
    }
    for (const member of members) this.#take(member);
    this.#define(name);
    this.groups.push({ name, threshold, members });
  }

  #define(name) {
    if (name === NONE || this.#defined.has(name)) throw new ProofError("name", "a name of its own", shown(name));
    this.#defined.add(name);
  }

  /** A name may be a member in one place only, so that a witness counts in one way only. */
  #take(name) {
    if (!this.#defined.has(name)) throw new ProofError("member", "a name of a line before", shown(name));
    if (this.#used.has(name)) {
      throw new ProofError("member", "a name that is a member of nothing else", shown(name));
    }
    this.#used.add(name);
  }

  #isMetBy(cosignatures) {
    if (this.quorum === null) return true;
    const signed = this.witnesses.filter(({ key }) => cosignatures.some((one) => isSamePublic(one.key, key)));
    const seen = new Set(signed.map(({ name }) => name));
    // Groups name only what stands before them, so one walk in order settles them all.
    for (const { name, threshold, members } of this.groups) {
      if (BigInt(members.filter((member) => seen.has(member)).length) >= threshold) seen.add(name);
    }
    return seen.has(this.quorum);
  }

  /** A checkpoint of `log` that enough witnesses have seen. */
  async open(note, log) {
    const isIt = (row) => isSamePublic(row, log) && row.name === log.name;
    if (this.logs.length > 0 && !this.logs.some(isIt)) {
      throw new ProofError("log", "a log of the policy", log.text);
    }
    const opened = await openCheckpoint(note, log, this.witnesses.map(({ key }) => key));
    if (!this.#isMetBy(opened.cosignatures)) {
      const names = opened.cosignatures.map(({ key }) => key.name).join(", ");
      throw new ProofError("cosignatures", `enough for the quorum ${this.quorum}`, `[${names}]`);
    }
    return opened;
  }
}

async function keyOf(text, kind) {
  const key = await parseKey(text);
  same("key type", kind, key.kind);
  return key;
}

function checkNew(key, others) {
  if (others.some((other) => isSamePublic(other, key))) {
    throw new ProofError("public key", "each key once", key.text);
  }
  return key;
}

function checkRoom(rows) {
  if (rows.length >= ROWS_MAX) throw new ProofError("policy", `at most ${ROWS_MAX} lines of a kind`, "more");
}

/** Reads the text form. */
export async function parsePolicy(text) {
  const policy = new Policy();
  let hasQuorum = false;
  for (const [index, line] of text.split("\n").entries()) {
    await inside(`line ${index + 1}`, async () => {
      if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) {
        throw new ProofError("text", "no control characters", shown(line));
      }
      const words = line.split(/[ \t]/).filter((word) => word !== "");
      if (words.length === 0 || words[0].startsWith("#")) return;
      if (words[0] === "quorum") {
        if (hasQuorum) throw new ProofError("quorum", "one line", "another one");
        hasQuorum = true;
      }
      await policy.readLine(words);
    });
  }
  if (!hasQuorum) throw new ProofError("quorum", "one line", "none");
  return policy;
}
