/** The element of api/widget/expert-finder.js, for pages written in TypeScript. */
interface ExpertFinderElement extends HTMLElement {
  tokenProvider: ((why: { expired: boolean }) => Promise<string>) | undefined;
}
interface ExpertFinderSelect {
  id: string;
  kind: "person" | "community";
  mode: "experts" | "meet" | "communities" | "champions" | "person";
}
interface HTMLElementTagNameMap {
  "expert-finder": ExpertFinderElement;
}
