/// <reference path="../element.d.ts" />
import { BaseClientSideWebPart } from '@microsoft/sp-webpart-base';

export interface Properties {
  endpoint: string; // of the service, https
  resource: string; // of its registration in Entra: api://<id>
  mode: string;
  query: string;
}

/** The widget as a web part. Its script lies in the solution's own library, so that the site's CSP lets it load:
 *  `import './expert-finder.js'` with the file of the service beside this one. */
export default class ExpertFinderWebPart extends BaseClientSideWebPart<Properties> {
  public async render(): Promise<void> {
    const { endpoint, resource, mode, query } = this.properties;
    const tokens = await this.context.aadTokenProviderFactory.getTokenProvider();
    const element = document.createElement('expert-finder');
    element.setAttribute('endpoint', endpoint);
    element.setAttribute('mode', mode || 'experts');
    element.setAttribute('lang', this.context.pageContext.cultureInfo.currentUICultureName);
    if (query) element.setAttribute('query', query);
    element.tokenProvider = ({ expired }) => tokens.getToken(resource, !expired);
    this.domElement.replaceChildren(element);
  }
}
