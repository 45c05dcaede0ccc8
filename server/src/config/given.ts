/** A value that stands in the file, or the one that was given at a deploy (`from:`), which a deploy asks for before it begins. */
export const givenIn = (
  given: string | { from: string },
  secrets: Readonly<Record<string, string>>,
): string => (typeof given === 'string' ? given : (secrets[given.from] ?? ''))
