import { Failure } from '../../kernel/failure.ts'
import type { Origin } from './wire.ts'

/**
 * Whether two sources are of one app. A repository that was moved keeps its history, one whose history was rewritten
 * keeps its address. Where one of the two is not in git, the folder tells: it may have become a repository since.
 */
export function sameOrigin(a: Origin, b: Origin): boolean {
  if (!inGit(a) || !inGit(b)) return a.place === b.place
  if (a.folder !== b.folder) return false
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

/** What the app is to remember from now on: a folder may have become a repository, a repository may have moved. undefined: nothing new. */
export function newlyKnown(known: Origin | null, { origin, newOrigin }: Asked): Origin | undefined {
  if (origin === null) return undefined
  if (known === null || newOrigin) return origin
  // A history that is cut off, or a clone without a remote, takes nothing away.
  const next = {
    ...origin,
    remote: origin.remote ?? known.remote,
    first: origin.first.length > 0 ? origin.first : known.first,
  }
  const told = ({ remote, first, folder }: Origin): string => JSON.stringify([remote, first, folder])
  return told(next) === told(known) ? undefined : next
}

interface Asked {
  origin: Origin | null
  newOrigin: boolean
}

function shown({ remote, first, folder, place }: Origin): string {
  if (remote === null && first.length === 0) return place
  const repository = remote ?? `a repository that begins with ${first[0]!.slice(0, 10)}`
  return folder === '' ? repository : `${folder} of ${repository}`
}
