/// <reference path="../element.d.ts" />
import { app, authentication, profile } from '@microsoft/teams-js';

/** A personal tab: the page has one <expert-finder>; the token of Teams is exchanged by the tab's own server. */
async function start(): Promise<void> {
  await app.initialize();
  const { app: teams } = await app.getContext();
  const element = document.querySelector('expert-finder');
  if (!element) throw new Error('the page has no expert-finder');
  element.setAttribute('lang', teams.locale);
  element.setAttribute('theme', teams.theme === 'dark' ? 'dark' : 'light');
  app.registerOnThemeChangeHandler((theme) => element.setAttribute('theme', theme === 'dark' ? 'dark' : 'light'));
  element.tokenProvider = async () => {
    const mine = await authentication.getAuthToken();
    const answer = await fetch('/finder-token', { method: 'POST', headers: { Authorization: `Bearer ${mine}` } });
    if (!answer.ok) throw new Error(`no token: ${answer.status}`);
    return ((await answer.json()) as { token: string }).token;
  };
  element.addEventListener('ef-select', (event) => {
    const { kind, id } = (event as CustomEvent<ExpertFinderSelect>).detail;
    if (kind === 'person' && profile.isSupported()) console.info('open the profile of', id); // YOURS: id -> account
  });
  app.notifySuccess();
}

void start();
