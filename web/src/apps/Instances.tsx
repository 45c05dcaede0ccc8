import type { z } from 'zod'
import type { AppStatus, Instance, ServiceStatus } from '../../../server/src/apps/app/wire.ts'
import { ColourMark, InstanceStateBadge } from '../kit/Badge.tsx'
import { Card } from '../kit/Card.tsx'
import { Empty } from '../kit/Empty.tsx'
import { type Column, Table } from '../kit/Table.tsx'
import { duration, size } from '../kit/words.ts'

interface Row {
  service: z.infer<typeof ServiceStatus>
  one: z.infer<typeof Instance>
}

const none = <span className="text-faint">–</span>

const COLUMNS: ReadonlyArray<Column<Row>> = [
  {
    head: 'Instance',
    wide: 'title',
    cell: ({ service, one }) => (
      <span className="inline-flex flex-wrap items-center gap-2">
        <span className="font-semibold">{service.name}</span>
        <ColourMark colour={one.colour}>
          {one.colour}.{one.n}
        </ColourMark>
      </span>
    ),
  },
  {
    head: 'State',
    cell: ({ one }) => (
      <span className="inline-flex flex-wrap items-center gap-2">
        <InstanceStateBadge state={one.state} />
        {one.leftOut && <span className="text-soft">left out</span>}
      </span>
    ),
  },
  {
    head: 'Role',
    cell: ({ one }) => <span className={one.role === 'live' ? 'font-medium' : 'text-soft'}>{one.role}</span>,
  },
  { head: 'Release', cell: ({ one }) => one.release },
  { head: 'PID', right: true, cell: ({ one }) => one.pid ?? none },
  { head: 'Port', right: true, cell: ({ one }) => one.port ?? none },
  { head: 'Memory', right: true, cell: ({ one }) => (one.rssBytes === null ? none : size(one.rssBytes)) },
  {
    head: 'Up',
    right: true,
    cell: ({ one }) => (one.uptimeSeconds === null ? none : duration(one.uptimeSeconds * 1000)),
  },
  {
    head: 'Restarts',
    right: true,
    cell: ({ one }) => (
      <span className={one.restarts > 0 ? 'font-medium text-warn' : ''}>{one.restarts}</span>
    ),
  },
]

export function Instances({ app }: { app: AppStatus }) {
  const rows = app.services.flatMap(service => service.instances.map(one => ({ service, one })))
  const still = app.services.filter(service => service.kind === 'static')
  return (
    <Card
      title="Instances"
      aside={
        <span className="text-xs text-soft">
          {rows.length === 1 ? '1 process' : `${rows.length} processes`}
        </span>
      }
    >
      {rows.length === 0 ? (
        <Empty command={app.state === 'stopped' ? `inn start ${app.name}` : 'inn deploy'}>
          No process runs.
        </Empty>
      ) : (
        <Table
          label="instances"
          columns={COLUMNS}
          rows={rows}
          id={({ service, one }) => `${service.name}.${one.colour}.${one.n}`}
        />
      )}
      {still.map(service => (
        <p
          key={service.name}
          className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5 text-soft"
        >
          <span className="font-medium text-ink">{service.name}</span>
          {service.colour && <ColourMark colour={service.colour} />}
          files of {service.release ?? 'no release'}, served by the edge at {service.routes.join(', ')}
        </p>
      ))}
    </Card>
  )
}
