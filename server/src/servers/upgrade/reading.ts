import { Failure } from '../../kernel/failure.ts'
import type { Said } from './facts.ts'

/** Asks a keeper what is compared: its version, and which release each app has. */
export async function saidBy(keeper: { get<T>(path: string): Promise<T> }): Promise<Said> {
  const { version } = await keeper.get<{ version: string }>('/api/health')
  const { apps } = await keeper.get<Said>('/api/status')
  return { version, apps: apps.map(({ name, release }) => ({ name, release })) }
}

/** What is not as it should be in what a keeper says; null: all is. `before`: what the present one said. */
export function wrongIn(said: Said, { version, apps: before }: Said): string | null {
  if (said.version !== version) return `it says that it is ${said.version}`
  const shown = ({ name, release }: Said['apps'][number]) => `${name} with ${release ?? 'no release'}`
  const [now, wanted] = [said.apps, before].map(apps => new Set(apps.map(shown)))
  const missing = [...wanted!].filter(app => !now!.has(app))
  const more = [...now!].filter(app => !wanted!.has(app))
  if (missing.length + more.length === 0) return null
  return `it should know ${missing.join(', ') || 'no other app'}, and knows ${more.join(', ') || 'nothing else'}`
}

/** The folder of the Innkeeper that a keeper's service starts; null: this is no such service. */
export function folderIn(run: string): string | null {
  const path = String.raw`/server/src/bin/inn\.js`
  const last = new RegExp(`\\s(?:'((?:[^']|'\\\\'')+)${path}'|([^\\s']+)${path}) keeper\\s*$`)
  const [, quoted, plain] = last.exec(run) ?? []
  return quoted?.replaceAll(`'\\''`, `'`) ?? plain ?? null
}

/** The version in a package.json of Innkeeper's. Failure `upgrade.foreign`. */
export function versionIn(manifest: string | null, where: string): string {
  const { name, version } = parsed(manifest ?? '')
  if (name === 'innkeeper' && typeof version === 'string' && /^\d+\.\d+\.\d+[\w.+-]*$/.test(version))
    return version
  throw new Failure('upgrade.foreign', `${where} is no Innkeeper`, {
    why: 'it has no package.json of an Innkeeper with a version',
    fix: 'name a folder with an Innkeeper in it, or an archive that `inn pack` made',
  })
}

function parsed(text: string): { name?: unknown; version?: unknown } {
  try {
    return (JSON.parse(text) as ReturnType<typeof parsed> | null) ?? {}
  } catch {
    return {}
  }
}

/** Debian packages that a launcher calls, each with the path that shows that it is there. */
export function packagesIn(launcher: string): Array<{ name: string; path: string }> {
  const [, list = ''] = /<<LIST\n([\s\S]*?)\nLIST/.exec(launcher) ?? []
  return list.split('\n').flatMap(line => {
    const [name, path] = line.split(' ')
    return name && path ? [{ name, path }] : []
  })
}
