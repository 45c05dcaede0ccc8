import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { parseEnv } from 'node:util'
import { Failure } from '../kernel/failure.ts'
import { list } from '../kernel/words.ts'
import type { Terminal } from './terminal.ts'

export interface EnvFlags {
  env?: string[]
  envFile?: string
}

/**
 * Reads values for `env` from --env-file FILE (`-`: standard input), --env NAME (the value comes from this shell) and
 * --env NAME=value (everybody on the machine can see it in the list of processes while the command runs).
 */
export async function givenEnv(
  flags: EnvFlags,
  terminal: Pick<Terminal, 'note'>,
): Promise<Record<string, string>> {
  const fromFile =
    flags.envFile === undefined ? {} : (parseEnv(await readEnv(flags.envFile)) as Record<string, string>)
  const pairs = (flags.env ?? []).map(given => {
    const [name, ...rest] = given.split('=')
    return {
      name: name!,
      value: rest.length === 0 ? process.env[name!] : rest.join('='),
      shown: rest.length > 0,
    }
  })
  const unset = pairs.filter(pair => pair.value === undefined).map(pair => pair.name)
  if (unset.length > 0)
    throw new Failure('usage.env', `${list(unset)} is not set in this shell`, {
      why: '--env NAME takes the value from here',
      fix: `export ${unset[0]}=value, or --env-file FILE`,
    })
  const shown = pairs.filter(pair => pair.shown).map(pair => pair.name)
  if (shown.length > 0)
    terminal.note(
      `note: other users of this machine can read ${list(shown)} in its list of processes while this runs; --env-file FILE, --env-file - and --env ${shown[0]} keep it from them`,
    )
  return { ...fromFile, ...Object.fromEntries(pairs.map(({ name, value }) => [name, value!])) }
}

async function readEnv(path: string): Promise<string> {
  if (path === '-') return text(process.stdin)
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new Failure('usage.env-file', `${path} cannot be read`, {
      why: error.message,
      fix: 'check the path',
    })
  })
}
