// Seal testimony: node seal.mjs KEYFILE KIND < testimony > sealed.json. Needs Node 20 or later and `npm ci`.
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";

const SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SIZES = [4096, 16384, 65536, 131072];

// 115 random bits in Crockford's base 32, and the check symbol: the number modulo 37; above 31 draw again.
function drawReceipt() {
  const number = BigInt("0x" + randomBytes(15).toString("hex")) >> 5n;
  if (number % 37n > 31n) return drawReceipt();
  let symbols = SYMBOLS[Number(number % 37n)];
  for (let at = 0n; at < 23n; at++) symbols = SYMBOLS[Number((number >> (5n * at)) & 31n)] + symbols;
  return symbols.match(/.{4}/g).join("-");
}

const [keyFile, kind] = process.argv.slice(2);
const text = readFileSync(keyFile, "utf8");
const key = Buffer.from((text.match(/"public_key"\s*:\s*"([^"]+)"/)?.[1] ?? text).trim(), "base64");
const told = readFileSync(0, "utf8").trim();
const receipt = drawReceipt();
const inside = told.startsWith("{") ? told.slice(1) : `"narrative":${JSON.stringify(told)}}`;
const plain = Buffer.from(`{"receipt":"${receipt}",${inside}`);
const size = SIZES.find((size) => size >= plain.length + 4);
if (!size) throw new Error("This is too large to be sealed.");
const padded = Buffer.alloc(size);
padded.writeUInt32BE(plain.length);
plain.copy(padded, 4);

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});
const sender = await suite.createSenderContext({
  recipientPublicKey: await suite.kem.deserializePublicKey(new Uint8Array(key).buffer),
  info: new TextEncoder().encode("engage/testimony/v1").buffer,
});
const ciphertext = await sender.seal(new Uint8Array(padded).buffer);
const box = Buffer.concat([Buffer.from(sender.enc), Buffer.from(ciphertext)]); // encapsulated key first

const event = {
  specversion: "1.0",
  id: randomUUID(),
  source: "urn:engage:sealed",
  type: "testimony.submitted.v1",
  time: new Date().toISOString().slice(0, 10) + "T00:00:00Z",
  datacontenttype: "application/json",
  data: {
    kind,
    key: createHash("sha256").update(key).digest("hex").slice(0, 16),
    sealed: box.toString("base64"),
  },
};
process.stderr.write(`Receipt: ${receipt}\n`);
process.stdout.write(JSON.stringify(event));
