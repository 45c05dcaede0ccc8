import type { TestContext } from 'node:test'
import type { People } from '../reach/people/people.ts'
import type { Actor } from './actor.ts'
import type { Routes } from './routes.ts'
import { type ApiPorts, buildApi } from './server.ts'
import type { Role } from './wire.ts'

/** Whoever sends `cookie: anna` or `authorization: Bearer ci` is who these say; `gone` is known to nobody. */
export function peopleOf(known: Record<string, Role | Partial<Actor>>) {
  const actors = new Map(Object.entries(known).map(([name, role]) => [name, actorOf(name, role)]))
  const listeners = new Set<() => Promise<void>>()
  const people: Pick<People, 'any' | 'identify' | 'onChange'> = {
    any: () => actors.size > 0,
    async identify(headers) {
      const token = headers.get('authorization')?.replace('Bearer ', '')
      const actor = actors.get(token ?? headers.get('cookie') ?? '') ?? null
      return actor && token !== undefined ? { ...actor, id: `token:${token}` } : actor
    },
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return {
    people: people as People,
    listeners,
    remove: (name: string) => void actors.delete(name),
    becomes: (name: string, role: Role | Partial<Actor>) => void actors.set(name, actorOf(name, role)),
    changed: () => Promise.all([...listeners].map(listener => listener())),
  }
}

const actorOf = (name: string, rights: Role | Partial<Actor>): Actor => ({
  ...({
    id: `person:${name}`,
    name,
    email: null,
    session: null,
    factor: 'off',
    role: null,
    apps: {},
    verbs: null,
  } as const),
  ...(typeof rights === 'string' ? { role: rights } : rights),
})

/** The API with these routes alone. */
export async function apiWith(
  t: TestContext,
  {
    people,
    webFolder = '/nowhere',
    audit = { write: async () => {} },
  }: Pick<ApiPorts, 'people'> & Partial<ApiPorts>,
  routes: (app: Routes) => void,
) {
  const api = await buildApi({ version: '0', webFolder, people, audit, routes: [routes] })
  t.after(() => api.close())
  return api
}
