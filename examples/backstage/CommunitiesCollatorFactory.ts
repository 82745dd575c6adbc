import { Readable } from 'node:stream';
import type { DocumentCollatorFactory, IndexableDocument } from '@backstage/plugin-search-common';

interface Community {
  id: string;
  name: string;
  description: string;
}

/** Communities that the whole organisation may read, for the search of Backstage. The key belongs to no person, so that
 *  nothing restricted gets into an index that everybody searches; people are asked for live, by the card. */
export class CommunitiesCollatorFactory implements DocumentCollatorFactory {
  readonly type = 'expertfinder-communities';

  constructor(private readonly options: { url: string; key: string }) {}

  async getCollator(): Promise<Readable> {
    return Readable.from(this.documents());
  }

  private async *documents(): AsyncGenerator<IndexableDocument> {
    let after = '';
    do {
      const url = new URL('/v1/communities', this.options.url);
      url.searchParams.set('limit', '100');
      if (after) url.searchParams.set('after', after);
      const answer = await fetch(url, { headers: { Authorization: `Bearer ${this.options.key}` }, redirect: 'error' });
      if (!answer.ok) throw new Error(`the expert finder answered ${answer.status}`);
      const told = (await answer.json()) as { communities: Community[]; next: string | null };
      for (const one of told.communities) {
        yield { title: one.name, text: one.description, location: `/communities/${encodeURIComponent(one.id)}` };
      }
      after = told.next ?? '';
    } while (after);
  }
}
