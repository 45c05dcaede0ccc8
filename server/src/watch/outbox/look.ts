import { sharedByPreviews } from '../../config/app-key.ts'
import type { Outbox } from './outbox.ts'
import { daysOf, firstDay, viewOf } from './view.ts'
import type { OutboxView, Preview, PreviewRequest } from './wire.ts'

/** What an app sends, for people. */
export async function look(
  { store, grants, serving }: Outbox,
  app: string,
  { limit, mayRead, now }: { limit: number; mayRead: boolean; now: number },
): Promise<OutboxView> {
  const [wants, all, waiting, ended, rows] = await Promise.all([
    serving(app).then(
      ({ config }) => config.messages ?? null,
      () => null,
    ),
    grants.list(),
    store.waiting(app),
    store.ended(app, firstDay(now)),
    store.latest(app, limit),
  ])
  return {
    wants: wants === null ? null : { email: wants.email ?? null, telegram: wants.telegram ?? null },
    grants: all.filter(one => one.app === (sharedByPreviews(app) ?? app)),
    waiting: waiting.n,
    days: daysOf(ended, now),
    messages: await Promise.all(rows.map(row => viewOf(row, { store, mayRead }))),
  }
}

/** A template with its own sample, and what was said over it. Failures `template.*`, `outbox.down`. */
export async function previewOf(outbox: Outbox, app: string, asked: PreviewRequest): Promise<Preview> {
  const { template, channel, language, variables } = asked
  const samples = (await outbox.samples(app)).filter(one => one.template === template && one.way === channel)
  const own = samples.find(one => one.language === language) ?? samples.find(one => one.language === null)
  const sample = { ...(own ?? samples[0])?.sample, ...variables }
  // Whoever may only look must not hold up what the app itself sends.
  return outbox.render(app, { ...asked, variables: sample }, `preview of ${app}`)
}
