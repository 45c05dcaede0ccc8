/** What a line of a runbook is made of; or why it cannot be read. */
export type Read = { words: string[] } | { problem: string }

/** Splits a line into words, as a shell does with quotes. Nothing in it is replaced, and no shell ever sees it. */
export function readLine(line: string): Read {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (const letter of line) {
    if (quote !== null) {
      if (letter === quote) quote = null
      else word += letter
    } else if (letter === "'" || letter === '"') {
      quote = letter
      word ??= ''
    } else if (/\s/.test(letter)) {
      if (word !== null) words.push(word)
      word = null
    } else if (/[|;&`$\\(){}*]/.test(letter)) {
      return {
        problem: `${letter} means something to a shell, and there is none here: put the word into quotes`,
      }
    } else {
      word = (word ?? '') + letter
    }
  }
  if (quote !== null) return { problem: `the quote ${quote} does not end` }
  if (word !== null) words.push(word)
  return { words }
}
