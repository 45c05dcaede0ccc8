import type { PutAside } from '../data/restores/wire.ts'
import { showSize } from '../kernel/sizes.ts'
import type { Client } from './client.ts'
import type { Terminal } from './terminal.ts'

/** What restores and recoveries put aside, newest first; of one app or of all. */
export async function asidesOf(client: Pick<Client, 'get'>, app: string | undefined): Promise<PutAside[]> {
  const all = await client.get<PutAside[]>('/api/restores')
  return all.filter(one => app === undefined || one.app === app)
}

/** It takes its room until somebody discards it, so it is said with its size and the command. */
export function showAsides(asides: readonly PutAside[], { print, paint }: Terminal): void {
  for (const { app, moment, at, bytes } of asides) {
    const what =
      moment === null
        ? `what was left of the PostgreSQL of ${app} before its recovery`
        : `what ${app} had before its restore to ${moment}`
    const size = bytes === null ? '' : `, ${showSize(bytes)}`
    print(
      paint(
        'dim',
        `put aside ${new Date(at).toLocaleString('sv-SE')}: ${what}${size}: inn restore discard ${app}`,
      ),
    )
  }
}
