import { closing } from './brackets.ts'
import type { Found, SourceFile } from './facts.ts'

/** Calls that open a port. All but `listen` take it among their options. */
const OPENS =
  /(?:\.(listen)|\b(serve)|\b[Hh]api\.[Ss]erver|\bnew (?:WebSocketServer|(?:WebSocket|ws)\.Server)|\bstartStandaloneServer)\s*\(/g
/** The port of `serve` of @hono/node-server without one, whatever PORT says. */
const HONO = { name: '@hono/node-server', port: 3000 }

/** A port that a file listens on whatever its environment says; null: it has none, or reads PORT. */
export function portInCode({ path, text }: SourceFile): Found<number> | null {
  if (/\bPORT['"]?\s*\]|\.env\.PORT\b|['"]PORT['"]/.test(text)) return null
  for (const match of text.matchAll(OPENS)) {
    const [call, listen, serve] = match
    // Others have a function of that name too, which asks for PORT by itself.
    if (serve !== undefined && !text.includes(HONO.name)) continue
    const from = match.index + call.length
    const port = portOf(text.slice(from, closing(text, from - 1) - 1), { text, listen: listen !== undefined })
    if (port !== null) return { value: port, from: path }
    if (serve !== undefined && !/\bport\b/.test(text.slice(from, closing(text, from - 1))))
      return { value: HONO.port, from: path }
  }
  return null
}

/** The port among the arguments of a call, where it is a number or the name of one. */
function portOf(given: string, { text, listen }: { text: string; listen: boolean }): number | null {
  const named = /\bport\s*:\s*(\w+)\s*(?:[,}]|$)/.exec(given)?.[1] ?? /[{,]\s*(port)\s*[,}]/.exec(given)?.[1]
  const word = listen && !given.trimStart().startsWith('{') ? /^\s*(\w+)\s*(?:,|$)/.exec(given)?.[1] : named
  if (word === undefined) return null
  const digits = /^\d+$/.test(word)
    ? word
    : new RegExp(`\\b(?:const|let|var)\\s+${word}\\s*(?::\\s*number\\s*)?=\\s*(\\d{2,5})\\b`).exec(text)?.[1]
  // 0 asks the machine for any free port.
  return digits === undefined || Number(digits) === 0 ? null : Number(digits)
}

export const portTold = ({ value, from }: Found<number>): string =>
  `${from} listens on ${value}, which stands in the code: each instance of each side has a port of its own. Let it listen on process.env.PORT`
