import { useEffect, useRef, useState } from 'react'
import { count } from './words.ts'

/** The output of a step. It is open while the step runs and when it failed. */
export function Output({ lines, live, open }: { lines: readonly string[]; live: boolean; open: boolean }) {
  const [chosen, choose] = useState<boolean | null>(null)
  const box = useRef<HTMLPreElement>(null)
  const shown = chosen ?? (live || open)
  useEffect(() => {
    if (live && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines.length, live, shown])
  if (lines.length === 0) return null
  return (
    <div className="mt-1">
      <button
        type="button"
        aria-expanded={shown}
        onClick={() => choose(!shown)}
        className="text-xs text-faint underline decoration-edge underline-offset-2 hover:text-ink"
      >
        {shown ? 'hide' : 'show'} {count(lines.length, 'line')} of output
      </button>
      {shown && (
        <pre
          ref={box}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-1 max-h-56 overflow-auto rounded-md bg-sunk p-2.5 font-mono text-xs leading-5 whitespace-pre-wrap ring-1 ring-line ring-inset"
        >
          {lines.join('\n')}
        </pre>
      )}
    </div>
  )
}
