// Mindee's Node SDK as it would be used for a batch: AT_ONCE of its enqueueAndGetResult calls at a time, with the
// shortest waits it takes. Usage: node node_sdk.mjs MODEL AT_ONCE DIRECTORY. Host, key and certificate come by the
// environment that the SDK and Node read.
import fs from "node:fs";
import path from "node:path";
import * as mindee from "mindee";

const [model, atOnce, directory] = process.argv.slice(2);
const polling = { initialDelaySec: 1, delaySec: 1, maxRetries: 80 };
const client = new mindee.Client();
const names = fs.readdirSync(directory);
let next = 0;

async function work() {
    while (next < names.length) {
        const input = new mindee.PathInput({ inputPath: path.join(directory, names[next++]) });
        const answer = await client.enqueueAndGetResult(mindee.product.Extraction, input, { modelId: model }, polling);
        if (!answer.inference)
            throw new Error("no result");
    }
}

await Promise.all(Array.from({ length: Number(atOnce) }, work));
