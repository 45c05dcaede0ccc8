import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { Failure } from '../kernel/failure.ts'

/** The servers that somebody gave names, and the one that commands go to; null: this machine. */
export interface Servers {
  use: string | null
  /** Name → address, as it was typed. */
  servers: Readonly<Record<string, string>>
}

const NONE: Servers = { use: null, servers: {} }

/** It is of the user, not of a home: a laptop has none. */
export const serversFile = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'innkeeper/servers.json')

export async function readServers(file = serversFile()): Promise<Servers> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw unread(file, error.message)
  })
  if (text === null) return NONE
  try {
    const { use, servers } = JSON.parse(text) as Servers
    const named = Object.values(servers).every(address => typeof address === 'string')
    if (named && (use === null || typeof servers[use] === 'string')) return { use, servers }
  } catch {
    // It is told below.
  }
  throw unread(file, 'it is not what `inn server use` wrote')
}

const unread = (file: string, why: string): Failure =>
  new Failure('usage.servers', `the list of your servers cannot be read: ${file}`, {
    why,
    fix: 'remove that file, and name them again: `inn server use NAME root@server`',
  })

/** Written beside and renamed, so that a cut leaves the list of before. */
export async function writeServers(known: Servers, file = serversFile()): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.new`, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** Where commands go: the text of an address and the name that it has; null: to this machine. */
export interface Goal {
  name: string | null
  address: string
  /** Nobody named it with this command. */
  remembered: boolean
}

/** What is named with the command counts, then what the environment says, then what is remembered. */
export function goalOf(
  { flag, env }: { flag: string | undefined; env: NodeJS.ProcessEnv },
  { use, servers }: Servers,
): Goal | null {
  const named = flag ?? env['INNKEEPER_HOST']
  if (named !== undefined && named !== '') {
    const known = Object.hasOwn(servers, named)
    return { name: known ? named : null, address: known ? servers[named]! : named, remembered: false }
  }
  if (use === null || env['INNKEEPER_URL'] !== undefined || env['INNKEEPER_HOME'] !== undefined) return null
  return { name: use, address: servers[use]!, remembered: true }
}
