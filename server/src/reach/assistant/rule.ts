import type { Actor } from '../../api/actor.ts'
import type { Role } from '../../api/wire.ts'

/** What a token of somebody's assistant is for; null: their roles differ from app to app, and a token has one. */
export function lentBy({
  role,
  apps,
}: Pick<Actor, 'role' | 'apps'>): { role: Role; apps: string[] | null } | null {
  const [first, ...others] = new Set(Object.values(apps))
  if (role !== null) return first === undefined ? { role, apps: null } : null
  return first === undefined || others.length > 0 ? null : { role: first, apps: Object.keys(apps) }
}

/** Most characters of one text, entries of one list and characters of one answer that an assistant gets. */
export const BOUNDS = { text: 2_000, list: 200, answer: 40_000 } as const

/** The same with what is beyond the bounds left out, and for each place in words what that was. */
export function bounded<T>(value: T, { text, list, answer } = BOUNDS as Bounds): { value: T; cut: string[] } {
  const cut: string[] = []
  const within = (one: unknown, path: string, most: number): unknown => {
    if (typeof one === 'string' && one.length > text) {
      cut.push(`${path}: the first ${text} of ${one.length} characters`)
      return `${one.slice(0, text).toWellFormed()}…`
    }
    if (Array.isArray(one)) {
      if (one.length > most) cut.push(`${path}: ${most} of ${one.length} entries`)
      return one.slice(0, most).map((item, n) => within(item, `${path}[${n}]`, most))
    }
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(
      Object.entries(one).map(([key, item]) => [
        key,
        within(item, path === '' ? key : `${path}.${key}`, most),
      ]),
    )
  }
  const made = within(value, '', list)
  if (JSON.stringify(made).length <= answer || list === 1)
    return { value: made as T, cut: cut.slice(0, SAID) }
  return bounded(value, {
    text: Math.max(200, Math.floor(text / 2)),
    list: Math.max(1, Math.floor(list / 2)),
    answer,
  })
}

interface Bounds {
  text: number
  list: number
  answer: number
}

/** Most places that are named. */
const SAID = 20
