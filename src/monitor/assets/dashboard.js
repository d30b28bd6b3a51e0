// The page of http.listen: asks for the numbers every two seconds while somebody looks, and shows them. Whatever comes from
// outside, names of files above all, becomes text, never HTML.
"use strict";

const STATES = [
  ["stored", "stored"], ["processing", "at Mindee"], ["queued", "waiting to be sent"], ["failed", "failed"],
  ["rejected", "rejected"], ["lost", "lost"], ["in_doubt", "in doubt"], ["dismissed", "dismissed"],
];
const EVERY_MS = 2000;
const SVG = "http://www.w3.org/2000/svg";
const of = id => document.getElementById(id);
let answeredAt = null;
let batchNames = [""];

// An element with attributes and children; a string is a text node.
function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children.filter(child => child !== null));
  return element;
}

const number = n => n.toLocaleString("en-US");

function duration(seconds) {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds % 3600 / 60)} min`;
  return `${Math.floor(seconds / 86400)} days`;
}

const clock = stamp => new Date(stamp).toLocaleString("en-GB", {dateStyle: "medium", timeStyle: "short"});

function bar(batch) {
  const svg = document.createElementNS(SVG, "svg");
  const told = STATES.filter(([key]) => batch[key]).map(([key, words]) => `${batch[key]} ${words}`);
  svg.setAttribute("class", "bar");
  svg.setAttribute("viewBox", "0 0 1000 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", told.length ? `Documents: ${told.join(", ")}` : "No documents");
  let x = 0;
  for (const [key] of STATES) {
    if (!batch[key]) continue;
    const rect = document.createElementNS(SVG, "rect");
    const width = batch[key] * 1000 / batch.documents;
    for (const [name, value] of [["x", x], ["width", width], ["height", 10], ["class", key]]) rect.setAttribute(name, value);
    x += width;
    svg.append(rect);
  }
  return svg;
}

function states(batch) {
  const list = make("ul", {class: "states"});
  for (const [key, words] of STATES) list.append(make("li", {class: key}, make("b", {}, number(batch[key])), ` ${words}`));
  return list;
}

// [term, text] pairs; those without a text are left out.
function facts(pairs) {
  const list = make("dl");
  for (const [term, text] of pairs) if (text) list.append(make("dt", {}, term), make("dd", {}, text));
  return list;
}

function waiting(batch) {
  if (!batch.at_work) return batch.next_run ? "until the next run" : "";
  if (batch.waits_for.length) return `waits for ${batch.waits_for.join(" and ")}`;
  if (batch.finding) return "looking for files";
  return batch.queued || batch.processing ? "working" : "nothing to do";
}

function failures(batch) {
  if (!batch.failures.length) return null;
  const rows = batch.failures.map(f => make("tr", {},
    make("td", {class: "short"}, f.code), make("td", {class: "short"}, number(f.count)),
    make("td", {}, f.path, make("br"), make("span", {class: "quiet"}, f.detail))));
  return make("div", {}, make("h3", {}, "What went wrong"),
    make("table", {}, make("thead", {}, make("tr", {}, ...["Code", "Documents", "For example"].map(t => make("th", {scope: "col"}, t)))),
      make("tbody", {}, ...rows)));
}

const EXITS = {0: "all stored", 1: "some documents aren't stored", 2: "the configuration is wrong", 3: "the ledger can't be used",
  4: "Mindee refuses", 5: "it can go on"};

function section(batch, index) {
  const credits = number(batch.credits) + (batch.credits_at_risk ? `, and up to ${number(batch.credits_at_risk)} more in doubt` : "");
  const last = batch.last_run && clock(batch.last_run) + (batch.last_exit === undefined ? "" : `: ${EXITS[batch.last_exit] || `exit ${batch.last_exit}`}`);
  return make("section", {class: "batch", "aria-labelledby": `batch-${index}`},
    make("h2", {id: `batch-${index}`}, batch.name || "The batch"),
    batch.trouble ? make("p", {class: "trouble"}, batch.trouble === "busy" ? "Another process has its ledger." : batch.trouble) : null,
    bar(batch), states(batch),
    facts([
      ["Files", `${number(batch.files)} files, ${number(batch.documents)} documents, ${number(batch.duplicates)} duplicates`],
      ["Now", waiting(batch)],
      ["To go", batch.at_work && batch.eta > 0 ? `about ${duration(batch.eta)}` : ""],
      ["Oldest to be sent", batch.oldest_queued === null ? "" : `waits for ${duration(batch.oldest_queued)}`],
      ["Oldest at Mindee", batch.oldest_job === null ? "" : `for ${duration(batch.oldest_job)}`],
      ["Credits", credits],
      ["Last run", last],
      ["Next run", batch.next_run && clock(batch.next_run)],
    ]),
    failures(batch));
}

function limit(l, what) {
  const lowered = l.percent < 100 ? `; lowered to ${l.percent} % after refusals` : "";
  return `${number(l.used)} ${what} in the last minute` + (l.limit ? ` of ${number(l.limit)}${lowered}` : ", no limit");
}

function shared(live) {
  const w = live.webhooks;
  const certificate = w && w.certificate_days !== undefined ? `; the certificate ends in ${w.certificate_days} days` : "";
  return facts([
    ["Uploads", limit(live.limits.post, "uploads")],
    ["Questions", limit(live.limits.get, "polls and downloads")],
    ["Too fast", live.refusals ? `${number(live.refusals)} answers said so (429)` : ""],
    ["Webhooks", w ? `${number(w.accepted)} taken, ${number(w.refused)} refused, ${number(w.orphans)} of nobody's${certificate}` : ""],
  ]);
}

function show(live) {
  batchNames = live.batches.map(batch => batch.name);
  of("when").textContent = `${live.stopping ? "Being stopped. " : ""}As of ${new Date(live.now).toLocaleTimeString("en-GB")}, version ${live.version}`;
  of("shared").replaceChildren(shared(live));
  of("batches").replaceChildren(...live.batches.map(section));
}

function complain(text) {
  if (of("trouble").textContent !== text) of("trouble").textContent = text;
  of("trouble").hidden = !text;
}

async function get(path) {
  const answer = await fetch(path, {headers: {Accept: "application/json"}});
  if (answer.status === 401) location.assign("/login");
  return answer;
}

async function poll() {
  if (document.visibilityState === "visible") {
    try {
      const answer = await get("/api/v1/status?live=1");
      if (!answer.ok) throw new Error(answer.status);
      show((await answer.json()).live);
      answeredAt = new Date();
      complain("");
    } catch {
      complain(`No answer${answeredAt ? ` since ${answeredAt.toLocaleTimeString("en-GB")}` : ""}: the program may have ended.`);
    }
  }
  setTimeout(poll, EVERY_MS);
}

// --- the search ---

function story(d) {
  const events = d.history.map(e => make("li", {}, `${clock(e.at)}: ${e.what}`, e.cause ? make("span", {class: "quiet"}, ` (${e.cause})`) : null));
  const files = d.files.map(f => f.path + (f.moved_to ? `, moved to ${f.moved_to}` : ""));
  return make("div", {}, facts([
    ["State", d.dismissed ? `${d.state}, dismissed` : d.state],
    ["Files", files.join("; ")],
    ["Result", d.files.map(f => f.result || "").filter(r => r).join("; ")],
    ["Reason", d.detail && `${d.detail} (${d.code})`],
    ["Job", d.job_id],
    ["Pages charged", d.charged_pages ? number(d.charged_pages) : ""],
  ]), make("ol", {}, ...events));
}

function found(row, batch) {
  const button = make("button", {type: "button", "aria-expanded": "false"}, "History");
  const place = make("td", {}, row.path);
  button.addEventListener("click", async () => {
    const open = place.querySelector("div");
    button.setAttribute("aria-expanded", String(!open));
    if (open) {
      open.remove();
      return;
    }
    const answer = await get(`/api/v1/documents/${row.document}?batch=${encodeURIComponent(batch)}`);
    if (answer.ok) place.append(story(await answer.json()));
  });
  return make("tr", {}, make("td", {class: "short"}, String(row.document)), place, make("td", {class: "short"}, row.state), make("td", {class: "short"}, button));
}

async function search(text) {
  const rows = [];
  for (const batch of batchNames) {
    const of_batch = `batch=${encodeURIComponent(batch)}`;
    const answer = await get(`/api/v1/documents?limit=20&text=${encodeURIComponent(text)}&${of_batch}`);
    const list = answer.ok ? (await answer.json()).documents : [];
    if (/^\d+$/.test(text) && !list.some(row => row.document === Number(text))) {
      const page = await get(`/api/v1/documents?limit=1&after=${Number(text) - 1}&${of_batch}`);
      const next = page.ok ? (await page.json()).documents[0] : undefined;
      if (next && next.document === Number(text)) list.unshift(next);
    }
    rows.push(...list.map(row => found(row, batch)));
  }
  if (!rows.length) {
    of("found").replaceChildren(make("p", {}, "Nothing was found."));
    return;
  }
  const heads = ["Number", "Path", "State", "History"].map(t => make("th", {scope: "col"}, t));
  of("found").replaceChildren(make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows)));
}

of("search").hidden = false;
of("search").addEventListener("submit", event => {
  event.preventDefault();
  const text = of("text").value.trim();
  if (text) search(text).catch(() => complain("The search got no answer."));
  else of("found").replaceChildren();
});
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && complain(""));
poll();
