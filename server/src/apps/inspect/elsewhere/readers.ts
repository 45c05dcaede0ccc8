import { putAside } from '../dead.ts'
import { nameOf, type Tree } from '../tree.ts'
import { appJson } from './app-json.ts'
import { compose } from './compose.ts'
import { ecosystem } from './ecosystem.ts'
import { fly } from './fly.ts'
import { type Foreign, foreign, type Reader } from './foreign.ts'
import { procfile } from './procfile.ts'
import { railwayJson, railwayToml } from './railway.ts'
import { render } from './render.ts'
import { vercel } from './vercel.ts'

/** Files of other platforms, each with what reads it. The first that knows a name counts. */
export const READERS: ReadonlyArray<{ platform: string; name: RegExp; read: Reader }> = [
  { platform: 'Heroku', name: /^Procfile$/, read: procfile },
  { platform: 'Heroku', name: /^app\.json$/, read: appJson },
  {
    platform: 'PM2',
    name: /^(?:ecosystem|pm2)(?:\.config)?\.(?:[cm]?[jt]s|json|ya?ml)$|^process\.(?:json|ya?ml)$/,
    read: ecosystem,
  },
  { platform: 'Docker Compose', name: /^(?:docker-)?compose(?:\.prod(?:uction)?)?\.ya?ml$/, read: compose },
  { platform: 'Render', name: /^render\.ya?ml$/, read: render },
  { platform: 'Railway', name: /^railway\.json$/, read: railwayJson },
  { platform: 'Railway', name: /^railway\.toml$/, read: railwayToml },
  { platform: 'Fly.io', name: /^fly(?:\.prod(?:uction)?)?\.toml$/, read: fly },
  { platform: 'Vercel', name: /^vercel\.json$/, read: vercel },
]

/** What the files of other platforms say, those nearest to the root first. */
export async function elsewhere(tree: Tree, paths: readonly string[]): Promise<Foreign[]> {
  const found: Foreign[] = []
  const deep = (path: string) => path.split('/').length
  for (const path of paths.filter(path => !putAside(path)).toSorted((a, b) => deep(a) - deep(b))) {
    const reader = READERS.find(({ name }) => name.test(nameOf(path)))
    const source = reader === undefined ? null : await tree.read(path)
    if (reader === undefined || deep(path) > 3) continue
    const into = foreign(reader.platform, path)
    if (source === null) into.unread.push('it is too large, or no text')
    else reader.read(source, into)
    found.push(into)
  }
  return found.filter(
    one => Object.values(one).some(part => Array.isArray(part) && part.length > 0) || one.release !== null,
  )
}
