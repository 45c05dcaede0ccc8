import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { durationOf, local } from '../../cli/times.ts'
import { Failure } from '../../kernel/failure.ts'
import { type Matcher, readMatcher, showMatcher, unknownSilence, wrongMatchers } from './silence.ts'
import type { AlertView } from './wire.ts'
import type { GotSilence } from './wire-v2.ts'

const ID = 8
const SECOND_MS = 1_000

/** inn silence list */
export async function silenceList({ client, terminal, json }: Cli): Promise<void> {
  const all = (await client.get<GotSilence[]>('/api/v2/silences')).filter(
    one => one.status.state !== 'expired',
  )
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('nothing is silenced')
  const rows = all.map(one => [
    one.id.slice(0, ID),
    one.matchers.map(showMatcher).join(' '),
    one.status.state === 'pending' ? `from ${local(one.startsAt)}` : 'now',
    local(one.endsAt),
    one.createdBy,
    one.comment,
  ])
  terminal.print(table(['ID', 'WHAT', 'SINCE', 'UNTIL', 'BY', 'COMMENT'], rows))
}

/** inn silence add */
export async function silenceAdd(
  { client, terminal, json, actor }: Cli,
  comment: string,
  flags: { app?: string; match?: string[]; for: string },
): Promise<void> {
  const lasts = durationOf('--for', flags.for, { example: '2h', least: SECOND_MS })
  const ofApp =
    flags.app === undefined ? [] : [{ name: 'app', value: flags.app, isRegex: false, isEqual: true }]
  const matchers = [...ofApp, ...(flags.match ?? []).map(matcherOf)]
  if (matchers.length === 0)
    throw new Failure('usage.silence', 'silence what?', {
      why: 'nothing was named',
      fix: '--app APP, or --match alertname=NAME',
    })
  const why = wrongMatchers(matchers)
  if (why !== null)
    throw new Failure('usage.matcher', `nothing can be silenced by ${matchers.map(showMatcher).join(' ')}`, {
      why,
      fix: "write --match alertname=~'Disk.*', or --app APP",
    })
  if (flags.app !== undefined) await isOfSomething(client, flags.app)
  const now = Date.now()
  const times = { startsAt: new Date(now).toISOString(), endsAt: new Date(now + lasts).toISOString() }
  const answer = await client.post<{ silenceID: string }>('/api/v2/silences', {
    matchers,
    ...times,
    createdBy: actor,
    comment,
  })
  if (json) return printJson(answer)
  terminal.print(`nothing is told of ${matchers.map(showMatcher).join(' ')} until ${local(times.endsAt)}`)
  terminal.print(`inn silence end ${answer.silenceID.slice(0, ID)} ends it sooner`)
}

/** A silence for a name that neither an app nor an alert of another source has would be quiet about nothing. Failure `app.unknown`. */
async function isOfSomething(client: Cli['client'], app: string): Promise<void> {
  const alerts = await client.get<AlertView[]>('/api/alerts')
  if (!alerts.some(one => one.app === app)) await client.get(at`/api/apps/${app}`)
}

/** inn silence end */
export async function silenceEnd({ client, terminal, json }: Cli, id: string): Promise<void> {
  const all = await client.get<GotSilence[]>('/api/v2/silences')
  // An empty one, of a variable that is not set, would be the beginning of any.
  const found = all.find(one => id !== '' && one.id.startsWith(id))
  if (found === undefined) throw unknownSilence(id)
  await client.delete(at`/api/v2/silence/${found.id}`)
  if (json) return printJson({ ended: found.id })
  terminal.print(`told again: ${found.matchers.map(showMatcher).join(' ')}`)
}

function matcherOf(text: string): Matcher {
  const found = readMatcher(text)
  if (found !== null) return found
  throw new Failure('usage.matcher', `${text} is no condition`, {
    why: 'it is a label, =, !=, =~ or !~, and a value',
    fix: "such as alertname=~'Disk.*'",
  })
}
