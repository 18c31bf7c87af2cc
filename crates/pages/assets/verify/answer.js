// The answer to a file in plain words: what was shown, and what was not; or which field does not hold.

import { ProofError } from "./bytes.js";
import { eventShape, partShape, readBody } from "./body.js";
import { SCHEMA, WORDS } from "./words.js";
import { bodyFacts, clock, code, element, facts, grouped, nameOf, rawBytes, say, state } from "./show.js";

const paragraph = (...children) => element("p", {}, ...children);
const seconds = (time) => clock(time * 1_000_000n);

function contentOf(part, header) {
  const shape =
    part.number === 0 ? eventShape(SCHEMA, header.eventType, header.eventVersion) : partShape(SCHEMA, part.kind);
  if (shape === undefined) return paragraph(say("proof.unknown_body"));
  let body = null;
  try {
    body = readBody(SCHEMA, shape.body, part.content);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    return paragraph(say("proof.unreadable"));
  }
  return bodyFacts(body);
}

function partSection(kind, number, verified) {
  const name = number === 0 ? say("proof.open_part") : nameOf(WORDS.parts, kind);
  const heading = element("h3", {}, say("proof.part", { n: number, name }));
  const opened = verified.opened.find((part) => part.number === number);
  if (opened === undefined) return [heading, paragraph(say("proof.closed"))];
  return [heading, contentOf(opened, verified.header), rawBytes(opened.content)];
}

function witnesses(verified, asksForWitnesses) {
  if (verified.cosignatures.length === 0) return [say(asksForWitnesses ? "proof.no_cosignature" : "proof.no_policy")];
  const one = ({ key, time }) => element("li", {}, say("proof.witness", { name: key.name, time: seconds(time) }));
  return [element("ul", {}, ...verified.cosignatures.map(one))];
}

const SEEN = {
  first: "proof.seen_first",
  same: "proof.seen_same",
  older: "proof.seen_older",
  newer: "proof.seen_newer",
  unkept: "proof.seen_unkept",
};

function seenNotice({ how, seen }, verified) {
  const sizes = { n: grouped(verified.checkpoint.size), m: grouped(seen?.size ?? 0n) };
  const notice = element("div", { class: "notice" }, paragraph(say(SEEN[how], sizes)));
  if (how === "newer") {
    const href = `/v1/consistency?from=${seen.size}&to=${verified.checkpoint.size}`;
    const link = element("a", { href, download: "consistency.json" }, say("proof.get_consistency"));
    notice.append(paragraph(say("proof.consistency_hint"), " ", link));
  }
  return notice;
}

/** A bundle that holds. */
export function bundleHolds(verified, { comparison, asksForWitnesses, log }) {
  const { header, checkpoint } = verified;
  const event = eventShape(SCHEMA, header.eventType, header.eventVersion)?.name ?? "";
  const place = { origin: checkpoint.origin, n: grouped(header.position), time: clock(header.recordedAt) };
  const rows = [
    [say("proof.event"), event === "" ? say("proof.unknown_event", { n: header.eventType }) : nameOf(WORDS.events, event)],
    [say("asof.position"), grouped(header.position)],
    [say("entry.recorded_at"), clock(header.recordedAt)],
    [say("entry.entry_hash"), code(verified.entryHash)],
    [say("entry.checkpoint"), say("proof.covers", { n: grouped(checkpoint.size) })],
    [say("entry.root"), code(checkpoint.root)],
    [say("proof.signed_by"), code(log.text)],
    [say("entry.witnesses"), ...witnesses(verified, asksForWitnesses)],
  ];
  const limits = ["proof.not_later", "proof.not_true", "proof.not_key"].map((key) => element("li", {}, say(key)));
  return [
    element("h2", {}, state("put-right", say("proof.holds"))),
    paragraph(say("proof.holds_text", place)),
    seenNotice(comparison, verified),
    facts(rows),
    element("h2", {}, say("proof.parts", { n: verified.opened.length, m: verified.kinds.length })),
    ...verified.kinds.flatMap((kind, number) => partSection(kind, number, verified)),
    element("h2", {}, say("proof.limits")),
    element("ul", {}, ...limits),
  ];
}

/** Evidence that holds: the log signed two histories. */
export function forkHolds(heads) {
  const row = (head) => [say("proof.covers", { n: grouped(head.size) }), code(head.root)];
  return [
    element("h2", {}, state("adverse", say("proof.fork"))),
    paragraph(say("proof.fork_text", { origin: heads[0].origin })),
    facts(heads.map(row)),
  ];
}

/** A bundle of a log that signed another root for the size before: with the evidence, to be kept. */
export function forkFound(evidence, heads) {
  const href = `data:application/json;charset=utf-8,${encodeURIComponent(evidence)}`;
  const link = element("a", { href, class: "button", download: "fork-evidence.json" }, say("proof.save_evidence"));
  return [...forkHolds(heads), paragraph(say("proof.evidence_hint")), paragraph(link)];
}

/** A consistency proof that holds between what was seen and what was checked now. */
export function consistencyHolds(from, to) {
  return [
    element("h2", {}, state("put-right", say("proof.continues"))),
    paragraph(say("proof.continues_text", { m: grouped(from), n: grouped(to) })),
  ];
}

/** Sentences for fields, the first that fits. */
const REASONS = [
  [/^(bundle|evidence|file)$/, "proof.why_file"],
  [/version$/, "proof.why_version"],
  [/^header/, "proof.why_header"],
  [/commitment$/, "proof.why_content"],
  [/^parts/, "proof.why_parts"],
  [/cosignatures$/, "proof.why_cosignatures"],
  [/^checkpoint\.signatures$/, "proof.why_unsigned"],
  [/^checkpoint\.signatures\[/, "proof.why_signature"],
  [/^checkpoint\.(origin|log)$/, "proof.why_other_log"],
  [/^(checkpoint|first|second)\./, "proof.why_checkpoint"],
  [/^(index|size|from|to)$/, "proof.why_place"],
  [/^(path|root|from_root|to_root)$/, "proof.why_root"],
  [/^difference/, "proof.why_no_fork"],
  [/^log key/, "proof.why_key"],
  [/^policy/, "proof.why_policy"],
];

/** A file that does not hold, or could not be examined. */
export function doesNotHold(error) {
  if (!(error instanceof ProofError)) {
    return [
      element("h2", {}, state("disputed", say("proof.not_examined"))),
      paragraph(say("proof.not_examined_text")),
      paragraph(code(String(error))),
    ];
  }
  const [, reason] = REASONS.find(([form]) => form.test(error.field)) ?? [null, "proof.why_other"];
  return [
    element("h2", {}, state("adverse", say("proof.fails"))),
    paragraph(say(reason)),
    facts([
      [say("proof.field"), code(error.field)],
      [say("proof.expected"), code(error.expected)],
      [say("proof.found"), code(error.found)],
    ]),
    paragraph(say("proof.fails_hint")),
  ];
}
