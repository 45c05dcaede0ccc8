import { didYouMean } from '../kernel/words.ts'
import type { CrossProblem } from './problem.ts'
import type { ConfigInput } from './schema.ts'

/** Refuses redirects that no visitor could follow: of a name that leads nowhere, or in a circle. */
export function redirects({ redirects: wanted, domains }: ConfigInput): CrossProblem[] {
  const names = domains.map(domain => domain.toLowerCase())
  const covered = (name: string) =>
    names.includes(name) || names.includes(`*.${name.slice(name.indexOf('.') + 1)}`)
  return Object.entries(wanted).flatMap(([from, to]): CrossProblem[] => {
    const path = ['redirects', from]
    if (!covered(from)) {
      const near = didYouMean(from, names)
      const hint = near === null ? `add ${from} to domains` : `did you mean ${near}? Else add it`
      return [{ path, message: `nobody comes by this name: ${hint}` }]
    }
    return to in wanted ? [{ path, message: `${to} is sent on itself: name where its visitors end` }] : []
  })
}
