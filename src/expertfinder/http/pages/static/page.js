// Refreshes the answer as one types. Everything works without it: the form is an ordinary form.
(() => {
  "use strict";
  const form = document.getElementById("ask");
  const answer = document.getElementById("answer");
  const status = document.getElementById("status");
  if (!form || !answer || !status) return;

  const PAUSE = 250; // milliseconds between the last key and the question: shorter asks half words
  let timer = 0;
  let running = null;

  const asked = () => {
    const parameters = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) parameters.append(name, value.trim());
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
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      answer.replaceChildren(...page.body.childNodes);
      const section = answer.querySelector("[data-summary]");
      status.textContent = section ? section.dataset.summary : "";
      history.replaceState(null, "", parameters ? `/?${parameters}` : "/");
    } catch (error) {
      if (error.name === "AbortError") return;
      last = ""; // the next key tries again
      status.textContent = "The service does not answer.";
    } finally {
      if (running === mine) answer.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  form.addEventListener("compositionend", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  // Other eyes change every link of the page, so the page is asked for anew.
  form.elements.as.addEventListener("change", () => form.submit());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    refresh();
  });
})();
