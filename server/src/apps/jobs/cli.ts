import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { type OfRun, outputOf, pathOf } from './cli-output.ts'
import type { JobRunView, JobView } from './wire.ts'

interface Named {
  job: string
  app: string | undefined
}

const COLOUR = {
  ok: 'green',
  running: 'blue',
  waiting: 'blue',
  new: 'dim',
  off: 'dim',
  stopped: 'dim',
  paused: 'yellow',
  late: 'red',
  failed: 'red',
} as const

/** inn job list */
export async function jobList({ client, terminal, json }: Cli, app: string | undefined): Promise<void> {
  const asked = app === undefined ? '' : `?app=${encodeURIComponent(app)}`
  const all = await client.get<JobView[]>(`/api/jobs${asked}`)
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('no app has jobs; jobs: in innkeeper.yaml says which')
  terminal.print(
    table(
      ['APP', 'JOB', 'STATE', 'NEXT', 'LAST', 'SCHEDULE'],
      all.map(one => [
        one.app,
        one.name,
        terminal.paint(COLOUR[one.state], one.state),
        one.next === null ? '-' : local(one.next),
        one.runs[0] === undefined ? '-' : lastOf(one.runs[0]),
        `${one.schedule} ${one.timezone}`,
      ]),
    ),
  )
  for (const one of all)
    if (one.paused !== null)
      terminal.print(`${one.name} was paused by ${one.paused.by} at ${local(one.paused.at)}`)
}

const lastOf = ({ state, moment, ms }: JobRunView): string =>
  `${state} ${local(moment)}${ms === null ? '' : `, took ${showDuration(ms)}`}`

/** inn job history */
export async function jobHistory(
  cli: Cli,
  { job, app: named }: Named,
  { number, run }: { number: number; run?: string },
): Promise<void> {
  const { client, terminal, json } = cli
  const app = await appName(cli, named)
  const runs = await client.get<JobRunView[]>(
    `${at`/api/apps/${app}/jobs/${job}/runs`}?limit=${run === 'last' ? 1 : number}`,
  )
  if (run !== undefined) return printed(cli, { app, job, id: run === 'last' ? (runs[0]?.id ?? run) : run })
  if (json) return printJson(runs)
  if (runs.length === 0) return terminal.print(`${job} has not run yet`)
  const rows = runs.map(one => [
    one.id,
    local(one.moment),
    stateWords(one),
    one.ms === null ? '-' : showDuration(one.ms),
    one.release ?? '-',
    one.actor ?? (one.cause === 'late' ? 'made up for' : 'schedule'),
    one.why ?? '',
  ])
  terminal.print(table(['RUN', 'MOMENT', 'STATE', 'TOOK', 'RELEASE', 'BY', 'WHY'], rows))
}

function stateWords({ state, attempt, count, retryAt }: JobRunView): string {
  if (count > 1) return `${state} ${count} times`
  if (retryAt !== null) return `tried again ${local(retryAt)}`
  return attempt > 1 ? `${state}, try ${attempt}` : state
}

/** inn job history --run: what it printed until now. */
async function printed(cli: Cli, of: OfRun): Promise<void> {
  const run = await cli.client.get<JobRunView>(pathOf(of))
  const lines: string[] = []
  await outputOf(cli, of, { follow: false, take: line => void lines.push(line) })
  if (cli.json) return printJson({ ...run, lines })
  for (const line of lines) cli.terminal.print(line)
  if (run.why !== null) cli.terminal.note(`${run.state}: ${run.why}`)
}

/** inn job run: the exit code is that of its command. Ctrl-C leaves it running. */
export async function jobRun(cli: Cli, job: string, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const app = await appName(cli, named)
  const begun = await client.post<JobRunView>(at`/api/apps/${app}/jobs/${job}/runs`, {})
  const of = { app, job, id: begun.id }
  const lines: string[] = []
  const left = () => {
    terminal.note(`${job} goes on: inn job history ${job} ${app} --run ${begun.id}`)
    process.exit(EXIT.interrupted)
  }
  process.on('SIGINT', left)
  await outputOf(cli, of, {
    follow: true,
    take: line => void (json ? lines.push(line) : terminal.print(line)),
  })
  process.off('SIGINT', left)
  const run = await client.get<JobRunView>(pathOf(of))
  process.exitCode = run.state === 'done' ? EXIT.done : run.code || EXIT.failed
  if (json) return printJson({ ...run, lines })
  const took = run.ms === null ? '' : ` in ${showDuration(run.ms)}`
  if (run.state === 'done') terminal.note(terminal.paint('green', `${job} of ${app} is done${took}`))
  else terminal.note(terminal.paint('red', `${job} of ${app}: ${run.state}${took}: ${run.why}`))
}

/** inn job stop */
export async function jobStop(cli: Cli, job: string, named: string | undefined): Promise<void> {
  const app = await appName(cli, named)
  const run = await cli.client.post<JobRunView>(at`/api/apps/${app}/jobs/${job}/stop`, {})
  if (cli.json) return printJson(run)
  cli.terminal.print(
    run.state === 'running' ? `${job} of ${app} was told to end` : `${job} of ${app} does not begin`,
  )
}

/** inn job pause, inn job resume */
export async function jobPause(cli: Cli, { job, app: named }: Named, how: 'pause' | 'resume'): Promise<void> {
  const app = await appName(cli, named)
  await cli.client.post(at`/api/apps/${app}/jobs/${job}/` + how, {})
  const [now] = (await cli.client.get<JobView[]>(`/api/jobs?app=${encodeURIComponent(app)}`)).filter(
    one => one.name === job,
  )
  if (cli.json) return printJson(now)
  const next = now?.next == null ? '' : `; its next run is ${local(now.next)}`
  cli.terminal.print(
    how === 'pause'
      ? `${job} of ${app} is paused: no run begins by itself until inn job resume ${job} ${app}`
      : `${job} of ${app} is resumed${next}`,
  )
}
