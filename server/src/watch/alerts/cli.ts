import { COLOURS } from '../../cli/alarms.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, HOW_BAD, unmarked } from '../../kernel/words.ts'
import type { Acked, AlertView } from './wire.ts'

const MUTED = {
  silence: 'silenced',
  change: 'its app is being changed',
  cause: 'follows from another',
} as const

/** How much of an id is shown, and is enough to be typed. */
const ID = 8

/** inn alerts */
export async function alertsList(
  { client, terminal, json }: Cli,
  { over = false }: { over?: boolean },
): Promise<void> {
  const all = await client.get<AlertView[]>('/api/alerts')
  const shown = over ? all : all.filter(one => one.state === 'firing')
  if (json) return printJson(shown)
  if (shown.length === 0) return terminal.print('nothing is wrong')
  terminal.print(
    table(
      ['ID', 'HOW BAD', 'FOR', 'TOLD', 'IN HAND', 'WHAT'],
      shown.map(one => rowOf(one, terminal)),
    ),
  )
  for (const { more, state } of shown)
    if (more !== null && state === 'firing') terminal.print(terminal.paint('dim', `  ${unmarked(more)}`))
}

function rowOf(one: AlertView, terminal: Terminal): string[] {
  const bad =
    one.state === 'firing' ? terminal.paint(COLOURS[one.severity], HOW_BAD[one.severity]) : one.state
  const lasted = (one.overAt === null ? Date.now() : Date.parse(one.overAt)) - Date.parse(one.since)
  const told = one.told.map(({ channel }) => channel).join(' ')
  return [
    one.occurrence.slice(0, ID),
    one.flapping ? `${bad}, comes and goes` : bad,
    showDuration(Math.max(0, lasted)),
    one.muted === null ? told || '-' : MUTED[one.muted],
    one.acked?.by ?? '-',
    one.what,
  ]
}

/** inn ack */
export async function ack(
  { client, terminal, json }: Cli,
  named: readonly string[],
  { all = false }: { all?: boolean },
): Promise<void> {
  if ((named.length === 0) !== all)
    throw new Failure('usage.ack', 'which one?', {
      why: all ? 'one was named, and --all too' : 'no occurrence was named',
      fix: '`inn alerts` shows them; --all is all that is wrong now',
    })
  const open = all ? [] : await client.get<AlertView[]>('/api/alerts')
  // An empty one, of a variable that is not set, would be the beginning of any.
  const whole = (id: string) => open.find(one => id !== '' && one.occurrence.startsWith(id))?.occurrence ?? id
  const occurrences = all ? null : named.map(whole)
  const acked = await client.post<Acked>('/api/alerts/ack', { occurrences })
  if (json) return printJson(acked)
  const taken = acked.acknowledged.length
  terminal.print(`you have ${count(taken, 'alert')} in hand`)
  if (taken < named.length) terminal.print('the others are over, or somebody has them in hand: inn alerts')
}
