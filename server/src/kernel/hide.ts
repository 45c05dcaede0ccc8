/** Values that must not be written, by the name that stands in their place. */
export type Hidden = Readonly<Record<string, readonly string[]>>

/** What is shorter is left as it is: to hide `true` or `3000` would hide what was said. */
const SHORTEST = 8

/** How a value may stand in what a program prints: as it is, as text of JSON, in a URL; one of several lines also line by line. */
export function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).filter(line => !line.startsWith('-----'))
  const forms = [...lines, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())]
  return [...new Set(forms)].filter(form => form.length >= SHORTEST)
}

/** Writes `***NAME***` in the place of each hidden value. */
export function hiding(hidden: Hidden): (text: string) => string {
  const names = new Map(
    Object.entries(hidden).flatMap(([name, values]) => values.flatMap(formsOf).map(form => [form, name])),
  )
  if (names.size === 0) return text => text
  // The longest first: one value may begin with another one.
  const forms = [...names.keys()].sort((a, b) => b.length - a.length).map(form => RegExp.escape(form))
  const any = new RegExp(forms.join('|'), 'g')
  return text => text.replaceAll(any, form => `***${names.get(form)!}***`)
}
