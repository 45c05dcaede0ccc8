import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Run } from '../../../server/src/engine/wire.ts'
import { RunBadge } from '../kit/Badge.tsx'
import { Button } from '../kit/Button.tsx'
import { FailureBox } from '../kit/Failure.tsx'
import { Loaded } from '../kit/Loaded.tsx'
import { Timeline } from '../kit/Timeline.tsx'
import { Ending } from './Ending.tsx'
import { useRunLive } from './queries.ts'
import { UndoButton } from './UndoButton.tsx'

/** The run under way, on an app's page. When it ends while the page is open, it stays and shows how it ended. */
export function Following({ running }: { running: string | null }) {
  const [followed, setFollowed] = useState(running)
  if (running !== null && running !== followed) setFollowed(running)
  if (followed === null) return null
  return (
    <RunningPanel key={followed} id={followed} onClose={running === null ? () => setFollowed(null) : null} />
  )
}

function RunningPanel({ id, onClose }: { id: string; onClose: (() => void) | null }) {
  const { run, output } = useRunLive(id)
  return (
    <section
      aria-label="under way"
      className={`min-w-0 overflow-hidden rounded-lg border bg-card ${look(run.data)}`}
    >
      <Loaded query={run}>
        {data => (
          <>
            <header className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2.5">
              <RunBadge run={data} />
              <h2 className="min-w-0 font-semibold">
                <Link to="/runs/$run" params={{ run: id }}>
                  {data.title}
                </Link>
              </h2>
              <span className="text-soft">by {data.actor}</span>
              <span className="ml-auto flex gap-2">
                <UndoButton run={data} />
                {onClose && data.outcome && (
                  <Button small onClick={onClose}>
                    Close
                  </Button>
                )}
              </span>
            </header>
            <div className="grid grid-cols-[minmax(0,1fr)] gap-4 p-4">
              {data.outcome && <Ending outcome={data.outcome} leftover={data.leftover} />}
              {data.failure && <FailureBox failure={data.failure} />}
              <Timeline steps={data.steps} startedAt={data.startedAt} output={output} />
            </div>
          </>
        )}
      </Loaded>
    </section>
  )
}

function look(run: Run | undefined): string {
  if (run?.outcome === 'stuck') return 'border-bad/60'
  if (run?.outcome) return 'border-edge'
  return 'border-busy/60 [&>header]:bg-busy-tint'
}
