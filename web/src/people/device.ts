/** Browsers say that they are each other, so the one that nobody else claims comes first. */
const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const
const SYSTEMS = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['Linux', 'Linux'],
] as const

/** What a person calls the device that a browser describes: 'Firefox on Linux'. */
export function deviceOf(agent: string | null): string {
  if (agent === null) return 'unknown'
  const named = (names: ReadonlyArray<readonly [string, string]>) =>
    names.find(([mark]) => agent.includes(mark))?.[1]
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)]
  return browser === undefined || system === undefined ? agent.slice(0, 40) : `${browser} on ${system}`
}
