const UNITS: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 }

/** '256MB', '1.5 GB' → bytes (1 MB is 1,048,576 bytes); null when it is not a size. */
export function parseSize(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?$/i.exec(text.trim())
  if (found === null) return null
  return Math.round(Number(found[1]) * UNITS[`${found[2]!.toUpperCase()}B`]!)
}

/** Bytes as a person reads them: 12 KB, 1.4 GB. */
export function showSize(bytes: number): string {
  const unit = ['TB', 'GB', 'MB', 'KB'].find(name => bytes >= UNITS[name]!)
  if (unit === undefined) return `${bytes} B`
  const value = bytes / UNITS[unit]!
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit}`
}
