import { ownerOf, userName } from './names.ts'
import type { Held } from './port-wall.ts'

/** What is known of ports before their users are looked up. */
export interface PortFacts {
  home: string
  /** Ports that were given out: `shop.api.blue.1` → port. */
  given: ReadonlyMap<string, number>
  /** Of the clusters. */
  clusters: readonly number[]
  /** Ports at which root answers: the sites of the edge, and the keeper. */
  ours: readonly number[]
}

/** Names of users whose uid is needed for `heldPorts`. */
export const usersOf = (facts: PortFacts, edgeUser: string): string[] => [
  ...new Set([...ownedBy(facts).map(({ user }) => user), edgeUser]),
]

/** Who may answer on which port. A user that was not made yet (null) listens nowhere. */
export function heldPorts(
  facts: PortFacts,
  uidOf: (user: string) => number | null,
  edgeUser: string,
): Held[] {
  const owned = ownedBy(facts).flatMap(({ port, user }) => {
    const uid = uidOf(user)
    return uid === null ? [] : [{ port, uid }]
  })
  // nginx listens as root, and each connection belongs to the worker that took it.
  const worker = uidOf(edgeUser)
  const uids = worker === null ? [0] : [0, worker]
  return [...owned, ...facts.ours.flatMap(port => uids.map(uid => ({ port, uid })))]
}

function ownedBy({ home, given, clusters }: PortFacts): Array<{ port: number; user: string }> {
  const ofApps = [...given].flatMap(([name, port]) => {
    const app = ownerOf(name)
    return app === null ? [] : [{ port, user: userName(home, app) }]
  })
  return [...ofApps, ...clusters.map(port => ({ port, user: 'postgres' }))]
}
