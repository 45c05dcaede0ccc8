import type { z } from 'zod'
import type { Part, Status } from '../../../server/src/watch/status/wire.ts'
import { Check, Cross, Pause } from '../kit/icons.tsx'
import { Meter } from '../kit/Meter.tsx'
import { Ago } from '../kit/time.tsx'
import { count, size } from '../kit/words.ts'

/** The server, and the parts that Innkeeper runs on it for all apps. */
export function HostStrip({ status }: { status: Status }) {
  const { host, keeper, parts } = status
  return (
    <section
      aria-label="server"
      className="grid gap-x-8 gap-y-4 rounded-lg border border-line bg-card p-4 sm:grid-cols-2 lg:grid-cols-[1.1fr_1fr_1fr_1.7fr]"
    >
      <div className="min-w-0">
        <p className="font-semibold">{host.name}</p>
        <p className="text-xs text-soft">
          {count(host.cpus, 'CPU')} · keeper {keeper.version}, {size(keeper.rssBytes)}, started{' '}
          <Ago at={keeper.upSince} />
        </p>
      </div>
      <Meter label="Memory" total={host.memoryBytes} free={host.memoryFreeBytes} />
      <Meter label="Disk" total={host.diskBytes} free={host.diskFreeBytes} />
      <ul aria-label="parts" className="grid content-start gap-1 text-xs">
        {parts.map(part => (
          <PartRow key={part.name} part={part} />
        ))}
      </ul>
    </section>
  )
}

const MARKS = {
  up: <Check className="mt-0.5 size-3.5" />,
  down: <Cross className="mt-0.5 size-3.5 text-bad" />,
  stopped: <Pause className="mt-0.5 size-3.5 text-faint" />,
}

function PartRow({ part }: { part: z.infer<typeof Part> }) {
  return (
    <li className="flex gap-1.5" data-part={part.name} data-state={part.state}>
      {MARKS[part.state]}
      <span className="min-w-0">
        <span className={part.state === 'down' ? 'font-semibold text-bad' : 'font-semibold'}>
          {part.name}
        </span>{' '}
        <span className="text-soft">
          {part.state}
          {part.detail && ` · ${part.detail}`}
        </span>
      </span>
    </li>
  )
}
