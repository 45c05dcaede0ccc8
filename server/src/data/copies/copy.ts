import { Failure } from '../../kernel/failure.ts'

/** A restored copy of an app's database that people look at, until it is removed automatically. */
export interface Copy {
  name: string
  /** Id of the run that made it. */
  run: string
  app: string
  /** The moment that it shows, in milliseconds since 1970; `says`: in words. */
  at: number
  says: string
  /** Its port on loopback. */
  port: number
  state: 'making' | 'open'
  madeAt: number
  /** When it will be removed; null while it is being made. */
  until: number | null
}

const NAME = /^[a-z][a-z0-9-]{0,11}$/

export function checkName(name: string): void {
  if (NAME.test(name)) return
  throw new Failure('copy.name', `${name} cannot be the name of a copy`, {
    why: 'it has at most 12 small letters, digits and -, and begins with a letter',
    fix: '`inn restore --into look --to "10:00"`',
  })
}

export const takenName = (name: string): Failure =>
  new Failure('copy.taken', `there is a copy ${name} already`, {
    why: 'it shows another moment, and somebody may be looking at it',
    fix: `choose another name, or: \`inn copies remove ${name}\``,
  })
