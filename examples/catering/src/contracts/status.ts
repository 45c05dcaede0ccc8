export const statuses = ['active', 'paused', 'terminated'] as const
export type Status = (typeof statuses)[number]

const next: Record<Status, readonly Status[]> = {
  active: ['paused', 'terminated'],
  paused: ['active', 'terminated'],
  terminated: [],
}

/** What a contract may become. */
export const allowedFrom = (status: Status): readonly Status[] => next[status]

/** Why a change is not allowed, or undefined when it is. */
export function refusalOf(from: Status, to: Status): string | undefined {
  const allowed = allowedFrom(from)
  if (allowed.includes(to)) return undefined
  if (allowed.length === 0) return `The contract is ${from}, which is final`
  return `A contract that is ${from} can become ${allowed.join(' or ')}, not ${to}`
}
