// Answers and requests against an OpenAPI description. Usage: node openapi.mjs DESCRIPTION answers|requests [FILE...]
//
// answers: each line of the FILEs is {method, path, status, type, body}; a body must be as the route describes that
// status, or an ErrorResponse where the route doesn't name it. Prints how many there were, and of which kinds.
// requests: standard input is a list of {method, path, query, type, fields}; prints a list of null (as described) or words.
import fs from "node:fs";
import readline from "node:readline";
import { createRequire } from "node:module";
import yaml from "yaml";

const require = createRequire(import.meta.url);
const Ajv = require("ajv/dist/2020").default;
const [description, what, ...files] = process.argv.slice(2);
const api = yaml.parse(fs.readFileSync(description, "utf-8"));

// The words of an OpenAPI description that aren't JSON Schema's.
const ajv = new Ajv({ allErrors: true, strict: false, coerceTypes: false });
require("ajv-formats").default(ajv);
ajv.addFormat("uuid4", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i);
ajv.addFormat("binary", true);
// Mindee's times have no zone, which RFC 3339 asks for: see its samples.
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/);
ajv.addSchema({ $id: "api", components: api.components });

// Its enumeration lacks what the documentation has.
const confidence = api.components.schemas.FieldConfidence;
if (!confidence.enum.includes("Low"))
    confidence.enum.push("Low");

const routes = Object.entries(api.paths).map(([path, methods]) => ({
    path, methods, pattern: new RegExp("^" + path.replace(/\{[^}]+\}/g, "([^/]+)") + "$"),
}));

const compiled = new Map();
function validator(key, schema) {
    if (!compiled.has(key)) {
        const text = JSON.stringify(schema).replaceAll("\"#/components/", "\"api#/components/");
        compiled.set(key, ajv.compile(JSON.parse(text)));
    }
    return compiled.get(key);
}

const words = (errors) => errors.map((e) => `${e.instancePath || "/"} ${e.message}`).join("; ");

function operation(method, path) {
    const route = routes.find((r) => r.pattern.test(path));
    return { route, operation: route?.methods[method.toLowerCase()] };
}

// null, or what is wrong. `kind` says what it was held against.
function checkAnswer({ method, path, status, type, body }) {
    const { route, operation: op } = operation(method, path);
    let schema = op?.responses[status]?.content?.["application/json"]?.schema;
    const named = schema !== undefined;
    if (!named && status < 400)
        return { kind: `${method} ${route?.path ?? path} ${status}: not described`, wrong: null };
    schema ??= { $ref: "#/components/schemas/ErrorResponse" };
    const kind = `${method} ${route?.path ?? "another path"} ${status}${named ? "" : ": as an ErrorResponse"}`;
    let parsed;
    try {
        parsed = JSON.parse(body);
    } catch (e) {
        return { kind, wrong: `no JSON: ${e.message}` };
    }
    if (type !== "application/json")
        return { kind, wrong: `its type is ${type}` };
    const validate = validator(kind, schema);
    return { kind, wrong: validate(parsed) ? null : words(validate.errors) };
}

async function answers() {
    const kinds = new Map(), faults = new Map();
    let count = 0;
    for (const file of files) {
        for await (const line of readline.createInterface({ input: fs.createReadStream(file) })) {
            let answer;
            try {
                answer = JSON.parse(line);
            } catch {
                continue; // the last line of a sandbox that was killed
            }
            count++;
            const { kind, wrong } = checkAnswer(answer);
            kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
            if (wrong !== null && !faults.has(kind + wrong))
                faults.set(kind + wrong, `${kind}: ${wrong}\n    ${answer.path}: ${answer.body.slice(0, 400)}`);
        }
    }
    for (const [kind, n] of [...kinds].sort())
        console.log(`${String(n).padStart(8)}  ${kind}`);
    for (const fault of faults.values())
        console.log(`not as described: ${fault}`);
    console.log(`${count} answers of ${files.length} sandboxes held against the OpenAPI: ` +
        (faults.size === 0 ? "all as described" : `${faults.size} kinds of difference`));
    return faults.size === 0 && count > 0;
}

function queryValue(schema, text) {
    if (schema.type === "boolean")
        return /^(true|1|on|t|y|yes)$/i.test(text) ? true : /^(false|0|off|f|n|no)$/i.test(text) ? false : text;
    return text;
}

// A form's texts become what their schemas ask for: a boolean's words, a list, a JSON text.
function formValue(schema, value) {
    const schemas = schema.anyOf ?? [schema];
    if (schemas.some((s) => s.type === "boolean") && typeof value === "string")
        return queryValue({ type: "boolean" }, value);
    if (schema.type === "array" && !Array.isArray(value))
        return String(value).split(",").map((v) => v.trim()).filter((v) => v !== "");
    return value;
}

function checkForm(key, schema, fields, isForm) {
    const given = {};
    for (const [name, value] of Object.entries(fields)) {
        const property = schema.properties[name];
        if (isForm && value === "" && name !== "model_id")
            continue; // an empty field of a form is none
        given[name] = property && isForm ? formValue(property, value) : property?.type === "array" ? formValue(property, value) : value;
    }
    const validate = validator(key, schema);
    if (!validate(given))
        return words(validate.errors);
    const inner = schema.properties.data_schema?.anyOf.find((s) => s.contentSchema);
    if (inner && typeof given.data_schema === "string") {
        let parsed;
        try {
            parsed = JSON.parse(given.data_schema);
        } catch (e) {
            return `data_schema: ${e.message}`;
        }
        const validateInner = validator(key + " data_schema", inner.contentSchema);
        if (!validateInner(parsed))
            return `data_schema: ${words(validateInner.errors)}`;
    }
    return null;
}

function checkRequest({ method, path, query = {}, type, fields }) {
    const { route, operation: op } = operation(method, path);
    if (op === undefined)
        return "there is no such operation";
    const inPath = (op.parameters ?? []).filter((p) => p.in === "path");
    const values = route.pattern.exec(path).slice(1);
    for (const [i, parameter] of inPath.entries()) {
        const validate = validator(`${route.path} ${parameter.name}`, parameter.schema);
        if (!validate(values[i]))
            return `${parameter.name}: ${words(validate.errors)}`;
    }
    for (const parameter of (op.parameters ?? []).filter((p) => p.in === "query")) {
        const validate = validator(`${route.path} ${parameter.name}`, parameter.schema);
        if (parameter.name in query && !validate(queryValue(parameter.schema, query[parameter.name])))
            return `${parameter.name}: ${words(validate.errors)}`;
    }
    if (op.requestBody === undefined)
        return null;
    const content = op.requestBody.content[type];
    if (content === undefined)
        return `the type ${type} isn't described`;
    return checkForm(`${route.path} ${type}`, content.schema, fields, type !== "application/json");
}

if (what === "requests") {
    const list = JSON.parse(fs.readFileSync(0, "utf-8"));
    console.log(JSON.stringify(list.map(checkRequest)));
} else {
    process.exitCode = await answers() ? 0 : 1;
}
