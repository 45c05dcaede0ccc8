/** The place after the bracket that closes the one at `from`. Brackets in texts are rare in routes, and only cut it short. */
export function closing(text: string, from: number): number {
  let depth = 0
  for (let i = from; i >= 0 && i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i + 1
  }
  return text.length
}
