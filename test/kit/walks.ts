import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../../server/src/cli/client.ts'
import type { WalkItem, WalkView } from '../../server/src/watch/runbooks/wire.ts'

const LONGEST_MS = 120_000

export const walkOf = (client: Client, id: number): Promise<WalkView> =>
  client.get<WalkView>(`/api/walks/${id}`)

export async function begin(
  client: Client,
  runbook: string,
  app: string | null,
  more: { incident?: number; dry?: boolean } = {},
): Promise<WalkView> {
  return client.post<WalkView>(`/api/runbooks/${runbook}/walks`, { app, ...more })
}

/** A walk as soon as a person is needed, or it has ended. */
export async function rests(client: Client, id: number): Promise<WalkView> {
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(150)) {
    const walk = await walkOf(client, id).catch(() => null)
    if (walk !== null && (walk.next === null || walk.acts.length > 0)) return walk
  }
  return assert.fail(`walk ${id} goes on for ever`)
}

export interface Person {
  /** Questions that are answered with yes, by their beginning; all others get a no. */
  yes: readonly string[]
  /** Values of `<name>`. */
  values?: Record<string, string>
  /** Called before an item is done. */
  before?(item: WalkItem): Promise<void>
}

/** Follows a runbook to its end as a person does, and returns how each item ended. Fails when a step does. */
export async function follow(
  client: Client,
  { runbook, app }: { runbook: string; app: string | null },
  { yes, values = {}, before }: Person,
): Promise<WalkView> {
  let walk = await begin(client, runbook, app)
  for (;;) {
    walk = await rests(client, walk.id)
    if (walk.next === null) break
    const item = walk.items[walk.next]!
    assert.notEqual(item.state, 'failed', `${item.text}\n${item.output}`)
    await before?.(item)
    const question = yes.some(one => item.text.startsWith(one)) ? 'yes' : 'no'
    const given = Object.fromEntries(item.values.map(name => [name, values[name]!]))
    const act = item.kind === 'question' ? question : 'do'
    walk = await client.post<WalkView>(`/api/walks/${walk.id}/act`, { item: walk.next, act, values: given })
  }
  assert.equal(walk.state, 'done')
  return walk
}

/** What a walk did, without what it looked at. */
export const did = ({ items }: WalkView): string[] =>
  items.filter(one => one.kind === 'command' && one.changes && one.state === 'done').map(one => one.text)
