export const words = (status: string) => status.replaceAll('_', ' ')

const STEPS: Array<[number, string]> = [
  [60, 's'],
  [60, 'min'],
  [24, 'h'],
  [Infinity, 'd'],
]

/** "12 min", "3 h", "5 d". */
export function ago(time: string): string {
  let value = Math.max(0, (Date.now() - Date.parse(time)) / 1000)
  for (const [size, unit] of STEPS) {
    if (value < size) return unit === 's' ? 'now' : `${Math.floor(value)} ${unit}`
    value /= size
  }
  return ''
}

export const clock = (time: string) => new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

export const day = (time: string) =>
  new Date(time).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })
