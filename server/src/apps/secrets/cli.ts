import { text } from 'node:stream/consumers'
import { at } from '../../cli/client.ts'
import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { givenEnv } from '../../cli/env.ts'
import { table } from '../../cli/terminal.ts'
import { durationOf, local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { SecretsDiff, SecretValue, SecretView } from './wire.ts'

interface ChangeFlags {
  plan?: boolean
  previous?: string
  grace?: string
}

interface SetFlags extends ChangeFlags {
  from?: string
  with?: string[]
  timeout?: string
  cache?: string
  stale?: string
  credential?: boolean
}

interface Named {
  name: string
  app: string | undefined
}

/** inn secrets list [APP] */
export async function secretsList(cli: Cli, named: string | undefined): Promise<void> {
  const app = await appName(cli, named)
  const found = await cli.client.get<SecretView[]>(at`/api/apps/${app}/secrets`)
  if (cli.json) return printJson(found)
  const { terminal } = cli
  if (found.length === 0) return terminal.print(`${app} has no secrets yet: inn secrets set NAME ${app}`)
  const rows = found.map(one => [one.name, one.made, sinceOf(one), one.usedBy.join(', ') || '-'])
  terminal.print(table(['NAME', 'MADE', 'SINCE', 'READ BY'], rows))
  for (const { name, from } of found)
    if (from !== null) terminal.print(terminal.paint('dim', keptAt(name, from)))
  for (const { name, weak } of found)
    if (weak !== null) terminal.print(terminal.paint('yellow', `${name}: ${weak}`))
  for (const { name, previous } of found)
    if (previous !== null)
      terminal.print(
        terminal.paint(
          'dim',
          `${name} is the value that ${previous.of} had before, until ${shortTime(previous.until)}`,
        ),
      )
}

function keptAt(name: string, from: NonNullable<SecretView['from']>): string {
  const { command, with: names, at, staleMs } = from
  const more = staleMs === 0 ? '' : `; where that fails, a deploy goes on for ${showDuration(staleMs)}`
  return `${name} is what \`${command}\`${names.length === 0 ? '' : ` (with ${list(names)})`} said at ${local(at)}${more}`
}

const shortTime = (iso: string): string => iso.slice(0, 16).replace('T', ' ')

const sinceOf = ({ since }: SecretView): string =>
  since === null
    ? 'before it was noted'
    : `${since.slice(0, 10)} (${showDuration(Date.now() - Date.parse(since))})`

/** inn secrets get NAME [APP]: the value alone, so that a script can take it. */
export async function secretsGet(cli: Cli, name: string, named: string | undefined): Promise<void> {
  const app = await appName(cli, named)
  const found = await cli.client.get<SecretValue>(at`/api/apps/${app}/secrets/${name}`)
  if (cli.json) return printJson(found)
  // Not by the terminal, which leaves out what a terminal would take for a command.
  process.stdout.write(`${found.value}\n`)
}

/** inn secrets set NAME [APP] */
export async function secretsSet(cli: Cli, { name, app }: Named, flags: SetFlags): Promise<void> {
  if (name.includes('='))
    throw new Failure('usage.secret', 'a value does not belong on the command line', {
      why: 'other users of this machine can read it in the list of processes, and the shell keeps it in its history',
      fix: `\`inn secrets set ${name.split('=')[0]}\` asks for it; or give it by standard input`,
    })
  checkSet(name, flags)
  const path = await pathOf(cli, app)
  const plan = flags.plan ?? false
  if (flags.from !== undefined) {
    const references = { [name]: wishOf(flags.from, flags) }
    return change(cli, { path: `${path}/references`, body: { references }, plan })
  }
  const value = await typed(cli, name)
  if (flags.credential)
    return change(cli, { path: `${path}/references`, body: { credentials: { [name]: value } }, plan })
  await change(cli, {
    path,
    body: { set: { [name]: value }, ...previousOf(flags) },
    plan,
  })
}

function checkSet(name: string, { from, credential, previous, with: names }: SetFlags): void {
  const wrong = (what: string, fix: string) =>
    new Failure('usage.secret', what, { why: 'these options say different things', fix })
  if (from !== undefined && credential)
    throw wrong('a credential is given, and no command says it', `\`inn secrets set ${name} --credential\``)
  if (previous !== undefined && (from !== undefined || credential))
    throw wrong('--previous is for a value that is given or drawn', 'leave --previous out')
  if (names !== undefined && from === undefined)
    throw wrong(
      '--with is for the command of --from',
      `\`inn secrets set ${name} --from COMMAND --with NAME\``,
    )
}

const DAY_MS = 86_400_000

const wishOf = (command: string, { with: names = [], timeout, cache, stale }: SetFlags) => ({
  ...{ command, with: names },
  ...(timeout === undefined
    ? {}
    : { timeoutMs: durationOf('--timeout', timeout, { example: '10s', least: 1_000, most: 60_000 }) }),
  ...(cache === undefined ? {} : { cacheMs: durationOf('--cache', cache, { example: '5m', most: DAY_MS }) }),
  ...(stale === undefined
    ? {}
    : { staleMs: durationOf('--stale', stale, { example: '1d', most: 30 * DAY_MS }) }),
})

/** inn secrets refresh [APP] */
export async function secretsRefresh(
  cli: Cli,
  named: string | undefined,
  { only = [], plan = false }: { only?: string[]; plan?: boolean },
): Promise<void> {
  await change(cli, { path: `${await pathOf(cli, named)}/refresh`, body: { only }, plan })
}

/** One line break at the end is of the program that printed it, and not of the value. */
async function typed({ terminal }: Cli, name: string): Promise<string> {
  const given = terminal.interactive
    ? await terminal.askHidden(`${name}: `)
    : (await text(process.stdin)).replace(/\r?\n$/, '')
  if (given !== '') return given
  throw new Failure('usage.secret', `no value came for ${name}`, {
    why: terminal.interactive ? 'nothing was typed' : 'standard input was empty',
    fix: `\`inn secrets set ${name}\` in a terminal asks for it; \`inn secrets unset ${name}\` takes it away`,
  })
}

/** inn secrets rotate NAME [APP] */
export async function secretsRotate(
  cli: Cli,
  { name, app }: Named,
  flags: ChangeFlags & { length?: number },
): Promise<void> {
  const body = { rotate: { [name]: flags.length ?? null }, ...previousOf(flags) }
  await change(cli, { path: await pathOf(cli, app), body, plan: flags.plan ?? false })
}

/** inn secrets unset NAME [APP] */
export async function secretsUnset(
  cli: Cli,
  { name, app }: Named,
  flags: ChangeFlags & { yes?: boolean; credential?: boolean },
): Promise<void> {
  const path = await pathOf(cli, app)
  const confirm = flags.yes || cli.json ? null : 'take it away?'
  const plan = flags.plan ?? false
  if (flags.credential)
    return change(cli, { path: `${path}/references`, body: { credentials: { [name]: null } }, plan, confirm })
  await change(cli, { path, body: { unset: [name] }, plan, confirm })
}

/** inn secrets import FILE [APP] */
export async function secretsImport(
  cli: Cli,
  { file, app }: { file: string; app: string | undefined },
  flags: ChangeFlags & { only?: string[] },
): Promise<void> {
  const all = await givenEnv({ envFile: file }, cli.terminal)
  const missing = (flags.only ?? []).filter(name => all[name] === undefined)
  if (missing.length > 0)
    throw new Failure('usage.secret', `${file} has no ${list(missing)}`, {
      why: `it has ${list(Object.keys(all).sort()) || 'nothing'}`,
      fix: 'name what stands in it',
    })
  const wanted = Object.entries(all).filter(
    ([name, value]) => value !== '' && (flags.only === undefined || flags.only.includes(name)),
  )
  const left = Object.keys(all).filter(name => all[name] === '')
  if (left.length > 0 && !cli.json) cli.terminal.note(`left out, because they are empty: ${list(left)}`)
  await change(cli, {
    path: await pathOf(cli, app),
    body: { set: Object.fromEntries(wanted) },
    plan: flags.plan ?? false,
  })
}

const DIFFERENCES = [
  ['different', 'yellow', 'another value'],
  ['missing', 'red', 'not kept here'],
  ['more', 'cyan', 'kept here alone'],
  ['same', 'dim', 'the same'],
] as const

/** inn secrets diff FILE [APP]: ends with 1 when something differs. */
export async function secretsDiff(cli: Cli, file: string, named: string | undefined): Promise<void> {
  const app = await appName(cli, named)
  // Empty values are left out of an import, too.
  const values = Object.fromEntries(
    Object.entries(await givenEnv({ envFile: file }, cli.terminal)).filter(([, value]) => value !== ''),
  )
  const found = await cli.client.post<SecretsDiff>(at`/api/apps/${app}/secrets/diff`, { values })
  if (found.different.length + found.missing.length + found.more.length > 0) process.exitCode = EXIT.failed
  if (cli.json) return printJson(found)
  for (const [kind, colour, says] of DIFFERENCES)
    for (const name of found[kind]) cli.terminal.print(cli.terminal.paint(colour, `${name}  ${says}`))
}

const pathOf = async (cli: Cli, app: string | undefined): Promise<string> =>
  at`/api/apps/${await appName(cli, app)}/secrets`

const GRACE = { example: '7d', least: 60_000, most: 90 * 86_400_000 }

const previousOf = ({ previous, grace = '7d' }: ChangeFlags) =>
  previous === undefined ? {} : { previous: { as: previous, graceMs: durationOf('--grace', grace, GRACE) } }
