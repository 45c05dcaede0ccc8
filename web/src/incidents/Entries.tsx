import type { IncidentEntry } from '../../../server/src/watch/incidents/wire.ts'
import { Output } from '../kit/Output.tsx'
import { dateTime } from '../kit/words.ts'

/** What each kind of entry is called, and the colour of its mark. */
const KINDS: Record<IncidentEntry['kind'], { name: string; mark: string }> = {
  state: { name: 'incident', mark: 'bg-ink' },
  alert: { name: 'alert', mark: 'bg-bad' },
  change: { name: 'change', mark: 'bg-busy' },
  command: { name: 'command', mark: 'bg-soft' },
  told: { name: 'told', mark: 'bg-faint' },
  note: { name: 'note', mark: 'bg-warn' },
  public: { name: 'in public', mark: 'bg-green' },
}

/** The timeline of an incident, the newest first. */
export function Entries({ timeline }: { timeline: readonly IncidentEntry[] }) {
  return (
    <ol aria-label="timeline" className="px-4 py-2">
      {timeline.toReversed().map(entry => (
        <li
          key={`${entry.at} ${entry.kind} ${entry.what}`}
          className="grid gap-x-3 border-l border-line py-2 pl-4 sm:grid-cols-[9.5rem_minmax(0,1fr)]"
        >
          <p className="relative flex items-baseline gap-2 text-xs text-soft">
            <span
              aria-hidden="true"
              className={`absolute top-1 -left-[1.28rem] size-2 rounded-full ring-2 ring-card ${KINDS[entry.kind].mark}`}
            />
            <time dateTime={entry.at}>{dateTime(entry.at)}</time>
          </p>
          <div className="min-w-0">
            <p className="break-words">
              <span className="text-xs text-faint">{KINDS[entry.kind].name} </span>
              {entry.what}
              {entry.who && <span className="text-soft"> · {entry.who}</span>}
            </p>
            {entry.detail?.includes('\n') || (entry.detail && entry.kind === 'command') ? (
              <Output lines={entry.detail.split('\n')} live={false} open={false} />
            ) : (
              entry.detail && <p className="text-soft">{entry.detail}</p>
            )}
          </div>
        </li>
      ))}
    </ol>
  )
}
