import { memo, useEffect, useRef, useState } from 'react'
import { Button } from '../kit/Button.tsx'
import { Empty } from '../kit/Empty.tsx'
import { Down } from '../kit/icons.tsx'
import { clock, dateTime } from '../kit/words.ts'
import type { Shown } from './queries.ts'

const NEAR_PX = 40

/** Log lines. The view stays at the newest line until a person scrolls up. */
export function LogLines({
  app,
  lines,
  filtered,
}: {
  app: string
  lines: readonly Shown[]
  filtered: boolean
}) {
  const box = useRef<HTMLDivElement>(null)
  const [pinned, setPinned] = useState(true)
  useEffect(() => {
    if (pinned && box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines, pinned])
  const onScroll = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!
    setPinned(scrollHeight - scrollTop - clientHeight < NEAR_PX)
  }
  return (
    <div className="relative">
      <div
        ref={box}
        role="log"
        aria-label={`log of ${app}`}
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        onScroll={onScroll}
        className={`${lines.length === 0 ? '' : 'h-96'} overflow-y-auto bg-sunk py-2 font-mono text-xs leading-5 -outline-offset-2`}
      >
        {lines.length === 0 && (
          <div className="font-sans">
            <Empty command={filtered ? undefined : `inn logs ${app} -f`}>
              {filtered ? 'No line is like that.' : 'No line yet.'}
            </Empty>
          </div>
        )}
        {lines.map(line => (
          <Line key={line.key} line={line} />
        ))}
      </div>
      {!pinned && (
        <Button small className="absolute right-4 bottom-3 shadow-lg" onClick={() => setPinned(true)}>
          <Down className="size-3.5" />
          Newest
        </Button>
      )}
    </div>
  )
}

const LEVELS: Record<string, string> = {
  error: 'border-bad text-bad',
  warn: 'border-warn text-warn',
  info: 'border-transparent text-faint',
  debug: 'border-transparent text-faint',
}

const Line = memo(function Line({ line }: { line: Shown }) {
  const look = LEVELS[line.level ?? 'info']
  return (
    <p
      className={`flex flex-wrap gap-x-2.5 border-l-2 px-4 hover:bg-card sm:flex-nowrap ${look}`}
      data-level={line.level}
    >
      <time dateTime={line.at} title={dateTime(line.at)} className="text-faint">
        {clock(line.at)}
      </time>
      <span className="shrink-0 text-soft">
        {line.service}.{line.n} {line.release}
      </span>
      <span className="w-10 shrink-0">{line.level ?? ''}</span>
      <span
        className={`w-full min-w-0 whitespace-pre-wrap sm:w-auto ${line.level === 'error' ? 'text-bad' : 'text-ink'}`}
      >
        {line.text}
      </span>
    </p>
  )
})
