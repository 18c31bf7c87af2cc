// Bodies of events and parts, read by the published schema: SPEC.md, 1 and 2. What is read has been checked already, by its
// commitment; this only tells what it says.

import { toHex } from "./bytes.js";

/** 1600-01-01 and 9999-12-31. */
const [FIRST_DAY, LAST_DAY] = [-135140, 2932896];

class Body {
  constructor(types, bytes) {
    this.types = types;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.at = 0;
  }

  /** The place of so many bytes, which are then behind it. */
  take(width) {
    if (width > this.bytes.length - this.at) throw new RangeError("the bytes end too early");
    this.at += width;
    return this.at - width;
  }

  slice(width) {
    const at = this.take(width);
    return this.bytes.subarray(at, at + width);
  }

  count() {
    const count = this.view.getBigUint64(this.take(8), true);
    if (count > BigInt(this.bytes.length)) throw new RangeError("a length past the end");
    return Number(count);
  }

  flag() {
    const byte = this.view.getUint8(this.take(1));
    if (byte > 1) throw new RangeError("a flag that is neither 0 nor 1");
    return byte === 1;
  }

  day() {
    const days = this.view.getInt32(this.take(4), true);
    if (days < FIRST_DAY || days > LAST_DAY) throw new RangeError("no such day in the calendar");
    return days;
  }

  plain(type) {
    switch (type) {
      case "bool":
        return { is: "bool", value: this.flag() };
      case "u8":
        return { is: "number", value: BigInt(this.view.getUint8(this.take(1))) };
      case "u16":
        return { is: "number", value: BigInt(this.view.getUint16(this.take(2), true)) };
      case "u32":
        return { is: "number", value: BigInt(this.view.getUint32(this.take(4), true)) };
      case "u64":
      case "position":
      case "revision":
        return { is: "number", value: this.view.getBigUint64(this.take(8), true) };
      case "i64":
        return { is: "number", value: this.view.getBigInt64(this.take(8), true) };
      case "fen":
        return { is: "fen", value: this.view.getBigInt64(this.take(8), true) };
      case "timestamp":
        return { is: "timestamp", value: this.view.getBigInt64(this.take(8), true) };
      case "date":
        return { is: "date", value: this.day() };
      case "id":
        return { is: "hash", value: toHex(this.slice(16)) };
      case "hash":
        return { is: "hash", value: toHex(this.slice(32)) };
      default:
        return undefined;
    }
  }

  read(type) {
    const [, outer, inner] = /^(option|list|set)<(.*?)(?:;[0-9]+)?>$/.exec(type) ?? [];
    if (outer === "option") return this.flag() ? this.read(inner) : { is: "absent" };
    if (outer !== undefined) {
      return { is: "list", values: Array.from({ length: this.count() }, () => this.read(inner)) };
    }
    if (type.startsWith("text:")) {
      const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      return { is: "text", value: utf8.decode(this.slice(this.count())) };
    }
    return this.plain(type) ?? this.named(type);
  }

  named(name) {
    const { struct, codes, union } = this.types[name] ?? {};
    if (struct !== undefined) {
      return { is: "struct", fields: struct.map(([field, type, zh]) => ({ name: field, zh, value: this.read(type) })) };
    }
    if (codes !== undefined) {
      const key = codes[this.view.getUint16(this.take(2), true)];
      if (key === undefined) throw new RangeError(`an unknown code of ${name}`);
      return { is: "code", list: name, value: key };
    }
    const [, type] = union?.[this.view.getUint32(this.take(4), true)] ?? [];
    if (type === undefined) throw new RangeError(`no alternative of ${name}`);
    return this.read(type);
  }
}

/** What a body says; throws where the bytes are no body of that type. */
export function readBody(schema, type, bytes) {
  const body = new Body(schema.types, bytes);
  const value = body.read(type);
  if (body.at !== bytes.length) throw new RangeError("bytes left over");
  return value;
}

/** The schema's row of an event's version, or undefined. */
export const eventShape = (schema, number, version) =>
  schema.events.find((event) => event.number === number && event.version === version);

/** The schema's row of a kind of sealed part, or undefined. */
export const partShape = (schema, kind) => schema.parts.find((part) => part.kind === kind);
