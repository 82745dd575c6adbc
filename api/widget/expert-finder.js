/* <expert-finder>: people to ask, in a page of your intranet. One file without dependencies; docs/widget.md describes it.
   Everything that others wrote is put into the page as text nodes. Nothing is stored, and nothing is loaded but the API. */
(() => {
  "use strict";
  if (customElements.get("expert-finder")) return;

  const MODES = ["experts", "meet", "communities", "champions", "person"];
  const MOST_CONTEXT = 200; // characters of the page that are sent at most
  const TYPING_PAUSE = 250; // milliseconds without a key before suggestions are asked for
  const SHORTEST = 2; // letters from which there are suggestions
  const MOST_ROWS = 10;

  const WORDS = {
    en: {
      label: { experts: "Who knows about this?", communities: "Find a community", champions: "Champions for a topic", person: "Find a person" },
      title: { experts: "People to ask", meet: "People to meet", communities: "Communities", champions: "Suggested champions", person: "Person" },
      ask: "Search", loading: "Loading …", why: "Why?", helpful: "Helpful", thanks: "Thank you", hide: "Hide", again: "Try again",
      none: "No clear expert found", nothing: "Nothing found", expired: "Your sign-in has expired.", refused: "You may not ask this here.",
      away: "The expert finder cannot be reached just now.", busy: "Too many requests. Try again in a moment.", wrong: "The expert finder is not set up correctly on this page.",
      context: "Asked with up to 200 characters of this page.", members: (n) => `${n} members`, reach: (a, b) => `Together they reach ${a} of ${b} people.`,
      found: { one: "{n} result", other: "{n} results" }, suggestions: { one: "{n} suggestion", other: "{n} suggestions" },
      kinds: { person: "Person", topic: "Topic", community: "Community", unit: "Unit" }, last: "last on {d}", note: "A starting point for a conversation, not a rating.",
      sure: { high: "Strong evidence", medium: "Some evidence", low: "Little evidence" },
    },
    de: {
      label: { experts: "Wer kennt sich damit aus?", communities: "Community finden", champions: "Champions für ein Thema", person: "Person finden" },
      title: { experts: "Ansprechpersonen", meet: "Menschen zum Kennenlernen", communities: "Communities", champions: "Vorgeschlagene Champions", person: "Person" },
      ask: "Suchen", loading: "Wird geladen …", why: "Warum?", helpful: "Hilfreich", thanks: "Danke", hide: "Ausblenden", again: "Erneut versuchen",
      none: "Keine eindeutige Expertin, kein eindeutiger Experte gefunden", nothing: "Nichts gefunden", expired: "Die Anmeldung ist abgelaufen.", refused: "Diese Frage ist hier nicht erlaubt.",
      away: "Die Expertensuche ist gerade nicht erreichbar.", busy: "Zu viele Anfragen. Bitte gleich noch einmal versuchen.", wrong: "Die Expertensuche ist auf dieser Seite nicht richtig eingerichtet.",
      context: "Gefragt mit bis zu 200 Zeichen dieser Seite.", members: (n) => `${n} Mitglieder`, reach: (a, b) => `Zusammen erreichen sie ${a} von ${b} Menschen.`,
      found: { one: "{n} Treffer", other: "{n} Treffer" }, suggestions: { one: "{n} Vorschlag", other: "{n} Vorschläge" },
      kinds: { person: "Person", topic: "Thema", community: "Community", unit: "Einheit" }, last: "zuletzt am {d}", note: "Ein Einstieg ins Gespräch, keine Bewertung.",
      sure: { high: "Viele Belege", medium: "Einige Belege", low: "Wenige Belege" },
    },
    fr: {
      label: { experts: "Qui s’y connaît ?", communities: "Trouver une communauté", champions: "Ambassadeurs pour un sujet", person: "Trouver une personne" },
      title: { experts: "À qui demander", meet: "Personnes à rencontrer", communities: "Communautés", champions: "Ambassadeurs proposés", person: "Personne" },
      ask: "Chercher", loading: "Chargement …", why: "Pourquoi ?", helpful: "Utile", thanks: "Merci", hide: "Masquer", again: "Réessayer",
      none: "Aucun expert ne se distingue", nothing: "Aucun résultat", expired: "Votre session a expiré.", refused: "Cette question n’est pas permise ici.",
      away: "La recherche d’experts est injoignable pour le moment.", busy: "Trop de demandes. Réessayez dans un instant.", wrong: "La recherche d’experts est mal configurée sur cette page.",
      context: "Demandé avec 200 caractères au plus de cette page.", members: (n) => `${n} membres`, reach: (a, b) => `Ensemble, ils touchent ${a} personnes sur ${b}.`,
      found: { one: "{n} résultat", other: "{n} résultats" }, suggestions: { one: "{n} suggestion", other: "{n} suggestions" },
      kinds: { person: "Personne", topic: "Sujet", community: "Communauté", unit: "Unité" }, last: "dernière fois le {d}", note: "Un point de départ pour en parler, pas une évaluation.",
      sure: { high: "Preuves solides", medium: "Quelques preuves", low: "Peu de preuves" },
    },
  };

  const REASONS = "recommendations.reasons.value,recommendations.reasons.text,recommendations.reasons.citations.title,recommendations.reasons.citations.url,recommendations.reasons.citations.at";
  const PERSON = "subject.id,recommendations.subject.name,recommendations.subject.title,recommendations.subject.org_unit,recommendations.subject.location";
  const FIELDS = {
    experts: `abstained,notes,named,communities.subject.id,communities.subject.name,communities.subject.description,communities.subject.size,recommendations.confidence,recommendations.caveat,recommendations.${PERSON},${REASONS}`,
    communities: `abstained,notes,communities.id,communities.name,communities.description,communities.size,recommendations.subject.id,recommendations.subject.name,recommendations.subject.description,recommendations.subject.size,${REASONS}`,
    champions: `abstained,notes,people,reached,recommendations.${PERSON},${REASONS}`,
    meet: "people." + `abstained,notes,recommendations.${PERSON},${REASONS}`.split(",").join(",people."),
    person: "id,name,title,org_unit,location,bio,skills",
    people: "people.id,people.name,people.title,people.org_unit,people.location",
    suggest: "suggestions",
  };

  const SHEET = new CSSStyleSheet();
  SHEET.replaceSync(`
    :host { display: block !important; box-sizing: border-box; text-align: start; color-scheme: light;
      --ink: var(--ef-ink, #1c2024); --soft: var(--ef-soft, #596068); --paper: var(--ef-paper, #fff); --line: var(--ef-line, #e2dfd7);
      --field: var(--ef-field, #8a8f94); --accent: var(--ef-accent, #0b6e5c); --tint: var(--ef-tint, #e6f1ee); --on: var(--ef-on-accent, #fff);
      --round: var(--ef-radius, 12px); --type: var(--ef-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif); }
    :host([hidden]) { display: none !important; }
    :host([theme="dark"]) { color-scheme: dark;
      --ink: var(--ef-ink, #e9e7e2); --soft: var(--ef-soft, #a5acb3); --paper: var(--ef-paper, #1b1f22); --line: var(--ef-line, #30363b);
      --field: var(--ef-field, #7d858c); --accent: var(--ef-accent, #5fd0b8); --tint: var(--ef-tint, #1d312d); --on: var(--ef-on-accent, #0b1614); }
    @media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { color-scheme: dark;
      --ink: var(--ef-ink, #e9e7e2); --soft: var(--ef-soft, #a5acb3); --paper: var(--ef-paper, #1b1f22); --line: var(--ef-line, #30363b);
      --field: var(--ef-field, #7d858c); --accent: var(--ef-accent, #5fd0b8); --tint: var(--ef-tint, #1d312d); --on: var(--ef-on-accent, #0b1614); } }
    *, *::before, *::after { box-sizing: border-box; }
    section { display: block; padding: 1rem; border: 1px solid var(--line); border-radius: var(--round); background: var(--paper); color: var(--ink);
      font: 400 1rem/1.5 var(--type); letter-spacing: normal; text-transform: none; overflow-wrap: anywhere; }
    h2 { margin: 0 0 .6rem; font-size: 1.0625rem; line-height: 1.3; font-weight: 650; }
    p, ul, ol { margin: 0; padding: 0; }
    ul, ol { list-style: none; }
    form { position: relative; margin-block-end: .75rem; }
    label { display: block; margin-block-end: .25rem; font-size: .875rem; color: var(--soft); }
    .line { display: flex; gap: .5rem; }
    input { flex: 1; min-width: 0; padding: .45rem .65rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--field); border-radius: 8px; }
    button, a { font: inherit; }
    button { min-height: 24px; padding: .2rem .6rem; color: var(--accent); background: none; border: 1px solid var(--field); border-radius: 8px; cursor: pointer; }
    button.go { padding: .45rem .9rem; background: var(--accent); border-color: var(--accent); color: var(--on); font-weight: 600; }
    button[disabled] { cursor: default; color: var(--soft); border-color: transparent; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    [tabindex="-1"]:focus { outline: none; }
    [role="listbox"] { position: absolute; inset-inline: 0; z-index: 2; margin-block-start: .25rem; padding: .25rem; background: var(--paper); border: 1px solid var(--field); border-radius: 8px; max-height: 18rem; overflow: auto; }
    [role="listbox"]:empty { display: none; }
    [role="option"] { display: flex; justify-content: space-between; gap: 1rem; padding: .35rem .5rem; min-height: 24px; border-radius: 6px; cursor: pointer; }
    [role="option"][aria-selected="true"] { background: var(--tint); outline: 2px solid var(--accent); outline-offset: -2px; }
    .soft { color: var(--soft); font-size: .875rem; }
    .row { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .15rem .75rem; padding-block: .75rem; border-block-start: 1px solid var(--line); }
    .mark { grid-row: 1 / span 3; width: 2.5rem; height: 2.5rem; display: grid; place-items: center; border-radius: 50%; background: var(--tint); color: var(--accent); font-weight: 650; font-size: .875rem; border: 1px solid transparent; }
    .name { justify-self: start; padding: 0; border: 0; border-radius: 4px; color: var(--ink); font-weight: 650; text-align: start; text-decoration: underline; text-decoration-color: var(--field); text-underline-offset: .2em; }
    .body { grid-column: 2; }
    .sure { color: var(--accent); font-size: .875rem; font-weight: 600; }
    .acts { display: flex; flex-wrap: wrap; gap: .4rem; margin-block-start: .4rem; font-size: .875rem; }
    .why { margin-block-start: .5rem; padding-inline-start: 1rem; list-style: disc; font-size: .875rem; }
    .why a { color: var(--accent); }
    .bad { padding: .6rem .75rem; border-inline-start: 4px solid var(--accent); background: var(--tint); }
    .bad button { margin-block-start: .4rem; background: var(--paper); }
    .unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @media (forced-colors: active) {
      [role="option"][aria-selected="true"] { background: Highlight; color: HighlightText; forced-color-adjust: none; }
      [role="option"][aria-selected="true"] .soft { color: HighlightText; }
      .mark { border-color: CanvasText; }
    }
    @media print { form, .acts { display: none; } }
  `);

  /** An element with attributes and children; a string becomes a text node, nothing is ever parsed. */
  function make(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (typeof value === "function") element.addEventListener(key, value);
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : String(value));
    }
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  }

  /** Text of others in its own direction. */
  const said = (text, name = "span", attributes = {}) => make(name, { dir: "auto", ...attributes }, String(text ?? ""));

  /** The base of the API: https, or http of this machine. Null for anything else. */
  function baseOf(text) {
    try {
      const url = new URL(text);
      const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
      if (url.username || url.password || !(url.protocol === "https:" || (url.protocol === "http:" && local))) return null;
      return url.origin + url.pathname.replace(/\/+$/, "");
    } catch {
      return null;
    }
  }

  /** A link that may be followed: http and https only, whatever a record says. */
  function linkOf(text) {
    try {
      const url = new URL(text);
      return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
    } catch {
      return null;
    }
  }

  class Refused extends Error {
    constructor(status, type) {
      super(type);
      this.status = status;
      this.type = type;
    }
  }

  class ExpertFinder extends HTMLElement {
    static observedAttributes = ["mode", "query", "context", "limit", "lang", "theme"];
    #base; #provider; #root; #parts = {}; #asked = null; #turn = 0; #timer = 0; #active = -1; #busy = null; #due = false;

    constructor() {
      super();
      this.#root = this.attachShadow({ mode: "open" });
      this.#root.adoptedStyleSheets = [SHEET];
    }

    /** `async ({expired}) => token`: called for each request; an empty text sends no token. */
    get tokenProvider() { return this.#provider; }
    set tokenProvider(provider) {
      this.#provider = typeof provider === "function" ? provider : undefined;
      this.#soon();
    }

    connectedCallback() {
      if (Object.hasOwn(this, "tokenProvider")) { // set before the script had come
        const early = this.tokenProvider;
        delete this.tokenProvider;
        this.#provider = early;
      }
      // Fixed now: whoever changes the attribute later gets no token.
      if (this.#base === undefined) this.#base = baseOf(this.getAttribute("endpoint"));
      this.#soon();
    }

    disconnectedCallback() {
      this.#turn += 1;
      this.#busy?.abort();
      clearTimeout(this.#timer);
    }

    attributeChangedCallback(name, old, value) {
      if (old === value) return;
      if (name === "query" || name === "mode") this.#asked = null;
      this.#soon();
    }

    /** Draw and ask once, after all that the host says in one go. */
    #soon() {
      if (this.#due) return;
      this.#due = true;
      queueMicrotask(() => {
        this.#due = false;
        if (this.isConnected && this.#base !== undefined) this.#start();
      });
    }

    get #mode() { const mode = this.getAttribute("mode") || "experts"; return MODES.includes(mode) ? mode : "experts"; }
    get #limit() { return Math.min(Math.max(Number.parseInt(this.getAttribute("limit"), 10) || 3, 1), MOST_ROWS); }
    get #lang() {
      const given = this.getAttribute("lang") || this.parentElement?.closest("[lang]")?.lang || navigator.language || "en";
      const short = given.toLowerCase().split("-")[0];
      return Object.hasOwn(WORDS, short) ? short : "en";
    }
    get #words() { return WORDS[this.#lang]; }
    #count(forms, number) { return forms[new Intl.PluralRules(this.#lang).select(number) === "one" ? "one" : "other"].replace("{n}", new Intl.NumberFormat(this.#lang).format(number)); }

    /** At most 200 characters of the page: of the element that the attribute names, or title and description. */
    #context() {
      const where = this.getAttribute("context");
      if (!where) return "";
      let text = "";
      if (where === "auto") text = `${document.title} ${document.querySelector('meta[name="description"]')?.content ?? ""}`;
      else { try { text = document.querySelector(where)?.textContent ?? ""; } catch { text = ""; } }
      return Array.from(text.replace(/\s+/gu, " ").trim()).slice(0, MOST_CONTEXT).join("");
    }

    // --- asking ---

    async #fetch(path, { query = {}, body = null, signal } = {}) {
      const url = new URL(this.#base + path);
      for (const [name, value] of Object.entries(query)) if (value !== "" && value !== null && value !== undefined) url.searchParams.set(name, value);
      for (const expired of [false, true]) {
        let token = "";
        try { token = String((await this.#provider({ expired })) ?? ""); } catch { throw new Refused(401, "no-token"); }
        const headers = {};
        if (token) headers.Authorization = `Bearer ${token}`;
        if (body) headers["Content-Type"] = "application/json";
        const answer = await fetch(url, {
          method: body ? "POST" : "GET", headers, body: body ? JSON.stringify(body) : undefined, signal,
          mode: "cors", credentials: "omit", redirect: "error", referrerPolicy: "no-referrer",
        }); // no cache mode: with one, Chromium forgets the preflight; the service says what may be kept
        if (answer.status === 401 && token && !expired) continue;
        const told = await answer.json().catch(() => ({}));
        if (!answer.ok) throw new Refused(answer.status, String(told.type ?? "").split("#").pop());
        return told;
      }
      throw new Refused(401, "unauthenticated");
    }

    /** What is asked now: from the line, else from the attributes. */
    #question() {
      const text = (this.#asked ?? this.getAttribute("query") ?? "").trim();
      const context = this.#mode === "experts" && !text ? this.#context() : "";
      return { text, context };
    }

    /** The one request of a view, as [rows, head], or null where there is nothing to ask yet. */
    async #answer(signal) {
      const { text, context } = this.#question();
      const mode = this.#mode, limit = this.#limit, is = /^[^/:\s]+:\S+$/u.test(text);
      if (mode === "experts") {
        if (!text && !context) return null;
        const told = context
          ? await this.#fetch("/v1/experts:search", { body: { text: context, limit, fields: FIELDS.experts }, signal })
          : await this.#fetch("/v1/experts", { query: { q: text, limit, fields: FIELDS.experts }, signal });
        const named = (told.named ?? []).map((subject) => ({ subject, reasons: [] }));
        const ids = new Set(named.map((one) => one.subject.id));
        const found = [...named, ...(told.recommendations ?? []).filter((one) => !ids.has(one.subject.id))].slice(0, Math.max(limit, named.length));
        const beside = found.length ? [] : (told.communities ?? []).map((one) => ({ ...one, reasons: [], kind: "community" }));
        return this.#ranked(told, [...found, ...beside.slice(0, limit)]);
      }
      if (mode === "meet") {
        const { people } = await this.#fetch(is ? `/v1/people/${encodeURIComponent(text)}/people-to-meet` : "/v1/me/people-to-meet", { query: { limit, fields: FIELDS.meet }, signal });
        return this.#ranked(people, people.recommendations);
      }
      if (mode === "communities") {
        const told = await this.#fetch("/v1/communities", { query: { q: text, limit, fields: FIELDS.communities }, signal });
        return this.#ranked(told, [...told.recommendations, ...told.communities.map((subject) => ({ subject, reasons: [] }))]);
      }
      if (mode === "champions") {
        const told = await this.#fetch("/v1/champions", { query: { [is ? "community" : "topic"]: text, size: limit, fields: FIELDS.champions }, signal });
        const head = told.recommendations.length ? [this.#words.reach(told.reached, told.people), this.#words.note] : [];
        return { ...this.#ranked(told, told.recommendations), head };
      }
      if (!text) return null;
      if (is) {
        const one = await this.#fetch(`/v1/people/${encodeURIComponent(text)}`, { query: { fields: FIELDS.person }, signal });
        return { rows: [{ subject: one, sentence: one.bio || (one.skills ?? []).join(", "), reasons: [] }], head: [], none: "" };
      }
      const told = await this.#fetch("/v1/people", { query: { q: text, fields: FIELDS.people }, signal });
      return { rows: told.people.slice(0, limit).map((subject) => ({ subject, reasons: [] })), head: [], none: "" };
    }

    #ranked(told, rows) {
      return { rows, head: [], none: told.abstained ? this.#words.none : "", notes: [...(told.abstained ? [told.abstained] : []), ...(told.notes ?? [])] };
    }

    async #load() {
      const turn = ++this.#turn;
      this.#busy?.abort();
      const { body, status } = this.#parts;
      if (!this.#base) return this.#fail(new Refused(0, "endpoint"));
      if (!this.#provider) return undefined; // the host gives it
      this.#busy = new AbortController();
      body.setAttribute("aria-busy", "true");
      body.replaceChildren(make("p", { class: "soft" }, this.#words.loading));
      try {
        const found = await this.#answer(this.#busy.signal);
        if (turn !== this.#turn) return undefined;
        body.replaceChildren(...(found ? this.#drawn(found) : []));
        status.textContent = found ? (found.rows.length ? this.#count(this.#words.found, found.rows.length) : found.none || this.#words.nothing) : "";
      } catch (error) {
        if (turn === this.#turn && error.name !== "AbortError") this.#fail(error);
      } finally {
        if (turn === this.#turn) body.removeAttribute("aria-busy");
      }
      return undefined;
    }

    #fail(error) {
      const words = this.#words, { body, status } = this.#parts;
      const code = error instanceof Refused ? error.status : 0, type = error instanceof Refused ? error.type : "unreachable";
      let text = words.away;
      if (type === "endpoint") text = words.wrong;
      else if (code === 401) text = words.expired;
      else if (code === 429) text = words.busy;
      else if (code === 404) text = words.nothing;
      else if (code >= 400 && code < 500) text = words.refused;
      body.replaceChildren(make("div", { class: "bad", part: "error" }, make("p", {}, text),
        type === "endpoint" ? null : make("button", { type: "button", part: "button", click: () => { this.#load(); body.focus(); } }, words.again)));
      status.textContent = text;
      this.#tell("ef-error", { status: code, type });
    }

    #tell(name, detail) { return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true })); }

    // --- drawing ---

    #start() {
      const words = this.#words, mode = this.#mode;
      const { context } = this.#question();
      const status = make("p", { class: "unseen", role: "status", "aria-live": "polite" });
      const body = make("div", { part: "answer", tabindex: "-1" });
      const section = make("section", { part: "card", lang: this.#lang, "aria-labelledby": "title" }, make("h2", { id: "title", part: "title" }, words.title[mode]));
      this.#parts = { body, status };
      if (words.label[mode]) section.append(this.#form());
      if (context) section.append(make("p", { class: "soft", part: "context" }, words.context));
      section.append(status, body);
      this.#root.replaceChildren(section);
      this.#load();
    }

    #form() {
      const words = this.#words, mode = this.#mode;
      const list = make("ul", { id: "list", role: "listbox", "aria-label": words.label[mode], part: "suggestions", mousedown: (event) => event.preventDefault() });
      const input = make("input", {
        id: "line", part: "input", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", maxlength: 200, dir: "auto",
        "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "list",
        input: () => this.#typed(), keydown: (event) => this.#pressed(event), blur: () => this.#close(),
      });
      input.value = this.#asked ?? this.getAttribute("query") ?? "";
      Object.assign(this.#parts, { list, input });
      const submit = (event) => { event.preventDefault(); this.#ask(input.value); };
      return make("form", { part: "form", submit }, make("label", { for: "line" }, words.label[mode]),
        make("div", { class: "line" }, input, make("button", { class: "go", part: "button", type: "submit" }, words.ask)), list);
    }

    #ask(text) {
      this.#close();
      this.#asked = text;
      this.#parts.input.value = text;
      this.#load();
    }

    #typed() {
      clearTimeout(this.#timer);
      const text = this.#parts.input.value.trim();
      if (text.length < SHORTEST || !this.#provider || !this.#base) return this.#close();
      this.#timer = setTimeout(async () => {
        const turn = this.#turn;
        const { suggestions } = await this.#fetch("/v1/suggest", { query: { q: text, fields: FIELDS.suggest } }).catch(() => ({ suggestions: [] }));
        if (turn === this.#turn && text === this.#parts.input.value.trim() && this.#root.activeElement === this.#parts.input) this.#open(suggestions);
      }, TYPING_PAUSE);
      return undefined;
    }

    #open(suggestions) {
      const { list, input, status } = this.#parts, words = this.#words;
      this.#active = -1;
      list.replaceChildren(...suggestions.map((one, i) => make("li", { role: "option", id: `option-${i}`, "aria-selected": "false", part: "suggestion", click: () => this.#take(one) },
        said(one.label), make("span", { class: "soft" }, words.kinds[one.kind] ?? "", one.detail ? make("span", {}, " · ", said(one.detail)) : null))));
      list.options = suggestions;
      input.setAttribute("aria-expanded", String(suggestions.length > 0));
      input.removeAttribute("aria-activedescendant");
      status.textContent = this.#count(words.suggestions, suggestions.length);
    }

    #close() {
      clearTimeout(this.#timer);
      const { list, input } = this.#parts;
      if (!list) return;
      list.replaceChildren();
      this.#active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    #take(one) {
      const wanted = { communities: "community", person: "person" }[this.#mode];
      if (one.id && (one.kind === "person" || one.kind === wanted)) this.#tell("ef-select", { id: one.id, kind: one.kind, mode: this.#mode });
      this.#ask(one.label);
    }

    #pressed(event) {
      const { list, input } = this.#parts, options = [...list.children];
      if (event.key === "Escape" && options.length) { event.preventDefault(); event.stopPropagation(); this.#close(); return; }
      if (event.key === "Enter" && this.#active >= 0) { event.preventDefault(); this.#take(list.options[this.#active]); return; }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!options.length || !step) return;
      event.preventDefault();
      options[this.#active]?.setAttribute("aria-selected", "false");
      this.#active = (this.#active + step + (this.#active < 0 && step < 0 ? 1 : 0) + options.length) % options.length;
      const chosen = options[this.#active];
      chosen.setAttribute("aria-selected", "true");
      chosen.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", chosen.id);
    }

    #drawn({ rows, head, none, notes = [] }) {
      const words = this.#words;
      const parts = head.map((text) => make("p", { class: "soft" }, text));
      if (none || !rows.length) parts.push(make("p", { part: "empty" }, none || words.nothing));
      parts.push(...notes.map((note) => said(note, "p", { class: "soft", part: "note" })));
      if (rows.length) parts.push(make("ul", { part: "list" }, ...rows.map((row, i) => this.#row(row, i))));
      return parts;
    }

    /** The reason with the most weight that cites something, else the weightiest one. */
    #best(reasons) {
      const ordered = reasons.filter((one) => one.text).sort((a, b) => b.value - a.value);
      return ordered.find((one) => one.citations?.length) ?? ordered[0];
    }

    #row({ subject, reasons, sentence, caveat, confidence, kind = this.#mode === "communities" ? "community" : "person" }, number) {
      const words = this.#words, { text, context } = this.#question();
      const best = this.#best(reasons ?? []), cited = best?.citations?.[0];
      const place = [subject.title, subject.org_unit, subject.location].filter(Boolean).join(" · ");
      const size = typeof subject.size === "number" ? words.members(new Intl.NumberFormat(this.#lang).format(subject.size)) : "";
      const initials = Array.from(subject.name ?? "").length ? subject.name.split(/\s+/u).filter(Boolean).map((word) => Array.from(word)[0]).filter((_, i, all) => i === 0 || i === all.length - 1).join("").toUpperCase() : "?";
      const name = said(subject.name, "button", { type: "button", class: "name", part: "name", id: `name-${number}`, click: () => this.#tell("ef-select", { id: subject.id, kind, mode: this.#mode }) });
      const row = make("li", { class: "row", part: "row" }, make("span", { class: "mark", part: "initials", "aria-hidden": "true" }, initials), name);
      const body = make("div", { class: "body" });
      const sure = words.sure[confidence];
      if (sure) body.append(make("p", { class: "sure", part: "evidence" }, sure));
      if (place || size) body.append(said(place || size, "p", { class: "soft" }));
      const line = sentence ?? best?.text ?? subject.description ?? "";
      if (line) body.append(said(line, "p", { part: "sentence" }));
      if (caveat) body.append(said(caveat, "p", { class: "soft", part: "caveat" }));
      if (cited?.title) body.append(make("p", { class: "soft" }, said(cited.title), cited.at ? ` · ${words.last.replace("{d}", this.#day(cited.at))}` : ""));
      const acts = make("div", { class: "acts" });
      const button = (word, press, more = {}) => make("button", { type: "button", part: "action", "aria-describedby": `name-${number}`, click: press, ...more }, word);
      if (reasons?.length) {
        const why = this.#why(reasons);
        acts.append(button(words.why, (event) => { why.hidden = !why.hidden; event.currentTarget.setAttribute("aria-expanded", String(!why.hidden)); }, { "aria-expanded": "false" }));
        body.append(acts, why);
      } else body.append(acts);
      const asked = text || context;
      if (this.#mode === "experts" && reasons?.length && asked) acts.append(button(words.helpful, (event) => this.#helped(event.currentTarget, asked, subject.id)));
      if (this.#mode !== "person") acts.append(button(words.hide, () => this.#hide(row), { part: "action dismiss" }));
      row.append(body);
      return row;
    }

    #day(at) {
      const day = new Date(at);
      return Number.isNaN(day.valueOf()) ? "" : new Intl.DateTimeFormat(this.#lang, { dateStyle: "medium", timeZone: "UTC" }).format(day);
    }

    #why(reasons) {
      const why = make("ul", { class: "why", part: "why", hidden: true });
      for (const reason of reasons.filter((one) => one.text).sort((a, b) => b.value - a.value)) {
        const item = make("li", {}, said(reason.text));
        for (const one of reason.citations ?? []) {
          const link = linkOf(one.url), title = one.title || link || "";
          item.append(" ", link ? said(title, "a", { href: link, target: "_blank", rel: "noopener noreferrer nofollow", referrerpolicy: "no-referrer" }) : said(title, "q"));
        }
        why.append(item);
      }
      return why;
    }

    async #helped(button, text, subject) {
      button.disabled = true;
      try {
        await this.#fetch("/v1/feedback", { body: { text, subject, helpful: true } });
        button.textContent = this.#words.thanks;
        this.#parts.status.textContent = this.#words.thanks;
      } catch (error) {
        button.disabled = false;
        this.#parts.status.textContent = error.status === 401 ? this.#words.expired : this.#words.refused;
        this.#tell("ef-error", { status: error.status ?? 0, type: error.type ?? "unreachable" });
      }
    }

    /** Put a row away, until the next answer; nobody is told. */
    #hide(row) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      const focus = next?.querySelector("button") ?? this.#parts.input;
      focus?.focus();
      this.#parts.status.textContent = this.#count(this.#words.found, this.#parts.body.querySelectorAll(".row").length);
    }
  }

  customElements.define("expert-finder", ExpertFinder);
})();
