/** Splits a command line into program and arguments with a shell's rules of quoting, but without a shell. */
export function parseArgv(text: string): { argv: string[] } | { problem: string } {
  const argv: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quote !== null) {
      if (c === quote) quote = null
      else if (c === '\\' && quote === '"' && '"\\$'.includes(text[i + 1] ?? ' ')) word += text[++i]!
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (c === '\\') word = (word ?? '') + (text[++i] ?? '')
    else if (/\s/.test(c)) {
      if (word !== null) argv.push(word)
      word = null
    } else if ('|&;<>`'.includes(c)) return { problem: `it has a shell's "${c}"` }
    else word = (word ?? '') + c
  }
  if (quote !== null) return { problem: `a ${quote} is never closed` }
  if (word !== null) argv.push(word)
  return argv.length === 0 ? { problem: 'it is empty' } : { argv }
}

const VARIABLE = /\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))/gi

/** Replaces $NAME and ${NAME} in one argument; an unknown name stays as it is. It runs after splitting, so that a value is never split. */
export function expand(argument: string, env: Readonly<Record<string, string>>): string {
  return argument.replaceAll(VARIABLE, (whole, a: string, b: string) => env[a ?? b] ?? whole)
}

/** Names of the variables that `expand` would replace. */
export const variablesIn = (argv: readonly string[]): string[] =>
  argv.flatMap(argument => [...argument.matchAll(VARIABLE)].map(found => (found[1] ?? found[2])!))
