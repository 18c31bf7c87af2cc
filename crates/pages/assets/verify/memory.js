// What this browser remembers of each log: the key that was used and the newest checkpoint seen, so that a log that went
// back or forked is noticed. It stays in this browser.

import { openCheckpoint, parseNote } from "./note.js";

const place = (origin) => `probity.verify.${origin}`;

function readPlace(origin) {
  try {
    return JSON.parse(localStorage.getItem(place(origin))) ?? {};
  } catch {
    // Storage that is switched off or spoilt is like none: nothing is remembered, and the page says so.
    return {};
  }
}

/** The key that was used last for a log, null where none was. */
export function rememberedKey(origin) {
  const { vkey } = readPlace(origin);
  return typeof vkey === "string" ? vkey : null;
}

/** Keeps key and checkpoint; false where the browser keeps nothing. */
function keep(origin, vkey, note) {
  try {
    localStorage.setItem(place(origin), JSON.stringify({ vkey, note }));
    return true;
  } catch {
    return false;
  }
}

async function seenBefore(log) {
  const { vkey, note } = readPlace(log.name);
  if (vkey !== log.text || typeof note !== "string") return null;
  try {
    // Checked again: whoever can write here cannot sign.
    const { checkpoint } = await openCheckpoint(parseNote(note), log, []);
    return { ...checkpoint, note };
  } catch {
    return null;
  }
}

/**
 * Compares a checkpoint with the newest that was seen, and keeps the newer. How it stands to it: `first`, `same`, `older`,
 * `newer`, `fork`, or `unkept` where the browser keeps nothing; and the one seen before.
 */
export async function compareWithSeen(log, checkpoint, note) {
  const seen = await seenBefore(log);
  if (seen !== null) {
    if (checkpoint.size < seen.size) return { how: "older", seen };
    if (checkpoint.size === seen.size) return { how: checkpoint.root === seen.root ? "same" : "fork", seen };
  }
  if (!keep(log.name, log.text, note)) return { how: "unkept", seen };
  return { how: seen === null ? "first" : "newer", seen };
}
