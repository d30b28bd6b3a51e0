// Mindee's Node SDK as a user would write it: enqueue, poll, parse, for each product; jobs that fail, webhooks and their
// signatures, the refusals; and once more over HTTP/2.
// Usage: node node_sdk.mjs SAMPLES MAIN FAILING NARROW HOOK_PORT HOOK_SECRET [HTTP2]. The middle ones are hosts of sandboxes
// (sandboxes.sh); key and certificates come by the environment that the SDK reads.
import assert from "node:assert/strict";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import * as mindee from "mindee";
import { Agent } from "undici";

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

const [samples, mainHost, failingHost, narrowHost, hookPort, hookSecret, http2Host] = process.argv.slice(2);
const all = files(samples).sort();
const pdf = all.find((name) => name.endsWith(".pdf"));
const image = all.find((name) => /\.(jpe?g|png)$/.test(name));
assert.ok(pdf && image, "samples of both kinds");

// The SDK reads its host when a client is made.
function clientAt(host, more = {}) {
    process.env.MINDEE_V2_API_HOST = host;
    return new mindee.Client(more);
}

const client = clientAt(mainHost), failing = clientAt(failingHost), narrow = clientAt(narrowHost);

async function send(product, model, file, more = {}, by = client) {
    const input = new mindee.PathInput({ inputPath: file });
    return (await by.enqueueAndGetResult(product, input, { modelId: model, ...more }, polling)).inference;
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
    if (wanted.detail)
        assert.ok(error.detail.includes(wanted.detail), error.detail);
}

async function refusals(file) {
    const input = () => new mindee.PathInput({ inputPath: file });
    const stranger = clientAt(mainHost, { apiKey: "another-key" });
    const none = "99999999-9999-4999-8999-999999999999";
    await refused({ status: 401, code: "401-001" },
        stranger.enqueue(mindee.product.Ocr, input(), { modelId: MODELS.ocr }));
    for (const modelId of ["no-uuid", "00000000-0000-0000-0000-000000000000", MODELS.split])
        await refused({ status: 422, code: "422-001", pointer: "#/model_id" },
            client.enqueue(mindee.product.Ocr, input(), { modelId }));
    await refused({ status: 404, code: "404-001" },
        client.enqueue(mindee.product.Ocr, input(), { modelId: none }));
    await refused({ status: 404, code: "404-001" }, client.getJob(none));
    await refused({ status: 404, code: "404-001" }, client.getResult(mindee.product.Ocr, none));
    await refused({ status: 422, code: "422-001" }, client.getResult(mindee.product.Ocr, "x"));
    await refused({ status: 422, code: "422-001", pointer: "#/webhook_ids", detail: "No matching webhooks" },
        client.enqueue(mindee.product.Ocr, input(), { modelId: MODELS.ocr, webhookIds: [none] }));
    const cut = new mindee.BytesInput({ inputBytes: Buffer.from("%PDF-1.4"), filename: "cut.pdf" });
    await refused({ status: 422, code: "422-001", pointer: "#/file" },
        client.enqueue(mindee.product.Ocr, cut, { modelId: MODELS.ocr }));
    await narrow.enqueue(mindee.product.Ocr, input(), { modelId: MODELS.ocr });
    await refused({ status: 429, code: "429-001" },
        narrow.enqueue(mindee.product.Ocr, input(), { modelId: MODELS.ocr }));
}

async function byUrl() {
    const input = new mindee.UrlInput({ url: "https://example.com/invoices/7.pdf?x=y" });
    const { inference } = await client.enqueueAndGetResult(mindee.product.Extraction, input, { modelId: MODELS.extraction }, polling);
    assert.equal(inference.file.name, "7.pdf");
}

// The schema of Mindee's own tests.
async function schema(file) {
    const replace = { fields: [{
        name: "test_replace", title: "Test Replace", is_array: false, type: "string", description: "A static value for testing.",
        guidelines: "IMPORTANT: always return this exact string: 'a test value'",
    }] };
    const inference = await send(mindee.product.Extraction, MODELS.extraction, file, { dataSchema: { replace } });
    assert.deepEqual([...inference.result.fields.keys()], ["test_replace"]);
    assert.equal(inference.result.fields.getSimpleField("test_replace").value, "a test value");
    assert.equal(inference.activeOptions.dataSchema.replace, true);
}

async function search() {
    if (client.searchModels === undefined)
        return; // from SDK 5.3 on
    const { models, pagination } = await client.searchModels();
    assert.equal(models.length, pagination.totalItems);
    assert.deepEqual((await client.searchModels(undefined, "ocr")).models.map((m) => m.id), [MODELS.ocr]);
}

// Chained models hold a whole answer in each part; a schema of one's own has fields in fields, and fields of any name.
async function otherModels(file) {
    const chained = [["Classification", "77777777-7777-4777-8777-0000000c0007"],
        ["Crop", "88888888-8888-4888-8888-0000000c0008"], ["Split", "99999999-9999-4999-8999-000000050009"]];
    for (const [product, id] of chained)
        checkFile(await send(mindee.product[product], id, file), file, id);
    const contracts = "abababab-abab-4bab-8bab-0000000e000a", names = "bcbcbcbc-bcbc-4cbc-8cbc-0000000e000b";
    const contract = (await send(mindee.product.Extraction, contracts, file, { confidence: true })).result.fields;
    const notice = contract.getObjectField("term").fields.getObjectField("notice");
    assert.equal(typeof notice.fields.getSimpleField("days").numberValue, "number");
    assert.ok(contract.getListField("parties").objectItems[0].fields.getListField("contacts"));
    const fields = (await send(mindee.product.Extraction, names, file, { polygon: true })).result.fields;
    assert.equal(typeof fields.getSimpleField("value").numberValue, "number");
    assert.equal(fields.getListField("items").objectItems.length, 2);
    assert.match(fields.getObjectField("fields").fields.getSimpleField("value").stringValue, /^SYNTHETIC/);
    assert.match(fields.getSimpleField("confidence").stringValue, /^SYNTHETIC/);
}

const HOOKS = ["aaaaaaaa-1111-4111-8111-0000000e0002", "aaaaaaaa-1111-4111-8111-0000000e0001"];

async function jobAtEnd(by, id) {
    for (let i = 0; i < 200; i++) {
        const { job } = await by.getJob(id);
        if (job.status !== "Processing" && job.webhooks.every((hook) => hook.status !== "Processing"))
            return job;
        await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error("the job doesn't end");
}

// What came, by path.
function receive() {
    const posts = [];
    const server = http.createServer((request, answer) => {
        const pieces = [];
        request.on("data", (piece) => pieces.push(piece));
        request.on("end", () => {
            posts.push({ path: request.url, bytes: Buffer.concat(pieces), signature: request.headers["x-signature"] });
            answer.end();
        });
    });
    return new Promise((done) => server.listen(Number(hookPort), "127.0.0.1", () => done({ posts, server })));
}

async function signed(post) {
    const response = new mindee.v2.LocalResponse(post.bytes);
    await response.init();
    assert.equal(response.isValidHmacSignature(hookSecret, post.signature), true);
    assert.equal(response.isValidHmacSignature(hookSecret + "x", post.signature), false);
    return response;
}

async function enqueueCalled(by, file) {
    const input = new mindee.PathInput({ inputPath: file });
    const { job } = await by.enqueue(mindee.product.Extraction, input, { modelId: MODELS.extraction, webhookIds: HOOKS });
    assert.deepEqual(job.webhooks.map((hook) => [hook.id, hook.status]), HOOKS.map((id) => [id, "Processing"]));
    assert.ok(job.webhooks.every((hook) => hook.createdAt instanceof Date && !Number.isNaN(hook.createdAt.getTime())));
    return job;
}

// Both sandboxes call the same receiver, so one after the other.
async function webhooks(file) {
    const { posts, server } = await receive();
    let { id } = await enqueueCalled(client, file);
    let job = await jobAtEnd(client, id);
    assert.deepEqual(job.webhooks.map((hook) => hook.status), ["Processed", "Processed"]);
    assert.deepEqual(posts.map((post) => post.path).sort(), ["/one", "/two"]);
    for (const post of posts) {
        const { inference } = await (await signed(post)).deserializeResponse(mindee.product.Extraction.responseClass);
        assert.equal(inference.job.id, id);
        const fetched = await client.getResult(mindee.product.Extraction, inference.id);
        assert.deepEqual(fetched.getRawHttp(), JSON.parse(post.bytes));
    }
    posts.length = 0;
    ({ id } = await enqueueCalled(failing, file));
    job = await jobAtEnd(failing, id);
    assert.equal(job.status, "Failed");
    for (const post of posts) {
        const told = await (await signed(post)).asDict();
        assert.deepEqual([told.error.status, told.error.code], [job.error.status, job.error.code]);
        assert.equal(told.model_id, MODELS.extraction);
    }
    assert.equal(posts.length, 2);
    server.close();
}

async function failedJobs(file) {
    for (const [name, model] of Object.entries(MODELS)) {
        const product = mindee.product[name[0].toUpperCase() + name.slice(1)];
        const error = await send(product, model, file, {}, failing).then(() => undefined, (e) => e);
        assert.equal(error?.name, "MindeeHttpErrorV2", String(error));
        assert.ok([422, 500].includes(error.status) && error.code.startsWith(String(error.status)), error.code);
    }
}

// All products once more, over HTTP/2.
async function http2(file) {
    const by = clientAt(http2Host, { dispatcher: new Agent({ allowH2: true }) });
    for (const [name, model] of Object.entries(MODELS)) {
        const product = mindee.product[name[0].toUpperCase() + name.slice(1)];
        const { job } = await by.enqueue(product, new mindee.PathInput({ inputPath: file }), { modelId: model });
        const id = (await jobAtEnd(by, job.id)).resultUrl.split("/").pop();
        checkFile((await by.getResult(product, id)).inference, file, model);
    }
    await refused({ status: 422, code: "422-001", pointer: "#/model_id" },
        by.enqueue(mindee.product.Ocr, new mindee.PathInput({ inputPath: file }), { modelId: "x" }));
}

await Promise.all([extraction(pdf), extraction(image), synthetic(), classification(pdf), crop(image), split(pdf),
    ocr(pdf), byHand(image), refusals(pdf), byUrl(), schema(pdf), search(), otherModels(pdf), webhooks(pdf), failedJobs(pdf),
    ...(http2Host ? [http2(pdf)] : [])]);
console.log("the SDK enqueued, polled and parsed all five products, saw jobs fail, and took what the webhooks brought" +
    (http2Host ? "; over HTTP/2 too" : ""));
