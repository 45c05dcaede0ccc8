import { setTimeout as sleep } from 'node:timers/promises'
import { at } from '../../cli/client.ts'
import type { Cli } from '../../cli/command.ts'
import { Failure } from '../../kernel/failure.ts'
import type { JobOutput } from './wire.ts'

const EVERY_MS = 300
/** Longest wait for a keeper that is away: a machine starts again within minutes, and after that a person is needed. */
const AWAY_MS = 5 * 60_000

export interface OfRun {
  app: string
  job: string
  id: string
}

export const pathOf = ({ app, job, id }: OfRun): string => at`/api/apps/${app}/jobs/${job}/runs/${id}`

/**
 * Takes line by line what a run has printed. `follow`: until it has ended, also while the keeper starts again, because
 * the run goes on meanwhile.
 */
export async function outputOf(
  cli: Cli,
  of: OfRun,
  { follow, take }: { follow: boolean; take(line: string): void },
): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for (let at = 0; ; ) {
    const { bytes, from, next, ended } = await pieceFrom(cli, `${pathOf(of)}/output?from=${at}`, follow)
    if (from > at) {
      if (rest !== '') take(rest)
      rest = ''
      take(`… ${from - at} bytes are kept no more …`)
    }
    at = next
    const lines = (rest + decoder.decode(Buffer.from(bytes, 'base64'), { stream: true })).split(/\r?\n/)
    rest = lines.pop()!
    lines.forEach(take)
    if (bytes !== '') continue
    if (ended || !follow) break
    await sleep(EVERY_MS)
  }
  if (rest !== '') take(rest)
}

async function pieceFrom(
  { client, terminal, json }: Cli,
  path: string,
  patient: boolean,
): Promise<JobOutput> {
  for (const end = performance.now() + AWAY_MS; ; await sleep(EVERY_MS)) {
    try {
      const piece = await client.get<JobOutput>(path)
      if (!json) terminal.transient('')
      return piece
    } catch (error) {
      const away = error instanceof Failure && error.code === 'keeper.unreachable'
      if (!away || !patient || performance.now() > end) throw error
      if (!json) terminal.transient('the keeper is away; the run goes on …')
    }
  }
}
