import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { ProbeView } from './wire.ts'

const COLOUR = { ok: 'green', waiting: 'yellow', failing: 'red' } as const

/** inn probes */
export async function probesList({ client, terminal, json }: Cli, app: string | undefined): Promise<void> {
  const asked = app === undefined ? '' : `?app=${encodeURIComponent(app)}`
  const all = await client.get<ProbeView[]>(`/api/probes${asked}`)
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('nothing is probed; `probes:` in innkeeper.yaml says what is')
  const ago = (at: string) => showDuration(Math.max(0, Date.now() - Date.parse(at)))
  terminal.print(
    table(
      ['APP', 'PROBE', 'STATE', 'FOR', 'TOOK', 'ASKS', 'SEEN'],
      all.map(one => [
        one.app,
        one.instance === null ? one.name : `${one.name} ${one.instance}`,
        terminal.paint(COLOUR[one.state], one.state),
        one.since === null ? '-' : ago(one.since),
        one.last === null ? '-' : showDuration(one.last.ms),
        one.asks,
        one.last === null ? '-' : one.last.said.split('\n')[0]!.slice(0, 100),
      ]),
    ),
  )
}
