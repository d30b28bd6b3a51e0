"use strict";
/* The review page. Whatever comes from a document is written by textContent alone, and as values of inputs.
 *
 * A record is shown from what the server said of it (`records`, fetched ahead for the next two), with what was typed on top
 * (`typed`, kept by the server as a draft on every change). The fields of the next ones are drawn ahead, too, while nothing
 * else is to be done (`nodes`). A decision is sent while the next record is already shown;
 * if it isn't taken, the page comes back to it and says why. */

const AHEAD = 2, CHECK_AFTER_MS = 200, LONG_TEXT = 42;
const $ = (id) => document.getElementById(id);
const token = takeToken();
const state = { list: [], at: -1, started: 0, zoom: 1, page: 1, fresh: false, decided: [], shown: null, beside: false };
const records = new Map(), pictures = new Map(), typed = new Map(), refused = new Map();

function takeToken() {
  const given = location.hash.slice(1);
  if (given) {
    sessionStorage.setItem("review-token", given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem("review-token") || "";
}

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/* ---- what the server says ---- */

class Refusal extends Error {
  constructor(status, answer) {
    super((answer && answer.error) || "review serve answered " + status);
    this.status = status;
    this.answer = answer;
  }
}

async function ask(path, body) {
  const options = { headers: { "X-Review-Token": token }, cache: "no-store" };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refusal(0, { error: "review serve doesn't answer. Start it again and open the address that it prints; what was settled before is settled." });
  }
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null));
  return answer;
}

function record(key, anew) {
  if (anew) records.delete(key);
  if (!records.has(key)) {
    const coming = ask("/api/record/" + key).then((answer) => answer.json()).then((r) => {
      if (!typed.has(key)) typed.set(key, new Map((r.drafts || []).map((d) => [d.path, d.value])));
      r.byPath = new Map(r.fields.map((f) => [f.path, f]));
      r.inputs = new Map();
      r.removed = new Set(r.fields.filter((f) => f.removed).map((f) => rowPath(f.list, f.row)));
      coming.value = r;
      return r;
    });
    coming.catch(() => records.delete(key));
    records.set(key, coming);
  }
  return records.get(key);
}

/* A picture as an image element that is ready to be shown, or an error with words. */
function picture(key, page) {
  const name = key + " " + page;
  if (!pictures.has(name)) {
    const coming = ask("/api/page/" + key + "/" + page).then((answer) => answer.blob()).then(async (blob) => {
      const image = new Image(), url = URL.createObjectURL(blob);
      image.src = url;
      try {
        await image.decode();
      } catch {
        URL.revokeObjectURL(url);
        throw new Error("the browser can't show this picture");
      }
      coming.url = url;
      return image;
    });
    coming.catch(() => {});
    pictures.set(name, coming);
    for (const old of [...pictures.keys()].slice(0, -8)) {
      if (pictures.get(old).url) URL.revokeObjectURL(pictures.get(old).url);
      pictures.delete(old);
    }
  }
  return pictures.get(name);
}

function firstPage(r) {
  const place = r.fields.flatMap((f) => f.locations || [])[0];
  return place ? place.page : r.first_page || 1;
}

const whenIdle = (work) => (window.requestIdleCallback ? requestIdleCallback(work, { timeout: 500 }) : setTimeout(work, 50));

function fetchAhead() {
  let at = state.at;
  for (let i = 0; i < AHEAD; i++) {
    at = nextOpen(at);
    if (at < 0 || at === state.at) return;
    const key = state.list[at].record;
    record(key).then((r) => {
      whenIdle(() => { if (!r.nodes && current() !== r) r.nodes = fieldNodes(r); });
      return picture(key, firstPage(r));
    }).catch(() => {});
  }
}

/* ---- the record that is shown ---- */

const words = (path) => path.replace(/_/g, " ").replace(/\[(\d+)\]/g, " $1").replace(/\./g, " · ").replace(/%([0-9A-F]{2})/g, (m, h) => String.fromCharCode(parseInt(h, 16))).replace(/^./, (c) => c.toUpperCase());
const textOf = (value) => (value === null || value === undefined ? "" : String(value));
const current = () => state.shown;
const typedOf = (key) => typed.get(key) || typed.set(key, new Map()).get(key);

function say(text, good) {
  $("banner").textContent = text || "";
  $("banner").hidden = !text;
  $("banner").className = good ? "good" : "";
}

function nextOpen(from) {
  const count = state.list.length;
  for (let i = 1; i <= count; i++) {
    const at = (from + i + count) % count;
    if (!state.list[at].settled) return at;
  }
  return -1;
}

async function show(at, options = {}) {
  if (at < 0) return finished();
  const item = state.list[at], from = performance.now();
  state.at = at;
  let r;
  try {
    const known = records.get(item.record);
    r = known && known.value && !options.anew ? known.value : await record(item.record, options.anew);
  } catch (e) {
    if (state.at === at) {
      blank(e.message);
      say(e.message);
    }
    return;
  }
  if (state.at !== at) return; /* another one was asked for meanwhile */
  state.shown = r;
  if (!options.keepBanner) say("");
  drawHead(r, item);
  drawFields(r);
  drawFindings(r);
  focusFirst(options.path);
  document.body.dataset.shownIn = String(Math.round(performance.now() - from));
  document.body.dataset.record = r.record;
  drawPage(r, pageOfFocused() || firstPage(r));
  if (state.beside) drawBeside();
  if (typedOf(r.record).size) check();
  fetchAhead();
}

function blank(text, big) {
  state.shown = null;
  delete document.body.dataset.record;
  $("title").textContent = "Review";
  $("fields").replaceChildren();
  $("sums").replaceChildren();
  $("pages").textContent = "";
  $("sheet").hidden = true;
  $("said").hidden = false;
  $("said").className = big ? "said big" : "said";
  $("said").textContent = text;
}

function finished() {
  state.at = -1;
  $("place").textContent = "Done";
  blank(state.started ? "Nothing is open any more: all " + state.started + " are settled." : "Nothing is open: there is nothing to settle.", true);
  document.body.dataset.done = "yes";
  for (const id of ["later", "reject", "accept"]) $(id).disabled = true;
  $("viewer").focus();
}

function drawHead(r, item) {
  delete document.body.dataset.done;
  for (const id of ["later", "reject", "accept"]) $(id).disabled = false;
  $("place").textContent = state.at + 1 + " of " + state.list.length;
  const facts = [r.supplier, r.number, [r.total, r.currency].filter(Boolean).join(" ")].filter(Boolean).join(" · ");
  $("title").replaceChildren(facts ? facts + "  " : "", make("span", { class: "file" }, r.file + (item.settled ? " — " + item.settled : r.status !== "review" ? " — " + r.status : "")));
  $("title").title = r.file;
  document.title = state.at + 1 + " of " + state.list.length + " · Review";
}

/* -- fields -- */

const unsure = (r, path) => r.reasons.some((x) => x.field === path && x.severity !== "info");
const isNumber = (f) => f.kind === "number";

function control(r, f, label) {
  const value = textOf(typedOf(r.record).has(f.path) ? typedOf(r.record).get(f.path) : f.value);
  let input;
  if (f.kind === "boolean") {
    input = make("select", null, ...["", "true", "false"].map((v) => make("option", { value: v }, v || "—")));
  } else if (value.includes("\n") || (f.kind === "text" && value.length > LONG_TEXT)) {
    input = make("textarea", { rows: Math.min(4, Math.max(2, value.split("\n").length)) });
  } else {
    input = make("input", { type: "text", inputmode: isNumber(f) ? "decimal" : null });
  }
  input.value = value;
  input.readOnly = Boolean(f.cut) || isGone(r, f);
  if (f.kind === "boolean") input.disabled = input.readOnly;
  input.dataset.path = f.path;
  r.inputs.set(f.path, input);
  input.autocomplete = "off";
  input.spellcheck = false;
  if (label) input.setAttribute("aria-label", label);
  input.maxLength = 10000;
  return input;
}

function drawFields(r) {
  const box = $("fields");
  box.replaceChildren(...(r.nodes || fieldNodes(r)));
  r.nodes = null; /* what is typed now isn't in them */
  box.scrollTop = 0;
}

function fieldNodes(r) {
  r.inputs.clear();
  const plain = r.fields.filter((f) => !f.list), flagged = (f) => r.reasons.some((x) => x.field === f.path);
  const shown = plain.filter((f) => f.value !== null || flagged(f) || typedOf(r.record).has(f.path)), empty = plain.filter((f) => !shown.includes(f));
  const nodes = [make("ul", { class: "reasons", id: "reasons", "aria-label": "Why a person is asked" }), ...drawRows(r, shown)];
  const full = [...new Set([...r.fields.filter((f) => f.list).map((f) => f.list), ...r.lists.filter((l) => rowsOf(r, l.list).length).map((l) => l.list)])];
  for (const list of [...full, ...r.lists.map((l) => l.list).filter((l) => !full.includes(l))]) nodes.push(drawList(r, list));
  if (r.cut) nodes.push(make("p", { class: "more" }, "The record has more values than are shown here; exports have them all."));
  if (empty.length) {
    const more = make("button", { type: "button", class: "more" }, empty.length + " empty fields");
    more.addEventListener("click", () => {
      more.replaceWith(...drawRows(r, empty));
      drawFindings(r);
      inputOf(empty[0].path).focus();
    });
    nodes.push(more);
  }
  return nodes;
}

/* Neighbours of one object stand under its name. */
const objectOf = (f) => (f && f.path.includes(".") ? f.path.slice(0, f.path.lastIndexOf(".")) : "");
function drawRows(r, fields) {
  const rows = [];
  let under = "";
  fields.forEach((f, i) => {
    const object = objectOf(f);
    if (object && object !== under && object === objectOf(fields[i + 1])) rows.push(make("h2", { class: "object" }, words(object)));
    under = object && (object === under || object === objectOf(fields[i + 1])) ? object : "";
    rows.push(drawRow(r, f, under));
  });
  return rows;
}

let ids = 0;
function drawRow(r, f, under) {
  const input = control(r, f), told = make("p", { class: "told", id: "told-" + ++ids });
  input.id = "field-" + ids;
  input.setAttribute("aria-describedby", told.id);
  return make("div", { class: under ? "row inner" : "row", "data-row": f.path }, make("label", { for: input.id, title: f.path }, ...(under ? [make("span", { class: "unseen" }, words(under) + " · "), words(f.path.slice(under.length + 1))] : [words(f.path)])), input, make("span", { class: "sure" }, textOf(f.confidence)), told);
}

/* -- lists: rows keep their numbers; `typed` has "+line_items[4]" for one that is added, "-line_items[2]" for one that is taken away -- */

const rowPath = (list, n) => list + "[" + n + "]";
const listOf = (r, name) => r.lists.find((l) => l.list === name);

/* One that was taken away before is put back by a "+". */
function isGone(r, f) {
  const path = f.list && rowPath(f.list, f.row), mine = typedOf(r.record);
  return Boolean(path) && (mine.has("-" + path) || (r.removed.has(path) && !mine.has("+" + path)));
}

function rowsOf(r, name) {
  const list = listOf(r, name), begin = "+" + name + "[";
  const added = [...typedOf(r.record).keys()].filter((p) => p.startsWith(begin)).map((p) => parseInt(p.slice(begin.length), 10));
  const rows = r.fields.filter((f) => f.list === name).map((f) => f.row);
  return [...new Set([...rows, ...(list && !r.cut ? list.rows : []), ...added])].sort((a, b) => a - b);
}

/* What can stand in a row, also where nothing does: it can be filled in then. */
function fieldAt(r, name, n, column) {
  const path = rowPath(name, n) + (column.column ? "." + column.column : "");
  const known = r.byPath.get(path), isNew = typedOf(r.record).has("+" + rowPath(name, n));
  if (known || !column.kind || (r.cut && !isNew)) return known;
  const f = { path, list: name, row: n, column: column.column, kind: column.kind, value: null, read: null };
  r.byPath.set(path, f);
  return f;
}

function columnsOf(r, name, rows) {
  const fields = r.fields.filter((f) => f.list === name), list = listOf(r, name), mine = typedOf(r.record);
  const all = list ? list.columns : [...new Set(fields.map((f) => f.column))].map((column) => ({ column }));
  const filled = new Set(fields.filter((f) => f.value !== null || mine.has(f.path) || r.reasons.some((x) => x.field === f.path)).map((f) => f.column));
  const shown = all.filter((c) => filled.has(c.column));
  return rows.some((n) => mine.has("+" + rowPath(name, n))) || !shown.length ? all : shown;
}

function drawCell(r, name, n, c) {
  const f = fieldAt(r, name, n, c);
  if (!f) return make("td");
  const told = make("div", { class: "told", id: "told-" + ++ids });
  const input = control(r, f, words(name) + " " + n + ", " + (c.column ? words(c.column) : "value"));
  input.setAttribute("aria-describedby", told.id);
  input.style.minWidth = Math.max(4, Math.min(isNumber(f) ? 14 : 24, input.value.length) + 1) + "ch";
  return make("td", { class: f.kind, "data-cell": f.path }, input, told);
}

function drawListRow(r, name, n, columns) {
  const gone = isGone(r, { list: name, row: n }), isNew = typedOf(r.record).has("+" + rowPath(name, n)) && !r.removed.has(rowPath(name, n));
  const button = make("button", { type: "button", tabindex: "-1", title: "Alt+Delete", "aria-label": (gone ? "Put line " : "Take line ") + n + (gone ? " back" : " away") }, gone ? "↩" : "×");
  button.addEventListener("click", () => takeAway(name, n));
  return make("tr", { class: gone ? "gone" : isNew ? "added" : null, "data-row": rowPath(name, n) }, make("td", { class: "n" }, String(n)), make("td", { class: "tool" }, button), ...columns.map((c) => drawCell(r, name, n, c)));
}

function drawList(r, name) {
  const rows = rowsOf(r, name), columns = columnsOf(r, name, rows), parts = [make("h2", { title: name }, words(name))];
  if (rows.length) {
    const head = make("tr", null, make("th", { scope: "col" }, "#"), make("td"), ...columns.map((c) => make("th", { scope: "col", title: name + "." + c.column }, c.column ? words(c.column) : "Value")));
    const body = rows.map((n) => drawListRow(r, name, n, columns));
    parts.push(make("div", { class: "scroll" }, make("table", null, make("caption", { class: "unseen" }, words(name)), make("thead", null, head), make("tbody", null, ...body))));
  }
  parts.push(make("ul", { "data-list": name }));
  if (listOf(r, name)) {
    const add = make("button", { type: "button", class: "add", "data-add": name, title: "Alt+Enter", "aria-label": "Add a line to " + words(name) }, "+ line");
    add.addEventListener("click", () => addRow(name));
    parts.push(add);
  }
  return make("div", { class: rows.length ? "list" : "list empty", "data-of": name }, ...parts);
}

/* With the rows as they are now; the cell of PATH has the focus, or the first of row N. */
function drawListAgain(r, name, path, n) {
  const old = [...$("fields").querySelectorAll("[data-of]")].find((box) => box.dataset.of === name);
  for (const input of old.querySelectorAll("[data-path]")) r.inputs.delete(input.dataset.path);
  const fresh = drawList(r, name);
  old.replaceWith(fresh);
  drawFindings(r);
  check();
  const cells = [...fresh.querySelectorAll("[data-path]")], near = cells.filter((i) => fieldOf(i.dataset.path).row <= n);
  const to = inputOf(path) || cells.find((i) => fieldOf(i.dataset.path).row === n) || near[near.length - 1] || cells[0];
  if (to) enter(to);
  else fresh.querySelector("[data-add]").focus();
}

function addRow(name) {
  const r = current(), n = Math.max(listOf(r, name).next, ...rowsOf(r, name).map((row) => row + 1));
  typedOf(r.record).set("+" + rowPath(name, n), "");
  drawListAgain(r, name, null, n);
}

/* Away, or back. */
function takeAway(name, n) {
  const r = current(), mine = typedOf(r.record), path = rowPath(name, n), here = focused() && focused().dataset.path;
  if (mine.delete("-" + path)) {
    /* it is back */
  } else if (r.removed.has(path)) {
    if (!mine.delete("+" + path)) mine.set("+" + path, "");
  } else if (mine.delete("+" + path)) {
    for (const p of [...mine.keys()]) if (p === path || p.startsWith(path + ".")) mine.delete(p);
  } else {
    mine.set("-" + path, "");
  }
  drawListAgain(r, name, here, n);
}

/* Alt+Enter: to the list that has the focus, else to the first. */
function addRowHere() {
  const at = document.activeElement, f = focused() && fieldOf(focused().dataset.path), r = current();
  if (!r) return;
  const name = (f && f.list) || (at && at.dataset.add) || (r.lists[0] && (r.lists.find((l) => rowsOf(r, l.list).length) || r.lists[0]).list);
  if (name && listOf(r, name)) addRow(name);
  else say("Lines can't be added here.");
}

function takeAwayHere() {
  const f = focused() && fieldOf(focused().dataset.path);
  if (f && f.list) takeAway(f.list, f.row);
  else say("Alt+Delete takes a line of a list away: this is none.");
}

const inputs = () => [...$("fields").querySelectorAll("input,textarea,select")];
const inputOf = (path) => current() && current().inputs.get(path);
const fieldOf = (path) => current() && current().byPath.get(path);
const focused = () => (document.activeElement && document.activeElement.dataset.path ? document.activeElement : null);

/* What `reasons` say, and what was typed, on the fields that are there. */
function drawFindings(r) {
  const mine = typedOf(r.record), bad = refused.get(r.record) || new Map();
  for (const input of inputs()) {
    const f = fieldOf(input.dataset.path), box = input.closest("[data-cell]") || input.closest(".row");
    const found = r.reasons.filter((x) => x.field === f.path), hard = found.some((x) => x.severity === "error");
    const changed = mine.has(f.path) || textOf(f.value) !== textOf(f.read);
    const lines = f.cut ? ["too long, or of a form that can't be corrected here"] : [];
    if (bad.has(f.path)) lines.push(bad.get(f.path));
    if (changed) lines.push(textOf(f.read) === "" ? "was empty" : "was: " + textOf(f.read));
    for (const x of found) lines.push(x.text);
    box.classList.toggle("refused", bad.has(f.path));
    box.classList.toggle("changed", changed && !hard);
    box.classList.toggle("bad", hard);
    box.classList.toggle("doubt", !hard && !changed && found.some((x) => x.severity !== "info"));
    input.setAttribute("aria-invalid", String(hard || bad.has(f.path)));
    box.querySelector(".told").replaceChildren(...lines.map((line) => make("div", null, line)));
  }
  drawReasons(r);
  drawRowReasons(r);
  $("sums").replaceChildren(...(r.sums || []).map((s) => make("span", { class: s.ok === null ? null : s.ok ? "yes" : "no" }, s.text + (s.ok === null ? "" : s.ok ? " ✓" : " ✗"))));
}

/* Reasons of a whole row, which no input shows. */
function drawRowReasons(r) {
  for (const box of $("fields").querySelectorAll("ul[data-list]")) {
    const rows = r.reasons.filter((x) => x.field.startsWith(box.dataset.list + "[") && x.field.endsWith("]"));
    box.replaceChildren(...rows.map((x) => make("li", null, x.field.slice(box.dataset.list.length + 1, -1) + ": " + x.text)));
  }
  for (const row of $("fields").querySelectorAll("tr[data-row]")) {
    const found = r.reasons.filter((x) => x.field === row.dataset.row);
    row.classList.toggle("bad", found.some((x) => x.severity === "error"));
    row.classList.toggle("doubt", found.some((x) => x.severity === "warning") && !row.classList.contains("bad"));
  }
}

function drawReasons(r) {
  const box = $("reasons");
  const rows = r.reasons.map((x) => {
    const button = make("button", { type: "button", tabindex: "-1" }, (x.field ? words(x.field) + ": " : "") + x.text + (x.of ? " (Ctrl+D shows it)" : ""));
    button.addEventListener("click", () => goTo(x.field));
    return make("li", { class: x.severity }, make("span", { class: "weight" }, x.severity), button);
  });
  if (!rows.length) rows.push(make("li", { class: "done" }, "Nothing is found any more: it can be accepted."));
  box.replaceChildren(...rows);
}

/* The input that a reason is about: of a field its own, of a row or list the first with a number. */
function inputAbout(path, all = inputs()) {
  if (inputOf(path)) return inputOf(path);
  const inside = all.filter((i) => i.dataset.path.startsWith(path + "[") || i.dataset.path.startsWith(path + "."));
  return inside.find((i) => isNumber(fieldOf(i.dataset.path))) || inside[0];
}

function goTo(path) {
  const input = inputAbout(path);
  if (input) enter(input);
}

function enter(input) {
  input.focus({ preventScroll: true });
  if (input.select) input.select();
  const box = $("fields"), here = input.getBoundingClientRect(), room = box.getBoundingClientRect(), top = room.top + $("reasons").offsetHeight;
  if (here.top < top + 30 || here.bottom > room.bottom - 60) box.scrollTop += here.top - top - (room.bottom - top) / 2;
  input.scrollIntoView({ block: "nearest", inline: "nearest" });
  state.fresh = true;
}

/* Fields that a reason names, and the first of a row that one names, in the order in which they are shown. */
function unsureInputs(r) {
  const all = inputs();
  const wanted = new Set();
  for (const x of r.reasons) {
    if (x.severity === "info") continue;
    const input = inputAbout(x.field, all);
    if (input) wanted.add(input);
  }
  return all.filter((i) => wanted.has(i));
}

function focusFirst(path) {
  const r = current(), input = (path && inputOf(path)) || unsureInputs(r)[0] || inputs()[0];
  if (input) enter(input);
  else $("viewer").focus();
}

function nextUnsure() {
  const all = inputs(), here = all.indexOf(focused());
  const next = unsureInputs(current()).find((i) => all.indexOf(i) > here);
  if (next) enter(next);
  else if (nextOpen(state.at) !== state.at) leave(nextOpen(state.at));
  else focusFirst();
}

/* -- the page -- */

function pageOfFocused() {
  const f = focused() && fieldOf(focused().dataset.path);
  return f && f.locations && f.locations[0] ? f.locations[0].page : 0;
}

function pageCount(r) {
  return Math.max(r.pages || 1, ...r.fields.flatMap((f) => (f.locations || []).map((l) => l.page)));
}

async function drawPage(r, page) {
  state.page = page;
  const count = pageCount(r);
  $("pages").textContent = "page " + page + " of " + count;
  $("pages").title = "PgUp, PgDn";
  const wanted = r.record + " " + page;
  state.wanted = wanted;
  if ($("sheet").dataset.record !== r.record) $("sheet").hidden = true; /* another's page beside these fields would mislead */
  const timer = setTimeout(() => { if (state.wanted === wanted) { $("sheet").hidden = true; $("said").className = "said"; $("said").textContent = "The page is being drawn …"; $("said").hidden = false; } }, 150);
  try {
    const image = await picture(r.record, page);
    if (state.wanted !== wanted) return;
    image.alt = "Page " + page + " of " + r.file;
    $("said").hidden = true;
    $("sheet").replaceChildren(image, marks(r, page));
    $("sheet").dataset.record = r.record;
    $("sheet").hidden = false;
    sizeSheet(image);
    light();
    sayUnmarked(r);
  } catch (e) {
    if (state.wanted !== wanted) return;
    $("sheet").hidden = true;
    $("said").className = "said";
    $("said").textContent = "No picture: " + e.message + ". The fields can be settled all the same.";
    $("said").hidden = false;
  } finally {
    clearTimeout(timer);
  }
}

/* Once: whoever looks for the marks is told why there are none. */
let saidUnmarked = false;
function sayUnmarked(r) {
  if (saidUnmarked || !$("banner").hidden || r.fields.some((f) => (f.locations || []).length)) return;
  saidUnmarked = true;
  say("Mindee sent no places with this result: nothing is marked on its page. Results that are asked for with request.polygon = true have them.", true);
}

function sizeSheet(image) {
  const room = $("viewer").clientWidth - 28;
  image = image || $("sheet").querySelector("img");
  if (!image) return;
  const fit = Math.min(room, 1.25 * image.naturalWidth, Math.max(420, (($("viewer").clientHeight - 28) * 1.35 * image.naturalWidth) / image.naturalHeight));
  $("sheet").style.width = Math.round(fit * state.zoom) + "px";
}

const SVG = "http://www.w3.org/2000/svg";
function marks(r, page) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 1000 1000");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const f of r.fields)
    for (const place of f.locations || []) {
      if (place.page !== page || !Array.isArray(place.polygon) || place.polygon.length < 3) continue;
      const points = place.polygon.filter((p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite));
      if (points.length < 3) continue;
      const polygon = document.createElementNS(SVG, "polygon");
      const inside = (v) => Math.round(1000 * Math.min(1, Math.max(0, v)) * 10) / 10;
      polygon.setAttribute("points", points.map((p) => inside(p[0]) + "," + inside(p[1])).join(" "));
      polygon.dataset.path = f.path;
      if (unsure(r, f.path)) polygon.classList.add("doubtful");
      polygon.addEventListener("mousedown", (e) => {
        e.preventDefault();
        goTo(f.path);
      });
      svg.append(polygon);
    }
  return svg;
}

/* The focused field's place is filled, and scrolled to. */
function light() {
  const path = focused() ? focused().dataset.path : null, viewer = $("viewer");
  let first = null;
  for (const p of $("sheet").querySelectorAll("polygon")) {
    const lit = p.dataset.path === path;
    p.classList.toggle("lit", lit);
    if (lit && !first) first = p;
  }
  if (!first) return;
  const box = first.getBoundingClientRect(), room = viewer.getBoundingClientRect();
  if (box.top < room.top + 20 || box.bottom > room.bottom - 20) viewer.scrollTop += box.top + box.height / 2 - room.top - room.height / 2;
  if (box.left < room.left + 20 || box.right > room.right - 20) viewer.scrollLeft += box.left + box.width / 2 - room.left - room.width / 2;
}

function lightOrTurn() {
  const r = current(), page = pageOfFocused();
  if (!r) return;
  if (page && page !== state.page) drawPage(r, page);
  else light();
}

function turn(by) {
  const r = current();
  if (!r) return;
  const page = Math.min(pageCount(r), Math.max(1, state.page + by));
  if (page !== state.page) drawPage(r, page);
}

function zoom(to) {
  state.zoom = Math.min(5, Math.max(0.25, to));
  sizeSheet();
  light();
}

/* -- the duplicate beside it -- */

async function drawBeside() {
  const box = $("other"), r = current(), reason = r && r.reasons.find((x) => x.of);
  box.hidden = !state.beside;
  if (!state.beside) return sizeSheet();
  box.replaceChildren(make("p", { class: "said" }, reason ? "…" : "This record duplicates none."));
  sizeSheet();
  if (!reason) return;
  try {
    const of = await record(reason.of), image = await picture(reason.of, firstPage(of)).then((i) => i.cloneNode(), (e) => make("p", { class: "said" }, "No picture: " + e.message));
    if (!state.beside || current() !== r) return;
    const known = new Map(r.fields.map((f) => [f.path, textOf(f.value)]));
    const rows = of.fields.filter((f) => !f.list && f.value !== null).map((f) => make("tr", null, make("th", { scope: "row" }, words(f.path)), make("td", { class: known.get(f.path) === textOf(f.value) ? "same" : null }, textOf(f.value))));
    if (image.tagName === "IMG") image.alt = "Page of " + of.file;
    box.replaceChildren(make("h2", null, "The older one: " + of.file), make("div", { class: "sheet" }, image), make("table", null, make("caption", { class: "unseen" }, "What was read in it; the same values are green"), make("tbody", null, ...rows)));
  } catch (e) {
    box.replaceChildren(make("p", { class: "said" }, e.message));
  }
}

/* ---- what is typed ---- */

let checkTimer = 0;
function typedIn(input) {
  const r = current(), f = fieldOf(input.dataset.path), mine = typedOf(r.record);
  if (input.value === textOf(f.value)) mine.delete(f.path);
  else mine.set(f.path, input.value);
  clearTimeout(checkTimer);
  checkTimer = setTimeout(check, CHECK_AFTER_MS);
}

/* Rows that are added come before what stands in them, rows that are taken away last; of those nothing else is said. */
function changesOf(r) {
  const order = ([path]) => (path[0] === "+" ? 0 : path[0] === "-" ? 2 : 1), fits = ([path]) => !r.byPath.has(path) || !isGone(r, r.byPath.get(path));
  return [...typedOf(r.record)].filter(fits).sort((a, b) => order(a) - order(b)).map(([path, value]) => ({ path, value }));
}

let checking = Promise.resolve();
function check() {
  clearTimeout(checkTimer);
  checkTimer = 0;
  const r = current();
  if (!r) return checking;
  const changes = changesOf(r);
  checking = checking.then(() => ask("/api/check", { record: r.record, version: r.version, corrections: changes, keep: true })).then((answer) => answer.json()).then((found) => {
    r.reasons = found.reasons;
    r.sums = found.sums;
    refused.set(r.record, new Map((found.refused || []).map((x) => [x.path, x.text])));
    if (current() === r) drawFindings(r);
  }).catch((e) => { if (current() === r) say(e.message); });
  return checking;
}

function undo(input) {
  const r = current(), f = fieldOf(input.dataset.path);
  if (f.cut) return;
  if (isGone(r, f)) return takeAway(f.list, f.row);
  input.value = textOf(f.read);
  typedIn(input);
  check();
  enter(input);
}

function leave(to) {
  if (checkTimer) check();
  show(to);
}

/* ---- what is decided ---- */

let deciding = Promise.resolve();
const DONE = { accept: "accepted", reject: "rejected", later: "put off" };

function decide(action) {
  const r = current();
  if (!r) return;
  const at = state.at, item = state.list[at], changes = action === "accept" ? changesOf(r) : [];
  if (action === "accept" && (refused.get(r.record) || new Map()).size) {
    const [path, text] = [...refused.get(r.record)][0];
    say(words(path) + ": " + text);
    return goTo(path);
  }
  clearTimeout(checkTimer);
  checkTimer = 0;
  item.settled = DONE[action];
  show(nextOpen(at));
  deciding = deciding.then(() => checking).then(() => ask("/api/decide", { record: r.record, version: r.version, action, corrections: changes, note: "" })).then(() => {
    typed.delete(r.record);
    records.delete(r.record);
    state.decided.push(at);
    document.body.dataset.decided = String(state.decided.length);
  }).catch((e) => comeBack(at, e));
}

/* A decision wasn't taken: back to it, with the reason. */
async function comeBack(at, e) {
  const item = state.list[at];
  item.settled = null;
  if (e.status === 409 && e.answer && e.answer.status && e.answer.status !== "review") item.settled = e.answer.status;
  await show(at, { anew: e.status !== 0, keepBanner: true });
  say(e.status === 409 ? "Not taken: meanwhile this record became another (" + ((e.answer && e.answer.status) || "changed") + "). Here it is as it is now." : "Not taken: " + e.message);
}

/* A new entry in the audit trail; what was typed then is a correction now, and shows as such. */
async function takeBack() {
  await deciding;
  const at = state.decided.pop();
  if (at === undefined) return say("There is no decision of this page to take back.");
  const key = state.list[at].record;
  try {
    const r = await record(key, true);
    await ask("/api/decide", { record: key, version: r.version, action: "reopen", corrections: [], note: "" });
    state.list[at].settled = null;
    await show(at, { anew: true, keepBanner: true });
    say("The last decision is taken back.", true);
  } catch (e) {
    say("Not taken back: " + e.message);
  }
}

/* ---- keys ---- */

const KEYS = [
  ["Enter", "the next unsure field; after the last one the next record, leaving this one open"],
  ["Tab, Shift+Tab", "the next field, the one before"],
  ["Esc", "this field as Mindee read it"],
  ["Ctrl+Enter", "accept, with what was corrected, and the next record"],
  ["Ctrl+Delete", "reject: it isn't to be booked"],
  ["Ctrl+→", "later"],
  ["Ctrl+↑", "the record before"],
  ["Ctrl+Z", "take the last decision back"],
  ["Ctrl+D", "the older one of a duplicate beside it"],
  ["PgUp, PgDn", "the page before, the next page"],
  ["Alt +, Alt −, Alt 0", "larger, smaller, fit to the window"],
  ["Shift+Enter", "a new line, in a long text"],
  ["Alt+Enter", "one more line in this list, as an invoice's lines or taxes are"],
  ["Alt+Delete", "take this line away; once more, and it is back"],
  ["?", "all keys"],
  ["/", "find a record"],
];

function openHelp() {
  $("help-keys").replaceChildren(...KEYS.map(([key, text]) => make("tr", null, make("th", { scope: "row" }, ...key.split(", ").flatMap((k, i) => [i ? " " : "", make("kbd", null, k)])), make("td", null, text))));
  openDialog($("help"));
}

function openDialog(dialog) {
  const back = focused();
  dialog.addEventListener("close", () => back && document.contains(back) && enter(back), { once: true });
  dialog.showModal();
}

function openFind() {
  $("find-word").value = "";
  drawFound();
  openDialog($("find"));
  $("find-word").focus();
}

function drawFound() {
  const word = $("find-word").value.trim().toLowerCase();
  const fits = (x) => [x.file, x.supplier, x.number, x.total, ...x.reasons.map((y) => y.code)].join(" ").toLowerCase().includes(word);
  const found = state.list.map((item, at) => [item, at]).filter(([item]) => fits(item)).slice(0, 50);
  $("found").replaceChildren(...found.map(([item, at], i) => {
    const button = make("button", { type: "button", "aria-current": i === 0 ? "true" : null }, item.file, make("small", null, [item.supplier, item.number, item.settled, ...new Set(item.reasons.map((x) => x.code))].filter(Boolean).join(" · ")));
    button.addEventListener("click", () => {
      $("find").close();
      leave(at);
    });
    return make("li", null, button);
  }));
}

function moveFound(by) {
  const all = [...$("found").querySelectorAll("button")], here = all.findIndex((b) => b.getAttribute("aria-current"));
  const next = all[here + by];
  if (!next) return;
  all[here].removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  next.scrollIntoView({ block: "nearest" });
}

/* The decision's keys; true: it was one. */
function controlKey(e) {
  const input = focused();
  if (e.key === "Enter") decide("accept");
  else if (e.key === "Delete") decide("reject");
  else if (e.key === "ArrowRight") decide("later");
  else if (e.key === "ArrowUp") leave(Math.max(0, (state.at < 0 ? state.list.length : state.at) - 1));
  else if (e.key === "d" || e.key === "D") {
    state.beside = !state.beside;
    drawBeside();
  } else if ((e.key === "z" || e.key === "Z") && !(input && input.dataset.touched)) takeBack();
  else return false;
  return true;
}

function plainKey(e) {
  const input = focused(), text = input && !state.fresh;
  if (e.altKey && e.key === "Enter") addRowHere();
  else if (e.altKey && e.key === "Delete") takeAwayHere();
  else if (e.key === "PageDown") turn(1);
  else if (e.key === "PageUp") turn(-1);
  else if (e.altKey && (e.key === "+" || e.key === "=")) zoom(state.zoom * 1.25);
  else if (e.altKey && (e.key === "-" || e.key === "−")) zoom(state.zoom / 1.25);
  else if (e.altKey && e.key === "0") zoom(1);
  else if (e.key === "?" && !text) openHelp();
  else if (e.key === "/" && !text) openFind();
  else if (!input && e.key === "+") zoom(state.zoom * 1.25);
  else if (!input && e.key === "-") zoom(state.zoom / 1.25);
  else if (!input && e.key === "0") zoom(1);
  else if (input && e.key === "Escape") undo(input);
  else if (e.key === "Enter" && current() && !e.shiftKey && (input || e.target === $("viewer") || e.target === document.body)) nextUnsure();
  else return false;
  return true;
}

document.addEventListener("keydown", (e) => {
  if ($("help").open || $("find").open || e.isComposing) return;
  const taken = e.ctrlKey && !e.altKey && !e.metaKey ? controlKey(e) : !e.ctrlKey && !e.metaKey && plainKey(e);
  if (taken) e.preventDefault();
  else if (!["Tab", "Shift", "Control", "Alt", "Meta"].includes(e.key)) state.fresh = false;
});
document.addEventListener("focusin", (e) => {
  if (!e.target.dataset || !e.target.dataset.path) return;
  state.fresh = true;
  delete e.target.dataset.touched;
  lightOrTurn();
});
$("fields").addEventListener("mousedown", () => { setTimeout(() => { state.fresh = false; }); });
$("fields").addEventListener("input", (e) => {
  if (!e.target.dataset.path) return;
  e.target.dataset.touched = "yes";
  state.fresh = false;
  typedIn(e.target);
});
$("fields").addEventListener("change", (e) => { if (e.target.dataset.path && checkTimer) check(); });
$("accept").addEventListener("click", () => decide("accept"));
$("reject").addEventListener("click", () => decide("reject"));
$("later").addEventListener("click", () => decide("later"));
$("smaller").addEventListener("click", () => zoom(state.zoom / 1.25));
$("larger").addEventListener("click", () => zoom(state.zoom * 1.25));
$("fit").addEventListener("click", () => zoom(1));
$("keys").addEventListener("click", openHelp);
$("help-close").addEventListener("click", () => $("help").close());
$("find-word").addEventListener("input", drawFound);
$("find").addEventListener("keydown", (e) => {
  if (e.key === "ArrowDown") moveFound(1);
  else if (e.key === "ArrowUp") moveFound(-1);
  else if (e.key === "Enter") {
    const chosen = $("found").querySelector("[aria-current]");
    if (chosen) chosen.click();
  } else return;
  e.preventDefault();
  e.stopPropagation(); /* it was the dialog's, which may be closed now */
});
window.addEventListener("resize", () => sizeSheet());

async function begin() {
  try {
    const list = await (await ask("/api/list")).json();
    state.list = list.records;
    state.started = state.list.length;
    show(nextOpen(-1));
  } catch (e) {
    blank(e.status === 401 ? "This page needs the whole address that `review serve` printed: open that." : e.message, true);
  }
}
begin();
