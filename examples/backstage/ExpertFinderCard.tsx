/// <reference path="../element.d.ts" />
import { useEffect, useRef } from 'react';
import { InfoCard } from '@backstage/core-components';
import { configApiRef, fetchApiRef, useApi } from '@backstage/core-plugin-api';

/** A card for an entity page: people who know about what the entity is. `about`: its title and description. */
export const ExpertFinderCard = ({ about }: { about: string }) => {
  const place = useRef<HTMLDivElement>(null);
  const { fetch } = useApi(fetchApiRef);
  const endpoint = useApi(configApiRef).getString('expertfinder.url');

  useEffect(() => {
    const element = document.createElement('expert-finder');
    element.setAttribute('endpoint', endpoint);
    element.setAttribute('query', about);
    // The backend plugin exchanges the Backstage token for one of the finder, bound to the same person.
    element.tokenProvider = async () => {
      const answer = await fetch('plugin://expertfinder/token', { method: 'POST' });
      if (!answer.ok) throw new Error(`no token: ${answer.status}`);
      return (await answer.json()).token as string;
    };
    place.current?.replaceChildren(element);
    return () => element.remove();
  }, [about, endpoint, fetch]);

  return (
    <InfoCard title="People to ask">
      <div ref={place} />
    </InfoCard>
  );
};
