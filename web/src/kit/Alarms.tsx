import type { Alarm } from '../../../server/src/kernel/wire-alarm.ts'
import { WithCommands } from './Command.tsx'
import { Warn } from './icons.tsx'

const LOOKS: Record<Alarm['level'], { box: string; icon: string; says: string }> = {
  late: { box: 'border-bad/40 bg-bad-tint', icon: 'text-bad', says: 'critical' },
  soon: { box: 'border-warn/40 bg-warn-tint', icon: 'text-warn', says: 'warning' },
}

/** Alarms, the worst first, each with what to do. */
export function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  if (alarms.length === 0) return null
  const sorted = alarms.toSorted((a, b) => a.level.localeCompare(b.level))
  return (
    <ul aria-label="alarms" className="grid grid-cols-[minmax(0,1fr)] gap-2">
      {sorted.map(({ code, level, what, fix }) => (
        <li
          key={`${code} ${what}`}
          data-alarm={code}
          data-level={level}
          className={`flex gap-2 rounded-lg border px-4 py-2.5 ${LOOKS[level].box}`}
        >
          <Warn className={`mt-0.5 ${LOOKS[level].icon}`} />
          <div className="min-w-0 grid gap-1">
            <p role={level === 'late' ? 'alert' : undefined} className="font-medium">
              <span className="sr-only">{LOOKS[level].says}: </span>
              {what}
            </p>
            <p className="text-soft">
              <span className="mr-1.5 text-faint">fix</span>
              <WithCommands text={fix} />
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}
