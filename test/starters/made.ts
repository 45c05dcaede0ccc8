import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { exec, SYSTEM_PATH } from '../../server/src/drivers/host/exec.ts'
import { networkEnv } from '../../server/src/drivers/host/network.ts'
import { commit } from '../kit/app.ts'
import type { Command, Starter } from './starter.ts'

const LONGEST_MS = 420_000
/** What npm resolves is what there was on this day, so that a run can be repeated. With newer starters comes a newer day. */
const AS_OF = '2026-11-20'

/** Makes the repository of a starter below `at`, with its lockfile, committed. Resolves with its folder. */
export async function make(starter: Starter, at: string, say: (line: string) => void): Promise<string> {
  const folder = join(at, starter.folder)
  for (const [path, text] of Object.entries(starter.files ?? {})) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  for (const command of starter.commands ?? []) {
    say(command.argv.join(' '))
    await run(command, command.beside ? at : folder)
  }
  // What `npm install` leaves for the repository, without the packages: a deploy brings its own.
  await run({ argv: ['npm', 'install', '--package-lock-only', '--ignore-scripts'] }, folder)
  await commit(folder, { ignored: false })
  return folder
}

export async function run({ argv, input }: Command, cwd: string): Promise<void> {
  const done = await exec({ argv, cwd, env: person(), timeoutMs: LONGEST_MS, ...(input ? { input } : {}) })
  if (done.code !== 0)
    throw new Error(`${argv.join(' ')} ended with ${done.code ?? done.signal}:\n${done.tail.slice(-4_000)}`)
}

/** The environment of a person with the Node.js that the app will run on: npm keeps its downloads in their own cache. */
function person(): Record<string, string> {
  const { HOME = '/root' } = process.env
  return {
    ...networkEnv(process.env),
    HOME,
    PATH: `${dirname(process.execPath)}:${SYSTEM_PATH}`,
    // A lockfile as npm writes it by itself, whatever this machine's settings say.
    npm_config_omit_lockfile_registry_resolved: 'false',
    npm_config_before: AS_OF,
    npm_config_yes: 'true',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    NEXT_TELEMETRY_DISABLED: '1',
    // Whoever asks for anything else waits for nobody.
    CI: 'true',
  }
}

/** `16.4.3`, as the lockfile has it. */
export async function versionOf(starter: Starter, folder: string): Promise<string> {
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>
  }
  return lock.packages[`node_modules/${starter.package}`]?.version ?? '?'
}
