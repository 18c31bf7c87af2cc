// Elements of the answer, in the words of the page. Text alone: nothing out of a file ever becomes markup.

import { toBase64 } from "./bytes.js";
import { WORDS } from "./words.js";

const isEnglish = document.documentElement.lang === "en";
const place = isEnglish ? 1 : 0;

/** A message in the page's language, its values filled in. */
export function say(key, values = {}) {
  const text = WORDS.messages[key][place];
  return text.replace(/\{([a-z_]+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Name of an event, of a kind of sealed part, or of a code of a list, in the page's language; the log's own otherwise. */
export const nameOf = (names, key) => names?.[key]?.[place] ?? String(key);

/** What a field is called: in Chinese as the schema has it, in English as the pages have it, or as the log has it. */
function labelOf(field) {
  if (!isEnglish) return field.zh;
  const plain = field.name.replaceAll("_", " ");
  return WORDS.fields[field.name] ?? plain[0].toUpperCase() + plain.slice(1);
}

/** An element with attributes and children; texts become text. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** A state: word, shape and colour, as everywhere on the pages. */
export function state(mark, word) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#m-${mark}`);
  svg.append(use);
  return element("span", { class: `state ${mark}` }, svg, word);
}

/** A hash or an id, whole. */
export const code = (text) => element("code", { class: "id" }, text);

/** Rows of label and value. */
export function facts(rows) {
  const row = ([label, ...values]) => element("div", {}, element("dt", {}, label), element("dd", {}, ...values));
  return element("dl", { class: "facts lines" }, ...rows.map(row));
}

/** A number with thousands separators. */
export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");

const EIGHT_HOURS_MS = 8 * 3600 * 1000;

/** An instant in microseconds as the clock in Shanghai showed it, to the second. */
export function clock(micros) {
  const date = new Date(Number(micros / 1000n) + EIGHT_HOURS_MS);
  if (Number.isNaN(date.getTime())) return `${micros} µs`;
  return say("proof.clock", { time: date.toISOString().slice(0, 19).replace("T", " ") });
}

const DAY_MS = 24 * 3600 * 1000;

function day(days) {
  const date = new Date(days * DAY_MS);
  return date.toISOString().slice(0, 10);
}

function money(fen) {
  const digits = String(fen < 0n ? -fen : fen).padStart(3, "0");
  return `${fen < 0n ? "−" : ""}¥${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
}

/** A value that holds no others. */
function leaf(value) {
  switch (value.is) {
    case "hash":
      return code(value.value);
    case "date":
      return day(value.value);
    case "timestamp":
      return clock(value.value);
    case "fen":
      return money(value.value);
    case "bool":
      return say(value.value ? "value.yes" : "value.no");
    case "code":
      return nameOf(WORDS.codes[value.list], value.value);
    default:
      return String(value.value);
  }
}

/** Whether a value says nothing; an id of zeros stands for none. */
const isEmpty = (value) =>
  value.is === "absent" ||
  (value.is === "text" && value.value === "") ||
  (value.is === "hash" && /^0+$/.test(value.value)) ||
  (value.is === "list" && value.values.length === 0);

function rowsOf(label, value) {
  if (isEmpty(value)) return [];
  if (value.is === "struct") return value.fields.flatMap((field) => rowsOf(labelOf(field), field.value));
  if (value.is !== "list") return [[label, leaf(value)]];
  const isPlain = value.values.every((one) => one.is !== "struct" && one.is !== "list");
  const shown = (one) => element("li", {}, isPlain ? leaf(one) : facts(rowsOf(label, one)));
  return [[label, element("ul", {}, ...value.values.map(shown))]];
}

/** What a body says, field by field; fields that say nothing are left out. */
export const bodyFacts = (value) => facts(rowsOf("", value));

/** The bytes themselves, folded away. */
export function rawBytes(content) {
  return element(
    "details",
    {},
    element("summary", {}, say("proof.raw", { n: grouped(content.length) })),
    element("pre", { tabindex: "0", class: "raw" }, toBase64(content)),
  );
}
