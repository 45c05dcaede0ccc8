import { type Cli, printJson } from '../../cli/command.ts'
import { local } from '../../cli/times.ts'
import type { Sources } from '../../kernel/source.ts'
import { count } from '../../kernel/words.ts'
import { type OfApp, query } from './cli-walk.ts'
import { library } from './library.ts'
import { viewOf } from './view.ts'
import type { RunbookView } from './wire.ts'

const LINK_MS = 8_000
/** Pages that are asked at a time. */
const AT_ONCE = 8

interface Checked extends Pick<RunbookView, 'name' | 'app' | 'tried' | 'problems'> {
  /** Web pages that do not answer, each with the reason. */
  links: string[]
}

/** inn runbook check: of the keeper, or of a folder before it is deployed. */
export async function runbookCheck(
  { client, terminal, json }: Cli,
  { folder, source }: { folder: string | undefined; source: Sources },
  flags: OfApp,
): Promise<void> {
  const all =
    folder === undefined
      ? await client.get<RunbookView[]>(`/api/runbooks${query(flags)}`)
      : await inFolder(source(folder))
  const dead = await deadOf([...new Set(all.flatMap(({ links }) => links))])
  const checked: Checked[] = all.map(({ name, app: of, tried, problems, links }) => ({
    ...{ name, app: of, tried, problems },
    links: links.flatMap(link => (dead.has(link) ? [`${link}: ${dead.get(link)}`] : [])),
  }))
  const wrong = checked.filter(one => one.problems.length + one.links.length > 0)
  if (wrong.length > 0) process.exitCode = 1
  if (json) return printJson(checked)
  for (const one of checked) {
    const faults = [...one.problems, ...one.links]
    const tried =
      one.tried === null ? 'never tried' : `tried ${local(one.tried.at).slice(0, 10)} by ${one.tried.by}`
    terminal.print(
      `${faults.length === 0 ? terminal.paint('green', '✓') : terminal.paint('red', '✗')} ${one.name}${folder === undefined ? terminal.paint('dim', `  ${tried}`) : ''}`,
    )
    for (const fault of faults) terminal.print(`    ${fault}`)
  }
  terminal.print(
    wrong.length === 0
      ? `${count(checked.length, 'runbook')}: each can be walked`
      : `${count(wrong.length, 'runbook')} of ${checked.length} to be mended`,
  )
}

/** Those below `runbooks/` of a folder. */
async function inFolder(source: ReturnType<Sources>): Promise<RunbookView[]> {
  const nothing = { text: async () => null, has: async () => false, names: async () => null }
  const found = await library({ own: nothing, served: async () => source }).ofApp('here')
  return found.map(one => ({ ...viewOf(one, undefined, new Set()), app: null }))
}

/** Asked from the machine of whoever types, so that a page that only a company sees is one that answers. */
async function deadOf(links: readonly string[]): Promise<Map<string, string>> {
  const dead = new Map<string, string>()
  const left = [...links]
  const line = async () => {
    for (let link = left.shift(); link !== undefined; link = left.shift()) {
      const why = await wrongWith(link)
      if (why !== null) dead.set(link, why)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, line))
  return dead
}

/** null: it answers. One that wants a sign-in answers, too. */
async function wrongWith(link: string): Promise<string | null> {
  try {
    const { status, body } = await fetch(link, { signal: AbortSignal.timeout(LINK_MS), redirect: 'follow' })
    await body?.cancel()
    return status === 404 || status === 410 || status >= 500 ? `it answers ${status}` : null
  } catch (error) {
    const { cause, message } = error as Error
    return cause instanceof Error ? cause.message : message
  }
}
