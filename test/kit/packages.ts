import { createHash } from 'node:crypto'
import { mkdir, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execOk, SYSTEM_PATH } from '../../server/src/drivers/host/exec.ts'
import { exists } from '../../server/src/drivers/host/files.ts'
import { prisma } from './migration-prisma.ts'
import { TOOL_CASES } from './migration-tools.ts'

/** What tests bring from the npm registry is kept here, also for a root of another Debian, which has no network. */
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/innkeeper-test')
const PATH = `${dirname(process.execPath)}:${SYSTEM_PATH}`

export const SOCKET_IO = ['socket.io@4.8.1', 'socket.io-client@4.8.1']

/** Libraries that are asked behind a pooler. */
export const POOLED = [
  'pg@8.23.1',
  'postgres@3.4.9',
  'drizzle-orm@0.45.4',
  'prisma@7.10.0',
  '@prisma/client@7.10.0',
  '@prisma/adapter-pg@7.10.0',
]

const brought = new Map<string, Promise<string>>()

/** Path of a node_modules with these packages (`name@version`), which are brought once. */
export function packages(specs: readonly string[]): Promise<string> {
  const name = `packages-${createHash('sha256').update(specs.join(' ')).digest('hex').slice(0, 12)}`
  const found = brought.get(name) ?? bring(join(CACHE, name), specs)
  brought.set(name, found)
  return found
}

async function bring(target: string, specs: readonly string[]): Promise<string> {
  if (await exists(join(target, 'node_modules'))) return join(target, 'node_modules')
  const half = `${target}.${process.pid}`
  await mkdir(half, { recursive: true })
  const argv = ['npm', 'install', '--prefix', half, '--ignore-scripts', '--no-audit', '--no-fund', ...specs]
  await execOk({ argv, env: { ...process.env, PATH } as Record<string, string>, timeoutMs: 300_000 }, 'npm')
  await rename(half, target)
  return join(target, 'node_modules')
}

/** Brings all packages of all tests. */
export async function allPackages(): Promise<void> {
  for (const specs of [SOCKET_IO, POOLED, ...[prisma, ...TOOL_CASES].map(tool => tool.packages)])
    await packages(specs)
}
