import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { AppStatus } from '../../../contract/status.ts'
import { readConfigOrFail } from '../config/read.ts'
import { parseDuration } from '../kernel/durations.ts'
import { EXIT } from '../kernel/exit.ts'
import { Failure } from '../kernel/failure.ts'
import { list } from '../kernel/words.ts'
import { type Cli, change } from './command.ts'
import { readAppFile } from './file.ts'
import { sendSource } from './source.ts'

export interface DeployFlags {
  plan?: boolean
  only?: string[]
  env?: string[]
  envFile?: string
  watch?: string
  wait?: boolean
  verbose?: boolean
}

/** inn deploy [folder] */
export async function deploy(cli: Cli, folder: string, flags: DeployFlags): Promise<void> {
  const root = resolve(folder)
  const text = await readAppFile(root)
  const config = readConfigOrFail(text)
  const common = {
    only: flags.only?.flatMap(names => names.split(',')),
    env: await givenEnv(flags),
    watchMs: flags.watch === undefined ? undefined : watchOf(flags.watch),
    wait: flags.wait ?? false,
  }
  const path = `/api/apps/${config.name}/deploys`
  if (flags.plan) return change(cli, { path, body: { ...common, config: text, plan: true }, plan: true })
  const source = await sendSource(root, cli.client)
  if (!cli.json)
    for (const notice of source.notices) cli.terminal.print(cli.terminal.paint('yellow', `note: ${notice}`))
  await change(cli, {
    path,
    body: { ...common, upload: source.digest, commit: source.commit },
    plan: false,
    verbose: flags.verbose,
  })
  if (cli.json || process.exitCode === EXIT.failed) return
  const { url } = await cli.client.get<AppStatus>(`/api/apps/${config.name}`)
  if (url !== null) cli.terminal.print(`${config.name} answers on ${cli.terminal.paint('bold', url)}`)
}

function watchOf(text: string): number {
  const ms = text === '0' ? 0 : parseDuration(text)
  if (ms !== null) return ms
  throw new Failure('usage.watch', `--watch ${text} is not a duration`, {
    why: 'it wants a number and a unit',
    fix: '--watch 30s, or --watch 0 for none',
  })
}

/** --env NAME=value and --env-file FILE; a bare --env NAME takes it from this shell. */
async function givenEnv(flags: DeployFlags): Promise<Record<string, string>> {
  const fromFile =
    flags.envFile === undefined ? {} : (parseEnv(await readEnvFile(flags.envFile)) as Record<string, string>)
  const pairs = (flags.env ?? []).map(text => {
    const [name, ...rest] = text.split('=')
    return [name!, rest.length === 0 ? process.env[name!] : rest.join('=')] as const
  })
  const unset = pairs.filter(([, value]) => value === undefined).map(([name]) => name)
  if (unset.length > 0)
    throw new Failure('usage.env', `${list(unset)} is not set in this shell`, {
      why: '--env NAME takes the value from here',
      fix: `--env ${unset[0]}=value`,
    })
  return { ...fromFile, ...(Object.fromEntries(pairs) as Record<string, string>) }
}

async function readEnvFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new Failure('usage.env-file', `${path} cannot be read`, {
      why: error.message,
      fix: 'check the path',
    })
  })
}
