// JSON, read strictly: whole numbers exact, no field twice, no half characters. The browser's own reader rounds large
// numbers and takes the last of two fields of one name, so two readers could see two things in one file.
//
// Objects come as Map, whole numbers as BigInt, other numbers as Number.

/** Deeper than any file of these formats. */
const DEPTH_MAX = 32;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
/** What stands for `null`: a value of its own, so that a missing field is told from an empty one. */
export const NULL = Symbol("null");
const WORDS = { true: true, false: false, null: NULL };

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  fail() {
    throw new SyntaxError(`no JSON of this format at character ${this.at}`);
  }

  skip() {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  /** Takes a character if it comes next. */
  has(character) {
    this.skip();
    const is = this.text[this.at] === character;
    if (is) this.at += 1;
    return is;
  }

  expect(character) {
    if (!this.has(character)) this.fail();
  }

  value(depth) {
    if (depth > DEPTH_MAX) this.fail();
    this.skip();
    switch (this.text[this.at]) {
      case "{":
        return this.object(depth);
      case "[":
        return this.list(depth);
      case '"':
        return this.string();
      default:
        return this.word() ?? this.number();
    }
  }

  object(depth) {
    this.expect("{");
    const fields = new Map();
    if (this.has("}")) return fields;
    do {
      this.skip();
      const name = this.string();
      if (fields.has(name)) this.fail();
      this.expect(":");
      fields.set(name, this.value(depth + 1));
    } while (this.has(","));
    this.expect("}");
    return fields;
  }

  list(depth) {
    this.expect("[");
    const values = [];
    if (this.has("]")) return values;
    do values.push(this.value(depth + 1));
    while (this.has(","));
    this.expect("]");
    return values;
  }

  string() {
    this.expect('"');
    let whole = "";
    for (let from = this.at; ; ) {
      const code = this.text.charCodeAt(this.at);
      if (Number.isNaN(code) || code < 0x20) this.fail();
      if (code === 0x22 || code === 0x5c) {
        whole += this.text.slice(from, this.at);
        this.at += 1;
        if (code === 0x22) break;
        whole += this.escape();
        from = this.at;
      } else {
        this.at += 1;
      }
    }
    if (!whole.isWellFormed()) this.fail();
    return whole;
  }

  escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter !== "u") return ESCAPES[letter] ?? this.fail();
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail();
    this.at += 4;
    return String.fromCharCode(parseInt(digits, 16));
  }

  /** `true`, `false` or `null`; undefined where something else comes. */
  word() {
    const name = Object.keys(WORDS).find((word) => this.text.startsWith(word, this.at));
    if (name === undefined) return undefined;
    this.at += name.length;
    return WORDS[name];
  }

  number() {
    const form = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
    form.lastIndex = this.at;
    const found = form.exec(this.text) ?? this.fail();
    this.at = form.lastIndex;
    const isWhole = found[1] === undefined && found[2] === undefined && found[0] !== "-0";
    return isWhole ? BigInt(found[0]) : Number(found[0]);
  }
}

/** Reads one value that takes up the whole text. */
export function parseJson(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.skip();
  if (reader.at !== text.length) reader.fail();
  return value;
}
