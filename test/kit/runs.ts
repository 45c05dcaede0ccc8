import { setTimeout as sleep } from 'node:timers/promises'
import type { RunSummary } from '../../server/src/engine/wire.ts'
import type { Server } from './server.ts'

/** The id of the app's run of this kind that is under way, as soon as there is one. The keeper may make a backup of the app at the same time. */
export async function underWay(server: Server, app: string, kind: string): Promise<string> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    const runs = await server.client.get<RunSummary[]>(`/api/apps/${app}/runs`)
    const found = runs.find(run => run.kind === kind && run.state !== 'ended')
    if (found !== undefined) return found.id
  }
  throw new Error(`no ${kind} of ${app} is under way`)
}
