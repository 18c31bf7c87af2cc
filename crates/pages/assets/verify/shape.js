// What a file may hold: objects of exactly these fields, each of its own form. Anything else is no file of the format.

import { fromHex, readTreeHash, shown } from "./bytes.js";
import { NULL } from "./json.js";

/** Text, whatever it says. */
export function text(value) {
  if (typeof value !== "string") throw new TypeError("a text is missing");
  return value;
}

/** A whole number of so many bits. */
export function number(bits) {
  return (value) => {
    if (typeof value !== "bigint" || value < 0n || value >= 1n << BigInt(bits)) {
      throw new TypeError(`${String(value)} is no number of ${bits} bits`);
    }
    return value;
  };
}

/** So many bytes in hexadecimal; the text comes back, since it is the one spelling. */
export function hex(width) {
  return (value) => {
    if (fromHex(text(value), width) === null) {
      throw new TypeError(`${shown(value)} is not ${width} bytes in hexadecimal`);
    }
    return value;
  };
}

/** A hash of the tree. */
export const treeHash = (value) => readTreeHash("hash", text(value));

/** A list of such values. */
export function list(read) {
  return (value) => {
    if (!Array.isArray(value)) throw new TypeError("a list is missing");
    return value.map(read);
  };
}

/** A value that may be missing or null: null then. */
export function optional(read) {
  const reader = (value) => (value === undefined || value === NULL ? null : read(value));
  reader.isOptional = true;
  return reader;
}

/** An object of exactly these fields. */
export function object(readers) {
  return (value) => {
    if (!(value instanceof Map)) throw new TypeError("an object is missing");
    const unknown = [...value.keys()].find((name) => !Object.hasOwn(readers, name));
    if (unknown !== undefined) throw new TypeError(`an unknown field ${shown(unknown)}`);
    const read = ([name, reader]) => {
      if (!value.has(name) && !reader.isOptional) throw new TypeError(`the field ${name} is missing`);
      return [name, reader(value.get(name))];
    };
    return Object.fromEntries(Object.entries(readers).map(read));
  };
}
