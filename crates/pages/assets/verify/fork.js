// Evidence that a log signed two histories: two checkpoints that cannot both be true. SPEC.md, 14.2.

import { ProofError, inside, same } from "./bytes.js";
import { checkInclusion } from "./merkle.js";
import { openCheckpoint, parseNote } from "./note.js";
import { list, number, object, optional, text, treeHash } from "./shape.js";

const VERSION = 1n;
const leafProof = object({ leaf: treeHash, path: list(treeHash) });
const readFork = object({
  version: number(8),
  first: text,
  second: text,
  difference: optional(object({ index: number(64), first: leafProof, second: leafProof })),
});

/** Reads a file's one value as evidence of a fork. */
export function parseFork(value) {
  try {
    return readFork(value);
  } catch (error) {
    throw new ProofError("evidence", "JSON of this format", error.message);
  }
}

/** Checks that the log signed both and that they cannot both be true; the two checkpoints. */
export async function verifyFork(evidence, log) {
  same("version", VERSION, evidence.version);
  const names = ["first", "second"];
  const heads = [];
  for (const name of names) {
    const open = () => openCheckpoint(parseNote(evidence[name]), log, []);
    heads.push((await inside(name, open)).checkpoint);
  }
  const { difference } = evidence;
  if (difference === null) {
    same("difference", heads[0].size, heads[1].size);
    if (heads[0].root === heads[1].root) throw new ProofError("difference", "two roots", "the same root twice");
    return heads;
  }
  for (const [place, name] of names.entries()) {
    const [{ leaf, path }, { size, root }] = [difference[name], heads[place]];
    await inside(`difference.${name}`, () => checkInclusion(difference.index, size, leaf, path, root));
  }
  if (difference.first.leaf === difference.second.leaf) {
    throw new ProofError("difference", "two leaves", "the same leaf twice");
  }
  return heads;
}
