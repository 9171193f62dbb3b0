// The key is in the fragment of the address, which the browser keeps to itself; it is sent as a Bearer key only.
"use strict";

const key = location.hash.slice(1);
history.replaceState(null, "", location.pathname);  // the key stays in no address bar and no history
window.addEventListener("hashchange", () => location.reload());  // a link that is opened where the page is open already
const found = (id) => document.getElementById(id);
const spaced = (word) => word.replaceAll("_", " ");
const KINDS = { acknowledged: "acknowledged", committed: "committed", evidence_sent: "evidence sent" };
const STANDING = {
  joined: "This is the same need as another ask of the group. It is answered there; an answer here counts for both.",
  settled: "The group has settled this ask. It takes no answer any more.",
  withdrawn: "The group has withdrawn this ask. It takes no answer any more.",
  closed: "The group has ended its engagement. This ask takes no answer any more.",
};

class Refused extends Error {}

async function call(path, more = {}) {
  const headers = { authorization: `Bearer ${key}`, ...more.headers };
  const options = { ...more, headers, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused("There is no connection. Nothing is lost: try again.");
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  if (answer.status === 401) throw new Refused("This link has ended, or is not complete. Ask the working group for a new one.");
  if (answer.status === 429) throw new Refused("That was too often. Wait a little, then try again.");
  const faults = (told.errors || []).map((one) => `${spaced(one.pointer.slice(1))}: ${one.remedy || spaced(one.code)}`);
  throw new Refused([told.detail || `Not done (${answer.status}).`, ...faults].join("\n"));
}

function describe(list, name, value) {
  if (!value) return;
  const term = document.createElement("dt");
  const fact = document.createElement("dd");
  term.textContent = name;
  fact.textContent = value;
  list.append(term, fact);
}

function saidOf(one) {
  const parts = [`${one.answered}: ${KINDS[one.answer] || spaced(one.answer)}`];
  if (!one.taken) parts.push("not taken: ask the working group why");
  if (one.wording) parts.push(one.wording);
  if (one.measure) parts.push(`Test: ${one.measure}`);
  if (one.responsible) parts.push(`By: ${one.responsible}`);
  if (one.due) parts.push(`Until: ${one.due}`);
  for (const file of one.evidence) parts.push(file.uri);
  return parts.join(" – ");
}

function show(ask) {
  const card = found("ask").content.cloneNode(true).firstElementChild;
  const title = card.querySelector("h2");
  title.textContent = `Asked on ${ask.asked}${ask.due ? `, due on ${ask.due}` : ""}`;
  title.id = `ask-${ask.ask}`;
  card.setAttribute("aria-labelledby", title.id);
  card.querySelector(".wording").textContent = ask.wording;
  const facts = card.querySelector("dl");
  describe(facts, "About", spaced(ask.category));
  describe(facts, "Standards", ask.instruments.join(", "));
  describe(facts, "Clause", ask.clause && Object.values(ask.clause).filter(Boolean).join(", "));
  describe(facts, "Sites", ask.sites.join(", "));
  describe(facts, "Standing", STANDING[ask.standing]);
  showAnswers(card, ask);
  if (ask.standing === "open" || ask.standing === "joined") prepare(card.querySelector("form"), ask);
  return card;
}

function showAnswers(card, ask) {
  const section = card.querySelector(".answered");
  section.hidden = ask.answers.length === 0;
  const list = section.querySelector("ul");
  const older = ask.older_answers ? [`and ${ask.older_answers} earlier`] : [];
  for (const said of [...older, ...ask.answers.map(saidOf)]) {
    const line = document.createElement("li");
    line.textContent = said;
    list.append(line);
  }
}

function prepare(form, ask) {
  form.hidden = false;
  const choice = form.elements.commitment;
  for (const one of ask.answers.filter((given) => given.answer === "committed" && given.taken)) {
    choice.append(new Option(one.wording.slice(0, 80), one.entry));
  }
  const files = form.querySelector(".files");
  const add = () => files.append(fileFields());
  add();
  form.querySelector(".more").addEventListener("click", add);
  form.addEventListener("change", () => {
    for (const part of form.querySelectorAll(".of")) part.hidden = !part.classList.contains(form.elements.answer.value);
  });
  let attempt = newId();  // one for what the form says now: sent again after a lost answer, it counts once
  form.addEventListener("input", () => {
    attempt = newId();
    form.querySelector(".fault").textContent = "";
  });
  form.addEventListener("submit", (happening) => {
    happening.preventDefault();
    send(form, ask, attempt);
  });
}

function fileFields() {
  const fields = found("file").content.cloneNode(true).firstElementChild;
  const one = (name) => fields.querySelector(`[name=${name}]`);
  one("copy").addEventListener("change", async () => {
    const file = one("copy").files[0];
    if (!file || !crypto.subtle) return;
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    one("sha256").value = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (file.type) one("media_type").value = file.type;
  });
  return fields;
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function written(form) {
  const answer = form.elements.answer.value;
  const part = form.querySelector(`.of.${answer}`);
  const wrong = part && Array.from(part.querySelectorAll("input, textarea")).find((field) => !field.checkValidity());
  if (wrong) {
    wrong.focus();
    throw new Refused(`${wrong.closest("label").firstChild.textContent.trim()}: ${wrong.validationMessage}`);
  }
  const given = (name) => form.elements[name].value.replace(/\s+/g, " ").trim() || undefined;  // one paragraph
  if (answer === "committed") {
    const [wording, measure, responsible, due] = ["wording", "measure", "responsible", "due"].map(given);
    return { answer, wording, measure, responsible, due };
  }
  if (answer === "evidence_sent") {
    const value = (item, name) => item.querySelector(`[name=${name}]`).value.trim();
    const evidence = Array.from(form.querySelectorAll(".files li"), (item) => ({
      uri: value(item, "uri"), sha256: value(item, "sha256"), media_type: value(item, "media_type"),
    }));
    return { answer, evidence, commitment: given("commitment") };
  }
  return { answer };
}

async function send(form, ask, attempt) {
  const fault = form.querySelector(".fault");
  const button = form.querySelector("[type=submit]");
  fault.textContent = "";
  button.disabled = true;
  try {
    const headers = { "content-type": "application/json", "idempotency-key": attempt };
    await call(`asks/${ask.ask}/answers`, { method: "POST", headers, body: JSON.stringify(written(form)) });
    await renew(form.closest("article"), ask.ask);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    fault.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

async function renew(card, ask) {
  const told = await everything();
  const fresh = told.asks.filter((one) => one.ask === ask).map(show);  // the others may be half written
  card.replaceWith(...fresh);
  found("note").textContent = "Your answer was sent to the working group. It does not by itself verify what it says.";
  found("note").focus();
}

async function everything() {
  const told = await call("asks");
  for (let next = told.next; next;) {
    const more = await call(`asks${next.slice(next.indexOf("?"))}`);
    told.asks.push(...more.asks);
    next = more.next;
  }
  return told;
}

async function read() {
  const told = await everything();
  const asks = told.workinggroup ? `The working group ${told.workinggroup} asks` : "For";
  found("who").textContent = `${asks} ${told.supplier} (${told.label}). `
    + `This link answers until ${told.expires.slice(0, 10)}. Whoever has it can answer: pass it on with care.`;
  const open = (ask) => Number(ask.standing === "open");
  found("asks").replaceChildren(...told.asks.sort((one, other) => open(other) - open(one)).map(show));
  found("note").textContent = told.asks.length ? "" : "Nothing is asked of you at the moment.";
}

async function start() {
  if (!key) {
    found("note").textContent = "Open this page by the link that you were given, whole, with what follows the #.";
    return;
  }
  try {
    await read();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    found("note").textContent = error.message;
  }
}

start();
