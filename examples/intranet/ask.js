"use strict";

/** A token for one request: the intranet's own server knows who is signed in. */
async function token() {
  const answer = await fetch("/finder-token", { method: "POST" });
  if (!answer.ok) throw new Error(String(answer.status));
  return (await answer.json()).token;
}

for (const element of document.querySelectorAll("expert-finder")) element.tokenProvider = token;
document.addEventListener("ef-select", (event) => {
  if (event.detail.kind === "person") location.hash = encodeURIComponent(event.detail.id); // YOURS: open the profile
});
