import { realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { Origin } from '../../apps/deploys/wire.ts'
import { git } from './git.ts'

/** Where the source in a folder comes from. */
export async function originOf(folder: string): Promise<Origin> {
  const [top, remotes, roots, shallow] = await Promise.all([
    git(folder, ['rev-parse', '--show-prefix']),
    git(folder, ['remote', '-v']),
    git(folder, ['rev-list', '--max-parents=0', 'HEAD']),
    git(folder, ['rev-parse', '--is-shallow-repository']),
  ])
  // The commit at which a shallow history is cut off is another one each time.
  const first = roots.code === 0 && shallow.stdout.trim() === 'false' ? roots.stdout.trim().split('\n') : []
  const remote = remoteOf(remotes.code === 0 ? remotes.stdout : '')
  const place = `${hostname()}:${await realpath(folder)}`
  if (top.code !== 0) return { remote: null, first: [], folder: '', place }
  return { remote, first: first.slice(0, 20), folder: top.stdout.trim().replace(/\/$/, ''), place }
}

/** The address of `origin`, or of the only remote, without user and password. */
function remoteOf(lines: string): string | null {
  const all = [...lines.matchAll(/^(\S+)\t(\S+) \(fetch\)$/gm)].map(([, name, url]) => ({ name, url: url! }))
  const found = all.find(({ name }) => name === 'origin') ?? (all.length === 1 ? all[0] : undefined)
  return found?.url.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1') ?? null
}
