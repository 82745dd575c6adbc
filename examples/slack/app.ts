import { App } from '@slack/bolt';

interface Found {
  abstained: string | null;
  recommendations: { subject: { name: string; title: string; org_unit: string }; reasons: { text: string }[] }[];
}

const url = process.env.FINDER ?? '';
const app = new App({ token: process.env.SLACK_BOT_TOKEN, signingSecret: process.env.SLACK_SIGNING_SECRET });

/** YOURS: a token of the finder for this member of Slack, as examples/intranet/server.py makes one. */
async function tokenOf(member: string): Promise<string> {
  const answer = await fetch(`${process.env.INTRANET}/finder-token?member=${encodeURIComponent(member)}`, { method: 'POST' });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return ((await answer.json()) as { token: string }).token;
}

/** What others wrote, without the three characters that Slack reads as markup. */
const plain = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

export function shown(found: Found): string {
  if (!found.recommendations.length) return plain(found.abstained ?? 'No clear expert found.');
  return found.recommendations
    .map(({ subject, reasons }) => {
      const place = [subject.title, subject.org_unit].filter(Boolean).join(' · ');
      const why = reasons.find((one) => one.text)?.text ?? '';
      return `• ${plain(subject.name)}${place ? ` (${plain(place)})` : ''}${why ? `: ${plain(why)}` : ''}`;
    })
    .join('\n');
}

// The answer is made for who asks, so only they see it: `respond` is ephemeral unless told otherwise, and it is told so.
app.command('/who-knows', async ({ command, ack, respond }) => {
  await ack();
  const answer = await fetch(`${url}/v1/experts:search`, {
    method: 'POST',
    redirect: 'error',
    headers: { Authorization: `Bearer ${await tokenOf(command.user_id)}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({
      text: command.text,
      limit: 3,
      fields: 'abstained,recommendations.subject,recommendations.reasons.text',
    }),
  });
  const text = answer.ok ? shown((await answer.json()) as Found) : 'The expert finder cannot answer just now.';
  await respond({ response_type: 'ephemeral', text, mrkdwn: false });
});

await app.start(Number(process.env.PORT ?? 3000));
