// The page: a file dropped or picked is checked here, in the browser. Nothing is sent anywhere, and nothing is asked for:
// the page's content security policy lets this script open no connection.

import { ProofError, inside, same } from "./bytes.js";
import { bundleHolds, consistencyHolds, doesNotHold, forkFound, forkHolds } from "./answer.js";
import { BUNDLE_BYTES_MAX, parseBundle, verifyBundle } from "./bundle.js";
import { parseFork, verifyFork } from "./fork.js";
import { parseJson } from "./json.js";
import { NOTE, canVerify, parseKey } from "./keys.js";
import { compareWithSeen, rememberedKey } from "./memory.js";
import { checkConsistency } from "./merkle.js";
import { NO_POLICY, parsePolicy } from "./policy.js";
import { list, number, object, treeHash } from "./shape.js";
import { element, say } from "./show.js";

const at = (id) => document.getElementById(id);
const fields = { file: at("bundle"), key: at("vkey"), policy: at("policy") };
const outcome = at("outcome");

const readConsistency = object({ from: number(64), to: number(64), path: list(treeHash) });
/** The file that is being checked, and the two checkpoints that a consistency proof would join. */
let chosen = null;
let apart = null;

async function logKey() {
  return inside("log key", async () => {
    const key = await parseKey(fields.key.value.trim());
    same("key type", NOTE, key.kind);
    return key;
  });
}

async function readFile(file) {
  if (file.size > BUNDLE_BYTES_MAX) {
    throw new ProofError("bundle", `at most ${BUNDLE_BYTES_MAX} bytes`, `${file.size} bytes`);
  }
  const bytes = await file.arrayBuffer();
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw new ProofError("bundle", "JSON of this format", error.message);
  }
}

async function checkBundle(value) {
  const bundle = parseBundle(value);
  const log = await logKey();
  const text = fields.policy.value.trim() === "" ? NO_POLICY : fields.policy.value;
  const policy = await inside("policy", () => parsePolicy(text));
  const verified = await verifyBundle(bundle, log, policy);
  const comparison = await compareWithSeen(log, verified.checkpoint, verified.note);
  if (comparison.how === "fork") {
    const [first, second] = [comparison.seen.note, verified.note];
    const heads = await verifyFork({ version: 1n, first, second, difference: null }, log);
    return forkFound(JSON.stringify({ version: 1, first, second }, null, 2), heads);
  }
  if (comparison.how === "newer") apart = { from: comparison.seen, to: verified.checkpoint };
  return bundleHolds(verified, { comparison, asksForWitnesses: policy.quorum !== null, log });
}

async function checkContinues(value) {
  let proof = null;
  try {
    proof = readConsistency(value);
  } catch (error) {
    throw new ProofError("file", "a consistency proof", error.message);
  }
  if (apart === null) throw new ProofError("from", say("proof.no_pair"), proof.from);
  same("from", apart.from.size, proof.from);
  same("to", apart.to.size, proof.to);
  await checkConsistency(proof.from, apart.from.root, proof.to, apart.to.root, proof.path);
  return consistencyHolds(proof.from, proof.to);
}

async function check(file) {
  try {
    const value = await readFile(file);
    const has = (name) => value instanceof Map && value.has(name);
    if (has("first") && has("second")) return forkHolds(await verifyFork(parseFork(value), await logKey()));
    if (has("from") && has("to")) return await checkContinues(value);
    return await checkBundle(value);
  } catch (error) {
    return doesNotHold(error);
  }
}

async function run() {
  if (chosen === null) {
    outcome.replaceChildren(element("p", {}, say("proof.choose_first")));
    return;
  }
  outcome.setAttribute("aria-busy", "true");
  const answer = await check(chosen);
  const name = element("p", { class: "sub" }, say("proof.of_file", { name: chosen.name }));
  outcome.replaceChildren(answer[0], name, ...answer.slice(1));
  outcome.removeAttribute("aria-busy");
  outcome.focus();
  outcome.scrollIntoView({ block: "start" });
}

function choose(files) {
  if (files.length === 0) return;
  [chosen] = files;
  run();
}

function takeDrops(area) {
  const over = (event) => {
    event.preventDefault();
    area.classList.add("over");
  };
  area.addEventListener("dragenter", over);
  area.addEventListener("dragover", over);
  area.addEventListener("dragleave", () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    choose(event.dataTransfer.files);
  });
}

/** The key that was used before stays; where the server names another one now, the page says so. */
function recallKey() {
  const served = fields.key.value.trim();
  const remembered = rememberedKey(fields.key.dataset.origin);
  if (remembered === null || remembered === served) return;
  fields.key.value = remembered;
  const notice = at("vkey-changed");
  notice.hidden = served === "";
}

async function start() {
  at("without-script").hidden = true;
  at("checker").hidden = false;
  recallKey();
  if (!(await canVerify())) {
    at("old-browser").hidden = false;
    fields.file.disabled = true;
    at("check-again").disabled = true;
    return;
  }
  fields.file.addEventListener("change", () => choose(fields.file.files));
  at("check-again").addEventListener("click", run);
  takeDrops(at("drop"));
  outcome.dataset.ready = "true";
}

start();
