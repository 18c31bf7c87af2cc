// Runs every case about proofs against the page's own modules, in the page: `arguments` are the folder of the modules, the
// text of the cases, the kinds that the page does not take, and where to hand what went wrong.
const [base, text, others, done] = arguments;

async function load(...names) {
  const modules = await Promise.all(names.map((name) => import(`${base}/${name}.js`)));
  return Object.assign({}, ...modules);
}

async function main() {
  const m = await load("bytes", "json", "blake3", "merkle", "keys", "note", "policy", "bundle", "fork");
  const hash = (name, value) => m.readTreeHash(name, value);
  const path = (one) => one.path.map((element) => m.readTreeHash("path", element));
  const bytes = (digits) => m.fromHex(digits, digits.length / 2);
  const expect = (is, what) => {
    if (!is) throw new Error(`verified, but ${what} is another`);
  };
  const checks = {
    async leaf(one) {
      const entry = bytes(one.entry);
      if (entry.length !== 49) throw new m.ProofError("leaf", 49, entry.length);
      if (entry[0] !== 1) throw new m.ProofError("leaf version", 1, entry[0]);
      const view = new DataView(entry.buffer);
      m.same("position", one.position, view.getBigUint64(1));
      m.same("recorded_at", one.recorded_at, view.getBigInt64(9));
      m.same("entry_hash", one.entry_hash, m.toHex(entry.slice(17)));
      const built = m.leafEntry(one.position, one.recorded_at, bytes(one.entry_hash));
      expect(m.toHex(built) === one.entry, "the leaf entry");
      m.same("hash", one.hash, await m.leafHash(built));
    },
    inclusion: (one) =>
      m.checkInclusion(one.index, one.size, hash("leaf", one.leaf), path(one), hash("root", one.root)),
    consistency: (one) =>
      m.checkConsistency(one.from, hash("from_root", one.from_root), one.to, hash("to_root", one.to_root), path(one)),
    vkey: (one) => m.parseKey(one.vkey),
    async note(one) {
      const keys = await Promise.all(one.vkeys.map(m.parseKey));
      const verified = await m.openNote(m.parseNote(one.note), keys);
      expect(verified.map(({ key }) => key.text).join() === one.signers.join(), "who signed");
    },
    async cosignature(one) {
      const [log, witness] = await Promise.all([one.log, one.witness].map(m.parseKey));
      const { cosignatures } = await m.openCheckpoint(m.parseNote(one.note), log, [witness]);
      expect(cosignatures.every(({ time }) => time === one.time), "the time");
    },
    async policy(one) {
      const policy = await m.parsePolicy(one.policy);
      await policy.open(m.parseNote(one.note), await m.parseKey(one.log));
    },
    async bundle(one, raw) {
      const [log, policy] = [await m.parseKey(one.vkey), await m.parsePolicy(one.policy)];
      const verified = await m.verifyBundle(m.parseBundle(raw.get("bundle")), log, policy);
      expect(verified.entryHash === one.entry_hash, "the entry hash");
      const shown = verified.opened.map((part) => [part.number, part.kind, m.toBase64(part.content)].join());
      expect(shown.join(" ") === one.shown.map((s) => [s.number, s.kind, s.content].join()).join(" "), "what is shown");
    },
    async fork(one, raw) {
      await m.verifyFork(m.parseFork(raw.get("evidence")), await m.parseKey(one.vkey));
    },
  };
  const faults = [];
  const met = {};
  for (const raw of m.parseJson(text)) {
    const one = Object.fromEntries(raw);
    if (others.includes(one.kind)) continue;
    met[one.kind] = (met[one.kind] ?? 0) + 1;
    if (one.kind === "bundle") one.shown = one.shown.map((part) => Object.fromEntries(part));
    let found = null;
    try {
      await checks[one.kind](one, raw);
    } catch (error) {
      found = error.field ?? String(error);
    }
    const expected = one.ok ? null : one.field;
    if (found !== expected) faults.push(`${one.kind}: ${one.name}: expected ${expected}, found ${found}`);
  }
  return { faults, met };
}

main().then(done, (error) => done({ faults: [String(error)], met: {} }));
