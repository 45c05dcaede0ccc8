import { Failure } from '../../kernel/failure.ts'
import type { Origin } from './wire.ts'

/** Whether two sources are of one app: a repository that was moved keeps its history, one whose history was rewritten keeps its address. */
export function sameOrigin(a: Origin, b: Origin): boolean {
  if (inGit(a) !== inGit(b) || a.folder !== b.folder) return false
  if (!inGit(a)) return true
  return (
    a.first.some(commit => b.first.includes(commit)) ||
    (a.remote !== null && plain(a.remote) === plain(b.remote))
  )
}

const inGit = ({ remote, first }: Origin): boolean => remote !== null || first.length > 0

/** git@host:a/b.git and https://host/a/b are one repository. */
const plain = (remote: string | null): string =>
  (remote ?? '')
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^@/]+@/, '')
    .replace(/^([^/:]+):(?:\d+\/)?/, '$1/')
    .replace(/\/+/g, '/')
    .replace(/(?:\.git)?\/?$/, '')
    .toLowerCase()

/** Refuses a source that is of another repository than the app was until now: the same `name:` alone must not take an app over, with its database. */
export function checkOrigin(app: string, known: Origin | null, { origin, newOrigin }: Asked): void {
  if (known === null || origin === null || newOrigin || sameOrigin(known, origin)) return
  throw new Failure('deploy.other-origin', `${app} was deployed from somewhere else until now`, {
    why: `it came from ${shown(known)}, and this is ${shown(origin)}; both files say name: ${app}, and this deploy would replace that app and use its data`,
    fix: 'another name: in innkeeper.yaml makes another app; if this is the same app in a new place: `inn deploy --new-origin`',
    facts: { known, origin },
  })
}

interface Asked {
  origin: Origin | null
  newOrigin: boolean
}

function shown({ remote, first, folder }: Origin): string {
  if (remote === null && first.length === 0) return folder
  const repository = remote ?? `a repository that begins with ${first[0]!.slice(0, 10)}`
  return folder === '' ? repository : `${folder} of ${repository}`
}
