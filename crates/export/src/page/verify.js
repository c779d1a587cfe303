/** What is longer is read piece by piece. */
const AT_ONCE = 64 * 2 ** 20;

/** SHA-256 of a file in hexadecimal digits; `told` hears how many bytes were read. */
async function sha256(blob, told) {
  if (blob.size <= AT_ONCE && globalThis.crypto?.subtle) {
    const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    told(blob.size);
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const hash = new Sha256();
  const reader = blob.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return hash.hex();
    hash.update(value);
    told(value.length);
  }
}

/** Whether the manifest bears the key's signature: "good", "bad", or "unknown" where this browser cannot tell. */
async function signatureOf(manifest, signature, digits) {
  let key;
  try {
    const raw = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    key = await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return "unknown";
  }
  const good = await crypto.subtle.verify({ name: "Ed25519" }, key, signature, manifest);
  return good ? "good" : "bad";
}

/**
 * Holds files against the manifest among them: what is wrong, what was not given, and how its
 * signature stands.
 */
async function verify(files, data, told) {
  const wrong = [];
  const left = [];
  const manifest = await files.get("manifest.json")?.arrayBuffer();
  const signature = await files.get("manifest.sig")?.arrayBuffer();
  if (!manifest) {
    return { wrong: ["manifest.json is not among the files: nothing can be compared"], left, signature: "unknown" };
  }
  let says;
  try {
    says = JSON.parse(new TextDecoder().decode(manifest));
    if (says.holdfast_export !== 1) throw new Error(`format ${says.holdfast_export} is not known here`);
  } catch (error) {
    return { wrong: [`manifest.json cannot be read: ${error.message}`], left, signature: "unknown" };
  }
  let stands = "unknown";
  if (!signature) wrong.push("manifest.sig is not among the files: nobody has signed the manifest");
  else stands = await signatureOf(manifest, signature, String(says.public_key));
  if (stands === "bad") wrong.push("manifest.json does not bear the signature of its key");
  if (says.public_key !== data.publicKey) wrong.push("manifest.json names another key than this page");
  const expected = new Map(says.clips.map((clip) => [clip.file, clip]));
  expected.set("index.html", says.page);
  for (const [name, { bytes, sha256: hash }] of expected) {
    const file = files.get(name);
    if (!file) left.push(name);
    else if (file.size !== bytes || (await sha256(file, told)) !== hash) wrong.push(`${name} was changed`);
  }
  for (const name of files.keys()) {
    const known = expected.has(name) || name === "manifest.json" || name === "manifest.sig";
    if (!known) wrong.push(`${name} does not belong to this export`);
  }
  return { wrong, left, signature: stands, key: says.public_key };
}
