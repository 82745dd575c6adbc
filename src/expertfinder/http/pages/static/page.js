// Shows what may be meant as one types, and the answer once one asks. Everything works without it: the form is an
// ordinary form.
// In another language the page brings the words of this file as data of its body.
const worded = (name, english) => document.body.dataset[name] || english;

// The language is chosen for what is shown, which may be newer than the page.
document.querySelector(".languages")?.addEventListener("submit", (event) => {
  event.target.elements.to.value = location.pathname + location.search;
});

// On a phone the menu is wider than the screen: where one is, is seen.
document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

(() => {
  "use strict";
  const form = document.getElementById("ask");
  const answer = document.getElementById("answer");
  const status = document.getElementById("status");
  const suggestions = document.getElementById("suggestions");
  if (!form || !answer || !status || !suggestions) return;

  const PAUSE = 250; // milliseconds between the last key and the suggestions: shorter asks half words
  const AWAY = worded("away", "The service does not answer. Try again in a moment.");
  let timer = 0;
  let running = null;
  let suggesting = null;

  const asked = () => {
    const parameters = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) parameters.append(name, value.trim());
    const eyes = parameters.get("as"); // the question stands first in the address
    parameters.delete("as");
    if (eyes) parameters.append("as", eyes);
    return parameters.toString();
  };

  let last = asked();

  const refresh = async () => {
    const parameters = asked();
    if (parameters === last) return;
    last = parameters;
    if (running) running.abort();
    const mine = (running = new AbortController());
    answer.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(`/answer?${parameters}`, { signal: mine.signal });
      if (response.status >= 500) throw new Error("away");
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      answer.replaceChildren(...page.body.childNodes);
      const section = answer.querySelector("[data-summary]");
      status.textContent = section ? section.dataset.summary : "";
      const q = form.elements.q.value.trim();
      form.classList.toggle("asked", Boolean(q));
      document.title = q ? `${q} – expertfinder` : "expertfinder";
      history.replaceState(null, "", parameters ? `/?${parameters}` : "/");
    } catch (error) {
      if (error.name === "AbortError") return;
      last = ""; // the next try asks again
      status.textContent = AWAY;
      const alert = Object.assign(document.createElement("p"), { className: "alert", textContent: AWAY });
      answer.replaceChildren(alert); // the answer to another question does not stay under this one
    } finally {
      if (running === mine) answer.removeAttribute("aria-busy");
    }
  };

  // While one types there is no verdict, only what may be meant.
  const quiet = () => {
    clearTimeout(timer);
    if (suggesting) suggesting.abort();
    suggestions.replaceChildren();
  };

  const suggest = async () => {
    const mine = (suggesting = new AbortController());
    const parameters = new URLSearchParams({ q: form.elements.q.value.trim() });
    if (form.elements.as?.value) parameters.set("as", form.elements.as?.value);
    try {
      const response = await fetch(`/suggest?${parameters}`, { signal: mine.signal });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (mine.signal.aborted) return;
      suggestions.replaceChildren(...page.body.childNodes);
      const found = suggestions.querySelector("[data-count]");
      status.textContent = found ? `${worded("suggestions", "Suggestions")}: ${found.dataset.count}` : "";
    } catch {
      // without suggestions one goes on typing
    }
  };

  const later = () => {
    quiet();
    timer = setTimeout(suggest, PAUSE);
  };
  form.elements.q.addEventListener("input", (event) => {
    if (!event.isComposing) later();
  });
  form.elements.q.addEventListener("compositionend", later);
  form.elements.q.addEventListener("keydown", (event) => {
    if (event.key === "Escape") quiet();
    const first = event.key === "ArrowDown" && suggestions.querySelector("a");
    if (!first) return;
    event.preventDefault();
    first.focus();
  });
  suggestions.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") quiet();
    if (event.key !== "Escape" && !step) return;
    event.preventDefault();
    const all = [...suggestions.querySelectorAll("a")];
    const next = step ? all[all.indexOf(document.activeElement) + step] : null;
    (next || form.elements.q).focus();
  });
  // A filter is whole when it is left; it narrows what was asked.
  form.addEventListener("change", (event) => {
    if (event.target === form.elements.q || event.target === form.elements.as) return;
    event.target.parentElement.classList.toggle("chosen", Boolean(event.target.value));
    if (form.elements.q.value.trim()) refresh();
  });
  // Other eyes change every link of the page, so the page is asked for anew.
  form.elements.as?.addEventListener("change", () => form.submit());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    quiet();
    refresh();
  });
})();

// Whether somebody helped, in the name of whoever has a key. Without a script there are no such buttons: a form cannot
// present a key, and nothing else says who somebody is.
(() => {
  "use strict";
  const answer = document.getElementById("answer");
  const dialog = document.getElementById("own-name");
  const field = document.getElementById("own-key");
  if (!answer || !dialog || !field) return;
  document.documentElement.classList.add("scripted");

  let key = ""; // nowhere else: neither a cookie nor a store of the browser has it
  let waiting = null;

  const said = async (button) => {
    const group = button.closest(".helped");
    const told = group.querySelector(".told");
    const body = {
      text: button.closest("[data-asked]").dataset.asked,
      subject: group.dataset.subject,
      helpful: button.dataset.helpful === "true",
    };
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
    try {
      const response = await fetch("/v1/feedback", { method: "POST", headers, body: JSON.stringify(body) });
      if (response.ok) {
        for (const one of group.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === button));
        told.textContent = worded("thanks", "Thank you, that is kept.");
        return;
      }
      if (response.status === 401 || response.status === 403) key = ""; // ask for another one
      told.textContent = `${worded("refused", "Not kept")}: ${(await response.json()).detail}`;
    } catch {
      told.textContent = worded("lost", "Not kept: the service does not answer, or this is no key.");
      key = "";
    }
  };

  answer.addEventListener("click", (event) => {
    const button = event.target.closest(".helped button");
    if (!button) return;
    button.closest(".helped").querySelector(".told").textContent = "";
    if (key) {
      said(button);
      return;
    }
    waiting = button;
    dialog.returnValue = "";
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    key = dialog.returnValue === "say" ? field.value.trim() : "";
    field.value = "";
    if (key && waiting) said(waiting);
    waiting = null;
  });
})();

// Links that are copied instead of followed. Without a script they are followed.
if (navigator.clipboard) document.documentElement.classList.add("copies");
document.addEventListener("click", async (event) => {
  const chosen = event.target.closest("[data-copy]");
  if (!chosen || !navigator.clipboard) return;
  event.preventDefault();
  await navigator.clipboard.writeText(chosen.href || location.href);
  const copied = worded("copied", "Link copied");
  const told = document.getElementById("status");
  if (told) told.textContent = copied;
  chosen.lastChild.textContent = copied; // seen where one has just pressed
});

// Why somebody is in an answer, below the row. Without a script it is a page of its own.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-why]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const row = link.closest(".row");
  const shown = row.querySelector(".because-shown");
  if (shown) {
    shown.hidden = !shown.hidden;
    link.setAttribute("aria-expanded", String(!shown.hidden));
    return;
  }
  if (row.hasAttribute("aria-busy")) return;
  row.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`${link.href}&part=1`);
    if (!response.ok) throw new Error("away");
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    row.append(...page.body.children);
    link.setAttribute("aria-expanded", "true");
  } catch {
    location.assign(link.href);
  } finally {
    row.removeAttribute("aria-busy");
  }
});
