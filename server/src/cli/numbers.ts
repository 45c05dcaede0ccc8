import { Failure } from '../kernel/failure.ts'

/** The number of something that has one, as somebody typed it; `#12` is one too. Failure `usage.number`. `list`: the command that shows all. */
export function numberOf(typed: string, what: string, list: string): string {
  const digits = /^#?(\d{1,9})$/.exec(typed)?.[1]
  if (digits !== undefined) return digits
  throw new Failure('usage.number', `${typed} is no number of ${what}`, {
    why: 'they have numbers, such as 12',
    fix: `\`${list}\` lists them`,
  })
}
