import { glob, readFile } from 'node:fs/promises'
import { exec } from '../../server/src/drivers/host/exec.ts'
import { jsonText } from '../../server/src/kernel/output.ts'

/** What runs the tests: the system, and each program that Innkeeper calls, by its own word. */
export type Versions = Readonly<Record<string, string>>

interface Tool {
  name: string
  argv: readonly string[]
}

const TOOLS: readonly Tool[] = [
  { name: 'nginx', argv: ['nginx', '-v'] },
  { name: 'pgBackRest', argv: ['pgbackrest', 'version'] },
  { name: 'restic', argv: ['restic', 'version'] },
  { name: 'Redis', argv: ['redis-server', '--version'] },
  // It has no option that tells.
  { name: 'runit', argv: ['dpkg-query', '--show', '--showformat=${Version}', 'runit'] },
  { name: 'nftables', argv: ['nft', '--version'] },
  { name: 'util-linux', argv: ['unshare', '--version'] },
  { name: 'git', argv: ['git', '--version'] },
  { name: 'Chromium', argv: ['chromium', '--version'] },
]

/** inn test --versions */
export async function tellVersions({ json }: { json?: boolean }): Promise<void> {
  const found = await readVersions()
  if (json) console.log(jsonText(found))
  else for (const [name, version] of Object.entries(found)) console.log(`${name} ${version}`)
}

async function readVersions(): Promise<Versions> {
  const [postgres] = (await Array.fromAsync(glob('/usr/lib/postgresql/*/bin/postgres'))).sort().reverse()
  const cluster = postgres === undefined ? [] : [{ name: 'PostgreSQL', argv: [postgres, '--version'] }]
  const rows = [...TOOLS.slice(0, 1), ...cluster, ...TOOLS.slice(1)].map(
    async tool => [tool.name, await versionOf(tool)] as const,
  )
  return {
    system: await system(),
    'Node.js': process.versions.node,
    ...Object.fromEntries(await Promise.all(rows)),
  }
}

async function versionOf({ argv }: Tool): Promise<string> {
  const done = await exec({ argv, cwd: '/', env: {}, timeoutMs: 20_000 })
  return versionIn(done.tail)
}

/** The first number with a point in it: `nginx version: nginx/1.26.3`, `restic 0.18.0 compiled with go1.24.4`. */
export const versionIn = (told: string): string => /\d+(?:\.\d+)+/.exec(told)?.[0] ?? '?'

async function system(): Promise<string> {
  const told = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const name = /^NAME="?(.*?)"?$/m.exec(told)?.[1] ?? 'Linux'
  // Debian tells its point release here alone.
  const exact = await readFile('/etc/debian_version', 'utf8').catch(() => '')
  return `${name.replace(' GNU/Linux', '')} ${name.startsWith('Debian') ? exact.trim() : (/^VERSION_ID="?(.*?)"?$/m.exec(told)?.[1] ?? '')}`
}
