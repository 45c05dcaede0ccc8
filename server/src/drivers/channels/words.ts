import type { Content, Draw, Level } from '../../watch/messages/channel.ts'

const SIGNS: Record<Level, string> = { late: '🔴', soon: '🟡', over: '🟢' }

/** The whole message as plain text, cut to what a provider takes. */
export function plainText({ level, title, text, link, letter }: Content, most: number): string {
  const end = link === null ? '' : `\n\n${link}`
  // A letter has its title in its subject, and is none of ours to mark.
  const head = letter === undefined ? `${SIGNS[level]} ${title}` : ''
  return cut([head, text].filter(Boolean).join('\n\n'), most - end.length) + end
}

/** Cut between characters, because half of one is refused. Providers count in UTF-16. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const short = text.slice(0, most - 1)
  return `${/[\uD800-\uDBFF]$/.test(short) ? short.slice(0, -1) : short}…`
}

/** The picture of a message; null: it has none, or this machine cannot draw it. */
export const pictureOf = async ({ chart }: Content, draw: Draw): Promise<Uint8Array | null> =>
  chart === undefined ? null : draw(chart)
