const OPEN = '([{'
const CLOSE = ')]}'

/** Where a literal that begins at `at` ends, past its quote; templates with what they hold. */
function pastLiteral(text: string, at: number): number {
  const quote = text[at]
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === quote) return i + 1
    else if (quote === '`' && text.startsWith('${', i)) i = pastBracket(text, i + 1) - 1
  }
  return text.length
}

/** Where the bracket that opens at `at` is closed, past it. */
function pastBracket(text: string, at: number): number {
  let depth = 0
  for (let i = at; i < text.length; ) {
    if (text.startsWith('//', i)) i = (text.indexOf('\n', i) + 1 || text.length) - 1
    if (/['"`]/.test(text[i]!)) {
      i = pastLiteral(text, i)
      continue
    }
    if (OPEN.includes(text[i]!)) depth++
    if (CLOSE.includes(text[i]!) && --depth === 0) return i + 1
    i++
  }
  return text.length
}

/** What stands between the commas from `at` on, up to the bracket that ends it. */
export function argumentsAt(text: string, at: number): string[] {
  const all: string[] = []
  let from = at
  for (let i = at; i < text.length; ) {
    const char = text[i]!
    if (CLOSE.includes(char) || char === ',') {
      const one = text.slice(from, i).trim()
      if (one !== '') all.push(one)
      if (char !== ',') return all
      from = i + 1
    }
    if (text.startsWith('//', i)) i = text.indexOf('\n', i)
    else if (/['"`]/.test(char)) i = pastLiteral(text, i)
    else if (OPEN.includes(char)) i = pastBracket(text, i)
    else i++
  }
  return all
}

/** The properties of an object literal at the beginning of the text, as they are written. */
export function fields(text: string): Record<string, string> {
  if (!text.startsWith('{')) return {}
  return Object.fromEntries(
    argumentsAt(text, 1).flatMap(one => {
      const found = /^(\w+)(?::\s*([\s\S]*))?$/.exec(one.replace(/^\/\/.*\n\s*/, ''))
      return found === null ? [] : [[found[1]!, found[2] ?? '…']]
    }),
  )
}

/** The words of an expression: its literals, one after the other when it chooses between several. */
export function saidBy(expression: string): string {
  const plain = expression.replaceAll(/[=!]==? '[^']*'/g, '')
  const said: string[] = []
  for (let i = 0; i < plain.length; ) {
    if (!/['"`]/.test(plain[i]!)) {
      i++
      continue
    }
    const end = pastLiteral(plain, i)
    said.push(filled(plain.slice(i + 1, end - 1)))
    i = end
  }
  return said.filter(text => /\w/.test(text)).join(' / ') || '…'
}

/** A literal's text with names in the place of what is filled in. */
function filled(literal: string): string {
  let text = ''
  for (let i = 0; i < literal.length; ) {
    if (literal.startsWith('${', i)) {
      const end = pastBracket(literal, i + 1)
      text += nameOf(literal.slice(i + 2, end - 1))
      i = end
    } else if (literal[i] === '\\') {
      text += literal[i + 1] === 'n' ? ' ' : literal[i + 1]
      i += 2
    } else text += literal[i++]
  }
  return text
}

/** Names of no meaning by themselves: the thing that has them is meant. */
const OF_A_THING = new Set(['name', 'id', 'message', 'length', 'text', 'at', 'value'])

/** `place.name` → <place>, `showSize(free)` → <free>; … for what is decided there. */
function nameOf(expression: string): string {
  const call = /^[\w.]+\(([\s\S]*)\)$/.exec(expression.trim())
  const inner = call === null ? expression.trim() : argumentsAt(`${call[1]!})`, 0)[0]!
  const path = inner?.replaceAll(/!|\?|\[[^\]]*\]/g, '')
  if (path === undefined || !/^[a-z_][\w.]*$/i.test(path)) return '…'
  const words = path.split('.')
  const last = words.at(-1)!
  const name = OF_A_THING.has(last) && words.length > 1 ? words.at(-2)! : last
  return `<${name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}>`
}
