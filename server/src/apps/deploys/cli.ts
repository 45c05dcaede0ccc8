import { resolve } from 'node:path'
import type { Checkout } from '../../cli/checkout.ts'
import { at } from '../../cli/client.ts'
import { appName, type Cli, change } from '../../cli/command.ts'
import { type EnvFlags, givenEnv } from '../../cli/env.ts'
import { readAppFile } from '../../cli/file.ts'
import { keyOf } from '../../cli/name.ts'
import { appKey, PRODUCTION, parseApp } from '../../config/app-key.ts'
import { invalid, readConfig } from '../../config/read.ts'
import { parseDuration } from '../../kernel/durations.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import type { AppStatus } from '../app/wire.ts'
import { checkSource, sendSource } from './cli-source.ts'

export interface DeployFlags extends EnvFlags {
  plan?: boolean
  only?: string[]
  watch?: string
  newOrigin?: boolean
  environment?: string
  override?: string
  fresh?: boolean
  verbose?: boolean
}

/** inn deploy [folder] */
export async function deploy(
  cli: Cli,
  folder: string,
  flags: DeployFlags,
  checkout: Checkout,
): Promise<void> {
  const root = resolve(folder)
  const text = await readAppFile(root)
  const { config, problems, lineOf } = readConfig(text, flags.environment)
  if (config === null) throw invalid(problems)
  const app = keyOf(config.name, flags.environment)
  const common = {
    only: flags.only?.flatMap(names => names.split(',')),
    env: await givenEnv(flags, cli.terminal),
    watchMs: flags.watch === undefined ? undefined : watchOf(flags.watch),
    origin: await checkout.origin(root),
    newOrigin: flags.newOrigin ?? false,
    fresh: flags.fresh ?? false,
    branch: await checkout.branch(root),
    override: flags.override,
  }
  const sight = { checkout, read: { config, lineOf } }
  const path = at`/api/apps/${app}/deploys`
  if (flags.plan) {
    await checkSource(root, sight)
    return change(cli, { path, body: { ...common, config: text, plan: true }, plan: true })
  }
  const source = await sendSource(root, cli.client, sight)
  if (!cli.json)
    for (const notice of source.notices) cli.terminal.print(cli.terminal.paint('yellow', `note: ${notice}`))
  await change(cli, {
    path,
    body: { ...common, upload: source.digest, commit: source.commit },
    plan: false,
    verbose: flags.verbose,
  })
  if (cli.json || process.exitCode === EXIT.failed) return
  const { url } = await cli.client.get<AppStatus>(at`/api/apps/${app}`)
  if (url !== null) cli.terminal.print(`${app} answers on ${cli.terminal.paint('bold', url)}`)
}

interface PromoteFlags {
  commit?: string
  override?: string
  app?: string
  plan?: boolean
  yes?: boolean
}

/** inn promote <from> [to] */
export async function promote(
  cli: Cli,
  { from, to = PRODUCTION }: { from: string; to?: string },
  flags: PromoteFlags,
): Promise<void> {
  const { name } = parseApp(await appName(cli, flags.app))
  const app = appKey({ name, environment: to })
  await change(cli, {
    path: at`/api/apps/${app}/promotions`,
    body: { from, override: flags.override, commit: flags.commit },
    plan: flags.plan ?? false,
    confirm: flags.yes || cli.json ? null : 'promote it?',
  })
}

function watchOf(text: string): number {
  const ms = text === '0' ? 0 : parseDuration(text)
  if (ms !== null) return ms
  throw new Failure('usage.watch', `--watch ${text} is not a duration`, {
    why: 'it wants a number and a unit',
    fix: '--watch 30s, or --watch 0 for none',
  })
}
