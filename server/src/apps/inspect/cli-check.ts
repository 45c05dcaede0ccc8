import { basename, resolve } from 'node:path'
import type { Checkout } from '../../cli/checkout.ts'
import { printJson } from '../../cli/command.ts'
import { readAppFile } from '../../cli/file.ts'
import type { Terminal } from '../../cli/terminal.ts'
import { PRODUCTION } from '../../config/app-key.ts'
import type { AppConfig } from '../../config/config.ts'
import type { Problem } from '../../config/problem.ts'
import { type ReadResult, readConfig } from '../../config/read.ts'
import { EXIT } from '../../kernel/exit.ts'
import { count, list } from '../../kernel/words.ts'
import { lacking } from '../releases/cli-unfit.ts'
import { openFolder } from './folder.ts'
import { gather } from './gather.ts'
import { warningsOf } from './warn.ts'

const KINDS = { web: 'server', worker: 'worker', static: 'files' } as const

/** inn check [folder]: checks innkeeper.yaml and the repository around it, without a keeper. */
export async function check(
  folder: string,
  { checkout, json, terminal }: { checkout: Checkout; json: boolean; terminal: Terminal },
): Promise<void> {
  const root = resolve(folder)
  const text = await readAppFile(root)
  const read = readConfig(text)
  const { config } = read
  // The files are the same in all environments, so they are listed once.
  let listed: ReturnType<Checkout['tracked']> | null = null
  const tracked = () => (listed ??= checkout.tracked(root))
  const problems = await inAll(read.environments, async environment =>
    all(root, environment === PRODUCTION ? read : readConfig(text, environment), { ...checkout, tracked }),
  )
  if (problems.length > 0) process.exitCode = EXIT.usage
  const warnings =
    config === null ? [] : warningsOf(config, await gather(await openFolder(root), basename(root)))
  if (json) return printJson({ ok: problems.length === 0, problems, warnings })
  if (config === null || problems.length > 0) {
    terminal.print(terminal.paint('red', `innkeeper.yaml has ${count(problems.length, 'problem')}`))
    for (const p of problems)
      terminal.print(
        `  ${p.line === null ? '' : `line ${p.line}: `}${p.path === '' ? '' : `${p.path}: `}${p.message}`,
      )
    return
  }
  const services = config.services.map(
    s => `${s.name} (${KINDS[s.kind]}${s.instances > 1 ? `, ${s.instances} instances` : ''})`,
  )
  terminal.print(
    `${terminal.paint('green', 'innkeeper.yaml is good')}: ${config.name} with ${list(services)}${others(read)}`,
  )
  for (const warning of warnings) terminal.print(terminal.paint('yellow', `  warning: ${warning}`))
}

/** What a person sees of environments besides production. */
function others({ environments }: Pick<ReadResult, 'environments'>): string {
  const more = environments.filter(name => name !== PRODUCTION)
  return more.length === 0 ? '' : `, also in ${list(more)}`
}

/** The problems in each environment; what all of them have is told once. */
async function inAll(
  environments: readonly string[],
  of: (environment: string) => Promise<Problem[]>,
): Promise<Problem[]> {
  const found = new Map<string, Problem>()
  for (const environment of environments) {
    for (const problem of await of(environment)) {
      const key = JSON.stringify(problem)
      const message = environment === PRODUCTION ? problem.message : `in ${environment}: ${problem.message}`
      if (!found.has(key)) found.set(key, { ...problem, message })
    }
  }
  return [...found.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

/** Problems of the file and of the repository beside it, at once: a deploy would find the second kind after the first. */
async function all(root: string, read: ReadResult, checkout: Checkout): Promise<Problem[]> {
  const config = read.config ?? read.rest
  if (config === null) return read.problems
  const { paths } = await checkout.tracked(root)
  const known = new Set(read.problems.map(problem => problem.path))
  const more = await lacking(root, paths, { config, lineOf: read.lineOf, templates: checkout.templates })
  const refused = config.alerts.length === 0 ? null : await checkout.alertsProblem(config.name, config.alerts)
  const alerts =
    refused === null
      ? []
      : [{ path: 'alerts', line: read.lineOf(['alerts']), message: `Prometheus refuses it: ${refused}` }]
  const books = runbookProblems(await checkout.runbooks(root), { config, lineOf: read.lineOf })
  return [...read.problems, ...[...alerts, ...books, ...more].filter(problem => !known.has(problem.path))]
}

type Lines = Pick<ReadResult, 'lineOf'> & { config: Pick<AppConfig, 'runbooks'> }

/** Runbooks that cannot be walked, and those that would never run by themselves though the file says so. */
export function runbookProblems(
  all: Awaited<ReturnType<Checkout['runbooks']>>,
  { config, lineOf }: Lines,
): Problem[] {
  const broken = all.flatMap(({ name, problems }) =>
    problems.map(message => ({ path: `runbooks/${name}.md`, line: null, message })),
  )
  const auto = Object.keys(config.runbooks).flatMap(name => {
    const found = all.find(one => one.name === name)
    const why =
      found === undefined
        ? `there is no runbooks/${name}.md, and none of that name comes with Innkeeper`
        : found.safe
          ? null
          : 'it is not marked `safe: true`, so it never runs by itself'
    return why === null ? [] : [{ path: `runbooks.${name}`, line: lineOf(['runbooks', name]), message: why }]
  })
  return [...broken, ...auto]
}
