import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { numberOf } from '../../cli/numbers.ts'
import { table } from '../../cli/terminal.ts'
import { durationOf, local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import type {
  FollowUp,
  IncidentDetail,
  IncidentList,
  IncidentMonth,
  IncidentReview,
  IncidentSeverity,
  IncidentView,
  PublicState,
} from './wire.ts'

const SHOWN = 10
const DAY_MS = 86_400_000

/** inn incident list */
export async function incidentList(
  { client, terminal, json }: Cli,
  { all }: { all?: boolean },
): Promise<void> {
  const list = await client.get<IncidentList>('/api/incidents')
  if (json) return printJson(list)
  const { incidents, months, followUps } = list
  if (incidents.length === 0)
    return terminal.print('no incident; inn incident open "what is wrong" opens one')
  // What is not over is shown, however old it is.
  const shown = all ? incidents : incidents.filter(({ state }, n) => n < SHOWN || state !== 'resolved')
  const rows = shown.map(one => [
    ...[String(one.id), one.state, one.severity, one.app ?? '-', local(one.beganAt), lasted(one)],
    ...[one.lead ?? one.acknowledged?.by ?? '-', one.title],
  ])
  terminal.print(table(['ID', 'STATE', 'SEVERITY', 'APP', 'BEGAN', 'LASTED', 'LEAD', 'WHAT'], rows))
  if (shown.length < incidents.length) terminal.note(`${incidents.length - shown.length} older ones: --all`)
  if (months.length > 0) terminal.print(`\n${monthTable(months)}`)
  if (followUps.length > 0) terminal.print(`\n${followTable(followUps)}`)
}

const lasted = ({ beganAt, resolved }: IncidentView): string =>
  resolved === null ? 'goes on' : time(Date.parse(resolved.at) - Date.parse(beganAt))

const time = (ms: number | null): string =>
  ms === null ? '-' : showDuration(Math.max(0, Math.round(ms / 1_000) * 1_000))

const monthTable = (months: readonly IncidentMonth[]): string =>
  table(
    ['MONTH', 'RESOLVED', 'NOTICED AFTER', 'IN HAND AFTER', 'OVER AFTER'],
    months.map(one => [
      ...[one.month, String(one.incidents), time(one.detectMs), time(one.acknowledgeMs), time(one.recoverMs)],
    ]),
  )

const followTable = (followUps: readonly FollowUp[]): string =>
  table(
    ['TO DO', 'INCIDENT', 'UNTIL', 'WHAT'],
    followUps.map(one => [String(one.id), String(one.incident), local(one.dueAt).slice(0, 10), one.what]),
  )

/** inn incident show */
export async function incidentShow({ client, terminal, json }: Cli, id: string): Promise<void> {
  const one = await client.get<IncidentDetail>(at`/api/incidents/${numbered(id)}`)
  if (json) return printJson(one)
  terminal.print(`incident ${one.id}, ${one.severity}, ${one.state}: ${one.title}`)
  const facts = [
    ['of', one.app ?? 'the server'],
    ['impact', one.impact ?? '-'],
    ['lead', one.lead ?? '-'],
    ['began', local(one.beganAt)],
    ['opened', `${local(one.openedAt)} by ${one.openedBy}`],
    ...(one.acknowledged === null
      ? []
      : [['in hand', `${local(one.acknowledged.at)} by ${one.acknowledged.by}`]]),
    ...(one.resolved === null
      ? []
      : [['resolved', `${local(one.resolved.at)} by ${one.resolved.by}, after ${lasted(one)}`]]),
    ['requests', `${one.requests}, ${count(one.errors, 'error')}`],
  ]
  terminal.print(facts.map(([name, value]) => `  ${name!.padEnd(9)} ${value}`).join('\n'))
  terminal.print('')
  for (const { at: when, who, what, detail } of one.timeline) {
    terminal.print(`${local(when).slice(0, 19)}  ${what}${who === null ? '' : ` (${who})`}`)
    for (const line of detail?.trimEnd().split('\n') ?? []) terminal.print(`${' '.repeat(21)}${line}`)
  }
  for (const text of await helping(client, one)) terminal.print(`\n${text} leads through it`)
  const last = one.updates.at(-1)
  if (last !== undefined)
    terminal.print(`\nin public, ${last.as}: ${last.say} (${local(last.at).slice(0, 19)}, ${last.by})`)
  if (one.followUps.length > 0)
    terminal.print(`\n${followTable(one.followUps.filter(({ done }) => done === null))}`)
}

/** The commands that begin runbooks for the alerts of an incident that goes on. */
async function helping(client: Cli['client'], { id, app, state }: IncidentDetail): Promise<string[]> {
  if (state === 'resolved') return []
  const asked = app === null ? '' : `&app=${encodeURIComponent(app)}`
  const all = await client.get<Array<{ name: string; fits: boolean }>>(`/api/runbooks?incident=${id}${asked}`)
  const named = app === null ? '' : ` --app ${app}`
  return all.filter(({ fits }) => fits).map(({ name }) => `inn runbook run ${name}${named}`)
}

interface Said {
  title?: string
  severity?: IncidentSeverity
  impact?: string
  lead?: string
}

/** inn incident open */
export async function incidentOpen(
  cli: Cli,
  title: string,
  { app, severity, impact, lead }: Said & { app?: string },
): Promise<void> {
  const body = { title, app: app ?? null, severity, impact: impact ?? null, lead: lead ?? null }
  const opened = await cli.client.post<IncidentView>('/api/incidents', body)
  await said(
    cli,
    opened,
    `incident ${opened.id} is open; inn incident ack ${opened.id} says that you have it in hand`,
  )
}

/** inn incident set */
export async function incidentSet(
  cli: Cli,
  id: string,
  { title, severity, impact, lead }: Said,
): Promise<void> {
  const given = Object.entries({ title, severity, impact, lead }).filter(([, value]) => value !== undefined)
  if (given.length === 0)
    throw new Failure('usage.incident', 'what of it is to change?', {
      why: 'no option was given',
      fix: '`inn incident set 12 --severity minor`; --title, --impact and --lead are the others',
    })
  const changed = await cli.client.post<IncidentView>(
    at`/api/incidents/${numbered(id)}/set`,
    Object.fromEntries(given),
  )
  await said(
    cli,
    changed,
    `incident ${changed.id}: ${given.map(([name, value]) => `${name} is ${value}`).join(', ')}`,
  )
}

/** inn incident note */
export async function incidentNote(cli: Cli, id: string, note: string): Promise<void> {
  const noted = await cli.client.post<IncidentView>(at`/api/incidents/${numbered(id)}/note`, { note })
  await said(cli, noted, `it stands in the timeline of incident ${noted.id}`)
}

interface Public {
  say: string
  as?: PublicState
  title?: string
  component?: string[]
}

/** inn incident update */
export async function incidentUpdate(cli: Cli, id: string, flags: Public): Promise<void> {
  const { say, as = null, title = null, component = null } = flags
  const body = { say, as, title, components: component }
  const changed = await cli.client.post<IncidentView>(at`/api/incidents/${numbered(id)}/update`, body)
  const where =
    changed.app === null ? 'the status pages of all apps that have one' : `the status page of ${changed.app}`
  await said(
    cli,
    changed,
    `it stands on ${where} within seconds; who subscribed gets it by e-mail${as === 'resolved' && changed.resolved === null ? `; inn incident resolve ${changed.id} ends it here, too` : ''}`,
  )
}

/** inn incident ack */
export async function incidentAck(cli: Cli, id: string): Promise<void> {
  const acked = await cli.client.post<IncidentView>(at`/api/incidents/${numbered(id)}/ack`, {})
  await said(cli, acked, `${acked.acknowledged!.by} has incident ${acked.id} in hand, and all its alerts`)
}

/** inn incident resolve */
export async function incidentResolve(cli: Cli, id: string, note: string | undefined): Promise<void> {
  const ended = await cli.client.post<IncidentView>(at`/api/incidents/${numbered(id)}/resolve`, {
    note: note ?? null,
  })
  await said(
    cli,
    ended,
    `incident ${ended.id} lasted ${lasted(ended)}; inn incident review ${ended.id} drafts its review`,
  )
}

/** inn incident review */
export async function incidentReview({ client, json }: Cli, id: string): Promise<void> {
  const review = await client.get<IncidentReview>(at`/api/incidents/${numbered(id)}/review`)
  if (json) return printJson(review)
  process.stdout.write(`${review.markdown}\n`)
}

/** inn incident follow-up */
export async function incidentFollow(
  cli: Cli,
  { id, text }: { id: string; text: string },
  flags: { in: string },
): Promise<void> {
  const ms = durationOf('--in', flags.in, { example: '14d', most: 366 * DAY_MS })
  const dueAt = new Date(Date.now() + ms).toISOString()
  const made = await cli.client.post<FollowUp>(at`/api/incidents/${numbered(id)}/follow-ups`, {
    what: text,
    dueAt,
  })
  await said(
    cli,
    made,
    `it is asked about from ${local(made.dueAt).slice(0, 10)} on; inn incident done ${made.id} ends that`,
  )
}

/** inn incident done */
export async function incidentDone(cli: Cli, id: string): Promise<void> {
  const done = await cli.client.post<FollowUp>(at`/api/follow-ups/${numbered(id)}/done`, {})
  await said(cli, done, `done: ${done.what}`)
}

async function said({ terminal, json }: Cli, answer: object, words: string): Promise<void> {
  if (json) return printJson(answer)
  terminal.print(words)
}

const numbered = (id: string): string => numberOf(id, 'an incident', 'inn incident')
