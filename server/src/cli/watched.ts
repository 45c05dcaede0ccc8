import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from '../kernel/failure.ts'
import type { Terminal } from './terminal.ts'

/**
 * Prints something again and again, over the whole screen, until Ctrl-C. A keeper that does not answer is said, and asked
 * again. `print` gets a terminal whose lines are the screen.
 */
export async function watched(
  terminal: Terminal,
  everyMs: number,
  print: (screen: Terminal) => Promise<void>,
): Promise<void> {
  const over = new AbortController()
  const end = () => over.abort()
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
  try {
    while (!over.signal.aborted) {
      const lines: string[] = []
      const screen = { ...terminal, print: (text: string) => void lines.push(text) }
      await print(screen).catch((error: unknown) => {
        const { what, fix } = describe(error)
        screen.print(terminal.paint('red', `${what}: ${fix}`))
      })
      terminal.draw([...lines, '', terminal.paint('dim', 'Ctrl-C ends')].join('\n'))
      await sleep(everyMs, undefined, { signal: over.signal }).catch(() => {})
    }
  } finally {
    terminal.draw(null)
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}
