import { apiInitializer } from "discourse/lib/api";
import loadScript from "discourse/lib/load-script";

// Below the composer's title of a new topic: people who may know, asked with the words of that title.
export default apiInitializer("1.8.0", (api) => {
  const endpoint = settings.finder_url;
  if (!endpoint || !api.getCurrentUser()) {
    return;
  }
  let element;
  const place = async () => {
    await loadScript(`${endpoint}/widget/expert-finder.js`);
    element ??= document.createElement("expert-finder");
    element.setAttribute("endpoint", endpoint);
    element.tokenProvider = async () => {
      const answer = await fetch(settings.token_path, { method: "POST", credentials: "same-origin" });
      if (!answer.ok) {
        throw new Error(`no token: ${answer.status}`);
      }
      return (await answer.json()).token;
    };
    document.querySelector(".composer-fields")?.append(element);
  };
  api.onAppEvent("composer:opened", place);
  api.onAppEvent("composer:closed", () => element?.remove());
});
