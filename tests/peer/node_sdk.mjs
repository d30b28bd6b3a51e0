// Mindee's Node SDK as a user would write it: enqueue, poll, parse, for each product; then the refusals.
// Usage: node node_sdk.mjs SAMPLES. Host, key and certificate come by the environment that the SDK reads.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import * as mindee from "mindee";

const MODELS = {
    extraction: "11111111-1111-4111-8111-0000000e0001",
    classification: "33333333-3333-4333-8333-0000000c0003",
    crop: "44444444-4444-4444-8444-0000000c0004",
    split: "55555555-5555-4555-8555-000000050005",
    ocr: "66666666-6666-4666-8666-0000000c0006",
};
const polling = { initialDelaySec: 1, delaySec: 1, maxRetries: 30 };

function files(directory) {
    return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
        const name = path.join(directory, entry.name);
        return entry.isDirectory() ? files(name) : [name];
    });
}

const all = files(process.argv[2]).sort();
const pdf = all.find((name) => name.endsWith(".pdf"));
const image = all.find((name) => /\.(jpe?g|png)$/.test(name));
assert.ok(pdf && image, "samples of both kinds");

const client = new mindee.Client();

async function send(product, model, file, more = {}) {
    const input = new mindee.PathInput({ inputPath: file });
    return (await client.enqueueAndGetResult(product, input, { modelId: model, ...more }, polling)).inference;
}

function checkFile(inference, file, model) {
    assert.equal(inference.file.name, path.basename(file));
    assert.ok(inference.file.pageCount >= 1);
    assert.equal(inference.model.id, model);
    assert.match(inference.id, /^[0-9a-f-]{36}$/);
    assert.notEqual(inference.id, inference.job.id);
    assert.ok(inference.toString().length > 0);
}

async function extraction(file) {
    const inference = await send(mindee.product.Extraction, MODELS.extraction, file,
        { confidence: true, polygon: true, rawText: true });
    checkFile(inference, file, MODELS.extraction);
    const fields = inference.result.fields;
    const supplier = fields.getSimpleField("supplier_name").stringValue;
    assert.ok(supplier && !supplier.startsWith("SYNTHETIC"), "a sample has its own values");
    assert.equal(typeof fields.getSimpleField("total_amount").numberValue, "number");
    assert.ok(["Certain", "High", "Medium", "Low"].includes(fields.getSimpleField("total_amount").confidence));
    assert.ok(fields.getSimpleField("total_amount").locations.length > 0);
    assert.ok(fields.getListField("line_items").objectItems.length > 0);
    assert.equal(typeof fields.getObjectField("locale").fields.getSimpleField("currency").stringValue, "string");
    assert.equal(inference.result.rawText.pages.length, inference.file.pageCount);
    assert.equal(inference.activeOptions.confidence, true);
    assert.equal(inference.activeOptions.rag, false);
}

async function synthetic() {
    const bytes = fs.readFileSync(new URL("./node_modules/mindee/LICENSE", import.meta.url));
    const input = new mindee.BytesInput({
        inputBytes: Buffer.concat([Buffer.from("%PDF-1.4\n1 0 obj<<>>endobj\n"), bytes, Buffer.from("\n%%EOF")]), filename: "made-up.pdf",
    });
    const response = await client.enqueueAndGetResult(mindee.product.Extraction, input,
        { modelId: MODELS.extraction }, polling);
    const fields = response.inference.result.fields;
    assert.match(fields.getSimpleField("supplier_name").stringValue, /^SYNTHETIC/);
    assert.equal(fields.getSimpleField("supplier_name").confidence, undefined);
    assert.match(fields.getObjectField("customer_address").fields.getSimpleField("value").stringValue, /^SYNTHETIC/);
}

async function classification(file) {
    // The alias by this one: SDK 5.2 doesn't send it with an extraction.
    const inference = await send(mindee.product.Classification, MODELS.classification, file, { alias: "peer-1" });
    checkFile(inference, file, MODELS.classification);
    assert.equal(inference.file.alias, "peer-1");
    assert.equal(typeof inference.result.classification.documentType, "string");
}

async function crop(file) {
    const inference = await send(mindee.product.Crop, MODELS.crop, file);
    checkFile(inference, file, MODELS.crop);
    assert.ok(inference.result.crops.length > 0);
    assert.equal(inference.result.crops[0].location.page, 0);
    assert.ok(inference.result.crops[0].location.polygon.length >= 3);
}

async function split(file) {
    const inference = await send(mindee.product.Split, MODELS.split, file);
    checkFile(inference, file, MODELS.split);
    assert.equal(inference.result.splits.length, inference.file.pageCount);
    assert.deepEqual(inference.result.splits[0].pageRange, [0, 0]);
}

async function ocr(file) {
    const inference = await send(mindee.product.Ocr, MODELS.ocr, file);
    checkFile(inference, file, MODELS.ocr);
    assert.equal(inference.result.pages.length, inference.file.pageCount);
    assert.ok(inference.result.pages[0].words[0].polygon.length >= 3);
}

async function byHand(file) {
    const input = new mindee.PathInput({ inputPath: file });
    const { job } = await client.enqueue(mindee.product.Ocr, input, { modelId: MODELS.ocr });
    assert.equal(job.status, "Processing");
    assert.ok(job.createdAt instanceof Date && !Number.isNaN(job.createdAt.getTime()));
    assert.ok(job.pollingUrl.endsWith(job.id));
    let now = job;
    while (now.status === "Processing") {
        await new Promise((done) => setTimeout(done, 200));
        now = (await client.getJob(job.id)).job;
    }
    assert.equal(now.status, "Processed");
    assert.ok(now.completedAt >= now.createdAt);
    const id = now.resultUrl.split("/").pop();
    const again = await client.getResult(mindee.product.Ocr, id);
    assert.equal(again.inference.job.id, job.id);
}

async function refused(wanted, promise) {
    const error = await promise.then(() => undefined, (e) => e);
    assert.equal(error?.name, "MindeeHttpErrorV2", String(error));
    assert.equal(error.status, wanted.status);
    assert.equal(error.code, wanted.code);
    if (wanted.pointer)
        assert.equal(error.errors[0].pointer, wanted.pointer);
}

async function refusals(file) {
    const input = () => new mindee.PathInput({ inputPath: file });
    const stranger = new mindee.Client({ apiKey: "another-key" });
    await refused({ status: 401, code: "401-001" },
        stranger.enqueue(mindee.product.Ocr, input(), { modelId: MODELS.ocr }));
    await refused({ status: 422, code: "422-001", pointer: "#/model_id" },
        client.enqueue(mindee.product.Ocr, input(), { modelId: "no-uuid" }));
    await refused({ status: 422, code: "422-001", pointer: "#/model_id" },
        client.enqueue(mindee.product.Ocr, input(), { modelId: MODELS.split }));
    await refused({ status: 404, code: "404-001" },
        client.enqueue(mindee.product.Ocr, input(), { modelId: "99999999-9999-4999-8999-999999999999" }));
    await refused({ status: 404, code: "404-001" }, client.getJob("99999999-9999-4999-8999-999999999999"));
}

await Promise.all([extraction(pdf), extraction(image), synthetic(), classification(pdf), crop(image), split(pdf),
    ocr(pdf), byHand(image), refusals(pdf)]);
console.log("the SDK enqueued, polled and parsed all five products");
