import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import type { CheckinView } from './wire.ts'

const COLOUR = {
  ok: 'green',
  running: 'green',
  waiting: 'dim',
  paused: 'dim',
  late: 'yellow',
  missed: 'red',
  failed: 'red',
} as const

/** inn checkins */
export async function checkinsList({ client, terminal, json }: Cli, app: string | undefined): Promise<void> {
  const asked = app === undefined ? '' : `?app=${encodeURIComponent(app)}`
  const all = await client.get<CheckinView[]>(`/api/checkins${asked}`)
  if (json) return printJson(all)
  if (all.length === 0)
    return terminal.print('no job is waited for; `checkins:` in innkeeper.yaml says which')
  terminal.print(
    table(
      ['APP', 'JOB', 'STATE', 'SAID LAST', 'NEXT', 'ADDRESS'],
      all.map(one => [
        one.app,
        one.name,
        terminal.paint(COLOUR[one.state], one.state),
        lastOf(one),
        one.next === null ? '-' : local(one.next),
        one.url ?? '-',
      ]),
    ),
  )
}

/** The newest of what it said. */
function lastOf({ endedAt, startedAt, failedAt, code }: CheckinView): string {
  const failed = code === null ? 'failed' : `ended with ${code}`
  const said = [
    { at: startedAt, words: 'began' },
    { at: failedAt, words: failed },
    { at: endedAt, words: 'ended well' },
  ].flatMap(({ at, words }) => (at === null ? [] : [{ at, words }]))
  const last = said.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]
  return last === undefined ? 'nothing yet' : `${last.words} ${local(last.at)}`
}
