// The SDK's own check of a webhook's signature, and the receiver's, over the same bytes.
// Usage: node webhooks.mjs URL SECRET
import assert from "node:assert/strict";
import crypto from "node:crypto";
import * as mindee from "mindee";

const [url, secret] = process.argv.slice(2);
const hmac = (key, bytes) => crypto.createHmac("sha256", key).update(bytes).digest("hex");

async function receiver(bytes, signature) {
    const headers = signature === undefined ? {} : { "X-Signature": signature };
    const answer = await fetch(url, { method: "POST", headers, body: bytes });
    assert.ok([200, 401].includes(answer.status), `status ${answer.status}`);
    assert.equal(await answer.text(), "");
    return answer.status === 200;
}

async function sdk(input, signature) {
    const response = new mindee.v2.LocalResponse(input);
    await response.init();
    return response.isValidHmacSignature(secret, signature);
}

const inference = {
    inference: {
        id: "11111111-2222-4333-8444-555555555555",
        job: { id: "66666666-7777-4888-8999-aaaaaaaaaaaa" },
        file: { name: "Rechnung Süd 发票 🧾.pdf", alias: "mb-0123456789abcdef-1-1", page_count: 2 },
        result: { fields: { total_amount: { value: 1234.5, confidence: null } } },
    },
};
const failure = {
    inference_id: "11111111-2222-4333-8444-555555555555", file_alias: "mb-0123456789abcdef-1-1",
    error: { status: 422, title: "Invalid", detail: "Broken.", code: "422-004", errors: [] },
};
const texts = [
    JSON.stringify(inference),
    JSON.stringify(failure),
    "{}",
    " \t" + JSON.stringify(inference).replaceAll(":", " : ") + " ",
    JSON.stringify({ ...inference, padding: "é".repeat(300000) }),
    "not JSON at all \u0000 \u2028",
];

let accepted = 0, refused = 0;
async function agree(input, signature, wanted) {
    const bytes = Buffer.isBuffer(input) ? input : Buffer.from(input, "utf-8");
    assert.equal(await sdk(input, signature), wanted, `the SDK on ${signature}`);
    assert.equal(await receiver(bytes, signature), wanted, `the receiver on ${signature}`);
    wanted ? accepted++ : refused++;
}

for (const text of texts) {
    assert.ok(!/[\r\n]/.test(text));
    const right = hmac(secret, text);
    await agree(text, right, true);
    await agree(Buffer.from(text, "utf-8"), right, true);
    await agree(text, hmac(secret + "x", text), false);
    await agree(text, hmac(secret, text + " "), false);
    await agree(text, hmac("", text), false);
    await agree(text, right.slice(0, 63) + (right[63] === "0" ? "1" : "0"), false);
    await agree(text, right.slice(0, 63), false);
    await agree(text, right + "0", false);
    await agree(text, "sha256=" + right, false);
    await agree(text, "0".repeat(64), false);
    await agree(text, "", false);
}

// Bytes with CR and LF: as bytes both take them raw. As a text or a file the SDK leaves them out before it hashes: what
// it would call right is refused here, because Mindee signs what it sends.
const lines = JSON.stringify(inference, null, 2).replaceAll("\n", "\r\n");
await agree(Buffer.from(lines), hmac(secret, lines), true);
const stripped = hmac(secret, lines.replace(/[\r\n]/g, ""));
await agree(Buffer.from(lines), stripped, false);
assert.equal(await sdk(lines, stripped), true);
assert.equal(await sdk(lines, hmac(secret, lines)), false);
assert.equal(await receiver(Buffer.from(lines), hmac(secret, lines)), true);

assert.equal(await receiver(Buffer.from("{}"), undefined), false);
console.log(`the SDK and the receiver agree: ${accepted} accepted, ${refused} refused`);
