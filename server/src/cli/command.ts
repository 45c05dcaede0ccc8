import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Run } from '../engine/wire.ts'
import type { Approval, ChangeAnswer } from '../engine/wire-change.ts'
import { EXIT } from '../kernel/exit.ts'
import { Failure } from '../kernel/failure.ts'
import { jsonText, plain } from '../kernel/output.ts'
import { list, unmarked } from '../kernel/words.ts'
import { at, type Client, connectTo } from './client.ts'
import { ending, follow, heldBack } from './follow.ts'
import { nameHere } from './name.ts'
import { openTerminal, showPlan, type Terminal } from './terminal.ts'
import type { Tunnel } from './tunnel.ts'

/** What every command gets. */
export interface Cli {
  home: string
  client: Client
  /** The same keeper, asked as whoever this token is of; null: as `client`. */
  as(token: string | null, headers: Readonly<Record<string, string>>): Client
  terminal: Terminal
  json: boolean
  /** Whether a change waits for one that is under way. */
  wait: boolean
  actor: string
  /** Of this command line; null: it is the keeper's. */
  version: string | null
  /** The way to another server; null: the keeper is not reached by ssh. */
  tunnel: Tunnel | null
}

type Opening = Pick<Cli, 'home' | 'json' | 'wait' | 'tunnel' | 'version'>

/** `tunnel`: to a keeper on another server; null: this machine's, or what INNKEEPER_URL says. */
export function openCli({ home, json, wait, tunnel, version }: Opening): Cli {
  const actor = process.env['SUDO_USER'] ?? process.env['USER'] ?? process.env['LOGNAME'] ?? 'root'
  const { INNKEEPER_URL: url, INNKEEPER_TOKEN: token } = process.env
  if (tunnel === null && url !== undefined && token === undefined) {
    throw new Failure('usage.token', 'INNKEEPER_URL is set and INNKEEPER_TOKEN is not', {
      why: 'a keeper elsewhere wants a token',
      fix: 'on the server: `inn token add NAME`',
    })
  }
  // A step of a runbook is held to the rights that the keeper lends it.
  const pass = process.env['INNKEEPER_PASS']
  const here = {
    socketPath: join(home, 'run', 'keeper.sock'),
    ...(pass === undefined ? {} : { token: pass }),
  }
  const reach =
    tunnel !== null
      ? { socketPath: tunnel.socketPath, through: tunnel }
      : url !== undefined
        ? { url, token: token! }
        : here
  // JSON keeps every text unchanged. For people, colours and control characters that others sent are removed.
  const terminal = openTerminal()
  const client = connectTo(reach, actor, {
    ...(json ? {} : { heard: plain }),
    met(keeper) {
      if (version !== null && keeper !== version)
        terminal.note(
          `this inn is ${version}, and the keeper ${keeper}: what only one of them knows fails; \`inn version\` shows both`,
        )
    },
  })
  const as: Cli['as'] = (other, headers) =>
    connectTo(other === null ? reach : { ...reach, token: other }, actor, { heard: plain, headers })
  return { home, client, as, terminal, json, wait, actor, version, tunnel }
}

/** Prints one JSON document to standard output. */
export const printJson = (value: unknown): void => void process.stdout.write(`${jsonText(value)}\n`)

/** The app that a command is about: the named one, else the one in this folder's innkeeper.yaml, else the only one. */
export async function appName(cli: Cli, named: string | undefined): Promise<string> {
  const found = named ?? nameHere()
  if (found !== null) return found
  const { apps } = await cli.client.get<{ apps: Array<{ name: string }> }>('/api/status')
  if (apps.length === 1) return apps[0]!.name
  const why =
    apps.length === 0 ? 'nothing was deployed here yet' : `there are several: ${list(apps.map(a => a.name))}`
  throw new Failure('usage.app', 'which app?', {
    why,
    fix: apps.length === 0 ? '`inn deploy`, in the folder of an app' : 'name it, or run this in its folder',
  })
}

interface Change {
  path: string
  body: Record<string, unknown>
  plan: boolean
  verbose?: boolean
  /** The question that a person must confirm before it begins; null: it begins at once. */
  confirm?: string | null
  /** Fetches the result of the run when it is done: `facts` for the JSON document, `text` for a person. */
  shows?: (run: string) => Promise<{ facts: Record<string, unknown>; text: string }>
}

/** Asks the keeper for a change. Shows its plan, or follows its run to the end. Sets the exit code. */
export async function change(
  cli: Cli,
  { path, body, plan, verbose = false, confirm = null, shows }: Change,
): Promise<void> {
  const { client, terminal, json } = cli
  if (plan || confirm !== null) {
    const answer = (await client.post<ChangeAnswer>(path, { ...body, plan: true })) as {
      plan: Parameters<typeof showPlan>[0]
    }
    if (plan && json) return printJson(answer.plan)
    if (!json) terminal.print(showPlan(answer.plan, terminal))
    if (plan) return
    const said = terminal.interactive ? await terminal.ask(`${confirm} [y/N] `) : ''
    if (!/^y/i.test(said)) {
      terminal.note('nothing was changed; --yes does it without asking')
      process.exitCode = EXIT.failed
      return
    }
  }
  const result = await carryOut(cli, { path, body, verbose })
  const good = result.outcome === 'done' || result.outcome === 'done-but'
  const made = good && shows !== undefined ? await shows(result.run) : null
  if (json) printJson({ ...result, ...made?.facts })
  else if (made !== null) terminal.print(made.text)
}

interface Begun {
  run: { id: string; title: string }
  notices: string[]
  /** Ctrl-C came while it was begun. */
  interrupted: boolean
}

/** What the keeper does by itself takes seconds: nobody has to say that they would wait for that. */
const SHORT: readonly unknown[] = ['retire', 'sleep', 'wake']

/** Begins a change. With `--wait`, tries again when a change that is in its way has ended: it may have changed the plan. */
async function begin(cli: Cli, path: string, body: Record<string, unknown>): Promise<Begun> {
  const { client, terminal, json, wait } = cli
  for (let told = ''; ; ) {
    try {
      const { value, interrupted } = await heldBack(() => client.post<ChangeAnswer>(path, body))
      if ('approval' in value) return { ...(await approved(cli, value.approval)), interrupted }
      return { ...(value as Omit<Begun, 'interrupted'>), interrupted }
    } catch (error) {
      if (!(error instanceof Failure && error.code === 'run.locked')) throw error
      if (!wait && !SHORT.includes(error.facts['kind'])) throw error
      const id = String(error.facts['run'])
      if (!json && told !== id) terminal.note(`waiting: ${error.why}`)
      told = id
      await endOf(client, id)
    }
  }
}

/** With `--wait`, the run that begins when others have approved it. Ctrl-C gives up the waiting alone. Failures: `approval.waiting`, `approval.closed`. */
async function approved(
  { client, terminal, json, wait }: Cli,
  { id, needed, plan }: Approval,
): Promise<Omit<Begun, 'interrupted'>> {
  const asked = `${plan.title} waits until ${needed === 1 ? 'somebody else has' : `${needed} others have`} approved it`
  const how = `\`inn approvals approve ${id}\`, or the dashboard`
  if (!wait)
    throw new Failure('approval.waiting', asked, {
      why: 'protection: of innkeeper.yaml asks for that; nothing has begun',
      fix: `${how}; --wait waits for it`,
      facts: { approval: id },
    })
  if (!json) terminal.note(`${asked}: ${how}`)
  for (;;) {
    const { state, run, refusedBy } = await client.get<Approval>(at`/api/approvals/${id}`)
    if (run !== null) return { run: await client.get<Run>(at`/api/runs/${run}`), notices: [] }
    if (state !== 'waiting')
      throw new Failure('approval.closed', `${plan.title} was not approved`, {
        why: refusedBy === null ? 'nobody approved it in time' : `${refusedBy} refused it`,
        fix: 'ask for the change again',
      })
    await sleep(2_000)
  }
}

/** Waits until a run has ended. Ctrl-C gives up the waiting alone, and not the run, which somebody else began. */
async function endOf(client: Client, id: string): Promise<void> {
  while ((await client.get<Run>(at`/api/runs/${id}`)).state !== 'ended') await sleep(500)
}

/** Begins a change and follows its run to the end. Sets the exit code. */
export async function carryOut(
  cli: Cli,
  { path, body, verbose = false }: Pick<Change, 'path' | 'body' | 'verbose'>,
): Promise<Result> {
  const { terminal, json } = cli
  const started = performance.now()
  const answer = await begin(cli, path, body)
  if (!json) {
    terminal.print(terminal.paint('bold', answer.run.title))
    for (const notice of answer.notices)
      terminal.print(terminal.paint('yellow', `  note: ${unmarked(notice)}`))
  }
  return carryOn(cli, answer.run.id, { verbose, started, interrupted: answer.interrupted })
}

/** Follows a run that was begun before to its end. Sets the exit code. */
export async function carryOn(
  { client, terminal, json }: Cli,
  id: string,
  { verbose = false, started = performance.now(), interrupted = false } = {},
): Promise<Result> {
  const run = await follow(id, { client, terminal, verbose, quiet: json, interrupted })
  if (!json) terminal.print(ending(run, terminal))
  process.exitCode = exitOf(run.outcome)
  return resultOf(run, performance.now() - started)
}

/** The exit code for the end of a run. */
export function exitOf(outcome: Run['outcome']): number {
  if (outcome === 'done') return EXIT.done
  if (outcome === 'done-but') return EXIT.leftover
  return outcome === 'stuck' ? EXIT.stuck : EXIT.failed
}

export type Result = ReturnType<typeof resultOf>

/** The result that `--json` prints last. `ms`: from the start of the command to the end of the run. */
export const resultOf = (run: Run, ms: number) => ({
  outcome: run.outcome,
  release: run.release,
  run: run.id,
  steps: run.steps.map(({ kind, title, state, ms: took, phase, note }) => ({
    kind,
    title,
    state,
    ms: took,
    phase,
    note,
  })),
  failure: run.failure,
  leftover: run.leftover,
  ms: Math.round(ms),
})
